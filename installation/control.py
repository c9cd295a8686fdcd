"""The background thread: one asyncio loop around the conductor, with ports, voices and recorder.

It ticks fifty times a second, hands what comes in to the conductor in its order, and carries what
follows to where it belongs. Whatever it talks to may fail; it goes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import TICK, Clock
from installation.conductor import Conductor, is_shown
from installation.errors import ShowErrors
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
from installation.show import check
from installation.show.schema import Show
from installation.show.watch import watch
from installation.switchboard import Switchboard
from installation.voice.process import VoiceProcess

log = logging.getLogger("installation")

STATUS_EVERY = 0.1
"""Seconds between two Status messages, at least."""
SAVE_EVERY = 5.0
"""Seconds between two resume points."""
TICKS_AT_ONCE = 50
"""So many ticks are made up for, after a sleep of the machine, before other work has its turn."""


@dataclass(frozen=True, slots=True)
class Evening:
    """What one run was asked for. `venue` None: the one beside the show. `watch`: take up saved files.

    `resume`: `score` (its snapshot) and `text` (what each voice had said), to go on from; `save` is
    given the newest of both now and then."""

    show: Show
    seed: int
    venue: Path | None = None
    watch: bool = True
    fonts: tuple[tuple[str, str], ...] = ()
    resume: Mapping[str, Any] | None = None
    save: Callable[[Mapping[str, Any]], None] | None = None


class Control:
    """Runs one evening in a thread of its own. `inbox` goes to the stage, `outbox` comes from it."""

    def __init__(
        self,
        evening: Evening,
        clock: Clock,
        inbox: deque[StageMessage | Show],
        outbox: deque[Signal | FrameMark],
        clean: Callable[[str], str | None],
        recorder: Recorder | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.evening, self.clock, self.recorder = evening, clock, recorder
        self.inbox, self.outbox, self._on_end = inbox, outbox, on_end
        self.conductor = Conductor(evening.show, CATALOGUE, evening.seed, self._write)
        self.switchboard = Switchboard(evening.show, clock, self._signals, clean)
        self.voices: dict[str, VoiceProcess] = {}
        self.failure: BaseException | None = None
        self.fault = ""
        self._status = Status(-1.0)
        self._saved = 0.0
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

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
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(3)
        if self.recorder is not None:
            self.recorder.close()

    def tell(self, sentence: str) -> None:
        """Something went wrong that the operator should know; safe from any thread."""
        log.warning("%s", sentence)
        self.fault = sentence

    def _run(self) -> None:
        try:
            asyncio.run(self._evening())
        except BaseException as error:
            self.failure = error
            if self._ready.is_set():
                log.exception("the control thread has ended")
                raise
        finally:
            self._ready.set()
            self._on_end()

    async def _evening(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self.switchboard.open()
        try:
            self._begin()
            self._ready.set()
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._tick())]
                if self.evening.watch:
                    running.append(tasks.create_task(self._watch()))
                await self._stop.wait()
                for task in running:
                    task.cancel()
        finally:
            self._save()
            await asyncio.gather(*(voice.stop(0.5) for voice in self.voices.values()))
            await self.switchboard.close()

    def _begin(self) -> None:
        show, resume = self.evening.show, self.evening.resume or {}
        score = resume.get("score")
        for name, text in resume.get("text", {}).items():
            if name in self.conductor.parts:
                self.conductor.parts[name].speech.remember(str(text))
        self.conductor.begin(self._adopt(show, score), score)
        for name in show.voices:
            settings = self.conductor.parts[name].settings.model_dump()
            self.voices[name] = VoiceProcess(
                name,
                settings,
                show.folder,
                on_message=self._heard,
                resume=partial(self._resume, name),
            )
            self.voices[name].start()
        self._carry()

    def _resume(self, voice: str) -> tuple[str, int]:
        return self.conductor.resume(self.clock.now(), voice)

    async def _tick(self) -> None:
        while True:
            now = self.clock.now()
            self._stage_replies()
            due = (self.conductor.ticks + TICKS_AT_ONCE) * TICK
            self.conductor.until(min(now, due))
            self._carry()
            if now - self._status.at >= STATUS_EVERY:
                self._tell_status(now)
            if now - self._saved >= SAVE_EVERY:
                self._save()
                self._saved = now
            await asyncio.sleep(max(0.0, self.conductor.ticks * TICK - self.clock.now()))

    async def _watch(self) -> None:
        """Take up the show file whenever it was saved and is right; else say what is wrong with it."""
        show = self.evening.show
        async for _ in watch([*show.files, show.folder / "venue.yaml"]):
            try:
                show = await asyncio.to_thread(check.read, show.file, CATALOGUE, self.evening.venue)
            except ShowErrors as errors:
                self.tell(str(errors))
                continue
            if show.hash == self.conductor.show.hash:
                self.fault = ""
                continue
            self.fault = self._changed(show)
            self.conductor.adopt(self.clock.now(), show, self._adopt(show))
            self.switchboard.retune(show)
            self._carry()
            log.info("the show file was saved and is taken up (%s)", show.hash)

    def _changed(self, show: Show) -> str:
        """What of an edit needs a new start, as a sentence; `` when all of it is taken up."""
        before = self.conductor.show
        model = {name: spec.settings.get("model") for name, spec in before.voices.items()}
        if model != {name: spec.settings.get("model") for name, spec in show.voices.items()}:
            return "another model was named: it speaks after the next start"
        return "" if before.venue == show.venue else "ports and displays change at the next start"

    def _signals(self, signals: Sequence[Signal]) -> None:
        """What a port heard, at once, in order."""
        self.conductor.signals(signals[0].at, signals)
        self._carry()

    def _heard(self, message: Token | VoiceNews) -> None:
        """What a voice's process sent."""
        now = self.clock.now()
        if isinstance(message, Token):
            self.conductor.token(now, message)
        elif message.state != "loading":  # that one the conductor told us
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
        elif action.target.startswith(("osc:", "mqtt:")):
            self.switchboard.send(action)
        elif is_shown(action):
            self.inbox.append(action)
        if action.target in {"scene", "dark"}:
            log.info("%s %s (%s %s)", action.target, action.value, action.cue, action.because)

    def _tell_status(self, now: float) -> None:
        status = replace(self.conductor.status(), at=now, ports=self.switchboard.states())
        if self.fault:
            status = replace(status, last_error=self.fault)
        self._status = status
        self.inbox.append(status)
        self.switchboard.echo(status)

    def _adopt(self, show: Show, score: Mapping[str, Any] | None = None) -> Adopt:
        resume = json.dumps(score) if score else ""
        return Adopt(show.hash, show.text, str(show.folder), self.evening.seed, self.evening.fonts, resume)

    def _save(self) -> None:
        if self.evening.save is not None:
            text = {name: part.speech.text_so_far for name, part in self.conductor.parts.items()}
            self.evening.save({"score": self.conductor.score.snapshot(), "text": text})

    def _write(self, at: float, message: Any) -> None:
        if self.recorder is not None:
            self.recorder.write(at, message)
