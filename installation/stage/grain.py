"""Coarse grain for the graphics card: the same specks, as many times a second, as the software painter's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from installation.stage.backdrop import MOST, RATE, STRENGTHS, TILE
from installation.stage.motion import clamp, scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TILE", "shift", "strength", "tile"]


def tile() -> NDArray[np.uint8]:
    """Grain of strength 1, (TILE, TILE, 3) rows from above, in steps of 1/255; it is laid side by side."""
    noise = np.random.default_rng(7).standard_normal((TILE, TILE)).astype(np.float32)
    soft = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2
    grey = np.clip(soft * MOST, 0, 255).T[..., None] * np.array((0.85, 0.9, 1.0), np.float32)
    specks: NDArray[np.uint8] = (grey + 0.5).astype(np.uint8)
    return specks


def strength(asked: float) -> float:
    """The step of strength that is shown, 0 to 1."""
    return round(clamp(asked) * STRENGTHS) / STRENGTHS


def shift(now: float) -> tuple[float, float]:
    """How far to the left and up the grain lies at this moment, in pixels: it trembles."""
    beat = math.floor(now * RATE)
    left, top = (float(int((scatter(beat, way) + 1) / 2 * TILE)) for way in (1, 2))
    return left, top
