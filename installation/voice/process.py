"""The voice's own process: what runs in it, and the show's end of it."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.errors import VoiceError
from installation.messages import Steering, Token, VoiceNews
from installation.voice.catalogue import kind_of, make
from installation.voice.voice import Prepares, Voice
from installation.worker import Worker

if TYPE_CHECKING:
    import asyncio  # what a child does not need, it does not wait for

_CHECKS = 4  # looks at a silent child before it is given up; counted, so a sleeping laptop counts once


class VoiceProcess:
    """Keeps one voice speaking: begins its process, notices its death, begins it again.

    Lives on an asyncio loop. `on_message` is called with each Token and VoiceNews, in order. A new
    process (news: `loading`) knows nothing, so the owner steers anew, in a new turn. With `nice` it
    leaves the processor to others (POSIX). Seconds: `patience` without a token though there is
    credit, `loading` without being ready; `waits` first and longest before a dead voice comes back,
    `retries` before one that could not load tries again.
    """

    def __init__(
        self,
        name: str,
        settings: Mapping[str, Any],
        folder: Path,
        *,
        on_message: Callable[[Token | VoiceNews], None],
        nice: int = 0,
        patience: float = 30.0,
        loading: float = 900.0,
        waits: tuple[float, float] = (0.25, 5.0),
        retries: tuple[float, float] = (10.0, 120.0),
    ) -> None:
        self.name = name
        self._settings = dict(settings)
        self._folder = folder
        self._on_message = on_message
        self._nice = nice
        self._patience, self._loading = patience, loading
        self._waits, self._retries = waits, retries
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._worker: Worker | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._steering: Steering | None = None
        self._next = 0  # number of the token that is due
        self._ready = False
        self._ready_at = 0.0
        self._falls = 0  # deaths in a row
        self._failed = False  # it told of an error itself
        self._quiet = 0  # checks without a sign of life
        self._excused = False  # it has said itself that it cannot speak for now

    @property
    def pid(self) -> int:
        """The process id of the voice, 0 while there is none."""
        return self._worker.pid if self._worker else 0

    def start(self) -> None:
        """Begin the process; takes some milliseconds, the model loads on its own time."""
        self._steering = None
        self._ready = self._failed = self._excused = False
        self._quiet = 0
        threads = 1 if self._nice else max(1, _cores() - 1)
        try:
            self._worker = Worker(
                speak,
                (self.name, self._settings, self._folder, threads, self._nice),
                on_message=self._hear,
                on_death=self._mourn,
                name=f"voice {self.name}",
            )
        except OSError as error:  # no memory or no process left just now
            self._fall(f"could not be begun ({error})")
            return
        self._on_message(VoiceNews(self.name, "loading"))
        self._watch_after(self._loading)

    def steer(self, steering: Steering) -> None:
        """Let the voice have its newest Steering; it hears it before its next token."""
        before = self._steering
        if before is None or steering.turn != before.turn:
            self._next = steering.first
        elif steering.take != before.take:
            self._next = min(self._next, steering.keep)
        if before is None or self._next >= before.credit:
            self._quiet = 0
        self._steering = steering
        if self._worker:
            self._worker.send(steering)

    async def stop(self, grace: float = 1.0) -> None:
        """End the voice for good: `grace` seconds to end itself, then by force."""
        if self._timer:
            self._timer.cancel()
        if self._worker:
            worker, self._worker = self._worker, None
            await worker.stop(grace)

    def _hear(self, message: Token | VoiceNews) -> None:
        self._quiet = 0
        self._excused = isinstance(message, VoiceNews) and message.state == "lost"
        if isinstance(message, Token):
            if self._steering and message.take == self._steering.take:
                self._next = message.n + 1
        elif message.state == "ready":
            self._ready, self._ready_at = True, self._loop.time()
            self._watch_after(self._patience)
        elif message.state == "error":
            self._failed = True
        self._on_message(message)

    def _watch_after(self, patience: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(patience / _CHECKS, self._watch, patience)

    def _watch(self, patience: float) -> None:
        """Kill a child that owes us something and gave no sign for `patience` seconds."""
        owing = not self._ready or (self._steering is not None and self._next < self._steering.credit)
        owing = owing and not self._excused
        self._quiet = self._quiet + 1 if owing else 0
        if self._quiet >= _CHECKS and self._worker:
            self._worker.kill()
        else:
            self._watch_after(patience)

    def _mourn(self, code: int) -> None:
        self._worker = None
        self._fall("gave no sign of life and was ended" if self._quiet >= _CHECKS else _death(code))

    def _fall(self, how: str) -> None:
        """The process is gone: tell, and begin another after a wait that grows."""
        if self._timer:
            self._timer.cancel()
        if self._ready and self._loop.time() - self._ready_at > self._patience:
            self._falls = 0
        least, most = self._retries if self._failed and not self._ready else self._waits
        wait = min(most, least * 2.0 ** min(self._falls, 20))
        self._falls += 1
        if not self._failed:
            detail = f"the voice {self.name} {how}; it comes back in {wait:.2g} s"
            self._on_message(VoiceNews(self.name, "lost", detail))
        self._timer = self._loop.call_later(wait, self.start)


def _death(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    name = signal.Signals(-code).name if -code in signal.valid_signals() else f"signal {-code}"
    return f"was ended by {name}"


def _cores() -> int:
    """Processors that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def speak(
    pipe: Connection,
    name: str,
    settings: Mapping[str, Any],
    folder: Path,
    threads: int,
    nice: int = 0,
) -> None:
    """What the child does: load, then speak on credit until the pipe ends. Errors are told, then it ends."""
    # Read by the libraries under torch as they load; drawing keeps one core for itself.
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    try:
        voice = make(settings, name, folder)
        news = voice.load()
        if nice and hasattr(os, "nice"):
            os.nice(nice)  # not sooner: words may be waited for
        pipe.send(replace(news, can=news.can or kind_of(settings, folder).can))
        _speak_on(pipe, voice)
    except VoiceError as error:
        detail = str(error)
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the show has ended
        return
    except Exception as error:  # noqa: BLE001  the edge of the process: a model may raise anything
        traceback.print_exc()
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:400]
    pipe.send(VoiceNews(name, "error", detail))
    raise SystemExit(1)


def _speak_on(pipe: Connection, voice: Voice) -> None:
    """Token after token below the credit; the newest Steering is heard before each."""
    credit, turn = 0, -1
    while True:
        newest: Steering | None = None
        while pipe.poll() or (newest is None and (turn < 0 or voice.n >= credit)):
            if turn >= 0 and not pipe.poll() and isinstance(voice, Prepares) and voice.prepare():
                continue
            newest = pipe.recv()
        if newest is not None:
            if newest.turn != turn:
                voice.begin(newest.text, newest.first)
            voice.steer(newest)
            credit, turn = newest.credit, newest.turn
        if voice.n < credit:
            message = voice.next()
            if message is not None:
                pipe.send(message)
