"""How much each prompt of a scene counts now, and when that is worth an Action."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping

from installation.score.fade import Fade, mix
from installation.show.expression import Expression
from installation.show.prompts import MOST
from installation.show.schema import Prompt

LEAST = 0.005
"""The smallest move of a share worth an Action; to nothing, and from nothing, every move is."""


class Mixture:
    """A prompt, or several, and how much each counts: `texts` and their `weights`, which sum to 1 (`()` for
    a prompt alone).

    `before` is what the voice read last. Where its own texts were the same, its shares go on. With a
    `fade` (from 0 to 1) they cross: what was read before fades out of `texts` while this one rises, and
    is gone when the fade is over."""

    def __init__(self, prompt: Prompt, before: Mixture | None = None, fade: Fade | None = None) -> None:
        self.prompt = prompt
        mixed = () if isinstance(prompt, str) else prompt
        self._own = (prompt,) if isinstance(prompt, str) else tuple(share.text for share in prompt)
        self.fault = ""
        self._expressions: tuple[Expression, ...] = tuple(share.weight for share in mixed)
        self._names = frozenset[str]().union(*(weight.names for weight in self._expressions))
        self._fade: Fade | None = None
        self._left: dict[str, float] = {}
        self.texts = self._own
        self.weights: tuple[float, ...] = ()
        self._shares: tuple[float, ...] = () if mixed else (1.0,)  # of our own texts
        if before is not None and fade is not None:
            self._cross(before, fade)
        elif before is not None and before._own == self._own:
            self._fade, self._left, self.texts = before._fade, before._left, before.texts
            self.weights, self._shares = before.weights, before._shares
        self._fresh = bool(mixed) or self.crossing

    @property
    def value(self) -> str | tuple[str, ...]:
        """What an Action tells of the prompts: a text, or all of them."""
        return self.texts if self.crossing or not isinstance(self.prompt, str) else self.prompt

    @property
    def crossing(self) -> bool:
        """Whether what was read before still counts."""
        return self._fade is not None

    def look(self, env: Mapping[str, float], changed: Collection[str], now: float) -> bool:
        """Bring `weights`, and `texts`, up to `now` and to what expressions say; whether the weights are
        worth telling. Where expressions have no value, or all are 0, the last shares stay (at first:
        equal ones) and `fault` says so."""
        if not self._fresh and not self.crossing and self._names.isdisjoint(changed):
            return False
        if self._expressions and (self._fresh or not self._names.isdisjoint(changed)):
            self._shares = self._asked([weight.evaluate(env) for weight in self._expressions])
        self._fresh = False
        weights = self._crossed(now)
        if not weights or (len(weights) == len(self.weights) and not any(map(_moved, self.weights, weights))):
            return False
        self.weights = weights
        return True

    def _cross(self, before: Mixture, fade: Fade) -> None:
        """Take along what counted before: of too many texts the heaviest."""
        counted = dict(zip(before.texts, before.weights or (1.0,), strict=True))
        others = sorted((text for text in counted if text not in self._own), key=lambda text: -counted[text])
        others = [text for text in others if counted[text] > 0][: MOST - len(self._own)]
        left = {text: counted[text] for text in counted if text in self._own or text in others}
        whole = sum(left.values())
        if whole > 0 and (others or len(self._own) > 1):
            self._left = {text: share / whole for text, share in left.items()}
            self._fade, self.texts = fade, (*self._own, *others)
            self.weights = before.weights if self.texts == before.texts else ()

    def _crossed(self, now: float) -> tuple[float, ...]:
        """The weights at `now`; none where one prompt is read alone."""
        if self._fade is not None and self._fade.over(now):
            self._fade, self._left, self.texts, self.weights = None, {}, self._own, ()
        if self._fade is None:
            return self._shares if self._expressions else ()
        shares, there = dict(zip(self._own, self._shares, strict=True)), self._fade.value(1.0, now)
        return tuple(mix(self._left.get(text, 0.0), shares.get(text, 0.0), there) for text in self.texts)

    def because(self, reason: str, tell: Callable[[Iterable[str]], str]) -> str:
        """Why the shares are what they are; `tell` says of signals what they are, from whom and when."""
        live = [weight for weight in self._expressions if weight.names]
        told = tell(frozenset[str]().union(*(weight.signals for weight in live)))
        said = ", ".join(part for part in (*(weight.text for weight in live), told) if part)
        return "; ".join(part for part in (reason, said) if part)

    def _asked(self, wanted: list[float]) -> tuple[float, ...]:
        held = [max(weight, 0.0) for weight in wanted]
        lost = [weight.text for weight, now in zip(self._expressions, held, strict=True) if math.isnan(now)]
        whole = math.nan if lost else sum(held)
        self.fault = ""
        if whole > 0:
            return tuple(now / whole for now in held)
        what = f"{lost[0]} has no value now" if lost else "every weight is 0"
        self.fault = what + ("; the last mixture is kept" if self._shares else "; they count alike")
        return self._shares or tuple(1 / len(held) for _ in held)


def _moved(was: float, share: float) -> bool:
    return abs(share - was) > LEAST or (was == 0) != (share == 0)
