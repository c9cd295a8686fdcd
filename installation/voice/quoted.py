"""How much of what a voice said last was taken from the artist's own texts. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from installation.messages import Word

LAST = 100
"""Words that are looked back on."""


class Quoted:
    """The last words of a voice: which of them name a source."""

    def __init__(self) -> None:
        self._taken: deque[bool] = deque(maxlen=LAST)

    def hear(self, words: Iterable[Word]) -> None:
        """What was said, in order."""
        self._taken.extend(bool(word.source) for word in words)

    @property
    def share(self) -> float:
        """Of the last LAST words, or as many as there were, those taken from the texts: 0 to 1."""
        return sum(self._taken) / len(self._taken) if self._taken else 0.0
