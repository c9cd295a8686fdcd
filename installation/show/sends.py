"""`send:` of a cue: targets and arguments."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from installation.errors import ExpressionError
from installation.show.reading import Reader, understood
from installation.show.structure import Text, Tree

MOST_ARGUMENTS = 64

_OSC = r"(/[^\s#*,?\[\]{}/]+)+"
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")

Send = tuple[str, tuple[Any, ...]]


def sends(
    reader: Reader, tree: Tree, path: str, kinds: Mapping[str, str], targets: Collection[str]
) -> tuple[Send, ...]:
    """Action targets with their arguments, as CueSpec tells. `targets`: whom the venue can send OSC to."""
    table = reader.table(tree, path)
    found: list[Send] = []
    for key, value in table.entries.items():
        here, name = f"{path}.{key}", key.partition(":")[0]
        target = _target(key)
        if target is None:
            what = f"'{key}' is neither an OSC address nor an MQTT topic"
            reader.corrections.add(table.keys[key], here, what, "write /address, name:/address or some/topic")
            continue
        if target.startswith("osc:") and key[0] != "/" and name not in targets:
            what = f"the venue sends to nobody called '{name}'"
            right = f"add send: {{{name}: host:port}} to venue.yaml"
            reader.corrections.add(table.keys[key], here, what, right)
        empty = isinstance(value, Text) and value.empty
        items = () if empty else reader.one_or_more(value, here)
        if len(items) > MOST_ARGUMENTS:
            reader.wrong(value, here, f"these are {len(items)} arguments", f"send at most {MOST_ARGUMENTS}")
        found.append((target, tuple(_argument(reader, item, here, kinds) for item in items)))
    return tuple(found)


def _target(text: str) -> str | None:
    if re.fullmatch(_OSC, text) or re.fullmatch(rf"[a-z][a-z0-9_]*:{_OSC}", text):
        return f"osc:{text}"
    return f"mqtt:{text}" if re.fullmatch(r"[^\s#+:\x00/][^\s#+:\x00]*", text) else None


def _argument(reader: Reader, tree: Tree, path: str, kinds: Mapping[str, str]) -> Any:
    """A bare number is a float, `{expression}` alone is a number, everything else is a text."""
    if not isinstance(tree, Text):
        reader.wrong(tree, path, "a number or a text can be sent", "a text with { } needs quotes")
        return ""
    text = tree.text.strip()
    if _NUMBER.fullmatch(text):
        return reader.number(tree, path)
    alone = re.fullmatch(r"\{([^{}]*)\}", text)
    if alone and kinds.get(alone[1].strip()) != "text":
        try:
            return understood(alone[1].strip(), kinds)
        except ExpressionError as error:
            reader.wrong(tree, path, str(error))
            return ""
    return reader.template(tree, path, kinds) if text else text
