"""What each token of a model writes into the blank of a record, under one description. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from installation.voice.blank import Blank, Field

TRAILING = " ,;:-–'’"
"""What no text ends with."""
_PARTS = re.compile(r"[ '’-]")


@dataclass(frozen=True)
class Described:
    """What a description names: `words`, nouns also in the singular; `singulars` has that of other forms."""

    words: frozenset[str] = frozenset()
    singulars: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def name(self, word: str) -> str:
        """The singular of a word in small letters."""
        return self.singulars.get(word, word)

    def able(self, field: Field) -> tuple[str, ...]:
        """What a field with choices may say."""
        said = tuple(choice for choice in field.choices if choice in self.words)
        return said if field.named and (said or field.entries) else field.choices


@dataclass(frozen=True)
class Signs:
    """What each token of a model writes into `blank`."""

    blank: Blank
    opened: tuple[int, ...]
    """The token that opens each field."""
    parted: int
    end: int
    begins: Mapping[int, str]
    """Token -> a word with its space before it."""
    goes_on: Mapping[int, str]
    """Token -> small letters, or digits, that go on with a word."""
    marks: Mapping[int, str]
    """Token -> a sign behind a word, perhaps with letters, as in 's."""
    whole: frozenset[int]
    """Those that begin a word which nothing goes on with: pointers."""
    choices: Mapping[str, tuple[tuple[tuple[int, ...], str], ...]]
    """Field -> the ways to write each thing that it may say."""
    described: Described
    unsaid: frozenset[str]
    """What no text speaks of, since nobody described it."""

    @classmethod
    def of(
        cls,
        blank: Blank,
        pieces: Mapping[int, str],
        named: Mapping[str, int],
        whole: Mapping[int, str],
        encode: Callable[[str], Sequence[int]],
        described: Described | None = None,
    ) -> Signs:
        """Of a model's tokens. `pieces`: token -> its text; `named`: those of the blank by their name;
        `whole`: pointers -> what they stand for here; `encode`: the tokens of a text."""
        told = described or Described()
        unsaid = {
            choice for field in blank.fields if field.named and field.entries for choice in field.choices
        }.difference(told.words)
        begins = {t: p for t, p in pieces.items() if p[:1] == " " and p[1:].isalnum()} | dict(whole)
        ways = {}
        for field in blank.fields:
            if field.choices:
                able = told.able(field)
                written = [(tuple(encode(f" {choice}")), choice) for choice in able]
                pointed = [((t,), name) for t, p in whole.items() if (name := told.name(plain(p))) in able]
                ways[field.name] = (*written, *pointed)
        return cls(
            blank,
            tuple(named[field.opened] for field in blank.fields),
            named[blank.parted],
            named[blank.end],
            {t: p for t, p in begins.items() if told.name(plain(p)) not in unsaid},
            {t: p for t, p in pieces.items() if p.isalnum() and p == p.lower()},
            {t: p for t, p in pieces.items() if _is_mark(p)},
            frozenset(whole),
            ways,
            told,
            frozenset(unsaid),
        )

    @cached_property
    def free(self) -> int:
        """How many different words there are to begin with."""
        return len({plain(piece) for piece in self.begins.values()})

    def word(self, word: str) -> bool:
        """Whether there is such a word: the blank knows it, or it was described, or it is a number."""
        return not self.blank.words or word.isdigit() or word in self._words

    def beginning(self, word: str) -> bool:
        """Whether a word that there is begins so."""
        return not self.blank.words or word.isdigit() or word in self._beginnings

    @cached_property
    def _words(self) -> frozenset[str]:
        there = self.blank.words | self.described.words
        return frozenset(word for word in there if self.described.name(word) not in self.unsaid)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(word[:length] for word in self._words for length in range(1, len(word) + 1))

    def piece(self, token: int) -> str:
        """What a token of a text says."""
        return self.begins.get(token) or self.goes_on.get(token) or self.marks[token]


def plain(text: str) -> str:
    """A text as it is compared with others."""
    return text.strip(TRAILING).casefold()


def last_of(text: str) -> str:
    """The last word of a text in small letters, of a compound its last part."""
    return _PARTS.split(text)[-1].casefold()


def _is_mark(piece: str) -> bool:
    """Whether it is one sign, perhaps with letters behind it."""
    signed = piece != "" and piece[0].isprintable() and not piece[0].isspace() and not piece[0].isalnum()
    return signed and piece[0] not in '"\\' and (len(piece) == 1 or piece[1:].isalpha())
