"""What one frame costs: six layers, 250 words, 1920x1080, the software painter, one core.

A made-up voice with an inner life fills the page and speaks on at PACE words a second, so that the page
rises by a line most of the time: the dear case. Counted is the processor's time of `Stage.frame` (with the
collector set as in a show): the messages taken in, layout, every layer, the frame, the painter; not the
display's. Every APART-th of these frames is also painted by the plain painter (rig/plain.py), which keeps
nothing from frame to frame; only its painting is counted against ours, not the layers' work.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pygame
from rig.emitting import ANEW, SPRITES, measured
from rig.performance import machine
from rig.plain import PlainPainter
from rig.scene import Speech, begun, opened

from installation.stage.stage import Stage
from installation.worker import spare_collections

SIZE = (1920, 1080)
PACE, FPS = 6, 60
FULL = 420
"""Words after which the page is full."""
SETTLING, SECONDS = 5.0, 14.0
APART = 40
"""Frames from one that is painted the plain way to the next."""


class Running:
    """The stage and its voice, frame after frame."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self._speech = stage, Speech()
        self._now, self._due = 0.0, 0.0

    def fill(self) -> None:
        while self._speech.said < FULL:
            self._due = 1.0
            self.step(0.15)

    def step(self, seconds: float = 1 / FPS, pace: float = PACE) -> float:
        """One frame later; its milliseconds of processor time."""
        self._now += seconds
        self._due += pace * seconds
        while self._due >= 1:
            self._due -= 1
            for message in self._speech.word():
                self.stage.take(message)
        begun = time.process_time()
        self.stage.frame(self._now)
        return 1000 * (time.process_time() - begun)

    def run(self, seconds: float, pace: float = PACE) -> list[float]:
        return [self.step(pace=pace) for _ in range(round(seconds * FPS))]

    @property
    def words(self) -> int:
        """How many stand on the wall."""
        return len(self.stage._sheets[-1].columns[0].composition.placed(self._now))


def told(title: str, costs: list[float]) -> None:
    costs = sorted(costs)
    p50, p90, p99 = (costs[round(part * (len(costs) - 1))] for part in (0.5, 0.9, 0.99))
    print(f"  {title:20} p50 {p50:.1f} ms, p90 {p90:.1f}, p99 {p99:.1f} of {len(costs)} frames")


def compared(running: Running) -> tuple[list[float], list[float]]:
    """Milliseconds of every frame, ours, and of some, the plain way."""
    plain = PlainPainter(SIZE)
    ours, theirs, apart = [], [], []
    for n in range(round(SECONDS * FPS)):
        ours.append(running.step())
        if n % APART == 0:
            begun = time.process_time()
            plain.paint(running.stage._frame)
            theirs.append(1000 * (time.process_time() - begun))
            one = pygame.surfarray.pixels3d(running.stage.surface).astype(np.int16)
            apart.append(float(np.abs(one - pygame.surfarray.pixels3d(plain.surface)).mean()))
    print(f"  the two pictures differ by {statistics.mean(apart):.2f} of 255 in the mean")
    return ours, theirs


def emit() -> None:
    """What a frame for the graphics card costs the processor, where OpenGL without a window is to be had."""
    try:
        cost = measured(SIZE)
    except Exception as error:  # noqa: BLE001  moderngl raises it bare
        print(f"  gpu_emit_ms is not measured: {error}")
        return
    print(f"  {SPRITES} words for the graphics card: {cost.anew:.2f} ms where {ANEW} are others than before,")
    print(
        f"  {cost.same:.2f} ms where none is; the frame read into a table, for either painter: {cost.table:.2f} ms"
    )
    print(f"figure gpu_emit_ms {cost.anew:.2f}")


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        running = Running(begun(opened(Path(folder)), SIZE))
        running.fill()
        spare_collections()
        running.run(SETTLING)
        ours, theirs = compared(running)
        print(f"  {running.words} words, {len(running.stage._frame.sprites)} sprites, six layers")
        told(f"{PACE} words/s", ours)
        told("the plain way", theirs)
        running.run(4.0, 0)
        told("silent", running.run(4.0, 0))
        running.run(2.0, 12)
        told("12 words/s", running.run(4.0, 12))
    emit()
    print(f"figure frame_ms_median {statistics.median(ours):.2f}")
    print(f"figure frame_vs_naive {statistics.median(theirs) / statistics.median(ours):.1f}")


if __name__ == "__main__":
    main()
