"""Time as a value that is given. Nobody else in the house asks what time it is."""

from __future__ import annotations

import time
from typing import Protocol

TICK = 1 / 50
"""Seconds between two ticks of the score: tick k has `now = k * TICK` exactly, however late it runs."""


class Clock(Protocol):
    """Seconds since the show began; never runs backwards."""

    def now(self) -> float: ...


class LiveClock:
    """The machine's monotonic clock, counted from its making.

    `origin` is a reading of `time.monotonic()`: processes on one machine share it."""

    def __init__(self, origin: float | None = None) -> None:
        self.origin = time.monotonic() if origin is None else origin

    def now(self) -> float:
        return time.monotonic() - self.origin


class HandClock:
    """A clock moved by hand: film, replay and tests."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def set(self, now: float) -> None:
        """Move on to `now`; going back is a mistake of the programmer."""
        assert now >= self._now, f"time cannot run backwards: {now} < {self._now}"
        self._now = now
