"""The show's end of the voices' own process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.messages import Steering, Token, VoiceNews
from installation.voice.booth import speak
from installation.worker import Worker

if TYPE_CHECKING:
    import asyncio  # what a child does not need, it does not wait for

_CHECKS = 4  # looks at a silent child before it is given up; counted, so a sleeping laptop counts once


class Owed:
    """What one voice was asked for, and whether it owes a token."""

    def __init__(self) -> None:
        self._steering: Steering | None = None
        self._next = 0  # number of the token that is due
        self._excused = False  # it has said itself that it cannot speak for now

    @property
    def owing(self) -> bool:
        """Whether a token is due."""
        return not self._excused and self._steering is not None and self._next < self._steering.credit

    def steer(self, steering: Steering) -> None:
        """It is asked for this from now on."""
        before, self._steering = self._steering, steering
        if before is None or steering.turn != before.turn:
            self._next = steering.first
        elif steering.take != before.take:
            self._next = min(self._next, steering.keep)

    def hear(self, message: Token | VoiceNews) -> None:
        """It has given a token, or told of itself."""
        self._excused = isinstance(message, VoiceNews) and message.state == "lost"
        if isinstance(message, Token) and self._steering and message.take == self._steering.take:
            self._next = message.n + 1


class VoiceProcess:
    """Keeps voices speaking: begins their process, notices its death, begins it again.

    `voices` are their settings by name: one voice, or several of one model (catalogue.companies), which
    then take their steps together. Lives on an asyncio loop. `on_message` is called with each Token and
    VoiceNews, in order; what happens to the process is news of each voice. A new process (news:
    `loading`) knows nothing, so the owner steers anew, in a new turn. With `nice` it leaves the processor
    to others (POSIX). Seconds: `patience` without a token though there is credit, `loading` without being
    ready; `waits` first and longest before dead voices come back, `retries` before those that could not
    load try again.
    """

    def __init__(
        self,
        voices: Mapping[str, Mapping[str, Any]],
        folder: Path,
        *,
        on_message: Callable[[Token | VoiceNews], None],
        nice: int = 0,
        patience: float = 30.0,
        loading: float = 900.0,
        waits: tuple[float, float] = (0.25, 5.0),
        retries: tuple[float, float] = (10.0, 120.0),
    ) -> None:
        self.names = tuple(voices)
        self._voices = {name: dict(settings) for name, settings in voices.items()}
        self._folder = folder
        self._on_message = on_message
        self._nice = nice
        self._patience, self._loading = patience, loading
        self._waits, self._retries = waits, retries
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._worker: Worker | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._owed: dict[str, Owed] = {}
        self._ready = False
        self._ready_at = 0.0
        self._falls = 0  # deaths in a row
        self._failed = False  # it told of an error itself
        self._quiet = 0  # checks without a sign of life

    @property
    def pid(self) -> int:
        """The process id of the voices, 0 while there is none."""
        return self._worker.pid if self._worker else 0

    def start(self) -> None:
        """Begin the process; takes some milliseconds, the model loads on its own time."""
        self._owed = {name: Owed() for name in self.names}
        self._ready = self._failed = False
        self._quiet = 0
        threads = 1 if self._nice else max(1, _cores() - 1)
        try:
            self._worker = Worker(
                speak,
                (self._voices, self._folder, threads, self._nice),
                on_message=self._received,
                on_death=self._mourn,
                name=_called(self.names),
            )
        except OSError as error:  # no memory or no process left just now
            self._fall(f"could not be begun ({error})")
            return
        self._tell("loading")
        self._watch_after(self._loading)

    def steer(self, steering: Steering) -> None:
        """Let a voice have its newest Steering; it hears it before its next token."""
        owed = self._owed.setdefault(steering.voice, Owed())
        if not any(each.owing for each in self._owed.values()):
            self._quiet = 0
        owed.steer(steering)
        if self._worker:
            self._worker.send(steering, steering.voice)

    async def stop(self, grace: float = 1.0) -> None:
        """End the voices for good: `grace` seconds to end itself, then by force."""
        if self._timer:
            self._timer.cancel()
        if self._worker:
            worker, self._worker = self._worker, None
            await worker.stop(grace)

    def _received(self, messages: Token | VoiceNews | tuple[Token | VoiceNews, ...]) -> None:
        """What the process sent: a message, or those of one step."""
        for message in messages if isinstance(messages, tuple) else (messages,):
            self._hear(message)

    def _hear(self, message: Token | VoiceNews) -> None:
        self._quiet = 0
        self._owed[message.voice].hear(message)
        if isinstance(message, VoiceNews):
            if message.state == "ready" and not self._ready:
                self._ready, self._ready_at = True, self._loop.time()
                self._watch_after(self._patience)
            self._failed = self._failed or message.state == "error"
        self._on_message(message)

    def _tell(self, state: str, detail: str = "") -> None:
        for name in self.names:
            self._on_message(VoiceNews(name, state, detail))

    def _watch_after(self, patience: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(patience / _CHECKS, self._watch, patience)

    def _watch(self, patience: float) -> None:
        """Kill a child that owes us something and gave no sign for `patience` seconds."""
        owing = not self._ready or any(owed.owing for owed in self._owed.values())
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
            they = "it comes" if len(self.names) == 1 else "they come"
            self._tell("lost", f"the {_called(self.names)} {how}; {they} back in {wait:.2g} s")
        self._timer = self._loop.call_later(wait, self.start)


def _called(names: Sequence[str]) -> str:
    return f"voice {names[0]}" if len(names) == 1 else f"voices {', '.join(names)}"


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
