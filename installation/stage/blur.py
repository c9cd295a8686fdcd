"""Coverage blurred, by a Gaussian at a reduced size, which nobody can tell from a full one; shifted; turned."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from installation.stage.typesetter import Cover

if TYPE_CHECKING:
    from numpy.typing import NDArray

LADDER = (0.0, 0.045, 0.11, 0.24)
"""Standard deviation of each step of the ladder, in ems."""


def blurred(cover: Cover, sigma: float) -> Cover:
    """`cover` under a Gaussian of `sigma` pixels, grown by what it spreads."""
    if sigma < 0.3:
        return cover
    step = max(1, int(sigma / 2))
    pad = math.ceil(2.8 * sigma)
    width, height = cover.grey.shape
    small_w, small_h = math.ceil(width / step), math.ceil(height / step)
    padded = np.zeros((small_w * step, small_h * step), np.float32)
    padded[:width, :height] = cover.grey
    small = padded.reshape(small_w, step, small_h, step).mean(axis=(1, 3))
    spread = (
        _weights(width, small_w, step, pad, sigma) @ small @ _weights(height, small_h, step, pad, sigma).T
    )
    return Cover(np.clip(spread + 0.5, 0, 255).astype(np.uint8), cover.left - pad, cover.top - pad)


@functools.lru_cache(maxsize=256)
def _weights(pixels: int, cells: int, step: int, pad: int, sigma: float) -> NDArray[np.float32]:
    """What each of `cells`, `step` pixels wide, gives to each of the `pixels` and their margin."""
    out = np.arange(-pad, pixels + pad, dtype=np.float32)[:, None]
    centre = (np.arange(cells, dtype=np.float32) * step + (step - 1) / 2)[None, :]
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
    out = np.ascontiguousarray(pygame.surfarray.array3d(sheet)[..., 0])
    # Its middle goes round the pivot; the corner follows from the new size.
    along, down = cover.left + width / 2, cover.top + height / 2
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    left = along * cosine - down * sine - out.shape[0] / 2
    top = along * sine + down * cosine - out.shape[1] / 2
    return Cover(out, round(left), round(top))


def reduced(cover: Cover, times: int) -> Cover:
    """`cover` so many times smaller, each cell the mean of its pixels. Its place stays that of the full size."""
    width, height = cover.grey.shape
    across, down = math.ceil(width / times), math.ceil(height / times)
    padded = np.zeros((across * times, down * times), np.float32)
    padded[:width, :height] = cover.grey
    cells = padded.reshape(across, times, down, times).mean(axis=(1, 3))
    return Cover((cells + 0.5).astype(np.uint8), cover.left, cover.top)
