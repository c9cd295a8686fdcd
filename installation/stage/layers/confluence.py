"""Confluence: what the voice reads as currents of text, and the spoken line that parts them.

Each prompt of a mixture is a current in a colour of its own; how much it counts is how far it reaches,
and the shore between two moves with their weights. Lines of one current run between those of the other,
so that they mingle at the shore and can still be read. A voice without prompts has a current of what it
said before.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.composition import Measure
from installation.stage.frame import Fog, Sprite
from installation.stage.layers.line import line
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import mix, ramp, scatter, smooth
from installation.stage.page import Item


class Confluence(Spoken):
    """What an artist may set on the currents. Sizes in hundredths of stage height."""

    size: float = live(
        7.4, "Height of the spoken line's letters (their em)", ge=2, le=20, unit="stage height / 100"
    )
    lines: float = live(24.0, "How many lines of text flow, over all currents", ge=2, le=48)
    speed: float = live(2.2, "How fast they flow", ge=0, le=20, unit="stage height / 100 a second")
    waves: float = live(1.0, "How high the waves go", ge=0, le=2.5)
    shore: float = live(
        0.16, "Width of the shore in which two currents mingle", ge=0.02, le=0.6, unit="of the width"
    )
    light: float = live(1.0, "Light of the currents", ge=0, le=3)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


TINTS: tuple[Light, ...] = (
    (0.26, 0.48, 1.12),
    (1.22, 0.42, 0.14),
    (0.30, 0.86, 0.58),
    (0.98, 0.34, 0.78),
    (0.98, 0.80, 0.40),
    (0.34, 0.84, 0.94),
    (0.58, 0.42, 1.18),
    (0.80, 0.76, 0.70),
)
"""Sea, ember, moss, rose, sand, ice, violet, ash."""
BLOCK = 40
"""Words of a current of what was said before; then the next block has its turn."""
MOST = 900
"""Words that flow at a time, at most."""


class Current(NamedTuple):
    """A text that flows between two places, parts of the width, in so much light."""

    text: str
    tint: Light
    left: float
    right: float
    light: float = 1.0


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """Currents and spoken line at `now`."""
    assert isinstance(settings, Confluence), "a confluence is drawn with its own settings"
    drawing = Drawing([], [])
    items = view.said(settings.voice, 2 * BLOCK)
    if settings.opacity <= 0:
        return drawing
    y = view.form.height / 2 + 0.25 * settings.size
    spoken = line(view, items, now, settings.size, y, 1.1 * settings.opacity)
    parted = ramp(0, 1.2, now - items[0].at) if items else 0.0
    currents = _currents(view, settings, items, now)
    drawing.sprites.extend(_flow(view, settings, currents, parted, now))
    drawing.sprites.extend(spoken)
    return drawing._replace(fogs=tuple(_haze(view, settings, currents)))


def _currents(view: View, settings: Confluence, items: Sequence[Item], now: float) -> list[Current]:
    """What flows: the prompts by their shares, or else what was said before."""
    sources = [(flowing(text), share) for text, share in view.sources.of(settings.voice)]
    sources = [(text, share) for text, share in sources if text]
    found, at = [], 0.0
    for n, (text, share) in enumerate(sources):
        left = -1.0 if n == 0 else at
        at += share
        right = 2.0 if n == len(sources) - 1 else at
        if share > 0.004:
            found.append(Current(text, TINTS[n % len(TINTS)], left, right, ramp(0, 0.06, share)))
    return found or list(_before(items, now))


def _before(items: Sequence[Item], now: float) -> Iterator[Current]:
    """What was said before as one current, block after block."""
    if not items:
        return
    block = items[-1].key // BLOCK
    begun = next((item.at for item in items if item.key // BLOCK == block), now)
    come = smooth((now - begun) / 3)
    for which, share in ((block - 1, come), (block - 2, 1 - come)):
        words = [item.text for item in items if item.key // BLOCK == which]
        if words and share > 0:
            yield Current(" ".join(words), light.times(light.SLATE, 0.8), -1.0, 2.0, share)


@functools.lru_cache(maxsize=64)
def flowing(text: str) -> str:
    """A prompt as it flows: without the brackets of its controls, on one line."""
    text = text.strip()
    if text.startswith("[") and "]" in text:
        text = text.partition("]")[2]
    return " ".join(text.split()[:400])


@functools.lru_cache(maxsize=64)
def _set(measure: Measure, text: str) -> tuple[tuple[tuple[str, float, float], ...], float]:
    """Each word with where it begins and how wide it is, in ems, and the length of the whole."""
    words, x = [], 0.0
    for word in text.split():
        width = measure(word, "roman")
        words.append((word, x, width))
        x += width + 0.31
    return tuple(words), x + 0.9


def _flow(
    view: View, settings: Confluence, currents: Sequence[Current], parted: float, now: float
) -> Iterator[Sprite]:
    """Every word of every line that can be seen."""
    if not currents:
        return
    count = max(len(currents), round(settings.lines))
    left = MOST
    for n in range(count):
        current = currents[n % len(currents)]
        for sprite in _line(view, settings, current, n, count, parted, now):
            left -= 1
            if left < 0:
                return
            yield sprite


def _line(
    view: View, settings: Confluence, current: Current, n: int, count: int, parted: float, now: float
) -> Iterator[Sprite]:
    """One line of a current."""
    width, height = view.form.width, view.form.height
    near = (scatter(n, 3) + 1) / 2
    size = mix(1.5, 3.3, near**1.5) * height / 100
    rest = height * (n + 0.5 + 0.3 * scatter(n)) / count
    words, length = _set(view.measure, current.text)
    length *= size
    shore = settings.shore * width
    wobble = 0.22 * shore * math.sin(0.09 * rest + 0.11 * now)
    low, high = current.left * width + wobble - shore, current.right * width + wobble + shore
    strength = settings.opacity * settings.light * current.light * mix(0.16, 0.80, near**1.3)
    wave = _wave(rest, n, settings, height, parted, now)
    start = -((now * settings.speed * mix(0.5, 1.0, near) + 997 * (scatter(n, 5) + 1)) % length)
    for turn in range(1 + math.ceil((width - start) / length)):
        if start + turn * length > min(width, high) or start + (turn + 1) * length < max(0.0, low) - length:
            continue
        for k, (word, at, wide) in enumerate(words):
            x = start + turn * length + at * size
            if x > width or x + wide * size < 0 or x > high or x + wide * size < low:
                continue
            # Each word goes as a whole, one sooner than the other.
            middle = x + wide * size / 2 + 0.5 * shore * scatter(n, k)
            seen = ramp(low + 0.4 * shore, low + 1.6 * shore, middle) * (
                1 - ramp(high - 1.6 * shore, high - 0.4 * shore, middle)
            )
            if seen * strength < 0.012:
                continue
            y, end = (_height(place, wave) for place in (x, x + wide * size))
            turn_by = math.degrees(math.atan2(end - y, wide * size + 1e-9))
            glim = light.times(current.tint, seen * strength)
            yield Sprite(word, "roman", size, x, y, glim, 0.9 * (1 - near) ** 3, 0.0, turn_by)


class Wave(NamedTuple):
    """A line's waves: where it lies, how high they go, and the long and the short one by their waves
    in a length of 1 and how far along they are."""

    rest: float
    high: float
    long: float
    long_at: float
    short: float
    short_at: float


def _wave(rest: float, n: int, settings: Confluence, height: float, parted: float, now: float) -> Wave:
    """The waves of a line; the spoken line in the middle parts the water and calms it."""
    away = (rest - height / 2) / (2.1 * settings.size)
    near = parted * math.exp(-away * away)
    high = settings.waves * height / 100 * (1 - 0.72 * near)
    lag = 0.055 * rest + 0.25 * scatter(n, 7)
    lies = rest + math.tanh(9 * (rest - height / 2) / height) * 1.3 * settings.size * near
    return Wave(
        lies, high, math.tau / (1.15 * height), 0.10 * now + lag, math.tau / (0.52 * height), lag - 0.16 * now
    )


def _height(x: float, wave: Wave) -> float:
    """How deep the line lies at `x`."""
    rest, high, long, long_at, short, short_at = wave
    return rest + high * (4.2 * math.sin(long * x + long_at) + 1.7 * math.sin(short * x + short_at))


def _haze(view: View, settings: Confluence, currents: Sequence[Current]) -> Iterator[Fog]:
    """A breath of each current's colour where it is at home."""
    width, height = view.form.width, view.form.height
    for current in currents:
        middle = (max(0.0, current.left) + min(1.0, current.right)) / 2
        glim = light.times(current.tint, 0.030 * settings.opacity * min(1.5, settings.light) * current.light)
        yield Fog(middle * width, height / 2, 0.34 * height, glim)
