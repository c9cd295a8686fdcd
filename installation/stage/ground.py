"""The dark that light falls on: graded indigo with a slight grain, never black."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from installation.stage.light import GROUND_FOCUS, GROUND_RIM

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAIN = 0.75
"""Strength of the grain, in steps of 1/255: it also hides the bands of so dark a gradient."""


def ground(width: int, height: int, seed: int = 1) -> NDArray[np.uint8]:
    """The empty stage as (width, height, 3) uint8, tone mapped. The same for the same arguments."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.52
    far = np.sqrt((x[:, None] / 0.62) ** 2 + (y[None, :] / 0.60) ** 2)
    share = np.clip(far, 0, 1)
    share = share * share * (3 - 2 * share)
    noise = np.random.default_rng(seed)
    grain = noise.standard_normal((width, height), dtype=np.float32) * GRAIN
    out = np.empty((width, height, 3), np.uint8)
    for channel in range(3):
        linear = GROUND_FOCUS[channel] + (GROUND_RIM[channel] - GROUND_FOCUS[channel]) * share
        level = 255 * (1 - np.exp(-1.7 * linear)) + grain
        # Rounding by chance keeps the gradient true where its steps are wider than the grain.
        level += noise.random((width, height), dtype=np.float32)
        out[..., channel] = np.clip(level, 0, 255)
    return out
