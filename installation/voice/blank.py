"""The blank of a record: which fields it has, in which order, with which tokens each is opened, and how much
goes into it. `installation.json` of a model's folder tells it under `record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.errors import VoiceError

SPARE = 6
"""Tokens of a text beside two for each of its words: a rare word is written with several."""


@dataclass(frozen=True)
class Field:
    """One field of a record. `opened` is the token that ends the field before and begins this one."""

    name: str
    opened: str
    words: int
    """The most of one text."""
    entries: int = 0
    """The most of a list; 0: it is no list but one text."""
    choices: tuple[str, ...] = ()
    """All that it may say; empty: anything."""
    signs: str = ""
    """What may stand in it beside letters, digits and spaces."""
    ends: str = ""
    """With what sign it ends, and has it nowhere else."""
    named: bool = False
    """Whether it says only those of its `choices` that the description names; where that names none of them, a
    list stays empty, and any other field may say each."""

    @property
    def tokens(self) -> int:
        """The most of one text."""
        if self.choices:
            return 1 + max(len(choice.encode()) for choice in self.choices)
        return 2 * self.words + SPARE

    @property
    def size(self) -> int:
        """The most tokens that all of it takes, with the one that opens it."""
        return 1 + max(1, self.entries) * (self.tokens + 1)


@dataclass(frozen=True)
class Blank:
    """The fields in their order, the token between the entries of a list, and the one that ends it all."""

    fields: tuple[Field, ...]
    parted: str
    end: str
    words: frozenset[str] = frozenset()
    """All that its texts are written in, beside those of the description, in small letters; empty: any."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """All that stand for JSON, as they are written."""
        return (*(field.opened for field in self.fields), self.parted, self.end)

    @property
    def size(self) -> int:
        """The most tokens that a record takes."""
        return 1 + sum(field.size for field in self.fields)

    @classmethod
    def of(cls, data: object, file: Path) -> Blank:
        """From the `record` of the file's object. Raises VoiceError where it is not as `training` writes it."""
        if not isinstance(data, Mapping):
            raise VoiceError(f"{file}: record: has to be an object with fields, next and close")
        try:
            fields = tuple(_field(field) for field in data["fields"])
            blank = cls(
                fields, str(data["next"]), str(data["close"]), frozenset(data.get("words", "").split())
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise VoiceError(f"{file}: record: not the blank of a record ({error!r})") from error
        if not fields or len({field.name for field in fields}) < len(fields):
            raise VoiceError(f"{file}: record: needs fields, each with a name of its own")
        if len(set(blank.tokens)) < len(blank.tokens) or not all(blank.tokens):
            raise VoiceError(f"{file}: record: each of its tokens has to be another one")
        if any(field.words < 1 or field.entries < 0 for field in fields):
            raise VoiceError(f"{file}: record: a field takes at least one word")
        return blank


def _field(data: Mapping[str, Any]) -> Field:
    unsafe = [sign for sign in str(data.get("signs", "")) if sign in '"\\' or not sign.isprintable()]
    if unsafe:
        raise ValueError(f"signs that may not stand in a text: {unsafe}")
    return Field(
        name=str(data["name"]),
        opened=str(data["opened"]),
        words=int(data["words"]),
        entries=int(data.get("entries", 0)),
        choices=tuple(map(str, data.get("choices", ()))),
        signs=str(data.get("signs", "")),
        ends=str(data.get("ends", "")),
        named=bool(data.get("named", False)),
    )
