"""A running show whose voice is shot, and the time until there are words again; see understudy.py."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import LiveClock
from installation.control import Control
from installation.evening import Evening
from installation.filter import Filter
from installation.messages import Steering, Token, VoiceNews, Word
from installation.part import understudy_of
from installation.show import check
from installation.voice.catalogue import NUMPY
from installation.voice.process import VoiceProcess

KILLS, HOUSE_KILLS, STARTS = 20, 3, 10
PATIENCE = 120.0  # seconds after which something must have gone wrong
UNDERSTUDY = {"model": "house", "device": NUMPY}
THEIRS = understudy_of("voice")
SHOW = """\
title: Shot
format: 1
start: a
voice: {{model: '{model}', {settings} seed: 7}}
scenes:
  a: {{prompt: the sea at night, layers: [palimpsest]}}
"""


class Wall(Recorder):
    """A recording that is watched as it is written: each line with its time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {"title": "Shot", "show": "", "seed": "7", "model": ""})
        self.lines: list[tuple[float, Any]] = []
        self._turned = threading.Condition()

    def write(self, at: float, message: Any) -> None:
        super().write(at, message)
        with self._turned:
            self.lines.append((time.perf_counter(), message))
            self._turned.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        with self._turned:
            if not self._turned.wait_for(true, PATIENCE):
                raise SystemExit("not measured: the show stands still")

    def heard(self, kind: type[Any], voice: str, since: int = 0) -> list[tuple[float, Any]]:
        return [(at, m) for at, m in self.lines[since:] if isinstance(m, kind) and m.voice == voice]


class Night:
    """A running show whose voice is shot."""

    def __init__(self, control: Control, wall: Wall) -> None:
        self.control, self.wall = control, wall

    def comes(self, who: str) -> None:
        self.wall.until(lambda: any(m.state == "ready" for _, m in self.wall.heard(VoiceNews, who)))

    def speaks(self, tokens: int) -> None:
        """Wait until the voice itself has the word and has given so many tokens more."""
        part, start = self.control.conductor.parts["voice"], len(self.wall.lines)
        self.wall.until(
            lambda: part.speaker == "voice" and len(self.wall.heard(Token, "voice", start)) >= tokens
        )

    def shoot(self) -> float:
        """Kill the voice; seconds until the first word of the understudy's."""
        voice, start, shot = self.control.voices["voice"], len(self.wall.lines), time.perf_counter()
        os.kill(voice.pid, signal.SIGKILL)
        self.wall.until(lambda: bool(self.wall.heard(Token, THEIRS, start)))
        first = self.wall.heard(Token, THEIRS, start)[0][1].n

        def words() -> list[float]:
            return [at for at, word in self.wall.heard(Word, "voice", start) if word.last >= first]

        self.wall.until(lambda: bool(words()))
        voice._falls = 0  # else it would wait longer each time before it comes back
        return words()[0] - shot


@contextmanager
def night(model: str, settings: str) -> Iterator[Night]:
    with tempfile.TemporaryDirectory() as place, socket.socket(type=socket.SOCK_DGRAM) as probe:
        folder = Path(place)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        (folder / "script.txt").write_text(" ".join(f"w{n}{',.'[n % 9 == 8]}" for n in range(20_000)))
        (folder / "show.yaml").write_text(SHOW.format(model=model, settings=settings))
        (folder / "venue.yaml").write_text(f"listen: 127.0.0.1:{port}\n")
        show = check.read(folder / "show.yaml", CATALOGUE)
        evening = Evening(show, 7, watch=False, understudies={"voice": UNDERSTUDY})
        wall = Wall(folder / "recording")
        control = Control(evening, LiveClock(), deque(maxlen=1000), deque(), Filter().clean, wall)
        control.start()
        try:
            yield Night(control, wall)
        finally:
            control.stop()


def words_again() -> float:
    """Milliseconds, the median of KILLS."""
    with night("script:script.txt", "pace: 20, look_ahead: 1,") as it:
        it.comes(THEIRS)
        times = []
        for _ in range(KILLS):
            it.speaks(10)
            times.append(1000 * it.shoot())
    print(f"words again, ms: {' '.join(f'{ms:.0f}' for ms in sorted(times))}")
    return statistics.median(times)


def house_killed() -> None:
    """Print how long the wall is silent when the house model by torch is killed."""
    with night("house", "device: cpu,") as it:
        it.speaks(40)
        for _ in range(HOUSE_KILLS):
            it.shoot()
            it.speaks(20)
        words = it.wall.heard(Word, "voice")
        lost = [at for at, m in it.wall.heard(VoiceNews, "voice") if m.state == "lost"]
        back = [at for at, m in it.wall.heard(VoiceNews, "voice") if m.state == "ready"][1:]
    first = words[0][0]
    gaps = [later[0] - sooner[0] for sooner, later in itertools.pairwise(words)]
    away = [
        max(gap for gap, (at, _) in zip(gaps, words[1:], strict=False) if gone <= at <= gone + 5)
        for gone in lost
    ]
    print(
        f"the house model by torch, killed {HOUSE_KILLS} times at 4 words/s: back after "
        f"{' '.join(f'{b - a:.1f}' for a, b in zip(lost, back, strict=False))} s; longest silence between "
        f"words in the 5 s after each kill {' '.join(f'{gap:.2f}' for gap in away)} s, in the whole "
        f"{words[-1][0] - first:.0f} s {max(gaps):.2f} s, median {statistics.median(gaps):.2f} s"
    )


async def up() -> float:
    """Milliseconds from asking for the process to its first token, the median of STARTS."""
    times = []
    for _ in range(STARTS):
        came = asyncio.Event()

        def hear(message: Token | VoiceNews, came: asyncio.Event = came) -> None:
            if isinstance(message, Token):
                came.set()

        process = VoiceProcess({THEIRS: UNDERSTUDY}, Path(), on_message=hear, nice=5)
        asked = time.perf_counter()
        process.start()
        process.steer(Steering(THEIRS, 1, 1, prompt="the sea at night", turn=1))
        await asyncio.wait_for(came.wait(), PATIENCE)
        times.append(1000 * (time.perf_counter() - asked))
        await process.stop()
    print(f"up, ms: {' '.join(f'{ms:.0f}' for ms in sorted(times))}")
    return statistics.median(times)
