"""The cue list: which cues listen to what, what each remembers, which stands by for GO."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from installation.messages import Word
from installation.score.signals import Signals
from installation.score.trigger import Due, Rising, speaks
from installation.show import schema


class Cue:
    """A cue of the show with its trigger's memory. `fault` says why its condition has no value now."""

    def __init__(self, spec: schema.CueSpec) -> None:
        self.spec = spec
        self.rising = Rising(spec.trigger.hold_for) if isinstance(spec.trigger, schema.When) else None
        self.due = Due(spec.trigger.seconds) if isinstance(spec.trigger, schema.At | schema.After) else None
        self.truth = False
        self.fault = ""

    def plays_in(self, scene: str) -> bool:
        return not self.spec.scenes or scene in self.spec.scenes

    def enter(self) -> None:
        """A scene begins: what counts from there begins anew. A condition that is limited to scenes
        and true already counts as just turned true; otherwise a show could wait for ever."""
        if isinstance(self.spec.trigger, schema.At):
            self.due = Due(self.spec.trigger.seconds)
        if isinstance(self.spec.trigger, schema.When) and self.spec.scenes:
            self.rising, self.truth = Rising(self.spec.trigger.hold_for), False

    def look(self, signals: Signals, now: float, scene: str, since: float) -> str:
        """Why it fires by itself at `now`, or ``."""
        trigger = self.spec.trigger
        if isinstance(trigger, schema.When) and self.rising is not None:
            if self.rising.update(self._holds(trigger, signals), now):
                return condition(trigger, signals)
        elif isinstance(trigger, schema.At) and self.due is not None and self.due.update(now - since):
            return f"{trigger.seconds:g} s into {scene}"
        elif isinstance(trigger, schema.After) and self.due is not None and self.due.update(now):
            return f"{trigger.seconds:g} s into the show"
        return ""

    def _holds(self, trigger: schema.When, signals: Signals) -> bool:
        value = trigger.expression.evaluate(signals.env)
        self.fault = "" if math.isfinite(value) else f"{trigger.expression.text} has no value now"
        self.truth = self.truth if self.fault else value != 0
        return self.truth


class CueList:
    """All cues in file order. `passed` is the last one that GO took; `follows` wait for their time."""

    def __init__(self, show: schema.Show, old: CueList | None = None) -> None:
        self.cues = {spec.name: _kept(old, spec) or Cue(spec) for spec in show.cues}
        self.passed: str = old.passed if old is not None and old.passed in self.cues else ""
        self.follows: list[tuple[float, str, str]] = list(old.follows) if old is not None else []

    def standby(self, scene: str) -> Cue | None:
        """The cue that the next GO takes in this scene: the next in file order after the last taken."""
        past = not self.passed
        for name, cue in self.cues.items():
            if past and isinstance(cue.spec.trigger, schema.Go) and cue.plays_in(scene):
                return cue
            past = past or name == self.passed
        return None

    def listening(self, signal: str) -> Iterator[Cue]:
        for cue in self.cues.values():
            if isinstance(cue.spec.trigger, schema.On) and cue.spec.trigger.signal == signal:
                yield cue

    def waiting_for(self, word: Word) -> Iterator[tuple[Cue, str]]:
        """Cues that wait for this word, each with the word as the show writes it."""
        for cue in self.cues.values():
            trigger = cue.spec.trigger
            if isinstance(trigger, schema.WordIs) and speaks(word, trigger.word, trigger.voice, trigger.said):
                yield cue, trigger.word

    def own(self) -> Iterator[Cue]:
        """Cues that fire by themselves: by time or by condition."""
        return (cue for cue in self.cues.values() if cue.rising is not None or cue.due is not None)

    def enter(self) -> None:
        for cue in self.cues.values():
            cue.enter()

    def followers(self, now: float) -> Iterator[tuple[Cue, str]]:
        """Cues whose time to follow has come, each with the name of the one it follows. Taken once."""
        due = [entry for entry in self.follows if entry[0] <= now + 1e-9]
        self.follows = [entry for entry in self.follows if entry[0] > now + 1e-9]
        for _, name, leader in due:
            if name in self.cues:
                yield self.cues[name], leader


def condition(trigger: schema.When, signals: Signals) -> str:
    """The condition with its values put in, and where these came from: `tide 0.83 > 0.8 for 3 s; tide …`."""
    expression = trigger.expression
    names = sorted(expression.names, key=len, reverse=True)
    text = expression.text
    if names:
        each = re.compile("|".join(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])" for name in names))
        text = each.sub(lambda found: f"{found[0]} {signals.env.get(found[0], 0.0):.3g}", text)
    held = f" for {trigger.hold_for:g} s" if trigger.hold_for else ""
    told = signals.tell(expression.signals)
    return f"{text}{held}; {told}" if told else text + held


def _kept(old: CueList | None, spec: schema.CueSpec) -> Cue | None:
    """The memory of an older cue of this name with the same trigger."""
    cue = old.cues.get(spec.name) if old is not None else None
    if cue is None or cue.spec.trigger != spec.trigger or cue.spec.scenes != spec.scenes:
        return None
    cue.spec = spec
    return cue
