"""What a take puts into a voice's mouth: words to say, and what it hears of others, token by token."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from installation.voice.hearing import slices
from installation.voice.seam import apart
from installation.voice.writing import Tongue

PATIENCE = 24
"""How many tokens `say` waits for a word's beginning."""


class Dictation:
    """What is to be said from token `first` on, once a word may begin; `private`: it is a visitor's.

    What is heard comes before it, and goes into the text without being spoken."""

    def __init__(self, say: str = "", first: int = 0, *, private: bool = False) -> None:
        self._say, self._first, self.private = say, first, private
        self._tokens: deque[int] = deque()
        self._heard: deque[tuple[int, str]] = deque()

    @property
    def waiting(self) -> bool:
        """Whether something is to be said of which nothing is dictated yet."""
        return self._say != ""

    @property
    def hearing(self) -> bool:
        """Whether the next token is one of what others said."""
        return bool(self._heard)

    def late(self, n: int) -> bool:
        """Whether it has waited until token `n` for a word's beginning, which is long enough."""
        return n - self._first >= PATIENCE

    def begin(self, tongue: Tongue, tail: str) -> None:
        """Dictate it from now on, with the space that parts it from `tail`; it is said once."""
        say, self._say = self._say, ""
        ids = tongue.encode(say, "") if apart(tail, say) else tongue.encode(" " + say, "a")
        self._tokens.extend(ids)

    def next(self) -> int | None:
        """The token that is said next; None: the voice is free."""
        return self._tokens.popleft() if self._tokens else None

    def overhear(self, ids: Sequence[int], text: str) -> None:
        """What others said, and the tokens that it is read as."""
        self._heard.extend(zip(ids, slices(text, len(ids)), strict=True))

    def heard(self) -> tuple[int, str]:
        """The token that is heard next, and the piece of what others said that it stands for."""
        return self._heard.popleft()
