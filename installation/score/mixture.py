"""How much each prompt of a scene counts now, and when that is worth an Action."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping

from installation.show.expression import Expression
from installation.show.schema import Prompt

LEAST = 0.005
"""The smallest move of a share worth an Action; to nothing, and from nothing, every move is."""


class Mixture:
    """A prompt, or several with their shares of the whole: `weights`, which sum to 1 (`()` for one).

    `before` is what the voice read last: where those were the same texts, their shares go on."""

    def __init__(self, prompt: Prompt, before: Mixture | None = None) -> None:
        self.prompt = prompt
        mixed = () if isinstance(prompt, str) else prompt
        self.texts = (prompt,) if isinstance(prompt, str) else tuple(share.text for share in prompt)
        self.fault = ""
        self._expressions: tuple[Expression, ...] = tuple(share.weight for share in mixed)
        self._names = frozenset[str]().union(*(weight.names for weight in self._expressions))
        self._fresh = bool(mixed)
        alike = before is not None and before.texts == self.texts
        self.weights: tuple[float, ...] = before.weights if before is not None and alike else ()

    @property
    def value(self) -> str | tuple[str, ...]:
        """What an Action tells of the prompts: a text, or all of them."""
        return self.prompt if isinstance(self.prompt, str) else self.texts

    def look(self, env: Mapping[str, float], changed: Collection[str]) -> bool:
        """Bring `weights` up to what expressions say; whether that is worth telling. Where they have
        no value, or all are 0, the last shares stay (at first: equal ones) and `fault` says so."""
        if not self._fresh and self._names.isdisjoint(changed):
            return False
        self._fresh = False
        shares = self._shares([weight.evaluate(env) for weight in self._expressions])
        if self.weights and not any(map(_moved, self.weights, shares)):
            return False
        self.weights = shares
        return True

    def because(self, reason: str, tell: Callable[[Iterable[str]], str]) -> str:
        """Why the shares are what they are; `tell` says of signals what they are, from whom and when."""
        live = [weight for weight in self._expressions if weight.names]
        told = tell(frozenset[str]().union(*(weight.signals for weight in live)))
        said = ", ".join(part for part in (*(weight.text for weight in live), told) if part)
        return "; ".join(part for part in (reason, said) if part)

    def _shares(self, wanted: list[float]) -> tuple[float, ...]:
        held = [max(weight, 0.0) for weight in wanted]
        lost = [weight.text for weight, now in zip(self._expressions, held, strict=True) if math.isnan(now)]
        whole = math.nan if lost else sum(held)
        self.fault = ""
        if whole > 0:
            return tuple(now / whole for now in held)
        what = f"{lost[0]} has no value now" if lost else "every weight is 0"
        self.fault = what + ("; the last mixture is kept" if self.weights else "; they count alike")
        return self.weights or tuple(1 / len(held) for _ in held)


def _moved(was: float, share: float) -> bool:
    return abs(share - was) > LEAST or (was == 0) != (share == 0)
