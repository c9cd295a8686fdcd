"""Words find their places: lines filled from word to word, which rise when the page is full.

A word that has its place keeps it; only an unfinished word that outgrows its line moves on, as a
whole. Where everything stands at `now` is a closed formula of when the lines began, so nothing has to
be stepped. Lengths are hundredths of stage height.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from installation.stage.motion import calm, ramp
from installation.stage.page import Item, Page

SPACE = 0.27
"""Between two words, in ems."""
RISE = 1.7
"""Seconds in which the page rises by a line, where it has the time."""
HASTE = 1.25
"""Otherwise it takes so many times what the line before took to fill."""
RESERVE = 1.0
"""Room for more letters that an unfinished word asks for before it is put on a line, in ems."""
PARAGRAPH = 0.4
"""What a paragraph break adds to the way to the next line, in lines."""
LOW = 40.0
"""Height below which a page has no foot for the line of uncertainty."""
KEPT = 400
"""Items a new composition begins with, at most."""

Measure = Callable[[str, str], float]
"""Width in ems of a text in a face."""


@dataclass(frozen=True, slots=True)
class Format:
    """The page's proportions. `width` and `height` of its part of the stage; `rest`: baseline where a last
    line comes to stand once the page is full; `first`: the first line's; `pitch` from line to line;
    `below`: how far under `rest` a new line begins."""

    width: float
    size: float
    margin: float
    pitch: float
    first: float
    rest: float
    below: float
    height: float = 100.0

    @property
    def measure(self) -> float:
        """The length of a full line."""
        return max(self.size, self.width - 2 * self.margin)


def plan(
    width: float, size: float, margin: float, pitch: float, headroom: float, height: float = 100.0
) -> Format:
    """The format for letters of `size`. `headroom`: what layers need above the first line's letters."""
    below = min(pitch, 1.3 * size)
    if height < LOW:
        rest = height - below - 0.35 * size
    else:
        rest = max(min(height - 13.5 - below, height - 22), 0.46 * height + 0.25 * size)
    top = 0.75 * size + (headroom if height >= 100 else min(headroom, 0.25 * height))
    lines = max(1, 1 + math.floor((rest - top) / pitch + 1e-9))
    return Format(width, size, margin, pitch, rest - (lines - 1) * pitch, rest, below, height)


@dataclass(slots=True)
class _Slot:
    item: Item
    x: float
    width: float
    scale: float
    at: float


@dataclass(slots=True)
class _Line:
    """`y`: its baseline if the page never rose; `risen`: how far it has to rise before this line rests,
    and `rise` in what time."""

    at: float
    y: float
    risen: float
    leftward: bool
    rise: float
    slots: list[_Slot] = field(default_factory=list)

    @property
    def end(self) -> float:
        return self.slots[-1].x + self.slots[-1].width if self.slots else 0.0


class Placed(NamedTuple):
    """A word in its place. `x`, `y`: left end of its baseline. `age`: how many lines are younger.

    `light`: 1, and less on a line that leaves at the top. `settled`: 0 to 1, how far its line
    has risen since it began. `at`: when it came to this place.
    `row`: number of its line. `leftward`: its line runs from right to left."""

    item: Item
    x: float
    y: float
    size: float
    width: float
    age: float
    light: float
    settled: float
    at: float
    row: int
    leftward: bool


class Tip(NamedTuple):
    """Where the next word will begin, on its baseline."""

    x: float
    y: float


class Composition:
    """Lays out one page in one format, item by item. `leftward`: whether a text runs from right to
    left, None where it has no direction of its own."""

    def __init__(self, form: Format, measure: Measure, leftward: Callable[[str], bool | None]) -> None:
        self.form = form
        self._measure = measure
        self._leftward = leftward
        self._lines: list[_Line] = []
        self._dropped = 0
        self._settled = 0.0
        self._seen = -1
        self._open: dict[int, _Line] = {}

    def update(self, page: Page, now: float) -> None:
        """Place what is new on the page, let the unfinished word grow, forget what has left."""
        for key in list(self._open):
            self._regrow(page, key, now)
        if self._seen < 0:
            keys = list(page.items)[-KEPT:]
        else:
            keys = []
            for key in reversed(page.items):
                if key <= self._seen:
                    break
                keys.append(key)
            keys.reverse()
        for key in keys:
            self._place(page.items[key])
            self._seen = key
        self._forget(now)

    def placed(self, now: float) -> list[Placed]:
        """Every visible word at `now`, oldest first."""
        form = self.form
        words: list[Placed] = []
        for row, (line, y, age, settled) in enumerate(self._stand(now), self._dropped):
            light = ramp(form.first - form.pitch, form.first - 0.12 * form.pitch, y)
            if light <= 0:
                continue
            for slot in line.slots:
                x = form.width - form.margin - slot.x - slot.width if line.leftward else form.margin + slot.x
                words.append(
                    Placed(
                        slot.item,
                        x,
                        y,
                        form.size * slot.scale,
                        slot.width,
                        age,
                        light,
                        settled,
                        slot.at,
                        row,
                        line.leftward,
                    )
                )
        return words

    def tip(self, now: float) -> Tip:
        """Where the next word will begin if it fits on the line, else where the next line will."""
        form = self.form
        stands = self._stand(now)
        if not stands:
            return Tip(form.margin, form.first)
        line, y, *_ = stands[-1]
        x = line.end + SPACE * form.size
        if x + 1.5 * form.size > form.measure:
            x, y = 0.0, min(y + form.pitch, max(y + form.below, form.rest + form.below))
        return Tip(form.width - form.margin - x if line.leftward else form.margin + x, y)

    def _stand(self, now: float) -> list[tuple[_Line, float, float, float]]:
        """Each line, its baseline, how many lines are younger and how far it has risen, at `now`."""
        rows: list[tuple[_Line, float, float, float]] = []
        steps = self._steps(now)
        before = [self._settled, *(line.risen for line in self._lines)]
        scroll = self._settled + sum(
            (line.risen - past) * step for line, past, step in zip(self._lines, before, steps, strict=False)
        )
        younger = sum(steps)
        for line, past, step in zip(self._lines, before, steps, strict=False):
            younger -= step
            # A line is born just below the page, not as deep as it will have to rise.
            late = max(0.0, line.risen - past - self.form.below) * (1 - step)
            rows.append((line, line.y - scroll - late, younger, step if line.risen > past else 1.0))
        return rows

    def _steps(self, now: float) -> list[float]:
        """How far each line has risen, 0 to 1: at least as far as a younger one, and wholly where
        this came at the same time."""
        left, younger = 1.0, math.inf
        steps = []
        for line in reversed(self._lines):
            left *= (1 - calm((now - line.at) / line.rise)) * (line.at < younger)
            younger = line.at
            steps.append(1 - left)
        return steps[::-1]

    def _place(self, item: Item) -> None:
        form = self.form
        width, scale = self._extent(item)
        line = self._lines[-1] if self._lines else None
        x = 0.0
        if line is not None:
            x = line.end + (SPACE * form.size if item.before and line.slots else 0.0)
            room = 0.0 if item.done else RESERVE * form.size
            if "\n" in item.before or (line.slots and x + width + room > form.measure + 0.01):
                line = None
        if line is None:
            line, x = self._begin(item, item.at), 0.0
        line.slots.append(_Slot(item, x, width, scale, item.at))
        if not item.done:
            self._open[item.key] = line

    def _begin(self, item: Item, at: float) -> _Line:
        """A new line under the last one."""
        form = self.form
        leftward, rise = self._leftward(item.text), RISE
        if self._lines:
            last = self._lines[-1]
            gap = PARAGRAPH if item.before.count("\n") > 1 else 0.0
            leftward = last.leftward if leftward is None else leftward
            y = last.y + form.pitch * (1 + gap)
            rise = min(RISE, max(HASTE * (at - last.at), 1e-3))
        else:
            y = form.first
        line = _Line(at, y, max(0.0, y - form.rest), bool(leftward), rise)
        self._lines.append(line)
        return line

    def _regrow(self, page: Page, key: int, now: float) -> None:
        """The unfinished word has grown, or is finished; where it no longer fits it moves on."""
        line = self._open[key]
        slot = next((s for s in reversed(line.slots) if s.item.key == key), None)
        item = page.items.get(key)
        if slot is None or item is None:
            del self._open[key]
            return
        slot.item = item
        slot.width, slot.scale = self._extent(item)
        # A little overhang is quieter than a word that jumps.
        hang = min(0.5 * self.form.margin, 0.8 * self.form.size)
        last = line is self._lines[-1] and slot is line.slots[-1]
        if last and slot.x > 0 and slot.x + slot.width > self.form.measure + hang:
            line.slots.pop()
            line = self._begin(item, now)
            slot.x, slot.at = 0.0, now
            line.slots.append(slot)
            self._open[key] = line
        if item.done:
            del self._open[key]

    def _extent(self, item: Item) -> tuple[float, float]:
        """Width of the word and its scale: one that is longer than a line is drawn smaller."""
        width = self._measure(item.text, "roman") * self.form.size
        scale = min(1.0, self.form.measure / width) if width > 0 else 1.0
        return width * scale, scale

    def _forget(self, now: float) -> None:
        """Drop lines that have left for good."""
        while len(self._lines) > 2:
            oldest = self._lines[0]
            gone = self._stand(now)[0][1] < self.form.first - 2 * self.form.pitch - self.form.size
            if not gone or now - oldest.at < oldest.rise:
                return
            self._settled = oldest.risen
            self._dropped += 1
            del self._lines[0]
