"""A show being performed: window, control thread, voice process and recorder, put together as the app does it."""

from __future__ import annotations

import os
import platform
import re
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pygame

from installation.app import provenance
from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import LiveClock
from installation.conductor import Conductor
from installation.control import Control
from installation.evening import Evening
from installation.filter import Filter
from installation.messages import FrameMark, Signal
from installation.show import check
from installation.show.schema import Show
from installation.stage.stage import Stage
from installation.stage.window import Display, Inbox, Window
from installation.worker import spare_collections

TIDE = Path(__file__).parents[2] / "shows" / "tide"
SEED = 7
PATIENCE = 120.0
"""Seconds after which what was waited for never comes."""

W = TypeVar("W", bound=Window)


def adapted(folder: Path, lines: Mapping[str, str]) -> Show:
    """The default show in `folder`, listening on a free port of its own.

    `lines`: what a line that begins with this (indent and key) reads instead. It must be there once."""
    text = (TIDE / "show.yaml").read_text(encoding="utf-8")
    for beginning, line in lines.items():
        found = re.findall(rf"^{re.escape(beginning)}.*$", text, flags=re.MULTILINE)
        if len(found) != 1:
            raise SystemExit(
                f"not measured: {len(found)} lines of {TIDE / 'show.yaml'} begin with {beginning!r}"
            )
        text = text.replace(found[0], line)
    (folder / "texts").mkdir(parents=True)
    for prompt in (TIDE / "texts").iterdir():
        (folder / "texts" / prompt.name).write_bytes(prompt.read_bytes())
    return opened(folder, text)


def opened(folder: Path, text: str) -> Show:
    """The show that reads `text`, in `folder`, listening on a free port of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "show.yaml").write_text(text, encoding="utf-8")
    (folder / "venue.yaml").write_text(f"listen: 127.0.0.1:{free_port()}\nbroker: none\n", encoding="utf-8")
    return check.read(folder, CATALOGUE)


def port_of(show: Show) -> int:
    """Where it listens."""
    return int(show.venue.listen.rpartition(":")[2])


def free_port() -> int:
    """A UDP port that nobody listens on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


class Desk(Control):
    """The control thread around a conductor that somebody listens to."""

    def __init__(self, conductor: Callable[..., Conductor], evening: Evening, *parts: Any) -> None:
        super().__init__(evening, *parts)
        self.conductor = conductor(evening.show, CATALOGUE, evening.seed, self._write)


@contextmanager
def performed(
    show: Show,
    size: tuple[int, int],
    *,
    window: Callable[..., W],
    stage: Callable[..., Stage] = Stage,
    conductor: Callable[..., Conductor] = Conductor,
) -> Iterator[tuple[W, Control]]:
    """The show, begun; the caller draws frame after frame. SystemExit where it breaks off."""
    clock, words = LiveClock(), Filter()
    inbox: Inbox = deque(maxlen=100_000)
    outbox: deque[Signal | FrameMark] = deque(maxlen=100_000)
    display = Display(size=size, errors=False, cursor=False, title=show.title)
    opened = window(display, inbox, outbox, clock, words.clean, lambda wanted: stage(show, wanted, clock))
    if opened.size != size:
        raise SystemExit(f"not measured: the window is {opened.size}, not {size}")
    recorder = Recorder(show.folder / "recording", provenance(show, SEED).fields())
    control = Desk(conductor, Evening(show, SEED, watch=False), clock, inbox, outbox, words.clean, recorder)
    control.start()
    spare_collections()
    try:
        yield opened, control
        if control.failure is not None:
            raise SystemExit(f"not measured: the show broke off: {control.failure}")
    finally:
        control.stop()
        pygame.display.quit()


def draw(window: Window, control: Control, until: Callable[[], bool]) -> None:
    """Frame after frame until `until()`. SystemExit where that takes too long or the show breaks off."""
    end = window.clock.now() + PATIENCE
    while not until():
        window.frame()
        window.pace.wait()
        if not control.running:
            raise SystemExit(f"not measured: the show broke off: {control.failure}")
        if window.clock.now() > end:
            state = control.conductor.status().voices[0]
            raise SystemExit(f"not measured: the voice is {state.state} ({state.detail})")


def speaking(control: Control) -> bool:
    """Whether the voice itself has the word: not while it loads and its understudy speaks."""
    return all(part.speaker == part.name for part in control.conductor.parts.values())


def draw_for(window: Window, control: Control, seconds: float) -> None:
    """Frame after frame for so long."""
    end = window.clock.now() + seconds
    draw(window, control, lambda: window.clock.now() >= end)


def machine() -> str:
    """Where this was measured, in words."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores{load}"
