"""The background thread: one asyncio loop around the conductor, with ports, voices and recorder.

It ticks fifty times a second, hands what comes in to the conductor in its order, and carries what
follows to where it belongs. Whatever it talks to may fail; it goes on. What it must not do is decide
on in doubt: an error in the score or in speech ends the evening, and a supervisor begins it anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import TICK, Clock
from installation.conductor import Conductor, is_shown
from installation.evening import Evening, understudies
from installation.filter import Filter
from installation.messages import (
    Action,
    Adopt,
    FrameMark,
    Signal,
    StageMessage,
    Status,
    Steering,
    Token,
    VoiceNews,
)
from installation.promptbook import editions, waits_for_a_start
from installation.score.telling import line
from installation.show.schema import Show
from installation.switchboard import Switchboard
from installation.voice.catalogue import companies
from installation.voice.process import VoiceProcess

log = logging.getLogger("installation")

STATUS_EVERY = 0.1
"""Seconds between two Status messages, at least."""
SAVE_EVERY = 5.0
"""Seconds between two resume points; a new scene does not wait for them."""
TOLD_FOR = 30.0
"""Seconds for which Status repeats what went wrong once."""
POLITE = 5
"""How far an understudy leaves the processor to others (POSIX nice); it has little to do."""
EARLY = 1000
"""Signals at most that wait for the show to begin; the newest count."""
TICKS_AT_ONCE = 50
"""So many ticks are made up for, after a sleep of the machine, before other work has its turn."""


class Control:
    """Runs one evening in a thread of its own. `inbox` goes to the stage, `outbox` comes from it; a text
    in it is a sentence for the operator."""

    def __init__(
        self,
        evening: Evening,
        clock: Clock,
        inbox: deque[StageMessage | Show],
        outbox: deque[Signal | FrameMark | str],
        clean: Callable[[str], str | None],
        recorder: Recorder | None = None,
        on_end: Callable[[], None] = lambda: None,
        words: Filter | None = None,
    ) -> None:
        self.evening, self.clock, self.recorder = evening, clock, recorder
        self.inbox, self.outbox, self._on_end = inbox, outbox, on_end
        self.conductor = Conductor(evening.show, CATALOGUE, evening.seed, self._write, words=words)
        self.switchboard = Switchboard(evening.show, clock, self._signals, clean)
        self.voices: dict[str, VoiceProcess] = {}
        """The process in which each voice speaks, understudies among them; several may share one."""
        self.failure: BaseException | None = None
        self.faults: dict[str, tuple[str, float]] = {}
        """What is wrong, by what it is about: a sentence, and the time until which Status tells it."""
        self._early: deque[Signal] = deque(maxlen=EARLY)
        self._status = Status(-1.0)
        self._ready = threading.Event()
        self._stop, self._turned = asyncio.Event(), asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        if recorder is not None:
            recorder.on_stop = partial(self.tell, "recording")

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin, and wait until the ports are open. Raises what kept them shut."""
        self._thread.start()
        self._ready.wait()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """End the voices, close the ports, write the recording to its end; some seconds at most."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just closed by itself
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(3)
        if self._thread.is_alive():
            log.error("the control thread does not end and is left behind")
        if self.recorder is not None:
            self.recorder.close()

    def tell(self, about: str, sentence: str, seconds: float = math.inf) -> None:
        """Let the operator know what is wrong, for so long; `` is all right again. Safe from any thread."""
        if sentence and sentence != self.faults.get(about, ("", 0.0))[0]:
            log.warning("%s", sentence)
        self.faults[about] = (sentence, self.clock.now() + seconds)

    def _run(self) -> None:
        try:
            asyncio.run(self._evening())
        except BaseException as error:  # the edge of the thread: whoever started it must hear
            self.failure = self.failure or error
            if self._ready.is_set():
                log.exception("the control thread has ended")
        finally:
            self._ready.set()
            self._on_end()

    async def _evening(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.switchboard.open()
        try:
            self._begin()
            self._ready.set()
            if self._early:
                self._signals([*self._early])
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._tick()), tasks.create_task(self._keep())]
                if self.evening.watch:
                    running.append(tasks.create_task(self._watch()))
                await self._stop.wait()
                for task in running:
                    task.cancel()
        finally:
            voices = [process.stop(0.4) for process in dict.fromkeys(self.voices.values())]
            await asyncio.gather(*voices, self.switchboard.close())

    @contextlib.contextmanager
    def _vital(self) -> Iterator[None]:
        """What fails in here ends the evening, even in a port's or a pipe's callback, where it would
        only be logged: a score that has lost count must not go on."""
        try:
            yield
        except Exception as error:
            log.exception("the show cannot go on")
            self.failure = self.failure or error
            self._stop.set()

    def _begin(self) -> None:
        show, resume = self.evening.show, self.evening.resume or {}
        score = resume.get("score")
        for name, text in resume.get("text", {}).items():
            if name in self.conductor.parts:
                self.conductor.parts[name].speech.remember(str(text))
        self.conductor.begin(self._adopt(show, score), score)
        settings = {name: part.settings for name, part in self.conductor.parts.items()}
        own = {name: settings[name].model_dump() for name in show.voices}
        for voices, nice in ((own, 0), (understudies(self.evening, settings), POLITE)):
            for company in companies(voices, show.folder):
                process = VoiceProcess(company, show.folder, on_message=self._heard, nice=nice)
                self.voices |= dict.fromkeys(company, process)
        for process in dict.fromkeys(self.voices.values()):
            process.start()
        self._carry()

    async def _tick(self) -> None:
        while True:
            with self._vital():
                now = self.clock.now()
                self._stage_replies()
                due = (self.conductor.ticks + TICKS_AT_ONCE) * TICK
                self.conductor.until(min(now, due))
                self._carry()
                if now - self._status.at >= STATUS_EVERY:
                    self._tell_status(now)
            await asyncio.sleep(max(0.0, self.conductor.ticks * TICK - self.clock.now()))

    async def _keep(self) -> None:
        """Keep where we are, off the loop: a disk takes its time."""
        while self.evening.save is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._turned.wait(), SAVE_EVERY)
            self._turned.clear()
            text = {name: part.speech.text_so_far for name, part in self.conductor.parts.items()}
            state = {"score": self.conductor.score.snapshot(), "text": text}
            try:
                await asyncio.to_thread(self.evening.save, state)
            except Exception as error:  # noqa: BLE001  a show that cannot be gone on with is still a show
                self.tell("state", f"where the show is cannot be kept: {type(error).__name__}: {error}")

    async def _watch(self) -> None:
        """Take up the show file whenever it was saved and is right."""
        told = partial(self.tell, "file")
        async for show in editions(self.evening.show, self.evening.venue, told):
            told(waits_for_a_start(self.evening.show, show))
            if show.hash == self.conductor.show.hash or set(show.voices) != set(self.conductor.parts):
                continue
            with self._vital():
                self.conductor.adopt(self.clock.now(), show, self._adopt(show))
                self.switchboard.retune(show)
                self._carry()
            log.info("the show file was saved and is taken up (%s)", show.hash)

    def _signals(self, signals: Sequence[Signal]) -> None:
        """What a port heard, at once, in order. What comes while other ports still open waits for the show."""
        if not self._ready.is_set():
            self._early.extend(signals)
            return
        with self._vital():
            self.conductor.signals(signals[0].at, signals)
            self._carry()

    def _heard(self, message: Token | VoiceNews) -> None:
        """What a voice's process sent."""
        with self._vital():
            now = self.clock.now()
            if isinstance(message, Token):
                self.conductor.token(now, message)
            else:
                log.info("voice %s: %s %s", message.voice, message.state, message.detail)
                self.conductor.news(now, message)
            self._carry()

    def _stage_replies(self) -> None:
        """Keys and mouse are signals; a frame mark is a line of the recording."""
        signals = []
        while self.outbox:
            message = self.outbox.popleft()
            if isinstance(message, FrameMark):
                self._write(self.conductor.now, message)  # all that it took in was conducted by then
            elif isinstance(message, str):
                self.tell("stage", message, TOLD_FOR)
            else:
                signals.append(message)
        if signals:
            self._signals(signals)

    def _carry(self) -> None:
        """Carry what followed to where it belongs."""
        for message in self.conductor.take():
            if isinstance(message, Steering):
                self.voices[message.voice].steer(message)
            elif isinstance(message, Action):
                self._do(message)
            else:
                self.inbox.append(message)

    def _do(self, action: Action) -> None:
        if action.target == "told":
            log.warning("%s", action.value)
        elif action.target == "moderated":
            log.info("moderated: %s; %s", action.value, action.because)
        elif action.target.startswith(("osc:", "mqtt:")):
            self.switchboard.send(action)
        elif is_shown(action):
            self.inbox.append(action)
        if action.target in {"scene", "dark"}:
            log.info("%s", line(action))
            self._turned.set()

    def _tell_status(self, now: float) -> None:
        status = replace(self.conductor.status(), at=now, ports=self.switchboard.states())
        if wrong := [sentence for sentence, until in [*self.faults.values()] if sentence and now < until]:
            status = replace(status, last_error="\n".join(wrong))
        self._status = status
        self.inbox.append(status)
        self.switchboard.echo(status)

    def _adopt(self, show: Show, score: Mapping[str, Any] | None = None) -> Adopt:
        resume = json.dumps(score) if score else ""
        return Adopt(show.hash, show.text, str(show.folder), self.evening.seed, self.evening.fonts, resume)

    def _write(self, at: float, message: Any) -> None:
        if self.recorder is not None:
            self.recorder.write(at, message)
