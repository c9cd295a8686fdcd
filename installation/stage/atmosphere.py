"""What lies under everything on the processor: fogs, made at an eighth of the size.

A large translucent thing costs its area; so they are kept, and made anew only when they have changed by
what can be seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from installation.stage.frame import Fog

if TYPE_CHECKING:
    import pygame

EIGHTH = 8
STEPS = 400
"""Steps of light by its square root, between which nobody sees a difference in a fog."""
FogRow: TypeAlias = tuple[int, int, int, int, int, int]


class Atmosphere:
    """Adds fogs to surfaces of one size in pixels."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.unit = size[1] / 100
        self._key: tuple[FogRow, ...] = ()
        self._fog: pygame.Surface | None = None

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


def _row(fog: Fog, unit: float) -> FogRow:
    """A fog in whole numbers: place and radius in eighths, light by its root."""
    red, green, blue = (round(STEPS * math.sqrt(max(0.0, part))) for part in fog.light)
    return round(fog.x * unit), round(fog.y * unit), max(1, round(fog.radius * unit)), red, green, blue
