"""When a word is due: the rhythm of speech. Pure; counts in words' time, so the pace may change under way."""

from __future__ import annotations

import regex

HEADLONG = 60.0
"""Words a second from which on nothing is held back and nobody rests."""
COMMA, SENTENCE, PARAGRAPH = 0.5, 1.5, 2.5
"""Rests after a word, in words' time."""
MAKE_UP = 0.1
"""Seconds by which speech may be late and still catch up; after a longer gap it just goes on."""
SPELL = 0.6
"""The part of a word's time in which its tokens come, evenly."""

_SENTENCE_END = regex.compile(r"[.!?…。！？؟।][\p{Pe}\p{Pf}\"'’]*$")
_COMMA_END = regex.compile(r"[,;:،、，；：—–][\p{Pe}\p{Pf}\"'’]*$")
_HAIR = 1e-9  # what adding up ticks loses


def ends_sentence(text: str) -> bool:
    """Whether a sentence, or a paragraph, is over where the text ends; that holds before any text, too."""
    bare = text.rstrip()
    return not bare or text.count("\n", len(bare)) > 1 or _SENTENCE_END.search(bare) is not None


def rest_after(word: str, *, paragraph: bool) -> float:
    """How long to rest after a word, in words' time."""
    if paragraph:
        return PARAGRAPH
    if _SENTENCE_END.search(word):
        return SENTENCE
    return COMMA if _COMMA_END.search(word) else 0.0


class Pace:
    """Says when the next word, and the next token inside a word, may be spoken.

    `speed` is in words a second: 0 begins no word (one begun is finished), HEADLONG waits for nothing."""

    def __init__(self) -> None:
        self.speed = 0.0
        self._last: float | None = None
        self._rest = 0.0  # words' time until the next word may begin
        self._inside = 0.0  # words' time since this word began
        self._step = 0.0  # words' time between its tokens
        self._count = 0  # its tokens spoken

    def advance(self, now: float, speed: float) -> float:
        """Time has come to `now` (seconds); gives the seconds that went by."""
        went_by = 0.0 if self._last is None else max(0.0, now - self._last)
        self._last, self.speed = now, speed
        self._rest = max(self._rest - went_by * speed, -MAKE_UP * speed)
        self._inside += went_by * speed
        return went_by

    @property
    def headlong(self) -> bool:
        return self.speed >= HEADLONG

    @property
    def word_due(self) -> bool:
        return self.headlong or (self.speed > 0 and self._rest <= _HAIR)

    @property
    def token_due(self) -> bool:
        return self.headlong or self.speed <= 0 or self._inside + _HAIR >= self._count * self._step

    def begin(self, weight: float, tokens: int) -> None:
        """A word that lasts `weight` words' time begins with the first of so many tokens."""
        self._rest = 0.0 if self.headlong else self._rest + weight
        self._inside = 0.0
        self._step = SPELL * weight / max(1, tokens)
        self._count = 1

    def go_on(self) -> None:
        """Another token of the word was spoken."""
        self._count += 1

    def rest(self, time: float) -> None:
        """The word is over; rest so many words' time more."""
        if not self.headlong:
            self._rest += time

    def starve(self) -> None:
        """There is nothing to speak: what comes next comes at once, but nothing is made up for."""
        self._rest = max(self._rest, 0.0)
