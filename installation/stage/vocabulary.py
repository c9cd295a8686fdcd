"""A number for every word that is on stage, so that a whole frame's words are told apart at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import is_
from typing import TYPE_CHECKING

import numpy as np

from installation.stage.carrying import carried

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANY = 16384
"""Texts known, above which those that nobody shows are forgotten."""
STRETCH = 128
"""Words that are compared with those of the frame before at once."""
FACE = 6
"""Bits of a word's number that tell its face."""


def _apart(names: Sequence[str], before: Sequence[str]) -> list[int]:
    """The places at which two rows of the same length differ: whole stretches are compared first."""
    return [
        place
        for begin in range(0, len(names), STRETCH)
        if names[begin : begin + STRETCH] != before[begin : begin + STRETCH]
        for place in range(begin, min(begin + STRETCH, len(names)))
        if names[place] != before[place]
    ]


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
        self._shown: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._given = np.empty(0, np.int64)
        self._parts = self._given, self._given

    def __len__(self) -> int:
        return len(self._texts)

    def numbers(self, texts: Sequence[str], faces: Sequence[str]) -> NDArray[np.int64]:
        """The number of each text in its face. Not to be changed: the next frame may ask for the same."""
        # Frame after frame it is the same words, the very same objects, but for a few.
        if texts != self._shown[0] or faces != self._shown[1]:
            ofs = self._known(texts, 0)
            ins = self._known(faces, 1) if faces != self._shown[1] else self._parts[1]
            assert len(self._faces) < 1 << FACE, "so many faces no show has"
            self._shown, self._parts, self._given = (texts, faces), (ofs, ins), ofs << FACE | ins
        return self._given

    def _known(self, names: Sequence[str], kind: int) -> NDArray[np.int64]:
        """The numbers of these texts, or (`kind` 1) faces."""
        numbers, before = (self._texts, self._faces)[kind], self._shown[kind]
        if len(names) == len(before):
            found, anew = self._parts[kind].copy(), _apart(names, before)
        else:
            shorter = min(len(names), len(before))
            same = np.fromiter(map(is_, names, before), np.bool_, shorter)
            pairs = map(is_, names[len(names) - shorter :], before[len(before) - shorter :])
            found, places = carried(
                self._parts[kind], same, np.fromiter(pairs, np.bool_, shorter), len(names)
            )
            anew = places.tolist()
        found[anew] = [numbers[names[place]] for place in anew]
        return found

    def word(self, number: int) -> tuple[str, str]:
        """The text and the face of a number."""
        return self._texts.names[number >> FACE], self._faces.names[number & (1 << FACE) - 1]

    def spare(self, shown: Iterable[int]) -> None:
        """Where there are too many, forget the texts that none of these numbers has."""
        if len(self._texts) > MANY:
            kept = {number >> FACE for number in shown}
            for number in [number for number in self._texts.names if number not in kept]:
                del self._texts[self._texts.names.pop(number)]
            self._shown, self._parts = ((), ()), (self._given[:0], self._given[:0])
