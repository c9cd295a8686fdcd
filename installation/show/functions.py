"""The functions that stand in expressions. Deterministic; floats in, a float out.

A function may raise ArithmeticError or ValueError: then the expression has no value just now.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Function:
    """`run` takes from `fewest` to `most` numbers; `usage` shows an artist how it is written."""

    usage: str
    fewest: int
    most: int
    run: Callable[..., float]


def clamp(x: float, low: float, high: float) -> float:
    """`x`, held between `low` and `high` in whichever order they stand."""
    if low > high:
        low, high = high, low
    return min(max(x, low), high)


def mix(a: float, b: float, x: float) -> float:
    """`a` where x is 0, `b` where x is 1, straight between and beyond."""
    return a + (b - a) * x


def step(edge: float, x: float) -> float:
    """0 below the edge, 1 from it on."""
    return 1.0 if x >= edge else 0.0


def smoothstep(low: float, high: float, x: float) -> float:
    """0 up to `low`, 1 from `high` on, a soft S between."""
    if low == high:
        return step(low, x)
    u = clamp((x - low) / (high - low), 0.0, 1.0)
    return u * u * (3.0 - 2.0 * u)


def noise(x: float, curve: float = 0.0) -> float:
    """A smooth random curve from 0 to 1 that takes a new height at every whole x.

    The same on every machine; another `curve` (a whole number) is another, independent one."""
    whole = math.floor(x)
    f = x - whole
    u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0)
    which = math.floor(curve)
    return mix(_height(whole, which), _height(whole + 1, which), u)


def lfo(now: float, period: float, phase: float = 0.0) -> float:
    """A slow wave from 0 to 1 and back every `period` seconds of the show; `phase` in turns."""
    return 0.5 - 0.5 * math.cos(math.tau * math.fmod(now / period + phase, 1.0))


def power(x: float, exponent: float) -> float:
    """`x ** exponent` for exponents of at most 8 either way."""
    if abs(exponent) > 8:
        raise OverflowError("an exponent beyond 8")
    return math.pow(x, exponent)


def _height(n: int, curve: int) -> float:
    """A hash of two whole numbers as a fraction of 1: SplitMix64's finisher (Steele and others, 2014)."""
    z = (n * 0x9E3779B97F4A7C15 + curve * 0xD1B54A32D192ED03 + 0x2545F4914F6CDD1D) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)


FUNCTIONS: dict[str, Function] = {
    "sin": Function("sin(x)", 1, 1, math.sin),
    "cos": Function("cos(x)", 1, 1, math.cos),
    "abs": Function("abs(x)", 1, 1, abs),
    "min": Function("min(a, b)", 2, 8, min),
    "max": Function("max(a, b)", 2, 8, max),
    "clamp": Function("clamp(x, low, high)", 3, 3, clamp),
    "mix": Function("mix(a, b, x)", 3, 3, mix),
    "step": Function("step(edge, x)", 2, 2, step),
    "smoothstep": Function("smoothstep(low, high, x)", 3, 3, smoothstep),
    "noise": Function("noise(t)", 1, 2, noise),
}
"""Those that are plain functions of numbers."""

USAGES: dict[str, str] = {
    **{name: function.usage for name, function in FUNCTIONS.items()},
    "lfo": "lfo(period)",
    "arg": "arg(event, 1)",
    "raw": "raw(signal)",
}
"""Every function and how it is written; the last three look something up."""
