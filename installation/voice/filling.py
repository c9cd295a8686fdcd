"""The blank of a record as it is filled in, token by token: what may come next, and what stands in it. Pure.

Whatever is chosen of what may come, the blank is full after at most `Blank.size` tokens, and what stands in it
is a record: every field in its order, no text empty, no entry of a list twice, no word of weight twice in a
text, no sign that JSON would trip over, and of what the blank knows by name, as colours, only what was described.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from installation.voice.blank import Blank, Field

TRAILING = " ,;:-–'’"
"""What no text ends with."""
AGAIN = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "over",
        "that",
        "the",
        "to",
        "under",
        "with",
    )
)
"""Words that a text may say again, but not twice on end."""
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio])(?!one\b|once\b|eu)")
"""An article before what is spoken with a vowel."""


@dataclass(frozen=True)
class Described:
    """What a description names: `words`, nouns in the singular; `singulars` has that of other forms."""

    words: Collection[str] = ()
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
    """Token -> letters that go on with a word."""
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
                pointed = [((t,), name) for t, p in whole.items() if (name := told.name(_plain(p))) in able]
                ways[field.name] = (*written, *pointed)
        return cls(
            blank,
            tuple(named[field.opened] for field in blank.fields),
            named[blank.parted],
            named[blank.end],
            {t: p for t, p in begins.items() if told.name(_plain(p)) not in unsaid},
            {t: p for t, p in pieces.items() if p.isalnum()},
            {t: p for t, p in pieces.items() if _is_mark(p)},
            frozenset(whole),
            ways,
            told,
            frozenset(unsaid),
        )

    @cached_property
    def free(self) -> int:
        """How many different words there are to begin with."""
        return len({_plain(piece) for piece in self.begins.values()})

    def piece(self, token: int) -> str:
        """What a token of a text says."""
        return self.begins.get(token) or self.goes_on.get(token) or self.marks[token]


@dataclass(frozen=True)
class May:
    """What may come next: groups of tokens, and tokens by number. See Filling.takes for the few of a group
    that may not."""

    begins: bool = False
    goes_on: bool = False
    marks: bool = False
    exactly: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Filling:
    """A blank with its first fields filled in. `done`: the entries of the fields before; `entries`: those of
    the present one; `text` is being written, with `tokens`."""

    signs: Signs
    done: tuple[tuple[str, ...], ...] = ()
    entries: tuple[str, ...] = ()
    text: str = ""
    tokens: tuple[int, ...] = ()
    open: bool = False
    """Whether the first field is."""

    @property
    def full(self) -> bool:
        """Whether nothing may come any more."""
        return len(self.done) == len(self.signs.blank.fields)

    @property
    def field(self) -> Field:
        """The one that is being filled in."""
        return self.signs.blank.fields[len(self.done)]

    @cached_property
    def may(self) -> May:
        """What may come next; something, until it is full."""
        if self.full:
            return May()
        if not self.open:
            return May(exactly=frozenset(self.signs.opened[:1]))
        field, last = self.field, self.text[-1:]
        if field.choices:
            return May(exactly=frozenset(self._chosen()))
        ended = len(self.tokens) >= field.tokens or (field.ends != "" and last == field.ends)
        whole = bool(self.tokens) and self.tokens[-1] in self.signs.whole
        return May(
            begins=not ended and len(self.text.split()) < field.words and last != "-",
            goes_on=not ended and not whole and (last.isalnum() or (last != "" and last in "-'’")),
            marks=not ended and last.isalnum(),
            exactly=frozenset(self._closing()),
        )

    def takes(self, token: int) -> bool:
        """Whether `token` may come next."""
        may, signs = self.may, self.signs
        if token in may.exactly:
            return True
        among = (may.begins and token in signs.begins) or (may.goes_on and token in signs.goes_on)
        if not among and not (may.marks and token in signs.marks):
            return False
        piece = signs.piece(token)
        # a pointer stands for a word as somebody typed it, which may have a hyphen
        if token not in signs.whole and any(
            not s.isalnum() and s not in self.field.signs for s in piece.strip()
        ):
            return False
        said = self.text + piece
        if token not in signs.marks and not self._fits(said):
            return False
        return len(said.split()) <= self.field.words and _plain(said) not in map(_plain, self.entries)

    def then(self, token: int) -> Filling:
        """With `token` in it. It may come next."""
        assert self.takes(token), "only what may come is filled in"
        signs = self.signs
        if not self.open:
            return replace(self, open=True)
        closing = token in (signs.parted, signs.end, *signs.opened)
        if not closing:
            piece = "" if self.field.choices else signs.piece(token)
            return replace(self, text=self.text + piece, tokens=(*self.tokens, token))
        entries = (*self.entries, *self._entry())
        if token == signs.parted:
            return replace(self, entries=entries, text="", tokens=())
        return replace(self, done=(*self.done, entries), entries=(), text="", tokens=())

    def record(self) -> dict[str, str | list[str]]:
        """What stands in the fields that are filled in."""
        return {
            field.name: list(entries) if field.entries else entries[0]
            for field, entries in zip(self.signs.blank.fields, self.done, strict=False)
        }

    def json(self) -> str:
        """The record as one line of JSON."""
        return json.dumps(self.record(), ensure_ascii=False)

    def _fits(self, said: str) -> bool:
        """Whether the last word of a text is true and not there already."""
        *before, last = map(_plain, said.split())
        name = self.signs.described.name(last)
        if name in self.signs.unsaid or name in self._others:
            return False
        return last not in before or (last in AGAIN and last != before[-1])

    @cached_property
    def _others(self) -> frozenset[str]:
        """What else the fields might have said that took one of several choices."""
        fields = self.signs.blank.fields[: len(self.done)]
        taken = {name for entries in self.done for name in entries}
        known = {choice for field in fields if field.named and not field.entries for choice in field.choices}
        return frozenset(known - taken - set(self.signs.described.words))

    def _chosen(self) -> Iterable[int]:
        """The next tokens on the ways to what may be said, and what closes where one is at its end."""
        ways = [way for way in self.signs.choices[self.field.name] if way[1] not in self.entries]
        for way, _ in ways:
            if way[: len(self.tokens)] == self.tokens and len(way) > len(self.tokens):
                yield way[len(self.tokens)]
        if any(way == self.tokens for way, _ in ways):
            yield self._after()
            if len(self.entries) + 1 < min(
                self.field.entries, len({name for _, name in ways}) + len(self.entries)
            ):
                yield self.signs.parted
        elif self.field.entries and not ways and not self.entries:
            yield self._after()

    def _closing(self) -> Iterable[int]:
        """What ends the present text."""
        empty = self.field.entries > 0 and not self.entries and not self.text
        if self.text.strip(TRAILING) or empty:
            yield self._after()
        more = len(self.entries) + 1
        if self.text.strip(TRAILING) and more < min(self.field.entries, self.signs.free):
            yield self.signs.parted

    def _after(self) -> int:
        """What closes the present field."""
        return (*self.signs.opened, self.signs.end)[len(self.done) + 1]

    def _entry(self) -> tuple[str, ...]:
        """What was written, tidied; nothing where nothing was."""
        if self.field.choices:
            return tuple(name for way, name in self.signs.choices[self.field.name] if way == self.tokens)[:1]
        text = self.text.strip().rstrip(TRAILING)
        if text and self.field.ends and not text.endswith(self.field.ends):
            text += self.field.ends
        text = _ARTICLE.sub(r"\1n ", text)
        return (text,) if text else ()


def _plain(text: str) -> str:
    """A text as it is compared with others."""
    return text.strip(TRAILING).casefold()


def _is_mark(piece: str) -> bool:
    """Whether it is one sign, perhaps with letters behind it."""
    signed = piece != "" and piece[0].isprintable() and not piece[0].isspace() and not piece[0].isalnum()
    return signed and piece[0] not in '"\\' and (len(piece) == 1 or piece[1:].isalpha())
