"""Whether the picture stumbles while the voice speaks.

What runs is a performance at 1920x1080: window, control thread, voice process and recorder as the app
puts them together. The scene is heavy on purpose: small type and ghosts that stay. First the voice fills
the page; then, while it is silent, words are given more and more ghosts until a frame costs COST.
How many words and sprites that are is printed. Then it is silent and speaks at 12 words a second in
turns, in one run, so that whatever else the machine does lies on both. After each change of pace some
time is left out, in which words still bloom and lines still rise. Silent means: the process is
there, nothing is sampled, nothing on the page moves. So the ratio holds all that speech brings along:
the voice's computing, its messages, and the drawing of what is new or moves.

A frame's interval runs from its beginning to the next one's. It is late above 20 ms. Beside it stands
the same from flip to flip, which under Xvfb, where nothing waits for a vertical blank, also wanders by
what one frame costs more than the next; a display shows both at its next blank.

    late_ratio = (share of late intervals speaking + 1 %) / (share silent + 1 %)

The one per cent keeps a machine that is never late from dividing nothing by nothing. Printed beside it:
the same with the voice let loose (pace 1000), which takes what the machine has left.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pythonosc.osc_message_builder import build_msg
from rig import performance
from rig.model import model
from rig.screen import screen

from installation.control import Control
from installation.show.schema import Show
from installation.stage.stage import Stage
from installation.stage.window import Window

SIZE = (1920, 1080)
SHOW = """\
title: Frames
format: 1
start: page
voice: {{model: {model}, pace: 0, temperature: 0.8}}
scenes:
  page:
    prompt: the sea at night
    layers:
      - palimpsest: {{size: 3.4, leading: 1.9}}
      - ghosts: {{size: 1.6, count: 0, fade: 300}}
"""
LEAST, COST = 0.009, 0.0095
"""Seconds of work in a silent frame: what the figure is about at least, and what is aimed at."""
FULL = 600
"""Words after which the page holds no more."""
FILLING = 50
"""Words a second until then."""
GHOSTS = 12
"""More a word cannot have."""
PACE = 12
LOOSE = 1000
LATE = 0.020
BUSY = 0.25
"""A larger share of late silent frames: others have the machine, and the ratio goes towards 1 whatever we do."""
TURNS = 3
STRETCH = 6.0
"""Seconds of a turn that are counted."""
SETTLING = {0: 2.2, PACE: 1.2, LOOSE: 1.2}
"""Seconds that are left out after a change to this pace."""


class Frame(NamedTuple):
    """When it was begun and when its flip had returned."""

    begun: float
    shown: float


class Crowd(Stage):
    """A stage that tells how much is on it."""

    @property
    def words(self) -> int:
        return self._page.words

    def __str__(self) -> str:
        placed = self._sheets[-1].columns[0].composition.placed(self._frame.now)
        return f"{len(placed)} words, {len(self._frame.sprites)} sprites"


class Timed(Window):
    """A window that writes down its frames."""

    stage: Crowd

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.frames: list[Frame] = []

    def frame(self) -> bool:
        begun = time.monotonic()
        lit = super().frame()
        self.frames.append(Frame(begun, time.monotonic()))
        return lit


class Running:
    """The performance, drawn stretch by stretch, its pace moved by OSC as from a desk."""

    def __init__(self, show: Show, window: Timed, control: Control, desk: socket.socket) -> None:
        self.window, self.control, self._desk = window, control, desk
        self._where = ("127.0.0.1", performance.port_of(show))

    def move(self, address: str, value: float) -> None:
        self._desk.sendto(build_msg(f"/installation/{address}", [float(value)]).dgram, self._where)

    def stretch(self, seconds: float) -> list[Frame]:
        first = len(self.window.frames)
        performance.draw_for(self.window, self.control, seconds)
        return self.window.frames[first:]

    def turn(self, words: int, seconds: float = STRETCH) -> list[Frame]:
        """A stretch at this pace, without its settling."""
        self.move("voice/voice/pace", words)
        self.stretch(SETTLING[words])
        return self.stretch(seconds)

    def fill(self) -> None:
        """Let it speak until the page is full, and give it ghosts until a silent frame is dear enough."""
        window, stage = self.window, self.window.stage
        performance.draw(window, self.control, lambda: performance.speaking(self.control))
        self.move("voice/voice/pace", FILLING)
        performance.draw(window, self.control, lambda: stage.words >= FULL)
        self.turn(0, 1.0)
        for count in range(GHOSTS + 1):
            self.move("layer/ghosts/count", count)
            self.stretch(0.4)
            if cost(self.stretch(0.6)) >= COST:
                return
        raise SystemExit("not measured: the fullest page costs less than 9.5 ms a frame on this machine")


def cost(frames: Sequence[Frame]) -> float:
    """Seconds of work in the median frame, showing it included."""
    return statistics.median(frame.shown - frame.begun for frame in frames)


def late(moments: Sequence[Sequence[float]]) -> float:
    """The share of late intervals; each stretch's moments apart."""
    intervals = [after - before for stretch in moments for before, after in pairwise(stretch)]
    return sum(interval > LATE for interval in intervals) / len(intervals)


def shares(turns: Sequence[Sequence[Frame]], title: str) -> float:
    """The share of late frames over all turns, printed with what a frame costs."""
    begun = late([[frame.begun for frame in turn] for turn in turns])
    shown = late([[frame.shown for frame in turn] for turn in turns])
    works = sorted(frame.shown - frame.begun for turn in turns for frame in turn)
    p50, p99 = (1000 * works[round(part * (len(works) - 1))] for part in (0.5, 0.99))
    print(
        f"  {title:18} {100 * begun:6.2f} % late (flip to flip {100 * shown:6.2f} %) of {len(works)} frames; "
        f"a frame costs {p50:.1f} ms, p99 {p99:.1f} ms"
    )
    return begun


def ratio(speaking: float, silent: float) -> float:
    return (speaking + 0.01) / (silent + 0.01)


def measure(running: Running) -> float:
    """All turns, printed; the ratio."""
    running.fill()
    print(f"  the scene: {running.window.stage}")
    silent, speaking = [], []
    for _ in range(TURNS):
        silent.append(running.turn(0))
        speaking.append(running.turn(PACE))
    loose = [running.turn(LOOSE)]
    print(f"  the scene at the end: {running.window.stage}")
    if statistics.median(cost(turn) for turn in silent) < LEAST:
        raise SystemExit("not measured: the machine grew quicker and a silent frame costs less than 9 ms")
    still = shares(silent, "silent")
    if still > BUSY:
        raise SystemExit("not measured: the machine is too busy, even silent frames are late")
    spoken = shares(speaking, f"{PACE} words/s")
    headlong = shares(loose, "let loose")
    print(f"  let loose the ratio is {ratio(headlong, still):.2f}")
    return ratio(spoken, still)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as temporary,
        screen(SIZE) as display,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk,
    ):
        folder = Path(temporary)
        name, which = model(folder / "model")
        print(f"{performance.machine()}; {display}; {which}")
        show = performance.opened(folder / "show", SHOW.format(model=name))
        with performance.performed(show, SIZE, window=Timed, stage=Crowd) as (window, control):
            figure = measure(Running(show, window, control, desk))
    print(f"figure late_ratio {figure:.2f}")


if __name__ == "__main__":
    main()
