"""How things move: curves from 0 to 1, each a pure function of how far along it is."""

from __future__ import annotations

import functools
import math


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    """`x`, kept between `low` and `high`."""
    return low if x < low else min(x, high)


def smooth(x: float) -> float:
    """Soft at both ends (smoothstep)."""
    if x <= 0:
        return 0.0
    return x * x * (3 - 2 * x) if x < 1 else 1.0


def calm(x: float) -> float:
    """Softer still: no jerk at either end (Perlin's smootherstep)."""
    x = clamp(x)
    return x * x * x * (x * (x * 6 - 15) + 10)


def arrive(x: float) -> float:
    """Quick at first, slow at last (cubic)."""
    if x <= 0:
        return 0.0
    return 1 - (1 - x) ** 3 if x < 1 else 1.0


def ramp(low: float, high: float, x: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    if x <= low:
        return 0.0
    if x >= high:
        return 1.0
    x = (x - low) / (high - low)
    return x * x * (3 - 2 * x)


def mix(a: float, b: float, share: float) -> float:
    """`a` at share 0, `b` at share 1."""
    return a + (b - a) * share


@functools.lru_cache(8192)
def scatter(*numbers: int) -> float:
    """A fixed number from -1 to 1 for these whole numbers: chance that replays (a Weyl hash)."""
    phase = 0.0
    for k, number in enumerate(numbers):
        phase += number * (0.6180339887498949, 0.7548776662466927, 0.5698402909980532)[k % 3]
    return 2 * math.modf(phase)[0] - 1
