"""One parameter in play: who owns its value, how it travels there, and when that is worth an Action.

Above all lies a hush (panic), then the hand, then the cue, then what the file wrote. A change of
owner is a fade from the present value, so that nothing jumps unless it was asked to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from installation.messages import Parameter, Value
from installation.score.fade import Fade
from installation.score.knob import Knob
from installation.show.expression import Expression

Setting = Union[Expression, Value]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is what it is: the cue's name (or ``) and a sentence."""

    cue: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A cue's hold on a fader: towards `setting` until `until` (None: the scene's end), then back."""

    setting: Setting
    until: float | None
    back: float
    curve: str
    reason: Reason


class Fader:
    """A parameter's value with its owners. `value` is what is true, `sent` what was last told.

    `setting` is what the file wrote, `written` whether it wrote anything. `names` is what the
    present target depends on: empty where it stands still."""

    def __init__(
        self, knob: Knob, setting: Setting | None, reason: Reason, hand: Value | None = None
    ) -> None:
        self.knob = knob
        self.setting: Setting = knob.default if setting is None else setting
        self.written = setting is not None
        self.reason = reason
        self.cue: Held | None = None
        self.hand = hand
        self.hushed = False
        self.value: Any = None
        self.sent: Any = None
        self.clamped = False
        self.fault = ""
        self.change(0.0, 0.0, reason)

    @property
    def owner(self) -> str:
        if self.hand is not None:
            return "hand"
        if self.cue is not None:
            return "cue"
        return "expression" if self.names else "rest"

    @property
    def target(self) -> Setting:
        """What the present owner wants."""
        if self.hushed:
            return 0.0
        if self.hand is not None:
            return self.hand
        return self.cue.setting if self.cue is not None else self.setting

    def change(self, now: float, seconds: float, reason: Reason, curve: str = "linear") -> None:
        """The owner or its wish has just changed: travel there in `seconds` from where it is."""
        self.reason, self.fresh = reason, True
        moving = seconds > 0 and self.knob.numeric and isinstance(self.value, int | float)
        self.glide = Fade(float(self.value), now, seconds, curve) if moving else None
        target = self.target
        self.names = target.names if isinstance(target, Expression) else frozenset[str]()

    def let_go(self, now: float) -> None:
        """Give back what a cue has held long enough."""
        held = self.cue
        if held is None or held.until is None or now < held.until - 1e-9:
            return
        self.cue = None
        if self.hand is None and not self.hushed:
            self.change(now, held.back, Reason(held.reason.cue, "its hold is over"), held.curve)

    def stirs(self, changed: frozenset[str] | set[str]) -> bool:
        """Whether it must be looked at, when these names have new values."""
        return (
            self.fresh
            or self.glide is not None
            or (self.cue is not None and self.cue.until is not None)
            or not self.names.isdisjoint(changed)
        )

    def look(self, env: Mapping[str, float], now: float) -> bool:
        """Bring `value` up to `now`; whether it is worth telling.

        Where the expression has no value, the last one stays (at first: the default) and `fault`
        says so."""
        self.let_go(now)
        travelling = self.glide is not None
        self.value = self._held(self._wanted(env), now)
        if self.sent is None:
            return True
        if self.value == self.sent:
            return False
        if travelling or self.fresh or not self.names:
            return True
        return bool(abs(self.value - self.sent) > self.knob.least)

    def told(self) -> Value:
        """Take the present value as told, and give it."""
        self.sent = self.value
        return self.sent  # type: ignore[no-any-return]

    def state(self) -> Parameter:
        return Parameter(self.knob.address, self.value, self.owner, self.clamped)

    def _wanted(self, env: Mapping[str, float]) -> Any:
        target = self.target
        self.fault = ""
        if not isinstance(target, Expression):
            return target
        wanted = target.evaluate(env)
        if math.isfinite(wanted):
            return wanted != 0 if self.knob.kind == "switch" else wanted
        self.fault = f"{target.text} has no value now"
        return self.knob.default if self.value is None else self.value

    def _held(self, wanted: Any, now: float) -> Any:
        if not self.knob.numeric or isinstance(wanted, str):
            return wanted
        inside, self.clamped = (0.0, False) if self.hushed else self.knob.held(float(wanted))
        if self.glide is None:
            return inside
        here = self.glide.value(inside, now)
        if self.glide.over(now):
            self.glide = None
        return round(here) if self.knob.kind == "whole" else here
