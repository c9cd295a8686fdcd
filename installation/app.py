"""Builds the parts of a running show and joins them."""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import shutil
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from installation.archive.provenance import Provenance, commit
from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import LiveClock
from installation.control import Control
from installation.errors import RecordingError, StageError
from installation.evening import Evening
from installation.filter import Filter
from installation.part import settings_of
from installation.resume import ResumePoint
from installation.show import check
from installation.show.adapters import WEIGHTS
from installation.show.schema import Show
from installation.stage.fonts import FACES, face_path
from installation.stage.stage import Stage
from installation.stage.terminal import Terminal
from installation.stage.window import Display, Inbox, StageReply, Window
from installation.voice.settings import seed_of
from installation.worker import spare_collections

log = logging.getLogger("installation")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for. `perform`: full screen, recorded, errors to the operator only.

    `recordings`: the folder in which to record, None for not at all. `fresh`: no going on from a crash."""

    show: Path
    perform: bool = False
    venue: Path | None = None
    recordings: Path | None = None
    headless: bool = False
    fresh: bool = False
    size: tuple[int, int] | None = None
    seed: int | None = None


class Front(Protocol):
    """What stands before the visitors: a window or a terminal."""

    def run(self) -> None: ...

    def end(self) -> None: ...


def run(asked: Asked) -> int:
    """Play a show until it is ended: 0 when that was on purpose, 1 when something broke."""
    show = check.read(asked.show, CATALOGUE, asked.venue)
    seed = today(show) if asked.seed is None else asked.seed
    clock = LiveClock()
    words = Filter()
    inbox: Inbox = deque(maxlen=100_000)
    outbox: deque[StageReply] = deque(maxlen=100_000)
    several = len(show.voices) > 1
    front = _window(asked, show, clock, words, inbox, outbox) or Terminal(inbox, sys.stdout, several=several)
    point = ResumePoint(Path("state") / f"{_name(show)}.json") if asked.perform else None
    resume = point.read() if point and not asked.fresh else None
    evening = Evening(
        show,
        seed,
        asked.venue,
        fonts=(*typefaces(), *adapters(show)),
        resume=resume,
        save=point.write if point else None,
    )
    recorder = _recorder(asked, show, seed)
    control = Control(evening, clock, inbox, outbox, words.clean, recorder, front.end, words)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: front.end())
    try:
        control.start()
        spare_collections()
        _banner(asked, show, seed, control, front)
        front.run()
    finally:
        control.stop()
        if recorder is not None:
            _discard_empty(recorder.folder)
    if control.failure is not None:
        log.error("the show has broken off: %s", control.failure)
        return 1
    if point is not None:
        point.forget()
    return 0


def today(show: Show) -> int:
    """The seed of this evening, by the venue's own calendar."""
    voice = next(iter(show.voices))
    return seed_of(settings_of(show, voice).seed, datetime.now().astimezone().date())


def provenance(show: Show, seed: int) -> Provenance:
    """Where what this show makes comes from."""
    models = dict.fromkeys(settings_of(show, voice).model for voice in show.voices)
    return Provenance(show.title, show.hash, seed, ", ".join(models), commit=commit())


def adapters(show: Show) -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of the weights of each adapter that the show may wear."""
    settings = [settings_of(show, voice) for voice in show.voices]
    names = dict.fromkeys(name for own in settings for name in (own.adapter, *own.adapters) if name)
    found = []
    for name in names:
        with (show.folder / name / WEIGHTS).open("rb") as file:
            found.append((name, hashlib.file_digest(file, "sha256").hexdigest()))
    return tuple(found)


def typefaces() -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of each typeface that comes with the program."""
    paths = [Path(face_path(face)) for face in FACES]
    return tuple((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths)


def _window(
    asked: Asked, show: Show, clock: LiveClock, words: Filter, inbox: Inbox, outbox: deque[StageReply]
) -> Front | None:
    """The window, or None where there is no display, which is said."""
    if asked.headless:
        return None
    full = show.venue.fullscreen if show.venue.fullscreen is not None else asked.perform
    display = Display(
        size=asked.size or show.venue.size,
        name=show.venue.display,
        full=full and asked.size is None,
        errors=not asked.perform,
        cursor=not asked.perform,
        title=show.title,
        painter=show.venue.painter,
        feedback=show.venue.feedback,
    )
    try:
        return Window(display, inbox, outbox, clock, words.clean, lambda size: Stage(show, size, clock))
    except StageError as error:
        print(f"no display: {error}\nthe words stream here instead; the stage needs a screen", flush=True)
        return None


def _recorder(asked: Asked, show: Show, seed: int) -> Recorder | None:
    """The recording; a performance goes on without one where there is no room for it, and says so."""
    if asked.recordings is None:
        return None
    name = f"{_name(show)}-{time.strftime('%Y%m%d-%H%M%S')}"
    # Begun anew by a supervisor, a show may begin twice within a second.
    twins = (asked.recordings / (f"{name}-{n}" if n else name) for n in itertools.count())
    folder = next(path for path in twins if not path.exists())
    header = provenance(show, seed).fields() | {"begun": datetime.now().astimezone().isoformat()}
    try:
        return Recorder(folder, header, keep_visitors=show.visitors)
    except RecordingError as error:
        if not asked.perform:
            raise
        log.error("NOTHING IS RECORDED: %s", error)
        return None


def _discard_empty(folder: Path) -> None:
    """A show that never began, for a port was taken, leaves no recording, however often it was tried."""
    if not any(path.stat().st_size for path in folder.glob("*.jsonl*")):
        shutil.rmtree(folder, ignore_errors=True)


def _models(show: Show, seed: int) -> dict[str, str]:
    """What speaks, several voices each by its name."""
    models = {name: settings_of(show, name).model for name in show.voices}
    if len(models) == 1:
        return {"model": f"{next(iter(models.values()))}, seed {seed}"}
    told = "; ".join(f"{name} {model}" for name, model in models.items())
    return {"voices": f"{told}; seed {seed}"}


def _name(show: Show) -> str:
    return show.folder.resolve().name or "show"


def _banner(asked: Asked, show: Show, seed: int, control: Control, front: Front) -> None:
    """What runs, on one screen: model, address, port, broker, font, display."""
    rows = {
        "show": f"{show.title}  ({show.file}, {show.hash})",
        **_models(show, seed),
        **{state.name: f"{state.state}  {state.detail}" for state in control.switchboard.states()},
        "font": f"{Path(face_path('roman')).name}",
        "display": str(front),
        "recording": str(control.recorder.folder) if control.recorder else "off",
        "process": f"{os.getpid()}",
    }
    if isinstance(front, Window) and not asked.perform:
        rows["keys"] = "Enter a visitor's line · space GO · Escape panic"
        rows[""] = "F1 operator's panel · F11 full screen · Ctrl+Q end"
    for name, text in rows.items():
        print(f"{name:>10}  {text}")
    print(flush=True)
