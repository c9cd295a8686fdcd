"""Coverage blurred, by a Gaussian at a reduced size, which nobody can tell from a full one; shifted; turned."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from installation.stage.cells import cells
from installation.stage.typesetter import Cover

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

LADDER = (0.0, 0.045, 0.11, 0.24)
"""Standard deviation of each step of the ladder, in ems."""


def blurred(cover: Cover, sigma: float) -> Cover:
    """`cover` under a Gaussian of `sigma` pixels, grown by what it spreads."""
    if sigma < 0.3:
        return cover
    pad = math.ceil(2.8 * sigma)
    width, height = cover.grey.shape
    grey = _spread(cover.grey, sigma, (-pad, 1, width + 2 * pad), (-pad, 1, height + 2 * pad), 1.0)
    return Cover(grey, cover.left - pad, cover.top - pad)


def softened(cover: Cover, sigma: float, cell: int, phase: tuple[int, int], dense: float = 1.0) -> Cover:
    """`cover` under a Gaussian of `sigma` pixels, `dense` times as strong, at every `cell` pixels: its place is
    in cells too. Its baseline begins `phase` pixels after a cell. Between cells it is to go straight."""
    pad = math.ceil(2.8 * sigma)
    # Going straight blurs a little more.
    sigma = math.sqrt(max(0.09, sigma * sigma - cell * cell / 6))
    ways = []
    for length, start, after in zip(cover.grey.shape, (cover.left, cover.top), phase, strict=True):
        first, last = (start + after - pad) // cell, -(-(start + after + length + pad) // cell)
        ways.append((first * cell - after - start, cell, last - first + 1))
    grey = _spread(cover.grey, sigma, ways[0], ways[1], dense)
    left, top = (
        (way[0] + after + start) // cell for way, after, start in zip(ways, phase, cover[1:], strict=True)
    )
    return Cover(grey, left, top)


Way: TypeAlias = tuple[int, int, int]
"""Places along one side: the first pixel from the edge of the coverage, how far to the next, how many."""


def _spread(grey: Grey, sigma: float, across: Way, down: Way, dense: float) -> Grey:
    """Coverage under a Gaussian at these places."""
    step = max(1, int(sigma / 2))
    small = cells(grey, step).astype(np.float32) * (dense / (step * step))
    wide, high = small.shape
    spread = _weights(across, wide, step, sigma) @ small @ _weights(down, high, step, sigma).T
    shown: Grey = np.clip(spread + 0.5, 0, 255).astype(np.uint8)
    return shown


@functools.lru_cache(maxsize=256)
def _weights(way: Way, count: int, step: int, sigma: float) -> NDArray[np.float32]:
    """What each of `count` cells, `step` pixels wide, gives to each of the places."""
    first, apart, places = way
    out = (first + apart * np.arange(places, dtype=np.float32))[:, None]
    centre = (np.arange(count, dtype=np.float32) * step + (step - 1) / 2)[None, :]
    # The cell's own width has already blurred by its share.
    spread = math.sqrt(max(0.09, sigma * sigma - (step * step - 1) / 12))
    return (
        np.exp(-0.5 * ((out - centre) / spread) ** 2) * (step / (spread * math.sqrt(2 * math.pi)))
    ).astype(np.float32)


def shifted(cover: Cover, share: float) -> Cover:
    """`cover` moved down by `share` of a pixel, 0 to 1: slow motion without steps."""
    width, height = cover.grey.shape
    moved = np.zeros((width, height + 1), np.float32)
    moved[:, :height] = cover.grey * (1 - share)
    moved[:, 1:] += cover.grey * share
    return Cover((moved + 0.5).astype(np.uint8), cover.left, cover.top)


def turned(cover: Cover, degrees: float) -> Cover:
    """`cover` turned clockwise about the left end of its baseline."""
    import pygame

    width, height = cover.grey.shape
    sheet = pygame.Surface((width + 2, height + 2), 0, 32)
    grey = np.zeros((width + 2, height + 2, 3), np.uint8)
    grey[1:-1, 1:-1] = cover.grey[..., None]
    pygame.surfarray.blit_array(sheet, grey)
    sheet = pygame.transform.rotozoom(sheet, -degrees, 1)
    out = np.array(pygame.surfarray.pixels_red(sheet), order="F")
    # Its middle goes round the pivot; the corner follows from the new size.
    along, down = cover.left + width / 2, cover.top + height / 2
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    left = along * cosine - down * sine - out.shape[0] / 2
    top = along * sine + down * cosine - out.shape[1] / 2
    return Cover(out, round(left), round(top))
