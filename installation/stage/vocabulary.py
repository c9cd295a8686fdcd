"""A number for every word that is on stage, so that a whole frame's words are told apart at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANY = 16384
"""Texts known, above which those that nobody shows are forgotten."""
FACE = 6
"""Bits of a word's number that tell its face."""


class _Numbers(dict[str, int]):
    """Counts what it is asked for, each text once; a number is never given again."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[int, str] = {}
        self._next = 0

    def __missing__(self, text: str) -> int:
        number = self[text] = self._next
        self.names[number] = text
        self._next += 1
        return number


class Vocabulary:
    """Texts in faces, and their numbers."""

    def __init__(self) -> None:
        self._texts, self._faces = _Numbers(), _Numbers()
        self._last: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._given = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._texts)

    def numbers(self, texts: Sequence[str], faces: Sequence[str]) -> NDArray[np.int64]:
        """The number of each text in its face. Not to be changed: the next frame may ask for the same."""
        # Frame after frame it is the same words; where each is the very same object, this costs next to nothing.
        if (texts, faces) != self._last:
            count = len(texts)
            ofs = np.fromiter(map(self._texts.__getitem__, texts), np.int64, count)
            ins = np.fromiter(map(self._faces.__getitem__, faces), np.int64, count)
            assert len(self._faces) < 1 << FACE, "so many faces no show has"
            self._given, self._last = ofs << FACE | ins, (texts, faces)
        return self._given

    def word(self, number: int) -> tuple[str, str]:
        """The text and the face of a number."""
        return self._texts.names[number >> FACE], self._faces.names[number & (1 << FACE) - 1]

    def spare(self, shown: Iterable[int]) -> None:
        """Where there are too many, forget the texts that none of these numbers has."""
        if len(self._texts) > MANY:
            kept = {number >> FACE for number in shown}
            for number in [number for number in self._texts.names if number not in kept]:
                del self._texts[self._texts.names.pop(number)]
            self._last = (), ()
