"""How a value travels: curves over 0..1, and a fade between two values in a given time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Curve = Callable[[float], float]


CURVES: Mapping[str, Curve] = MappingProxyType(
    {
        "linear": lambda p: p,
        "ease": lambda p: p * p * (3 - 2 * p),
        "in": lambda p: p * p,
        "out": lambda p: p * (2 - p),
    }
)
"""Every curve is 0 at 0, 1 at 1, never falls, and never leaves 0..1."""


def bend(p: float, curve: str) -> float:
    """`p`, held to 0..1, along a curve of that name; the ends stay exactly where they are."""
    if p <= 0:
        return 0.0
    return CURVES[curve](p) if p < 1 else 1.0


def mix(a: float, b: float, share: float) -> float:
    """`a` at share 0, `b` at share 1, both exactly, and nothing outside the two between."""
    if share <= 0:
        return a
    if share >= 1:
        return b
    value = a + (b - a) * share
    return min(max(value, min(a, b)), max(a, b))


@dataclass(frozen=True, slots=True)
class Fade:
    """A journey away from the value `start`, begun at `began`, over `seconds` (0: at once).

    Where it leads is given at each look, for the destination may itself move."""

    start: float
    began: float
    seconds: float
    curve: str = "linear"

    @property
    def until(self) -> float:
        return self.began + self.seconds

    def over(self, now: float) -> bool:
        """Whether the destination is reached; the billionth forgives sums of ticks."""
        return self.seconds <= 0 or now >= self.until - 1e-9

    def value(self, to: float, now: float) -> float:
        """Where it is at `now` on the way to `to`; `to` exactly once it is over."""
        if self.over(now):
            return to
        return mix(self.start, to, bend((now - self.began) / self.seconds, self.curve))
