"""A plot of lines as SVG: axes with round numbers, a curve for each series, its name where it ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDE, HIGH = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 110, 40, 48
COLOURS = ("#1f4e79", "#c2571a", "#3c7a3c", "#8a3a7a", "#6b6b2a", "#444444")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 4", "12 4")
"""Each series has a stroke of its own too: colours alone are not seen by everybody."""
CLOSE = 15
"""Pixels that names keep apart."""


@dataclass(frozen=True)
class Series:
    """A name and its points (x, y), in the order of x."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Axis:
    """Numbers `low` to `high` on pixels `first` to `last`."""

    low: float
    high: float
    first: float
    last: float
    step: float

    def at(self, value: float) -> float:
        """The pixel of a number."""
        return self.first + (value - self.low) / (self.high - self.low) * (self.last - self.first)

    def marks(self) -> list[float]:
        """The round numbers on it."""
        first = math.ceil(self.low / self.step - 1e-9)
        last = math.floor(self.high / self.step + 1e-9)
        return [number * self.step for number in range(first, last + 1)]


def lines(series: Sequence[Series], title: str, x: str, y: str) -> str:
    """An SVG of all `series`; `x` and `y` say what the axes are. A point alone is a dot. What is not finite is
    left out."""
    shown = [Series(s.name, tuple(p for p in s.points if all(map(math.isfinite, p)))) for s in series]
    points = [point for each in shown for point in each.points] or [(0.0, 0.0), (1.0, 1.0)]
    across = _axis([point[0] for point in points], LEFT, WIDE - RIGHT, 7)
    up = _axis([point[1] for point in points], HIGH - BOTTOM, TOP, 6)
    parts = [_frame(title, x, y), *_grid(across, up)]
    ends = _apart([up.at(each.points[-1][1]) if each.points else TOP for each in shown])
    for number, (each, end) in enumerate(zip(shown, ends, strict=True)):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        drawn = [f"{across.at(px):.1f},{up.at(py):.1f}" for px, py in each.points]
        if len(drawn) == 1:
            cx, cy = drawn[0].split(",")
            parts.append(f'<circle cx="{cx}" cy="{cy}" r="3" fill="{colour}"/>')
        elif drawn:
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            parts.append(
                f'<polyline points="{" ".join(drawn)}" fill="none" stroke="{colour}" stroke-width="1.6"{dashed}/>'
            )
        if drawn:
            parts.append(
                f'<text x="{WIDE - RIGHT + 8}" y="{end + 4:.1f}" fill="{colour}">{escape(each.name)}</text>'
            )
    return "\n".join([*parts, "</svg>\n"])


def _frame(title: str, x: str, y: str) -> str:
    middle = (TOP + HIGH - BOTTOM) / 2
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
            f'font-family="sans-serif" font-size="12" fill="#333" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>',
            f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
            f'<text x="{(LEFT + WIDE - RIGHT) / 2}" y="{HIGH - 10}" text-anchor="middle">{escape(x)}</text>',
            f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{escape(y)}</text>',
        )
    )


def _grid(across: _Axis, up: _Axis) -> list[str]:
    parts = []
    for value in up.marks():
        at = f"{up.at(value):.1f}"
        parts.append(f'<line x1="{LEFT}" y1="{at}" x2="{WIDE - RIGHT}" y2="{at}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{float(at) + 4:.1f}" text-anchor="end">{_number(value)}</text>'
        )
    for value in across.marks():
        at = f"{across.at(value):.1f}"
        parts.append(
            f'<line x1="{at}" y1="{HIGH - BOTTOM}" x2="{at}" y2="{HIGH - BOTTOM + 5}" stroke="#333"/>'
        )
        parts.append(f'<text x="{at}" y="{HIGH - BOTTOM + 19}" text-anchor="middle">{_number(value)}</text>')
    corner = f"M{LEFT} {TOP}V{HIGH - BOTTOM}H{WIDE - RIGHT}"
    return [*parts, f'<path d="{corner}" fill="none" stroke="#333"/>']


def _axis(values: Sequence[float], first: float, last: float, most: int) -> _Axis:
    """An axis that holds all values, with at most about so many round numbers."""
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / most
    whole = 10.0 ** math.floor(math.log10(rough))
    step = next(whole * times for times in (1, 2, 5, 10) if whole * times >= rough * 0.999)
    return _Axis(math.floor(low / step) * step, math.ceil(high / step) * step, first, last, step)


def _apart(places: Sequence[float]) -> list[float]:
    """The places of names, moved down where two would overlap."""
    moved = list(places)
    before = -math.inf
    for number in sorted(range(len(places)), key=lambda n: places[n]):
        moved[number] = before = max(places[number], before + CLOSE)
    return moved


def _number(value: float) -> str:
    return f"{value:.10g}" if abs(value) >= 1e-9 else "0"
