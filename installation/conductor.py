"""Score and speech in step: everything that happened goes in, in order; everything that follows comes out.

Pure: no socket, no process, no clock. A live evening, a film and a replay are the same calls; what
differs is who makes them. An input steps at `max(its time, last now)`; tick k comes at `k / 50` exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Union

from installation.archive.log import Logged
from installation.attendance import Attendance
from installation.clock import TICK
from installation.dialogue import Dialogue
from installation.filter import Filter
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
from installation.part import Part, repertoire_of, seed_in, settings_of, stands_for
from installation.score.score import Score
from installation.show.breaks import BREAKS
from installation.show.check import Catalogue
from installation.show.schema import Show
from installation.voice.moderation import Moderation

Output = Union[Show, Action, Token, Word, Candidates, Steering]

TOLD_FOR = 30.0
"""Seconds for which Status repeats what was told once."""


@cache
def our_words() -> Filter:
    """The word lists that come with the program, read once: that takes a tenth of a second."""
    return Filter()


class Conductor:
    """One show being played. What follows from each call stands in order in `take()`.

    `log` is given every input with the time at which it took effect, and every Action, Steered and Word
    that followed: that is the recording, and a replay gives the inputs again and compares the rest.
    `fastest` bounds the pace in words a second: where time waits for the voice it needs one. `words`
    (None: the lists that come with us) reads what the voices sample before they say it, where their
    settings have it moderated. `watched`: somebody is there, whatever the signals say."""

    def __init__(
        self,
        show: Show,
        catalogue: Catalogue,
        seed: int,
        log: Callable[[float, Logged], None] = lambda _at, _message: None,
        *,
        fastest: float = math.inf,
        words: Filter | None = None,
        watched: bool = False,
    ) -> None:
        self.show, self.seed, self._fastest = show, seed, fastest
        self.score = Score(show, catalogue, seed)
        moderation = Moderation((words or our_words()).verdict)
        self.parts = {name: Part(show, name, seed, moderation) for name in show.voices}
        self.dialogue = Dialogue({name: part.settings for name, part in self.parts.items()})
        self.attendance = Attendance(always=watched)
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
            if not signal.retained:
                self.attendance.sign(self.now)
        self._obey(self.score.step(self.now, signals))
        self._speak()

    def token(self, at: float, token: Token) -> None:
        """What a voice, or its understudy, sampled."""
        self._reach(at)
        self._log(self.now, token)
        if self.parts[stands_for(token.voice)].arrive(token):
            self._speak()

    def news(self, at: float, news: VoiceNews) -> None:
        """What the process of a voice, or of its understudy, tells of itself."""
        self._reach(at)
        self._log(self.now, news)
        self.parts[stands_for(news.voice)].hear(news)
        if news.state == "error":
            self._obey([Action(self.now, "told", news.detail, because=f"voice {news.voice}")])
        self._speak()

    def adopt(self, at: float, show: Show, adopt: Adopt) -> None:
        """An edited show takes the place of the running one; voices stay."""
        self._reach(at)
        self._log(self.now, adopt)
        self.show = show
        for name, part in self.parts.items():
            part.wanted |= settings_of(show, name).model_dump() | {"seed": seed_in(show, name, self.seed)}
            part.repertoire = repertoire_of(show, name)
            part.lines = iter(())
        self._out.append(show)
        self._obey(self.score.adopt(show, self.now))
        self._speak()

    def status(self) -> Status:
        """What is true now; the ports are the control thread's to add."""
        status = self.score.status(self.now)
        voices = tuple(part.state() for part in self.parts.values())
        told = self._told if self.now - self._told_at < TOLD_FOR else ""
        return replace(status, voices=voices, last_error=told)

    def filled(self) -> bool:
        """Whether every voice holds its whole look-ahead: a film waits for this before the next tick."""
        return all(part.filled for part in self.parts.values())

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
        if parameter in BREAKS:
            self._break(part, parameter, action)
            return
        if parameter != "say":
            part.wanted[parameter] = action.value
            if parameter == "prompt":  # where there are several, their weights are told next
                part.wanted["weights"] = ()
            return
        because = part.moderation.because_anywhere(str(action.value)) if part.moderation else ""
        if because:
            why = f"not said: {action.because}"
            told = Action(self.now, "moderated", because, action.cue, why, private=action.private)
            self._obey([told])
            return
        refused = part.speech.say(str(action.value), private=action.private)
        self.dialogue.call(part.name)
        if refused:
            self._obey([Action(self.now, "told", refused, action.cue, action.because)])

    def _break(self, part: Part, what: str, action: Action) -> None:
        try:
            gone = part.break_off(what, int(action.value) if isinstance(action.value, int | float) else 0)
        except ValueError as why:
            self._obey([Action(self.now, "told", str(why), action.cue, action.because)])
            return
        if gone is not None:
            self.score.withdraw(part.name, gone[0])
            value = (part.name, *gone)
            self._obey([Action(self.now, "withdrawn", value, action.cue, f"{what}: {action.because}")])

    def _speak(self) -> None:
        """Release what is due; words may move the score, which may move the voices."""
        for name, part in self.parts.items():
            part.speech.attended = self.attendance.there(part.settings, self.score.signals, self.now)
            part.pass_word(self.now)
            may_finish = self.dialogue.may_finish(name)
            said = part.release(self.now, self._fastest, may_finish)
            self._out += said
            self._tell_refusals(part)
            words = [message for message in said if isinstance(message, Word)]
            for word in words:
                self._log(self.now, word)
            if words:
                self._obey(self.score.step(self.now, words=words))
            if may_finish:
                part.stand_in(self.now, self._lines(name))
            if any(not isinstance(message, Candidates) for message in said):
                self.dialogue.spoke(name, part.sentences(), self.now)
        self._converse()
        for part in self.parts.values():
            steering = part.steering()
            if steering is not None:
                self._out.append(steering)
                if (steered := part.steered(steering)) is not None:
                    self._log(self.now, steered)

    def _lines(self, voice: str) -> Sequence[str]:
        """What is said in this scene while a voice cannot speak."""
        scene = self.show.scenes.get(self.score.scene)
        return scene.meanwhile.get(voice, ()) if scene else ()

    def _converse(self) -> None:
        """Let the voices have their turns, and hear what others said."""
        able = {name: part.can_speak(self._lines(name)) for name, part in self.parts.items()}
        paces = {name: part.pace for name, part in self.parts.items()}
        self.dialogue.look(able, paces, self.now)
        for name, text, private in self.dialogue.heard():
            self.parts[name].speech.overhear(text, private=private)

    def _tell_refusals(self, part: Part) -> None:
        for refusal in part.speech.refusals():
            what = "the sentence was ended" if refusal.ended else "another word is sampled"
            because = f"voice {part.name}, token {refusal.n}: {what}"
            self._obey([Action(self.now, "moderated", refusal.because, because=because)])


def is_shown(action: Action) -> bool:
    """Whether an Action is for the stage: of what voices read, only how prompts are mixed."""
    if action.target.startswith("voice."):
        return isinstance(action.value, tuple) and action.target.endswith((".prompt", ".weights"))
    return action.target in {"scene", "page", "dark", "withdrawn"} or action.target.startswith("layer.")
