"""Film and stills: time waits for the voice and for every frame, so nothing is ever late.

A show plays by itself with a real voice; a recording plays its inputs again. Both are drawn at a fixed
rate, which is not the rate of the evening: `replay` compares frames, a film shows them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from installation.app import provenance, today
from installation.archive import recording
from installation.archive.provenance import Provenance, commit
from installation.catalogue import CATALOGUE
from installation.clock import TICK, HandClock
from installation.conductor import Conductor, is_shown
from installation.errors import Fault, RecordingError, ShowErrors, VoiceError
from installation.messages import Action, Adopt, Steering, Token, VoiceNews
from installation.replay import Performance
from installation.show import check
from installation.show.schema import Show
from installation.stage.film import Film, write_still
from installation.stage.stage import Stage
from installation.voice.catalogue import companies
from installation.voice.process import VoiceProcess

log = logging.getLogger("installation")

FASTEST = 40.0
"""Words a second at most: a voice that speaks as fast as it can has no pace of its own."""
PATIENCE = 120.0
"""Seconds without a sign of the voice after which it is given up."""
LOADING = 900.0
"""The same while it loads: weights may have to come from far."""
STILLS = 10
"""Frames a second on the way to a still: a word blooms in from when it was first drawn."""
SHOW_SECONDS = 30.0
"""Length of a show's film, and moment of a still, where nobody says otherwise."""

Size = tuple[int, int]


class Rehearsal:
    """A show that plays by itself in lockstep: every tick waits until the voice has its look-ahead."""

    def __init__(self, show: Show, seed: int, size: Size) -> None:
        self.conductor = Conductor(show, CATALOGUE, seed, fastest=FASTEST, watched=True)
        self.stage = Stage(show, size, HandClock())
        self.source = provenance(show, seed)
        """Where it comes from; the model's hash is in it once the voice is ready."""
        self._voices: dict[str, VoiceProcess] = {}
        self._ready: set[str] = set()
        self._heard = asyncio.Event()
        self._lost = ""

    async def begin(self) -> None:
        """Load the voices and begin the show. VoiceError where one cannot be loaded."""
        show, conductor = self.conductor.show, self.conductor
        conductor.begin(Adopt(show.hash, show.text, str(show.folder), conductor.seed))
        voices = {name: part.settings.model_dump() for name, part in conductor.parts.items()}
        for company in companies(voices, show.folder):
            process = VoiceProcess(company, show.folder, on_message=self._hear)
            self._voices |= dict.fromkeys(company, process)
            process.start()
        self._carry()
        while len(self._ready) < len(self._voices):
            await self._wait(LOADING)
        while not self.conductor.filled():  # the news took us to the first tick: it shall not come too early
            await self._wait()

    async def frame(self, now: float) -> Stage:
        """The stage at `now`, every tick up to it played."""
        while True:
            while not self.conductor.filled():
                await self._wait()
            if self.conductor.ticks * TICK > now:
                break
            self.conductor.until(self.conductor.ticks * TICK)
            self._carry()
        _draw(self.stage, now)
        return self.stage

    async def end(self) -> None:
        await asyncio.gather(*(process.stop() for process in dict.fromkeys(self._voices.values())))

    async def _wait(self, patience: float = PATIENCE) -> None:
        self._heard.clear()
        try:
            await asyncio.wait_for(self._heard.wait(), patience)
        except TimeoutError:
            raise VoiceError(f"the voice said nothing for {patience:.0f} s") from None
        if self._lost:
            raise VoiceError(self._lost)

    def _hear(self, message: Token | VoiceNews) -> None:
        if isinstance(message, Token):
            self.conductor.token(self.conductor.now, message)
        elif message.state == "ready":
            self._ready.add(message.voice)
            self.source = replace(self.source, model_hash=message.model_hash)
            self.conductor.news(self.conductor.now, message)
        elif message.state != "loading":
            self._lost = message.detail
        self._carry()
        self._heard.set()

    def _carry(self) -> None:
        for message in self.conductor.take():
            if isinstance(message, Steering):
                if message.voice in self._voices:
                    self._voices[message.voice].steer(message)
            elif not isinstance(message, Action) or is_shown(message):
                self.stage.take(message)


def film(
    source: Path, out: Path, size: Size, fps: int, seconds: float | None, venue: Path | None, seed: int | None
) -> None:
    """Render a recording or a show to `out`. InstallationError where it cannot be read, drawn or written."""
    _headless()
    if is_recording(source):
        origin, last = _origin(source)
        whole = max(1, round(min(last, seconds or last) * fps))
        tell = _Progress(whole, out)
        with Film(out, size, fps, origin.fields()) as made:
            for done, stage in enumerate(_frames(source, size, [n / fps for n in range(whole)]), 1):
                made.add(stage.pixels())
                tell(done)
        return
    asyncio.run(_film_show(source, out, size, fps, seconds or SHOW_SECONDS, venue, seed))


def still(
    source: Path,
    out: Path,
    size: Size,
    at: float | None,
    venue: Path | None,
    seed: int | None,
    scene: str = "",
) -> None:
    """The picture at second `at` of a recording or a show, as PNG; a show may begin in another `scene`."""
    _headless()
    if is_recording(source):
        origin, last = _origin(source)
        at = min(SHOW_SECONDS, last) if at is None else at
        if at > last:
            raise RecordingError(f"{source} ends at {last:.1f} s; there is no second {at:g}")
        (stage,) = deque(_frames(source, size, _moments(at)), maxlen=1)
        write_still(out, stage.pixels(), origin.fields() | {"second": f"{at:g}"})
        return
    asyncio.run(_still_show(source, out, size, SHOW_SECONDS if at is None else at, venue, seed, scene))


def is_recording(source: Path) -> bool:
    """A recording's folder, rather than a show's."""
    return (source / "header.json").exists()


async def _film_show(
    source: Path, out: Path, size: Size, fps: int, seconds: float, venue: Path | None, seed: int | None
) -> None:
    rehearsal = _rehearsal(source, size, venue, seed)
    try:
        await rehearsal.begin()
        with Film(out, size, fps, rehearsal.source.fields()) as made:
            tell = _Progress(round(seconds * fps), out)
            for n in range(round(seconds * fps)):
                made.add((await rehearsal.frame(n / fps)).pixels())
                tell(n + 1)
    finally:
        await rehearsal.end()


async def _still_show(
    source: Path, out: Path, size: Size, at: float, venue: Path | None, seed: int | None, scene: str
) -> None:
    rehearsal = _rehearsal(source, size, venue, seed, scene)
    try:
        await rehearsal.begin()
        for moment in _moments(at):
            stage = await rehearsal.frame(moment)
        write_still(out, stage.pixels(), rehearsal.source.fields() | {"second": f"{at:g}"})
    finally:
        await rehearsal.end()


def _rehearsal(source: Path, size: Size, venue: Path | None, seed: int | None, scene: str = "") -> Rehearsal:
    show = check.read(source, CATALOGUE, venue)
    if scene and scene not in show.scenes:
        right = f"there are {', '.join(show.scenes)}"
        raise ShowErrors([Fault(str(show.file), 1, "scenes", f"there is no scene {scene}", right)])
    show = show.model_copy(update={"start": scene or show.start})
    return Rehearsal(show, today(show) if seed is None else seed, size)


def _origin(source: Path) -> tuple[Provenance, float]:
    """Where a recording comes from, and its last second. RecordingError for an empty one."""
    header = recording.read_header(source)
    last, model_hash = -1.0, header.get("model_hash", "")
    for entry in recording.read(source):
        last = max(last, entry.at)
        if isinstance(entry.message, VoiceNews):  # known only once the voice was there
            model_hash = entry.message.model_hash or model_hash
    if last < 0:
        raise RecordingError(f"{source} is empty")
    seed = header.get("seed", "")
    origin = Provenance(
        header.get("title", ""),
        header.get("show", ""),
        int(seed) if seed.isascii() and seed.isdigit() else 0,
        header.get("model", ""),
        model_hash,
        commit(),
    )
    return origin, last


def _frames(source: Path, size: Size, moments: Iterable[float]) -> Iterator[Stage]:
    """The stage at each of `moments`, with everything conducted that came by then."""
    performance = Performance(source)
    steps = performance.steps()
    step = next(steps, None)
    stage: Stage | None = None
    for now in moments:
        while step is not None and step[0].at <= now:
            performance.conduct(step)
            step = next(steps, None)
        performance.until(now)
        stage = stage or Stage(performance.playing.show, size, HandClock())
        while performance.messages:
            stage.take(performance.messages.popleft())
        _draw(stage, now)
        yield stage


def _draw(stage: Stage, now: float) -> None:
    stage.frame(now)
    while stage.told:
        log.warning("%.2f s: %s", now, stage.told.popleft())


def _moments(at: float) -> list[float]:
    return [*(n / STILLS for n in range(round(at * STILLS)) if n / STILLS < at), at]


def _headless() -> None:
    """Drawing needs no window here."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


class _Progress:
    """A line on the terminal while something long is made."""

    def __init__(self, whole: int, out: Path) -> None:
        self._whole, self._out = max(1, whole), out
        self._began = self._told = time.monotonic()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told < 1 and done < self._whole:
            return
        self._told = now
        left = (now - self._began) / done * (self._whole - done)
        end = "\n" if done >= self._whole else ""
        print(
            f"\r{self._out}: frame {done} of {self._whole}, {left:.0f} s to go  ",
            end=end,
            file=sys.stderr,
            flush=True,
        )
