"""A smooth curve through points (Catmull-Rom, centripetal: it makes no loops where points are near)."""

from __future__ import annotations

import functools
import math

Point = tuple[float, float]

PIECES = 12
"""Straight pieces from one point to the next."""


@functools.lru_cache(maxsize=64)
def through(points: tuple[Point, ...], until: float) -> tuple[tuple[Point, ...], tuple[float, ...]]:
    """The curve from the first point until so many points later (a fraction: on the way), and how many
    points along each of its own points lies."""
    found: list[Point] = []
    along: list[float] = []
    for n in range(len(points) - 1):
        if n >= until:
            break
        before, after = points[max(0, n - 1)], points[min(len(points) - 1, n + 2)]
        share = min(1.0, until - n)
        for k in range(0 if not n else 1, PIECES + 1):
            t = k / PIECES * share
            found.append(_between(before, points[n], points[n + 1], after, t))
            along.append(n + t)
    return (tuple(found), tuple(along)) if found else (points[:1], (0.0,))


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """A point from `b` (t 0) to `c` (t 1) on a Hermite curve with centripetal tangents."""
    one, two, three = (max(math.dist(*ends) ** 0.5, 1e-3) for ends in ((a, b), (b, c), (c, d)))
    here: list[float] = []
    for p, q, r, s in zip(a, b, c, d, strict=True):
        leave = two * ((q - p) / one - (r - p) / (one + two) + (r - q) / two)
        reach = two * ((r - q) / two - (s - q) / (two + three) + (s - r) / three)
        cube = 2 * q - 2 * r + leave + reach
        square = -3 * q + 3 * r - 2 * leave - reach
        here.append(((cube * t + square) * t + leave) * t + q)
    return here[0], here[1]
