"""What a model is to the engine: numbers, and memories of what it has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from installation.voice.context import Tokens


class Forward(Protocol):
    """A model's numbers: token ids in, logits out, and a memory of those that it has read."""

    limit: int
    """Most tokens that it can have read at once."""

    def run(self, ids: Sequence[int]) -> Any:
        """Read `ids` after what was read before; the logits of the next token, shape (vocabulary,),
        float32 in numpy or a torch tensor on any device. Raises VoiceError."""

    def fill(self, ids: Sequence[int]) -> None:
        """Read `ids`, one at least, and think no further. Raises VoiceError."""

    def crop(self, length: int) -> int:
        """Forget all but the first `length` tokens, or more where it must; how many are left."""

    def another(self) -> Forward:
        """The same numbers with an empty memory of its own."""


@runtime_checkable
class Ahead(Forward, Protocol):
    """A Forward with a second memory that reads what will be needed, while the first one speaks."""

    waiting: Tokens
    """What the second memory has read."""

    def ahead(self, ids: Tokens, read: Tokens, most: int) -> None:
        """Bring the second memory closer to `ids` by `most` tokens; `read` is what the first has read."""

    def swap(self, read: Tokens) -> Tokens:
        """The memories change places; what the first one, now the second before, has read."""


@runtime_checkable
class Together(Forward, Protocol):
    """A Forward that reads one token into several memories at the price of little more than one."""

    def together(self, memories: Sequence[Any], ids: Sequence[int]) -> Any:
        """Read one of `ids` into each of `memories`, all made by `another` or this one itself; their
        logits in that order, float32 (memories, vocabulary). Raises VoiceError."""


@runtime_checkable
class Lending(Forward, Protocol):
    """A Forward whose memory can be copied out and in."""

    def lend(self, length: int) -> Any:
        """A copy of what it made of the first `length` tokens that it has read; `nbytes` is its size."""

    def borrow(self, kept: Any) -> None:
        """Have read what `kept`, lent by this or another with the same numbers, was made of, and no more.
        Raises VoiceError."""
