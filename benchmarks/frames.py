"""Whether the picture stumbles while the voice speaks.

What runs is a performance at 1920x1080: window, control thread, voice process and recorder as the app
puts them together. The scene is heavy on purpose: small type with six ghosts over each word, which stay.
First the voice fills the page, in bursts, until a silent frame costs COST at least; how many
words and sprites that were is printed. Then it is silent and speaks at 12 words a second in turns, in
one run, so that whatever else the machine does lies on both. After each change of pace some time is left
out, in which words still bloom and lines still rise. Silent means: the process is there, nothing is sampled,
nothing on the page moves. So the ratio holds all that speech brings along: the voice's computing, its
messages, and the drawing of what is new.

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
      - ghosts: {{size: 1.6, count: 6, fade: 300}}
"""
COST = 0.010
"""Seconds of work in a silent frame that make the page full enough."""
BURSTS = 12
FILLING = 40
"""Words a second in a burst."""
PACE = 12
LOOSE = 1000
LATE = 0.020
TURNS = 4
STRETCH = 5.0
"""Seconds of a turn that are counted."""
SETTLING = {0: 2.2, PACE: 1.2, LOOSE: 1.2}
"""Seconds that are left out after a change to this pace."""


class Frame(NamedTuple):
    """When it was begun and when its flip had returned."""

    begun: float
    shown: float


class Timed(Window):
    """A window that writes down its frames."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.frames: list[Frame] = []

    def frame(self) -> bool:
        begun = time.monotonic()
        lit = super().frame()
        self.frames.append(Frame(begun, time.monotonic()))
        return lit


class Crowd(Stage):
    """A stage that tells how much is on it."""

    def __str__(self) -> str:
        return f"{len(self._sheets[-1].composition.placed(self._frame.now))} words, {len(self._frame.sprites)} sprites"


class Running:
    """The performance, drawn stretch by stretch, its pace moved by OSC as from a desk."""

    def __init__(self, show: Show, window: Timed, control: Control, desk: socket.socket) -> None:
        self.window, self.control, self._desk = window, control, desk
        self._where = ("127.0.0.1", performance.port_of(show))

    def pace(self, words: float) -> None:
        self._desk.sendto(build_msg("/installation/voice/voice/pace", [float(words)]).dgram, self._where)

    def stretch(self, seconds: float) -> list[Frame]:
        first = len(self.window.frames)
        performance.draw_for(self.window, self.control, seconds)
        return self.window.frames[first:]

    def turn(self, words: int, seconds: float = STRETCH) -> list[Frame]:
        """A stretch at this pace, without its settling."""
        self.pace(words)
        self.stretch(SETTLING[words])
        return self.stretch(seconds)

    def fill(self) -> float:
        """Let it speak until a silent frame is dear enough; what it costs then, in seconds."""
        performance.draw(self.window, self.control, lambda: performance.speaking(self.control))
        for _ in range(BURSTS):
            self.pace(FILLING)
            self.stretch(1.5)
            dear = cost(self.turn(0, 0.5))
            if dear >= COST:
                return dear
        raise SystemExit(f"not measured: the fullest page costs only {1000 * dear:.1f} ms a frame here")


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
    dear = running.fill()
    print(f"  the scene: {running.window.stage}; a silent frame costs {1000 * dear:.1f} ms")
    silent, speaking = [], []
    for _ in range(TURNS):
        silent.append(running.turn(0))
        speaking.append(running.turn(PACE))
    loose = [running.turn(LOOSE)]
    print(f"  the scene at the end: {running.window.stage}")
    still = shares(silent, "silent")
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
