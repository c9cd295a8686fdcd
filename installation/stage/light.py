"""Colour as light: linear red, green, blue that add up and may exceed 1, and the curve to the wall.

The surprise table is the wall's palette: how many bits a word cost, told as heat."""

from __future__ import annotations

import functools
import math
from typing import Literal, TypeAlias

Light: TypeAlias = tuple[float, float, float]
Ink: TypeAlias = Literal["surprise", "ivory", "slate", "amber", "sea", "rose"]

SLATE: Light = (0.55, 0.62, 0.74)
IVORY: Light = (0.95, 0.88, 0.76)
SEA: Light = (0.40, 0.92, 0.92)
"""A visitor's words: a hue that no surprise has."""
UNSAID: Light = (0.40, 0.47, 0.74)
"""What was not said: slate in moonlight."""

SURPRISE: tuple[tuple[float, Light], ...] = (
    (0.0, SLATE),
    (1.5, IVORY),
    (3.5, (1.15, 0.78, 0.42)),
    (6.0, (1.35, 0.42, 0.18)),
    (9.0, (1.25, 0.16, 0.42)),
    (13.0, (0.75, 0.22, 1.30)),
)
"""Bits of surprise and their light: slate, ivory, amber, ember, magenta, violet."""

INKS: dict[str, Light] = {
    "surprise": SLATE,
    "ivory": (0.82, 0.77, 0.68),
    "slate": (0.50, 0.57, 0.70),
    "amber": (0.98, 0.68, 0.38),
    "sea": (0.34, 0.74, 0.76),
    "rose": (0.92, 0.58, 0.62),
}
"""The resting colour of a word nobody wondered at."""

GROUND_FOCUS: Light = (0.024, 0.024, 0.050)
GROUND_RIM: Light = (0.004, 0.004, 0.010)


def blend(a: Light, b: Light, share: float) -> Light:
    """`a` at share 0, `b` at share 1."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def times(a: Light, amount: float) -> Light:
    """`a`, so many times as strong."""
    return (a[0] * amount, a[1] * amount, a[2] * amount)


@functools.lru_cache(4096)
def surprise_light(bits: float) -> Light:
    """The light of so many bits of surprise."""
    low_bits, low = SURPRISE[0]
    for high_bits, high in SURPRISE[1:]:
        if bits < high_bits:
            return blend(low, high, max(0.0, bits - low_bits) / (high_bits - low_bits))
        low_bits, low = high_bits, high
    return low


@functools.lru_cache(8192)
def word_light(bits: float | None, ink: str = "surprise", colour: float = 1.0) -> Light:
    """The light of a word: its ink at rest, from 1 to 3.5 bits on more and more its surprise.

    `bits` None: the voice cannot say; then the ink alone (ivory where the ink is surprise)."""
    if bits is None:
        return IVORY if ink == "surprise" else INKS[ink]
    rest = INKS[ink]
    heat = surprise_light(bits)
    if ink != "surprise":
        heat = blend(rest, heat, min(1.0, max(0.0, bits - 1.0) / 2.5))
    return blend(rest, heat, colour)


def tone(light: float) -> float:
    """What the wall shows, 0 to 1, for so much light: film's shoulder, 1 - exp(-1.7 c)."""
    return 1 - math.exp(-1.7 * light)
