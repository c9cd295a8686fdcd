"""Score and speech in step: everything that happened goes in, in order; everything that follows comes out.

Pure: no socket, no process, no clock. A live evening, a film and a replay are the same calls; what
differs is who makes them. An input steps at `max(its time, last now)`; tick k comes at `k / 50` exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Union

from installation.archive.log import Logged
from installation.clock import TICK
from installation.messages import (
    Action,
    Adopt,
    Candidates,
    Signal,
    Status,
    Steering,
    Token,
    VoiceNews,
    Word,
)
from installation.score.score import Score
from installation.show.check import Catalogue
from installation.show.schema import Show
from installation.voice.settings import VoiceSettings
from installation.voice.speech import Speech, Spoken

Output = Union[Show, Action, Token, Word, Candidates, Steering]

MEANWHILE_AFTER = 1.5
"""Seconds of silence after which a voice that cannot speak is stood in for."""
TOLD_FOR = 30.0
"""Seconds for which Status repeats what was told once."""


class Part:
    """One voice in the conductor's score: its speech, what is wanted of it, who stands in for it.

    `meanwhile` says the scene's own lines while the voice is loading or lost."""

    def __init__(self, show: Show, name: str, seed: int) -> None:
        self.settings = settings_of(show, name)
        self.speech = Speech(name, self.settings)
        self.meanwhile = Speech("meanwhile", self.settings)
        self.wanted: dict[str, Any] = self.settings.model_dump() | {"seed": seed}
        self.ready = False
        self.heard_at = 0.0
        self.lines: Iterator[str] = iter(())
        self._stood_in = 0

    def release(self, now: float, fastest: float) -> list[Spoken]:
        """What is said by `now`: a line that was begun is finished before the voice goes on."""
        pace = min(fastest, float(self.wanted["pace"]))
        said = self.meanwhile.release(now, pace) if self.meanwhile.ahead else self.speech.release(now, pace)
        self.heard_at = now if said else self.heard_at
        return said

    def stand_in(self, now: float, lines: Sequence[str]) -> None:
        """Say the next of `lines`, where the voice cannot speak and it has been silent for a while."""
        busy = self.ready or self.speech.ahead or self.meanwhile.ahead or not self.wanted["pace"]
        if busy or now - self.heard_at < MEANWHILE_AFTER:
            return
        line = next(self.lines, None)
        if line is None and lines:
            self.lines = itertools.cycle(lines)
            line = next(self.lines)
        for piece in ["", *(f" {word}" for word in (line or "").split()), ""] if line else []:
            token = Token("meanwhile", self._stood_in, -1, piece, forced=True, end=not piece)
            self.meanwhile.arrive(token)
            self._stood_in += 1


class Conductor:
    """One show being played. What follows from each call stands in order in `take()`.

    `log` is given every input with the time at which it took effect, and every Action and Word that
    followed: that is the recording, and a replay gives the inputs again and compares the rest.
    `fastest` bounds the pace in words a second: where time waits for the voice it needs one."""

    def __init__(
        self,
        show: Show,
        catalogue: Catalogue,
        seed: int,
        log: Callable[[float, Logged], None] = lambda _at, _message: None,
        *,
        fastest: float = math.inf,
    ) -> None:
        self.show, self.seed, self._fastest = show, seed, fastest
        self.score = Score(show, catalogue, seed)
        self.parts = {name: Part(show, name, seed) for name in show.voices}
        self.now = 0.0
        self.ticks = 0
        self._told, self._told_at = "", -math.inf
        self._log = log
        self._heard_at = -math.inf
        self._out: list[Output] = []

    def take(self) -> list[Output]:
        """What followed since the last call, in order."""
        out, self._out = self._out, []
        return out

    def begin(self, adopt: Adopt, snapshot: Mapping[str, Any] | None = None) -> None:
        """The first thing that is called: the show begins, or goes on from a `snapshot` of the score."""
        self._log(self.now, adopt)
        if snapshot:
            self.score.restore(snapshot)
        self._obey(self.score.begin(self.now))
        self._speak()

    def until(self, now: float) -> None:
        """Every tick that is due by `now`."""
        while self.ticks * TICK <= now:
            self.now = max(self.now, self.ticks * TICK)
            self.ticks += 1
            self._obey(self.score.step(self.now))
            self._speak()

    def signals(self, at: float, signals: Sequence[Signal]) -> None:
        """What came in together, at time `at`: one step. Two steps never have the same time, so that
        the recording tells them apart."""
        self._reach(at if at > self._heard_at else math.nextafter(max(self.now, self._heard_at), math.inf))
        self._heard_at = self.now
        for signal in signals:
            self._log(self.now, signal)
        self._obey(self.score.step(self.now, signals))
        self._speak()

    def token(self, at: float, token: Token) -> None:
        """What a voice sampled."""
        self._reach(at)
        self._log(self.now, token)
        if self.parts[token.voice].speech.arrive(token):
            self._speak()

    def news(self, at: float, news: VoiceNews) -> None:
        """What a voice's process tells of itself; `loading` is told by `resume`."""
        self._reach(at)
        self._log(self.now, news)
        part = self.parts[news.voice]
        part.ready = news.state == "ready"
        part.speech.hear(news)
        if news.state == "error":
            self._obey([Action(self.now, "told", news.detail, because=f"voice {news.voice}")])
        self._speak()

    def resume(self, at: float, voice: str) -> tuple[str, int]:
        """A voice's process begins: the text so far and the number of its next token."""
        self._reach(at)
        news = VoiceNews(voice, "loading")
        self._log(self.now, news)
        part = self.parts[voice]
        part.ready = False
        part.speech.hear(news)
        return part.speech.resume()

    def adopt(self, at: float, show: Show, adopt: Adopt) -> None:
        """An edited show takes the place of the running one; voices stay."""
        self._reach(at)
        self._log(self.now, adopt)
        self.show = show
        for name, part in self.parts.items():
            part.wanted |= settings_of(show, name).model_dump() | {"seed": self.seed}
            part.lines = iter(())
        self._out.append(show)
        self._obey(self.score.adopt(show, self.now))
        self._speak()

    def status(self) -> Status:
        """What is true now; the ports are the control thread's to add."""
        status = self.score.status(self.now)
        voices = tuple(part.speech.state() for part in self.parts.values())
        told = self._told if self.now - self._told_at < TOLD_FOR else ""
        return replace(status, voices=voices, last_error=told)

    def filled(self) -> bool:
        """Whether every voice holds its whole look-ahead: a film waits for this before the next tick."""
        return all(part.speech.filled for part in self.parts.values())

    def _reach(self, at: float) -> None:
        """Go to `at`, with the ticks before it, but never back."""
        self.until(at)
        self.now = max(self.now, at)

    def _obey(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self._log(self.now, action)
            self._out.append(action)
            if action.target == "told":
                self._told, self._told_at = str(action.value), self.now
            elif action.target == "scene":
                for part in self.parts.values():
                    part.lines = iter(())
                    part.speech.revoke()
            elif action.target.startswith("voice."):
                _, voice, parameter = action.target.split(".", 2)
                self._move(self.parts[voice], parameter, action)

    def _move(self, part: Part, parameter: str, action: Action) -> None:
        if parameter != "say":
            part.wanted[parameter] = action.value
            return
        refused = part.speech.say(str(action.value), private=action.private)
        if refused:
            self._obey([Action(self.now, "told", refused, action.cue, action.because)])

    def _speak(self) -> None:
        """Release what is due; words may move the score, which may move the voice."""
        for part in self.parts.values():
            said = part.release(self.now, self._fastest)
            self._out += said
            words = [message for message in said if isinstance(message, Word)]
            for word in words:
                self._log(self.now, word)
            if words:
                self._obey(self.score.step(self.now, words=words))
            scene = self.show.scenes.get(self.score.scene)
            part.stand_in(self.now, scene.meanwhile if scene else ())
            steering = part.speech.steering(part.wanted)
            if steering is not None:
                self._out.append(steering)


def settings_of(show: Show, voice: str) -> VoiceSettings:
    """A voice's settings as far as they are fixed; what is live has its rest value here."""
    settings = show.voices[voice].settings
    known = VoiceSettings.model_fields
    fixed = {
        name: value for name, value in settings.items() if name in known and not hasattr(value, "evaluate")
    }
    return VoiceSettings(**fixed)


def is_shown(action: Action) -> bool:
    """Whether an Action is for the stage."""
    return action.target in {"scene", "page", "dark"} or action.target.startswith("layer.")
