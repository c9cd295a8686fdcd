"""How things move: curves from 0 to 1, each a pure function of how far along it is."""

from __future__ import annotations

import math


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    """`x`, kept between `low` and `high`."""
    return min(max(x, low), high)


def smooth(x: float) -> float:
    """Soft at both ends (smoothstep)."""
    x = clamp(x)
    return x * x * (3 - 2 * x)


def calm(x: float) -> float:
    """Softer still: no jerk at either end (Perlin's smootherstep)."""
    x = clamp(x)
    return x * x * x * (x * (x * 6 - 15) + 10)


def arrive(x: float) -> float:
    """Quick at first, slow at last (cubic)."""
    x = 1 - clamp(x)
    return 1 - x * x * x


def ramp(low: float, high: float, x: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    return smooth((x - low) / (high - low)) if high > low else float(x >= high)


def mix(a: float, b: float, share: float) -> float:
    """`a` at share 0, `b` at share 1."""
    return a + (b - a) * share


def scatter(*numbers: int) -> float:
    """A fixed number from -1 to 1 for these whole numbers: chance that replays (a Weyl hash)."""
    phase = 0.0
    for k, number in enumerate(numbers):
        phase += number * (0.6180339887498949, 0.7548776662466927, 0.5698402909980532)[k % 3]
    return 2 * math.modf(phase)[0] - 1
