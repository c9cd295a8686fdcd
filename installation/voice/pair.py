"""The engine's Forward over what holds several texts: one of a pair speaks, the other reads ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from installation.errors import VoiceError
from installation.voice.context import Tokens, common
from installation.voice.weights import first_line

PROMPTS = 8
"""Prompts that may be mixed beside each voice's first, and one that is read beforehand."""


def texts_for(voices: int) -> int:
    """Texts that so many voices of a model need: a pair for each, and for each prompt that is mixed."""
    return 2 * (voices + PROMPTS)


class Texts(Protocol):
    """What a model has read of several texts, by number. What cannot be done is a VoiceError, or an error
    that `told` makes one of."""

    limit: int
    lengths: list[int]

    def take(self) -> int:
        """Room for two texts more, empty ones; the number of the first."""

    def read(self, text: int, ids: Sequence[int]) -> Any:
        """Read `ids`, one at least, behind what a text holds; the logits after them (vocabulary,)."""

    def fill(self, text: int, ids: Sequence[int]) -> None:
        """Read `ids`, one at least, and think no further."""

    def step(self, texts: Sequence[int], ids: Sequence[int]) -> Any:
        """Read one token into each of several texts; the logits of each (texts, vocabulary)."""

    def crop(self, text: int, length: int) -> None:
        """Forget all but the first `length` tokens of a text."""

    def copy(self, source: int, target: int, length: int) -> None:
        """Make a text hold the first `length` tokens of another."""

    def lend(self, text: int, length: int) -> Any:
        """A copy of what is held of a text's first `length` tokens; `nbytes` is its size."""

    def borrow(self, text: int, kept: Any) -> None:
        """Make a text hold what was lent, and no more."""


class Pair:
    """Two of `texts` as an engine's Forward, Ahead, Together and Lending."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.limit = texts.limit
        self._text = texts.take()
        self._other = self._text + 1
        self.waiting: Tokens = ()

    def run(self, ids: Sequence[int]) -> Any:
        """Read `ids`; the logits of the next token."""
        with told():
            return self._texts.read(self._text, ids)

    def fill(self, ids: Sequence[int]) -> None:
        """Read `ids`."""
        with told():
            self._texts.fill(self._text, ids)

    def another(self) -> Pair:
        """Two more of the texts."""
        return Pair(self._texts)

    def together(self, memories: Sequence[Pair], ids: Sequence[int]) -> Any:
        """Read a token into the speaking text of each of several; their logits."""
        with told():
            return self._texts.step([memory._text for memory in memories], ids)

    def crop(self, length: int) -> int:
        """Forget all but the first `length` tokens."""
        self._texts.crop(self._text, min(length, self._texts.lengths[self._text]))
        return self._texts.lengths[self._text]

    def ahead(self, ids: Tokens, read: Tokens, most: int) -> None:
        """Read up to `most` of `ids` in the second text; what begins as `read`, the first, is copied."""
        known, copied = common(self.waiting, ids), common(read, ids)
        self.waiting = ()  # should the model fail now, nothing is known of its memory
        if copied > known:
            self._texts.copy(self._text, self._other, copied)
            known = copied
        self._texts.crop(self._other, known)
        more = ids[known : known + most]
        if more:
            with told():
                self._texts.fill(self._other, more)
        self.waiting = ids[: known + len(more)]

    def lend(self, length: int) -> Any:
        """A copy of what it made of the first `length` tokens that it has read; `nbytes` is its size."""
        return self._texts.lend(self._text, length)

    def borrow(self, kept: Any) -> None:
        """Have read what `kept`, lent by this or another of the same texts, was made of, and no more."""
        self._texts.borrow(self._text, kept)

    def swap(self, read: Tokens) -> Tokens:
        """Go on in the second text; what it holds. `read` is what the first one holds and now waits."""
        self._text, self._other = self._other, self._text
        held, self.waiting = self.waiting, read
        return held


def no_room(texts: Sequence[int]) -> VoiceError:
    """What is told where all of so many texts are taken."""
    return VoiceError(f"there is room for {len(texts) // 2} prompts and voices of this model, not more")


@contextmanager
def told() -> Iterator[None]:
    """What a library says when it cannot go on (out of memory, a kernel that a device lacks) is a VoiceError."""
    try:
        yield
    except (RuntimeError, IndexError) as error:
        raise VoiceError(f"the model cannot go on: {first_line(error)}") from error
