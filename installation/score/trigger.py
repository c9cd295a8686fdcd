"""When something: the memory that a trigger needs between two steps. Each is a few lines, pure in time."""

from __future__ import annotations

from dataclasses import dataclass, field

from installation.messages import Value, Word

OFF = frozenset({"0", "0.0", "false", "off", "no"})
ON = frozenset({"true", "on", "yes"})
SLACK = 1e-9
"""Sums of ticks miss a whole second by less than this."""


def number(value: Value) -> float | None:
    """A value as a number: numeric text, true/false, on/off, yes/no are understood; else None.

    NaN and infinity come through: refusing them aloud is the caller's business."""
    if not isinstance(value, str):
        return float(value)
    text = value.strip().casefold()
    if text in OFF:
        return 0.0
    if text in ON:
        return 1.0
    try:
        return float(text) if len(text) <= 64 else None
    except ValueError:
        return None


def strikes(values: tuple[Value, ...], argument: int = 1) -> bool:
    """Whether a message of an event fires: the release of a latched button (a lone 0, or 0 in an
    argument that the show names beyond the first) does not; everything else does, no argument too."""
    if len(values) >= argument and (len(values) == 1 or argument > 1):
        return number(values[argument - 1]) != 0
    return True


def speaks(word: Word, wanted: str, voice: str | None, said: bool) -> bool:
    """Whether `word` is the wanted one: case folded, sampled unless `said`, of `voice` if one is named."""
    if (word.forced and not said) or (voice is not None and voice != word.voice):
        return False
    return wanted.strip().casefold() in word.parts


@dataclass(slots=True)
class Rising:
    """A condition that fires once when it has held for `seconds`, and again only after it was false."""

    seconds: float = 0.0
    since: float | None = field(default=None)
    fired: bool = False

    def update(self, truth: bool, now: float) -> bool:
        """Whether it fires at `now`."""
        if not truth:
            self.since, self.fired = None, False
            return False
        if self.since is None:
            self.since = now
        if self.fired or now - self.since < self.seconds - SLACK:
            return False
        self.fired = True
        return True


@dataclass(slots=True)
class Due:
    """A moment that fires once, at `seconds` or at the first look after it."""

    seconds: float
    fired: bool = False

    def update(self, elapsed: float) -> bool:
        """Whether it fires, `elapsed` seconds into its scene or show."""
        if self.fired or elapsed < self.seconds - SLACK:
            return False
        self.fired = True
        return True
