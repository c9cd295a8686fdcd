"""Spectrum: above each word the lines of all that the voice held for possible, as high as they were unlikely.

Below lies the sentence; over it, a probability is a height: what was certain lies low, what one token in a
thousand says lies high. The line of the word that was spoken burns in the light of its surprise, and a fine
curve ties it to the next one. A voice that does not tell its probabilities has the sentence alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from installation.messages import Rival
from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Fog, Sprite, Stroke
from installation.stage.layers.curve import through
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import Drawing, View
from installation.stage.motion import arrive, clamp, mix, ramp, smooth
from installation.stage.page import Item


class Spectrum(Spoken):
    """What an artist may set on the spectrum. Sizes in hundredths of stage height."""

    size: float = live(
        4.4, "Height of the sentence's letters (their em)", ge=2, le=12, unit="stage height / 100"
    )
    lines: float = live(1.0, "Light of the lines of what was not said", ge=0, le=3)
    names: bool = live(True, "Write beside the newest word's lines what they are")
    scale: bool = live(True, "Tell at the edge how probable a height is")
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


BASE, TOP = 79.0, 13.0
"""Where certainty lies, and MOST bits."""
MOST = 11.0
SENTENCE = 88.0
"""Baseline of the sentence."""
PLACE = 0.74
"""Where the newest word ends, of the width."""
SPACE = 0.40
WORDS = 40


class Column(NamedTuple):
    """A word and the room above it."""

    item: Item
    x: float
    width: float
    size: float
    light: float


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """Sentence and spectrum at `now`."""
    assert isinstance(settings, Spectrum), "a spectrum is drawn with its own settings"
    drawing = Drawing([], [])
    items = view.said(settings.voice, WORDS)
    if settings.opacity <= 0 or not items:
        return drawing
    columns = list(_columns(view, settings, items, now))
    for column in reversed(columns):
        _lines(drawing, view, settings, column, now)
        drawing.sprites.extend(_word(view, column, now))
    _surprise(drawing, view, columns[::-1], now)
    told = [column for column in columns if column.item.inner.surprise is not None]
    if told and settings.names:
        drawing.sprites.extend(_names(view, settings, told[0], now))
    if told and settings.scale:
        drawing.sprites.extend(_scale(view, settings))
    return drawing._replace(fogs=(_ground(view, settings),))


def _columns(view: View, settings: Spectrum, items: Sequence[Item], now: float) -> Iterator[Column]:
    """From the newest word back, as far as the stage reaches; each new word moves all on."""
    x = PLACE * view.form.width
    for back, item in enumerate(reversed(items)):
        width = view.measure(item.text, "roman") * settings.size
        fit = min(1.0, 0.66 * view.form.width / max(width, 1e-9))
        width *= fit
        come = arrive((now - item.at) / 0.7) if back == 0 else 1.0
        x -= (width + SPACE * settings.size) * come
        edge = ramp(0.03, 0.16, (x + width / 2) / view.form.width)
        if x + width < 0:
            return
        yield Column(
            item,
            x,
            width,
            settings.size * fit,
            settings.opacity * (edge if back else 1.0) * mix(0.2, 1, come),
        )


def _deep(view: View, bits: float) -> float:
    """How deep so many bits lie."""
    return mix(BASE, TOP, clamp(bits / MOST)) * view.form.height / 100


def _bits(rival: Rival) -> float:
    return -math.log2(max(rival.probability, 2.0**-MOST))


def _lines(drawing: Drawing, view: View, settings: Spectrum, column: Column, now: float) -> None:
    """One line for each candidate, that of the spoken one brighter."""
    come = arrive((now - column.item.at) / 1.1)
    middle, half = column.x + column.width / 2, max(0.5 * column.width, 1.6) * come
    for rival in column.item.inner.rivals or ():
        y = _deep(view, _bits(rival))
        strength = column.light * settings.lines * come * mix(0.16, 0.62, math.sqrt(clamp(rival.probability)))
        glim = light.times(light.blend(light.UNSAID, (0.46, 0.36, 1.05), clamp(_bits(rival) / 8)), strength)
        drawing.strokes.append(Stroke(((middle - half, y), (middle + half, y)), (glim, glim), 0.13))
    bits = column.item.inner.surprise
    if bits is not None:
        y = _deep(view, bits)
        glim = light.times(light.word_light(bits, "ivory"), 1.05 * column.light * come)
        drawing.strokes.append(Stroke(((middle - half, y), (middle + half, y)), (glim, glim), 0.30))


def _word(view: View, column: Column, now: float) -> Iterator[Sprite]:
    """The word below its lines."""
    item, y = column.item, SENTENCE * view.form.height / 100
    come = arrive((now - item.at) / 0.5)
    colour = light.times(light.word_light(item.inner.surprise, "ivory"), column.light * come)
    yield Sprite(item.text, "roman", column.size, column.x, y, colour, 1 - come)
    if (hot := heat(item.inner.surprise)) > 0.05 and not item.forced:
        yield Sprite(item.text, "roman", column.size, column.x, y, light.times(colour, 0.3), 2.0, 0.85 * hot)


def _surprise(drawing: Drawing, view: View, columns: Sequence[Column], now: float) -> None:
    """A fine curve through the lines of what was spoken."""
    told = [column for column in columns if column.item.inner.surprise is not None]
    if len(told) < 2:
        return
    spots = tuple((c.x + c.width / 2, _deep(view, c.item.inner.surprise or 0.0)) for c in told)
    points, along = through(spots, len(spots) - 2 + smooth((now - told[-1].item.at) / 0.9))
    lights = []
    for at in along:
        one, other = told[min(int(at), len(told) - 1)], told[min(int(at) + 1, len(told) - 1)]
        bits = mix(one.item.inner.surprise or 0.0, other.item.inner.surprise or 0.0, at % 1)
        lights.append(
            light.times(light.word_light(bits, "ivory"), 0.30 * mix(one.light, other.light, at % 1))
        )
    if len(points) > 1:
        drawing.strokes.append(Stroke(points, tuple(lights), 0.12))


def _names(view: View, settings: Spectrum, column: Column, now: float) -> Iterator[Sprite]:
    """What the newest word's lines are, right of them; where two are too near, the likelier one."""
    come = smooth((now - column.item.at - 0.3) / 0.6)
    x = column.x + column.width + 1.2
    if come <= 0 or x > 0.92 * view.form.width:
        return
    free = math.inf
    for rival in sorted(column.item.inner.rivals or (), key=_bits):
        text, y = rival.text.strip(), _deep(view, _bits(rival))
        if not text or free - y < 2.6:
            continue
        free = y
        size = 2.7
        width = view.measure(text, "italic") * size
        fit = min(1.0, max(1.0, 0.95 * view.form.width - x) / max(width, 1e-9))
        strength = (
            settings.opacity * settings.lines * come * mix(0.45, 1.0, math.sqrt(clamp(rival.probability)))
        )
        yield Sprite(text, "italic", size * fit, x, y + 0.7, light.times(light.UNSAID, strength))


def _scale(view: View, settings: Spectrum) -> Iterator[Sprite]:
    """How probable a height is, at the right edge."""
    for text, bits in (("1 in 2", 1.0), ("1 in 10", 3.3219), ("1 in 100", 6.6439), ("1 in 1000", 9.9658)):
        x = view.form.width - 0.06 * view.form.width - view.measure(text, "caption") * 1.5
        yield Sprite(
            text,
            "caption",
            1.5,
            x,
            _deep(view, bits) + 0.5,
            light.times(light.SLATE, 0.34 * settings.opacity),
        )


def _ground(view: View, settings: Spectrum) -> Fog:
    """A little light where the lines are born."""
    glim = light.times((0.24, 0.20, 0.52), 0.11 * settings.opacity)
    return Fog(PLACE * view.form.width, BASE * view.form.height / 100, 0.30 * view.form.height, glim)
