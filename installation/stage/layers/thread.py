"""Threads across a ring: they leave straight inwards and bend through the middle."""

from __future__ import annotations

import functools
import math

from installation.stage import light
from installation.stage.frame import Stroke
from installation.stage.motion import mix, ramp

PIECES = 20
"""Straight pieces of a thread."""


@functools.lru_cache(maxsize=4096)
def thread(slots: tuple[int, int, int], reach: float, middle: tuple[float, float], level: float) -> Stroke:
    """A thread between two hours, bent through the middle: bright at its ends, hardly there within."""
    one, other = (math.tau * (slot / slots[2] - 0.25) for slot in slots[:2])
    tint = light.blend((0.42, 0.34, 0.95), (0.26, 0.66, 0.86), (1 + math.cos(one + other)) / 2)
    tint = light.blend(tint, (0.95, 0.40, 0.62), 0.5 * ramp(0.2, 1, math.sin(one - 1.1 * other)))
    points = bent(one, other, reach, middle)
    lights = [light.times(tint, level * mix(0.34, 1.0, (2 * k / PIECES - 1) ** 4)) for k in range(PIECES + 1)]
    return Stroke(points, tuple(lights), 0.11)


@functools.lru_cache(maxsize=4096)
def foot(end: tuple[float, float], angle: float, strength: float) -> Stroke:
    """Where threads begin they are so near each other that they are one ray, inwards from `end`."""
    points, lights = [], []
    for k in range(5):
        inwards = 1.9 * k
        points.append((end[0] - inwards * math.cos(angle), end[1] - inwards * math.sin(angle)))
        tint = light.blend((0.95, 0.92, 0.95), (0.36, 0.34, 0.80), k / 4)
        lights.append(light.times(tint, strength * (1 - k / 4) ** 1.5))
    return Stroke(tuple(points), tuple(lights), 0.11)


def bent(
    one: float, other: float, reach: float, middle: tuple[float, float], slack: float = 0.0
) -> tuple[tuple[float, float], ...]:
    """From hour to hour: it leaves straight inwards, and neighbours do not go as deep as opposites."""
    apart = abs(math.sin((one - other) / 2))
    deep = (mix(0.80, 0.10, apart**0.8) + slack) * reach
    ends = [(reach * math.cos(a), reach * math.sin(a)) for a in (one, other)]
    inner = [(deep * math.cos(a), deep * math.sin(a)) for a in (one, other)]
    found = []
    for k in range(PIECES + 1):
        t = k / PIECES
        u = 1 - t
        a, b, c, d = u**3, 3 * u * u * t, 3 * u * t * t, t**3
        found.append(
            (
                middle[0] + a * ends[0][0] + b * inner[0][0] + c * inner[1][0] + d * ends[1][0],
                middle[1] + a * ends[0][1] + b * inner[0][1] + c * inner[1][1] + d * ends[1][1],
            )
        )
    return tuple(found)
