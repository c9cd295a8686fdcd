"""A raw number becomes a calm one: range, dead band, curve, smoothing. Time is given, never asked.

Between two messages a signal is taken to stay where it is. A smoother is told its target and
stepped to `now`; stepping costs nothing when nothing moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

STILL = 1e-6
"""Closer to its target than this, a smoother is there: an idle room makes no work."""

SHORTEST = 1e-6
"""Seconds below which a step is put off: speeds measured over less mean nothing."""


class Smoother(Protocol):
    """Holds `value`, on its way to `target`; both 0..1."""

    value: float
    target: float

    def aim(self, target: float, now: float) -> None: ...

    def leap(self, target: float, now: float) -> None: ...

    def advance(self, now: float) -> float: ...


def unscale(raw: float, low: float, high: float) -> float:
    """`raw` in its range as 0..1, held there. A range may run downwards; an empty one gives 0."""
    if high == low:
        return 0.0
    return min(max((raw - low) / (high - low), 0.0), 1.0)


def steady(value: float, held: float, dead: float) -> float:
    """`held`, unless `value` lies more than `dead` from it or at an end of the range."""
    return value if abs(value - held) > dead or value in (0.0, 1.0) else held


def share(elapsed: float, seconds: float) -> float:
    """How much of a step an exponential lag has made after `elapsed`: 63 % after `seconds`."""
    if seconds <= 0:
        return 1.0
    return -math.expm1(-max(elapsed, 0.0) / seconds)


@dataclass(slots=True)
class Lag:
    """Exponential smoothing, `attack` seconds to 63 % going up and `release` going down.

    Exact for a target that stands still: the same however often it is stepped."""

    attack: float
    release: float
    value: float = 0.0
    target: float = 0.0
    now: float = 0.0

    def aim(self, target: float, now: float) -> None:
        self.advance(now)
        self.target = target

    def leap(self, target: float, now: float) -> None:
        self.value = self.target = target
        self.now = now

    def advance(self, now: float) -> float:
        if self.value != self.target:
            seconds = self.attack if self.target > self.value else self.release
            self.value += (self.target - self.value) * share(now - self.now, seconds)
            if abs(self.target - self.value) < STILL:
                self.value = self.target
        self.now = max(now, self.now)
        return self.value


@dataclass(slots=True)
class OneEuro:
    """The One-Euro filter (Casiez, Roussel, Vogel, CHI 2012): calm when slow, quick when fast.

    `min_cutoff` in Hz, `beta` in Hz per unit of speed; the speed itself is smoothed at 1 Hz."""

    min_cutoff: float
    beta: float
    value: float = 0.0
    target: float = 0.0
    now: float = 0.0
    speed: float = field(default=0.0)

    def aim(self, target: float, now: float) -> None:
        self.advance(now)
        self.target = target

    def leap(self, target: float, now: float) -> None:
        self.value = self.target = target
        self.speed = 0.0
        self.now = now

    def advance(self, now: float) -> float:
        elapsed = now - self.now
        if elapsed < SHORTEST:
            return self.value
        self.now = now
        if self.value == self.target and not self.speed:
            return self.value
        slope = (self.target - self.value) / elapsed
        self.speed += (slope - self.speed) * _weight(1.0, elapsed)
        self.value += (self.target - self.value) * _weight(
            self.min_cutoff + self.beta * abs(self.speed), elapsed
        )
        if abs(self.target - self.value) < STILL:
            self.value, self.speed = self.target, 0.0
        return self.value


def _weight(cutoff: float, elapsed: float) -> float:
    """The weight of a new sample in a first-order low pass of `cutoff` Hz, `elapsed` after the last."""
    turn = 2 * math.pi * cutoff * elapsed
    return turn / (turn + 1)
