"""What a model is to the engine: numbers, and memories of what it has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from installation.voice.context import Tokens

if TYPE_CHECKING:
    from installation.voice.drawing import Decided, Drawing


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
class Deciding(Together, Protocol):
    """A Forward that samples where its logits lie."""

    def decide(
        self, memories: Sequence[Any], ids: Sequence[int], mix: Any, drawings: Sequence[Drawing]
    ) -> Sequence[Decided]:
        """Read one of `ids` into each of `memories`, as `together` does, and draw a token by each of
        `drawings`, after logits that are mixed of those of the memories: `mix` (drawings, memories)
        float32, None where there are equally many. Raises VoiceError."""


@runtime_checkable
class Lending(Forward, Protocol):
    """A Forward whose memory can be copied out and in."""

    def lend(self, length: int) -> Any:
        """A copy of what it made of the first `length` tokens that it has read; `nbytes` is its size."""

    def borrow(self, kept: Any) -> None:
        """Have read what `kept`, lent by this or another with the same numbers, was made of, and no more.
        Raises VoiceError."""


class Look(Protocol):
    """What went on inside a model as it read the last token of a text. It stays true when the model goes on."""

    def attention(self) -> NDArray[np.floating[Any]] | None:
        """How much one layer looked at each of the last places of what was read, the mean over its heads:
        (places,), a sum of 1; the last is the token just read. None where nobody can say."""

    def lens(self, ids: Sequence[int]) -> NDArray[np.floating[Any]] | None:
        """How `ids` would share a probability of 1 among themselves if the text ended after each of some
        layers, the last one among them (nostalgebraist, Interpreting GPT: the logit lens, 2020):
        (layers, ids). None where nobody can say."""


@runtime_checkable
class Inward(Forward, Protocol):
    """A Forward that tells what goes on inside."""

    def look(self) -> Look | None:
        """What went on as it read the last token of its last `run` or `together`; None: it cannot say."""
