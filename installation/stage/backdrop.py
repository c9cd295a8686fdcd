"""What stands still behind the letters, kept as one picture: the ground, lines that do not move, grain.

A line stands still as long as a look hands out the very same Stroke; one that is new moves, perhaps, and is
drawn over the rest until it has been there for a frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from installation.stage import linework
from installation.stage.frame import Stroke
from installation.stage.ground import ground
from installation.stage.motion import scatter

if TYPE_CHECKING:
    import pygame

TILE = 384
"""Pixels of a piece of grain; it is laid side by side, and elsewhere at each moment."""
RATE = 12
"""Times a second at which the grain moves."""
STRENGTHS = 8
MOST = 9.0
"""Steps of 1/255 that grain of strength 1 scatters by."""


class Backdrop:
    """For surfaces of one size in pixels."""

    def __init__(self, size: tuple[int, int]) -> None:
        import pygame

        self.size = size
        self.unit = size[1] / 100
        self._ground, self._lined, self._grained = (pygame.Surface(size, 0, 32) for _ in range(3))
        pygame.surfarray.blit_array(self._ground, ground(*size))
        self._lined.blit(self._ground, (0, 0))
        self._before: dict[int, Stroke] = {}
        self._standing: set[int] = set()
        self._grain: tuple[int, int] | None = None
        """Strength and moment of the grain that `_grained` has on top of `_lined`."""
        self._tiles: dict[int, pygame.Surface] = {}

    def draw(self, surface: pygame.Surface, strokes: Sequence[Stroke], grain: float, now: float) -> None:
        """Cover `surface` with the ground, these lines, and grain from 0 none to 1 coarse; it trembles."""
        moving = self._stand(strokes)
        level = round(min(max(grain, 0.0), 1.0) * STRENGTHS)
        if level:
            wanted = (level, math.floor(now * RATE))
            if wanted != self._grain:
                self._grain = wanted
                self._scatter(*wanted)
        surface.blit(self._grained if level else self._lined, (0, 0))
        if moving:
            linework.draw(surface, moving, self.unit)

    def _stand(self, strokes: Sequence[Stroke]) -> list[Stroke]:
        """Bring what stands up to date; the strokes that move are left."""
        # While they are kept here no other stroke can have their number.
        now = {id(stroke): stroke for stroke in strokes}
        known = self._before.keys() & now.keys()
        self._before = now
        if not self._standing <= known:
            self._standing = set()
            self._lined.blit(self._ground, (0, 0))
            self._grain = None
        fresh = [stroke for key, stroke in now.items() if key in known and key not in self._standing]
        if fresh:
            linework.draw(self._lined, fresh, self.unit)
            self._standing |= known
            self._grain = None
        return [stroke for key, stroke in now.items() if key not in known]

    def _scatter(self, level: int, beat: int) -> None:
        """Lay grain of so many STRENGTHS over what stands."""
        import pygame

        if level not in self._tiles:
            self._tiles[level] = _tile(level / STRENGTHS)
        left, top = (int((scatter(beat, way) + 1) / 2 * TILE) for way in (1, 2))
        corners = [(x, y) for x in range(-left, self.size[0], TILE) for y in range(-top, self.size[1], TILE)]
        self._grained.blit(self._lined, (0, 0))
        self._grained.fblits([(self._tiles[level], corner) for corner in corners], pygame.BLEND_RGB_ADD)


def _tile(strength: float) -> pygame.Surface:
    """A piece of grain: soft specks, the same for the same strength."""
    import pygame

    noise = np.random.default_rng(7).standard_normal((TILE, TILE)).astype(np.float32)
    soft = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2
    grey = np.clip(soft * MOST * strength, 0, 255)[..., None] * np.array((0.85, 0.9, 1.0), np.float32)
    tile = pygame.Surface((TILE, TILE), 0, 32)
    pygame.surfarray.blit_array(tile, (grey + 0.5).astype(np.uint8))
    return tile
