"""The blank of a record as it is filled in, token by token: what may come next, and what stands in it. Pure.

Whatever is chosen of what may come, the blank is full after at most `Blank.size` tokens, and what stands in it
is a record: every field in its order, no text empty, no entry of a list twice, only words that there are, none
of weight twice in a text, no sign that JSON would trip over, and of what the blank knows by name, as colours,
only what was described.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from installation.voice.blank import Field
from installation.voice.signs import TRAILING, Signs, last_of, plain

AGAIN = frozenset(["a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "is", "it", "its", "of"])
AGAIN |= {"on", "or", "over", "that", "the", "to", "under", "with"}
"""Words that a text may say again, but not twice on end."""
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio])(?!one\b|once\b|eu)")
"""An article before what is spoken with a vowel."""


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
        if self._unfinished:
            return May(goes_on=True)
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
        return self._suits(token)

    def _suits(self, token: int) -> bool:
        """Whether what `token` says may stand there."""
        signs, piece = self.signs, self.signs.piece(token)
        said = self.text + piece
        if token in signs.marks:
            right = all(sign.isalnum() or sign in self.field.signs for sign in piece)
        else:
            word = plain(piece) if token in signs.begins else self._last + piece
            right = (token in signs.whole or signs.beginning(word)) and self._fits(said)
        return right and len(said.split()) <= self.field.words and plain(said) not in map(plain, self.entries)

    @cached_property
    def _last(self) -> str:
        """The word that is being written, so far."""
        return last_of(self.text)

    @cached_property
    def _unfinished(self) -> bool:
        """Whether the last word is the beginning of one that there is, and can be gone on with."""
        signs, last = self.signs, self.tokens[-1:]
        if not last or last[0] in signs.whole or last[0] in signs.marks or signs.word(self._last):
            return False
        return len(self.tokens) < self.field.tokens and any(map(self._suits, signs.goes_on))

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
        *before, last = map(plain, said.split())
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
