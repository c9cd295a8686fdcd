"""What lies under and over everything on the processor: fogs at an eighth of the size, and coarse grain.

A large translucent thing costs its area; so both are made small, kept, and made anew only when they have
changed by what can be seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from installation.stage.frame import Fog
from installation.stage.motion import scatter

if TYPE_CHECKING:
    import pygame

EIGHTH = 8
STEPS = 400
"""Steps of light by its square root, between which nobody sees a difference in a fog."""
TILE = 384
"""Pixels of a piece of grain; it is laid side by side, and elsewhere at each moment."""
RATE = 12
"""Times a second at which the grain moves."""
STRENGTHS = 8
MOST = 9.0
"""Steps of 1/255 that grain of strength 1 scatters by."""

FogRow: TypeAlias = tuple[int, int, int, int, int, int]


class Atmosphere:
    """Adds fogs and grain to surfaces of one size in pixels."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.unit = size[1] / 100
        self._key: tuple[FogRow, ...] = ()
        self._fog: pygame.Surface | None = None
        self._grains: dict[int, pygame.Surface] = {}

    def fog(self, surface: pygame.Surface, fogs: Sequence[Fog]) -> None:
        """Add the light of these fogs."""
        import pygame

        rows = (_row(fog, self.unit / EIGHTH) for fog in fogs)
        key = tuple(row for row in rows if any(row[3:]))
        if not key:
            return
        if key != self._key or self._fog is None:
            self._key, self._fog = key, self._fogged(key)
        surface.blit(self._fog, (0, 0), special_flags=pygame.BLEND_RGB_ADD)

    def _fogged(self, rows: tuple[FogRow, ...]) -> pygame.Surface:
        """All fogs together, in full size. A Gaussian is a product of two, one along each side."""
        import pygame

        width, height = (math.ceil(length / EIGHTH) + 1 for length in self.size)
        light = np.zeros((3, width, height), np.float32)
        for x, y, radius, *channels in rows:
            across = np.exp(-0.5 * ((np.arange(width) - x) / radius) ** 2)
            down = np.exp(-0.5 * ((np.arange(height) - y) / radius) ** 2)
            cloud = np.outer(across, down).astype(np.float32)
            for channel, level in enumerate(channels):
                light[channel] += (level / STEPS) ** 2 * cloud
        shown = 255 * (1 - np.exp(-1.7 * light)) + 0.5
        small = pygame.Surface((width, height), 0, 32)
        pygame.surfarray.blit_array(small, shown.astype(np.uint8).transpose(1, 2, 0))
        return pygame.transform.smoothscale(small, (width * EIGHTH, height * EIGHTH))

    def grain(self, surface: pygame.Surface, strength: float, now: float) -> None:
        """Add grain, 0 none to 1 coarse; it trembles."""
        import pygame

        level = round(min(max(strength, 0.0), 1.0) * STRENGTHS)
        if not level:
            return
        if level not in self._grains:
            self._grains[level] = _grained(level / STRENGTHS)
        beat = math.floor(now * RATE)
        left, top = (int((scatter(beat, way) + 1) / 2 * TILE) for way in (1, 2))
        corners = [(x, y) for x in range(-left, self.size[0], TILE) for y in range(-top, self.size[1], TILE)]
        surface.fblits([(self._grains[level], corner) for corner in corners], pygame.BLEND_RGB_ADD)


def _row(fog: Fog, unit: float) -> FogRow:
    """A fog in whole numbers: place and radius in eighths, light by its root."""
    red, green, blue = (round(STEPS * math.sqrt(max(0.0, part))) for part in fog.light)
    return round(fog.x * unit), round(fog.y * unit), max(1, round(fog.radius * unit)), red, green, blue


def _grained(strength: float) -> pygame.Surface:
    """A piece of grain: soft specks, the same for the same strength."""
    import pygame

    noise = np.random.default_rng(7).standard_normal((TILE, TILE)).astype(np.float32)
    soft = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2
    grey = np.clip(soft * MOST * strength, 0, 255)[..., None] * np.array((0.85, 0.9, 1.0), np.float32)
    tile = pygame.Surface((TILE, TILE), 0, 32)
    pygame.surfarray.blit_array(tile, (grey + 0.5).astype(np.uint8))
    return tile
