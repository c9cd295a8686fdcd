"""How much a voice repeats itself. Pure; it only tells.

The measure is seq-rep-4 of Welleck and others, Neural Text Generation with Unlikelihood Training (ICLR
2020): of all runs of four words, the share that stood there before, 1 - unique runs / all runs. Here over
the words that a voice sampled last; fresh prose has next to none.
"""

from __future__ import annotations

from collections import deque

from installation.messages import Word

LAST = 200
"""Words that are looked at."""
RUN = 4
"""Words of a run."""


class Repetition:
    """What each voice said last. What was put into its mouth does not count."""

    def __init__(self) -> None:
        self._said: dict[str, deque[tuple[int, str]]] = {}

    def hear(self, word: Word) -> bool:
        """A word was shown; whether it counts."""
        if word.forced or not word.parts:
            return False
        said = self._said.setdefault(word.voice, deque(maxlen=LAST))
        said.extend((word.first, part) for part in word.parts)
        return True

    def withdraw(self, voice: str, first: int) -> None:
        """The voice took back what it said from token `first` on."""
        said = self._said.get(voice, ())
        while said and said[-1][0] >= first:
            said.pop()

    def share(self, voice: str) -> float:
        """How much of a voice's last words repeats, 0 to 1."""
        words = [part for _, part in self._said.get(voice, ())]
        runs = len(words) - RUN + 1
        unique = {tuple(words[at : at + RUN]) for at in range(runs)}
        return 1 - len(unique) / runs if runs > 0 else 0.0

    def most(self) -> float:
        """The largest share of any voice."""
        return max(map(self.share, self._said), default=0.0)
