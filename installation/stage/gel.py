"""Gels: coverage becomes light of one colour, through the tone curve, by a table looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from installation.stage.store import ROW, Store

if TYPE_CHECKING:
    import pygame
    from numpy.typing import NDArray

LEVELS = 44
"""Steps of light between 0 and 1, by its square root."""
HUES = 24
"""Steps of a hue's weaker colours."""
DENSE = 4
"""How many times its true coverage a halo is kept at: it is faint, and has only whole numbers."""

INK = 0.35
"""Part of a letter's surroundings that it covers: a halo is the light of letters as seen from so far that this
is all there is of them."""


class Gels:
    """A level is a strength in LEVELS; a hue has red, green and blue in parts of the strongest, five bits
    each. Strength is apart from it, so that a word that only dims is lit at a few strengths, not in every
    mixture."""

    def __init__(self) -> None:
        import pygame

        self._shifts = pygame.Surface((1, 1), 0, 32).get_shifts()[:3]
        self._tables: Store[tuple[int, int, bool], NDArray[np.uint32]] = Store(4 << 20, self._table)
        self._rows: Store[tuple[int, int, bool], NDArray[np.uint32]] = Store(4 << 20, _row)

    def lit(self, grey: NDArray[np.uint8], level: int, hue: int, *, halo: bool = False) -> pygame.Surface:
        """Coverage, (width, height), in this light. `halo`: it is DENSE times what it says, and the light of
        letters that was spread, not of letters that are faint."""
        import pygame

        surface = pygame.Surface(grey.shape, 0, 32)
        pixels = pygame.surfarray.pixels2d(surface)
        self._tables[level, hue, halo].take(grey.T, out=pixels.T, mode="clip")
        del pixels
        return surface

    def _table(self, key: tuple[int, int, bool]) -> tuple[NDArray[np.uint32], int]:
        """The pixel for each coverage, 0 to 255, and the table's bytes."""
        level, hue, halo = key
        packed = np.zeros(256, np.uint32)
        for part, shift in zip((hue >> 10, hue >> 5 & 31, hue & 31), self._shifts, strict=True):
            packed |= self._rows[level, part, halo] << np.uint32(shift)
        return packed, packed.nbytes + ROW


def _row(key: tuple[int, int, bool]) -> tuple[NDArray[np.uint32], int]:
    """One colour of a table."""
    level, part, halo = key
    light = (level / LEVELS) ** 2 * part / HUES
    share = np.arange(256) / 255
    spread = (1 - np.exp(-1.7 * light * INK)) / INK * share / DENSE
    shown = spread if halo else 1 - np.exp(-1.7 * light * share)
    row = (255 * shown + 0.5).astype(np.uint32)
    return row, row.nbytes + ROW
