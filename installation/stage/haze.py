"""Haze: all that is soft, made at a quarter of the size and brought up to it once a frame.

Fogs, glows and letters that are much blurred have no edge that would need every pixel; at full size each of
them would cost its area. Cell k lies exactly on pixel 4 k, and between two cells light goes straight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from installation.stage.frame import Fog

if TYPE_CHECKING:
    import pygame

CELL = 4
"""Pixels from cell to cell."""
COARSE = 2
"""Cells from place to place where fogs are worked out."""
STEPS = 400
"""Steps of light by its square root, between which nobody sees a difference in a fog."""

FogRow: TypeAlias = tuple[int, int, int, int, int, int]
Blit: TypeAlias = "tuple[pygame.Surface, tuple[int, int]]"


class Haze:
    """Adds what is soft to surfaces of one size in pixels."""

    def __init__(self, size: tuple[int, int]) -> None:
        import pygame

        across, down = (math.ceil(length / (CELL * COARSE)) for length in size)
        self._scale = size[1] / 100 / (CELL * COARSE)
        # Making larger spreads the way between the first and the last place over the whole new width.
        self._coarse = pygame.Surface((across + 2, down + 2), 0, 32)
        self._fog = pygame.Surface(((across + 1) * COARSE, (down + 1) * COARSE), 0, 32)
        self._cells = pygame.Surface((across * COARSE + 1, down * COARSE + 1), 0, 32)
        self._large = pygame.Surface((across * COARSE * CELL, down * COARSE * CELL), 0, 32)
        self._key: tuple[FogRow, ...] = ()

    def draw(self, surface: pygame.Surface, fogs: Sequence[Fog], soft: Sequence[Blit]) -> None:
        """Add these fogs and sprites; the latter's places are cells."""
        import pygame

        rows = (_row(fog, self._scale) for fog in fogs)
        key = tuple(row for row in rows if any(row[3:]))
        if not key and not soft:
            return
        if key and key != self._key:
            self._key = key
            self._work_out(key)
        if key:
            self._cells.blit(self._fog, (0, 0))
        else:
            self._cells.fill((0, 0, 0))
        self._cells.fblits(soft, pygame.BLEND_RGB_ADD)
        pygame.transform.smoothscale(self._cells, self._large.get_size(), self._large)
        surface.blit(self._large, (0, 0), special_flags=pygame.BLEND_RGB_ADD)

    def _work_out(self, rows: tuple[FogRow, ...]) -> None:
        """All fogs together. A Gaussian is a product of two, one along each side."""
        import pygame

        table = np.array(rows, np.float32)
        x, y, radius = table[:, 0], table[:, 1], table[:, 2]
        across, down = (
            np.exp(-0.5 * ((np.arange(length, dtype=np.float32)[:, None] - middle) / radius) ** 2)
            for length, middle in zip(self._coarse.get_size(), (x, y), strict=True)
        )
        light = (across * ((table[:, 3:] / STEPS) ** 2).T[:, None, :]) @ down.T
        shown = 255 * (1 - np.exp(-1.7 * light)) + 0.5
        pygame.surfarray.blit_array(self._coarse, shown.astype(np.uint8).transpose(1, 2, 0))
        pygame.transform.smoothscale(self._coarse, self._fog.get_size(), self._fog)


def _row(fog: Fog, scale: float) -> FogRow:
    """A fog in whole numbers: place and radius in places of the coarse picture, light by its root."""
    red, green, blue = (round(STEPS * math.sqrt(max(0.0, part))) for part in fog.light)
    return round(fog.x * scale), round(fog.y * scale), max(1, round(fog.radius * scale)), red, green, blue
