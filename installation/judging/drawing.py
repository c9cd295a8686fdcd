"""Small plots as SVG: they take their colours from the page around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 420.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 14.0, 34.0

Point = tuple[float, float]


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers from `low` to `high`, some `about` of them."""
    if high <= low:
        return [low]
    raw = (high - low) / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(at * step, 10) for at in range(first, math.floor(high / step + 1e-9) + 1)]


def _frame(inside: str, label: str, below: str, lines: Sequence[tuple[float, str]]) -> str:
    """A plot around `inside`; `lines` are (height in the picture, its number)."""
    rules = "".join(
        f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'
        for y, text in lines
    )
    under = (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 3}" text-anchor="middle">{escape(below)}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(label)}">'
        f"{rules}{inside}{under}</svg>"
    )


def _written(value: float, unit: str) -> str:
    return f"{100 * value:g} %" if unit == "%" else f"{value:g}"


def _mean(value: float, unit: str) -> str:
    return f"{100 * value:.0f} %" if unit == "%" else f"{value:.1f}"


def _height(value: float, low: float, high: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / ((high - low) or 1))


def dots(
    groups: Sequence[tuple[str, Sequence[float]]], label: str, below: str, unit: str = "", most: float = 0
) -> str:
    """Each group a column of dots, one for each value, with its mean as a line and in numbers. The scale goes
    from 0 to `most`, or as far as there are values."""
    high = max([most, *(value for _, values in groups for value in values)]) or 1.0
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(groups))
    drawn = []
    for at, (name, values) in enumerate(groups):
        middle = LEFT + wide * (at + 0.5)
        for number, value in enumerate(values):
            aside = (number / max(1, len(values) - 1) - 0.5) * wide * 0.5
            drawn.append(f'<circle cx="{middle + aside:.1f}" cy="{_height(value, 0, high):.1f}" r="2.8"/>')
        if values:
            mean = sum(values) / len(values)
            y = _height(mean, 0, high)
            drawn.append(
                f'<line class="mean" x1="{middle - wide * 0.32:.1f}" x2="{middle + wide * 0.32:.1f}" '
                f'y1="{y:.1f}" y2="{y:.1f}"/><text class="value" x="{middle + wide * 0.34:.1f}" '
                f'y="{y + 4:.1f}">{_mean(mean, unit)}</text>'
            )
        drawn.append(
            f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{escape(name)}</text>'
        )
    rules = [(_height(tick, 0, high), _written(tick, unit)) for tick in ticks(0, high)]
    return _frame("".join(drawn), label, below, rules)


def curves(series: Sequence[tuple[str, Sequence[Point]]], label: str, below: str) -> str:
    """Lines through points, each named at its end; the first is the boldest."""
    points = [point for _, line in series for point in line]
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    first, last = min(xs), max(xs)
    low, high = min(ys), max(ys)
    low, high = low - 0.06 * (high - low), high + 0.06 * (high - low)
    span = (last - first) or 1

    def place(point: Point) -> Point:
        return LEFT + (WIDTH - LEFT - RIGHT) * (point[0] - first) / span, _height(point[1], low, high)

    drawn = []
    for number, (name, line) in enumerate(series):
        where = [place(point) for point in line]
        if not where:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in where)
        drawn.append(f'<polyline class="line{number}" points="{path}"/>')
        x, y = where[-1]
        drawn.append(
            f'<text class="value" x="{x:.1f}" y="{y - 6 - 12 * number:.1f}" text-anchor="end">{escape(name)}</text>'
        )
    for tick in ticks(first, last, 5):
        x = place((tick, low))[0]
        drawn.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{tick:g}</text>')
    return _frame("".join(drawn), label, below, [(_height(t, low, high), f"{t:g}") for t in ticks(low, high)])


def gauge(share: float, goal: float | None) -> str:
    """A bar from 0 to 1, filled up to `share`, with a mark at the goal."""
    mark = f'<line class="goal" x1="{200 * goal:.1f}" x2="{200 * goal:.1f}" y1="0" y2="10"/>' if goal else ""
    filled = 200 * min(1.0, max(0.0, share))
    return (
        '<svg class="gauge" viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="rest" width="200" height="4" y="3"/><rect width="{filled:.1f}" height="4" y="3"/>{mark}</svg>'
    )
