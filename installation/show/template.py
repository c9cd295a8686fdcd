"""Texts with blanks: `Someone whispers: {whisper}.`"""

from __future__ import annotations

import re
from collections.abc import Mapping

from installation.errors import ExpressionError

ENDS = (".", "!", "?", "…", "。", "！", "？")
_BLANK = re.compile(r"\{\{|\}\}|\{ *([a-z][a-z0-9_]*) *\}(\.(?!\.))?")


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with each `{name}` filled in once; `{{` and `}}` stand for one brace.

    What is filled in is never looked at again. A name without a value leaves nothing. A full stop behind
    what ends a sentence of its own is left out."""
    braces = {"{{": "{", "}}": "}"}

    def put(found: re.Match[str]) -> str:
        if not found[1]:
            return braces[found[0]]
        value, stop = values.get(found[1], ""), found[2] or ""
        return value.rstrip() if stop and value.rstrip().endswith(ENDS) else value + stop

    return _BLANK.sub(put, template)


def blanks(template: str) -> tuple[str, ...]:
    """The names of its blanks, in order. Raises ExpressionError for a brace that fits nothing."""
    rest = _BLANK.sub("", template)
    for brace in "{}":
        if brace in rest:
            raise ExpressionError(
                f"a single {brace} stands in the text; write {{name}} for a signal, {brace * 2} for a brace"
            )
    return tuple(found[1] for found in _BLANK.finditer(template) if found[1])
