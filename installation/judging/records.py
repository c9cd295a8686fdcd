"""Descriptions and the records that a model writes of them: are they JSON, whole, and true?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from installation.training import record
from installation.training.lexicon import Lexicon

TRUE = ("materials", "colours")
"""What a record may only take from its description."""


@dataclass(frozen=True)
class Record:
    """A description, what was written of it, and the object that this is; None where it is no whole record."""

    description: str
    text: str
    found: dict[str, Any] | None


def read(description: str, text: str) -> Record:
    """`text` as an object with all the fields of a record, texts and lists of texts where they belong."""
    try:
        found = json.loads(text)
    except ValueError:
        return Record(description, text, None)
    whole = isinstance(found, dict) and all(_right(name, found.get(name)) for name in record.ORDER)
    return Record(description, text, found if whole else None)


def _right(name: str, value: Any) -> bool:
    if name in record.LISTS:
        return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    return isinstance(value, str)


def asked(describe: Callable[[str, int], str], descriptions: Iterable[str], seed: int) -> list[Record]:
    """One record of each description; `describe` takes it and a seed."""
    return [read(text, describe(text, seed + number)) for number, text in enumerate(descriptions)]


def stands(entry: str, description: str, lexicon: Lexicon) -> bool:
    """Whether every word of `entry` stands in `description`, singular or plural."""

    def known(text: str) -> set[str]:
        words = re.findall(r"[a-z-]+", text.lower())
        return {noun.singular if (noun := lexicon.forms.get(word)) else word for word in words}

    return known(entry) <= known(description)


def figures(records: Sequence[Record], lexicon: Lexicon) -> dict[str, float | None]:
    """`meta_valid`: the share that is a whole record. `meta_materials`, `meta_colours`: of all that these name, the
    share that stands in the description; None where they name nothing."""
    found: dict[str, float | None] = {
        "meta_valid": sum(each.found is not None for each in records) / len(records) if records else None
    }
    for name in TRUE:
        entries = [
            stands(entry, each.description, lexicon)
            for each in records
            if each.found is not None
            for entry in each.found[name]
        ]
        found[f"meta_{name}"] = sum(entries) / len(entries) if entries else None
    return found
