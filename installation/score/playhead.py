"""The playhead: which scene plays since when, and what firing a cue does to it, to the desk, to the dark.

It collects Actions; the score hands them out. What it is asked from outside is the score's business.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from installation.messages import Action, Value
from installation.score.cues import Cue, CueList
from installation.score.curtain import Curtain
from installation.score.desk import Desk
from installation.score.fade import Fade
from installation.score.fader import Reason
from installation.score.mixture import Mixture
from installation.score.signals import Signals
from installation.score.telling import Telling
from installation.show import schema
from installation.show.expression import Expression, fill
from installation.show.parameter import Settings
from installation.show.template import blanks

PANIC = 1.5
"""Seconds from panic to dark, and back."""

BLANK = 0.3
"""Seconds that blanking takes, and showing again."""

CROSSES = 1.0
"""Seconds of a fade from which on prompts cross; a shorter one is a cut to them."""

BEATS = 2.0
"""Beats a second, while nothing sets another tempo; four to a bar."""


class Playhead:
    """Where a show is. `now` is the last step's time; `scene` plays since `since`."""

    def __init__(
        self, show: schema.Show, layers: Mapping[str, type[Settings]], voices: Mapping[str, type[Settings]]
    ) -> None:
        self._models = layers, voices
        self.now = 0.0
        self.scene = show.start
        self.since = 0.0
        self.curtain = Curtain()
        self.telling = Telling()
        self._mixtures: dict[str, Mixture] = {}
        self._out: list[Action] = []
        self._entered = Reason()
        self._crossing: Fade | None = None
        self._take_up(show)

    def _take_up(
        self, show: schema.Show, signals: Signals | None = None, cues: CueList | None = None
    ) -> None:
        self.show = show
        self.signals = Signals(show.signals, self.now, signals)
        self.cues = CueList(show, cues)
        self.desk = Desk(show, *self._models)

    def exists(self, scene: str) -> bool:
        return scene in self.show.scenes or scene == schema.DARK

    def at(self, now: float) -> None:
        """A step begins at `now`, or at the last step's time if that is later."""
        self.now = max(now, self.now)
        self.signals.advance(self.now)
        self._tell_time()

    def _tell_time(self) -> None:
        put = self.signals.put
        put("t", self.now - self.since)
        put("beat", self.now * BEATS)
        put("bar", self.now * BEATS / 4)
        put("dark", self.curtain.level(self.now))

    def act(self, target: str, value: Value | tuple[Value, ...], reason: Reason, **more: Any) -> None:
        self._out.append(Action(self.now, target, value, reason.cue, reason.because, **more))

    def tell(self, key: str, sentence: str, after: float = math.inf) -> None:
        """Tell the operator; of one key once, or again `after` so many seconds."""
        if self.telling.worth(key, sentence, self.now, after):
            self.act("told", sentence, Reason())

    def play(self) -> None:
        """Cues that fire by themselves: by time, by condition, after another. Not while panic lasts."""
        if self.curtain.panicked:
            return
        for cue in self.cues.own():
            if cue.plays_in(self.scene):
                self.fire(cue, cue.look(self.signals, self.now, self.scene, self.since))
                if cue.fault:
                    name = cue.spec.name
                    self.tell(f"cue {name}", f"cue {name}: {cue.fault}; it stays as it was")
        for cue, leader in self.cues.followers(self.now):
            self.fire(cue, f"follows {leader}")

    def fire(self, cue: Cue, because: str, anywhere: bool = False) -> None:
        """Do what a cue says, where it plays; without a reason, or in a panic, nothing."""
        spec = cue.spec
        if not because or self.curtain.panicked or not (anywhere or cue.plays_in(self.scene)):
            return
        reason = Reason(spec.name, because)
        if isinstance(spec.trigger, schema.Go):
            self.cues.passed = spec.name
        if spec.go and (spec.go != self.scene or spec.again):
            self.enter(spec.go, spec.fade, reason)
        if spec.page == "clear":
            self.act("page", "clear", reason)
        for address, setting in spec.set:
            self.desk.hold(address, setting, spec, self.now, reason)
        self._speak(spec, reason)
        if spec.mark:
            self.act("mark", spec.mark, reason)
        if spec.follow:
            self.cues.follows.append((self.now + spec.fade, spec.follow, spec.name))

    def _speak(self, spec: schema.CueSpec, reason: Reason) -> None:
        """What a cue breaks off, says on the wall (in the dark: nothing) and sends to others."""
        for what, voice, words in spec.breaks:
            self.act(f"voice.{voice}.{what}", words if what == "rewind" else True, reason)
        for voice, text in spec.say if self.scene != schema.DARK else ():
            self.act(f"voice.{voice}.say", self._filled(text), reason, private=self._private(text))
        for target, template in spec.send:
            values = tuple(self._argument(part) for part in template)
            self.act(target, values, reason, private=any(self._private(part) for part in template))

    def enter(self, scene: str, fade: float, reason: Reason) -> None:
        """Play `scene` from now on, from its beginning."""
        cut = fade < CROSSES or schema.DARK in {scene, self.scene}
        self._crossing = None if cut else Fade(0.0, self.now, fade)
        self.scene, self.since, self._entered = scene, self.now, reason
        self.act("scene", scene, reason, fade=fade)
        self.curtain.night(scene == schema.DARK, self.now, fade)
        self.cues.enter()
        self.desk.enter(self.show.scenes.get(scene), self.now, fade, reason)
        self._tell_time()

    def panic(self, panicked: bool, reason: Reason) -> None:
        """Into safe dark, above all; or out of it. What waited to follow a cue is forgotten."""
        if panicked != self.curtain.panicked:
            self.curtain.panicked = panicked
            self.cues.follows.clear()
            self.shade(PANIC, reason)

    def blank(self, reason: Reason) -> None:
        """Show nothing, or show again; the voice goes on."""
        self.curtain.blanked = not self.curtain.blanked
        self.shade(BLANK, reason)

    def shade(self, seconds: float, reason: Reason) -> None:
        """Let the picture follow the curtain."""
        self.curtain.move(self.now, seconds)
        self.act("dark", float(self.curtain.down), reason, fade=seconds)
        if self.desk.hushed != self.curtain.panicked:
            self.desk.hush(self.curtain.panicked, self.now, reason)

    def take_up(self, show: schema.Show) -> None:
        """Go on with an edited show: playhead by names; hands, holds and journeys stay."""
        desk = self.desk
        self._take_up(show, self.signals, self.cues)
        self._crossing, reason = None, Reason("", "the show file was saved")
        self._entered = reason
        self.desk.hushed = desk.hushed
        if self.exists(self.scene):
            self.desk.enter(show.scenes.get(self.scene), self.now, 0, reason)
        else:
            self.enter(show.start, 0, Reason("", f"the show file was saved without {self.scene}"))
        self.desk.take_over(desk, self.now)

    def moved(self) -> list[Action]:
        """Move every value to now, and hand out all that was decided."""
        self._tell_time()
        signals = self.signals
        self._out += self.desk.move(signals.env, signals.changed, self.now, signals.tell)
        for address, sentence in self.desk.faults():
            self.tell(address, sentence)
        self._read()
        signals.settle()
        out, self._out = self._out, []
        return out

    def _read(self) -> None:
        """Let the voices read the scene's prompts, those that are mixed as their weights are now."""
        signals, entered, scene = self.signals, self._entered, self.show.scenes.get(self.scene)
        for voice, prompt in scene.prompts.items() if scene is not None else ():
            before = mixture = self._mixtures.get(voice)
            was = None if before is None else before.value
            if mixture is None or mixture.prompt != prompt:
                mixture = self._mixtures[voice] = Mixture(prompt, before, self._crossing)
            moved = mixture.look(signals.env, signals.changed, self.now)
            if mixture.value != was:
                self.act(f"voice.{voice}.prompt", mixture.value, entered)
            if moved:
                new = mixture is not before or mixture.crossing
                why = mixture.because(entered.because if new else "", signals.tell)
                self.act(f"voice.{voice}.weights", mixture.weights, Reason(entered.cue, why))
            if mixture.fault:
                self.tell(f"voice.{voice}.prompt", f"the prompts of {voice}: {mixture.fault}")

    def _filled(self, template: str) -> str:
        return fill(template, self.signals.fillings())

    def _private(self, template: object) -> bool:
        """Whether a visitor's own words stand in a text after it is filled."""
        kinds = self.show.signals
        return isinstance(template, str) and any(
            name in kinds and kinds[name].kind == "text" for name in blanks(template)
        )

    def _argument(self, template: object) -> Value:
        if isinstance(template, Expression):
            value = template.evaluate(self.signals.env)
            return value if math.isfinite(value) else 0.0
        return self._filled(template) if isinstance(template, str) else float(str(template))
