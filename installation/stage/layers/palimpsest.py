"""Palimpsest: the page itself. Roman is what was said; its colour is how surprising it was.

Ahead of the last word stand in italic the candidates for the next, tied to it by threads; they fall
back into the word when it is spoken. Below runs the model's uncertainty as one thin line.
"""

from __future__ import annotations

import functools
from itertools import zip_longest
from typing import Literal

from pydantic import field_validator

from installation.show.parameter import Settings, fixed, live
from installation.stage import light
from installation.stage.composition import Placed
from installation.stage.frame import Sprite, Stroke
from installation.stage.layers import candidates, uncertainty
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, mix, ramp


class Palimpsest(Spoken):
    """What an artist may set on the page. Sizes in hundredths of stage height."""

    area: tuple[float, ...] = fixed(
        (),
        "[left, top, width, height] of its part of the stage; none: all of it, shared with other voices' pages",
        unit="stage / 100",
    )
    size: float = fixed(9.0, "Height of the letters (their em)", ge=2, le=40, unit="stage height / 100")
    margin: float = fixed(
        8.0, "Empty space left and right", ge=0, le=30, unit="stage width / 100, or its area's"
    )
    leading: float = fixed(
        0.0, "From line to line, in sizes; 0: as much as the scene's layers need", ge=0, le=6, unit="sizes"
    )
    ink: Literal["surprise", "ivory", "slate", "amber", "sea", "rose"] = live(
        "surprise", "Resting colour of a word nobody wondered at; surprise comes on top as coloured light"
    )
    colour: float = live(1.0, "How far surprise colours a word, from not at all to fully", ge=0, le=1)
    glow: float = live(1.0, "How far surprising words light up their surroundings", ge=0, le=3)
    bloom: float = live(0.35, "How long a new word takes to come to light", ge=0, le=3, unit="s")
    dim: float = live(0.5, "How far older lines sink back towards slate", ge=0, le=1)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)
    candidates: bool = live(True, "Show ahead of the last word what may come next")
    entropy_line: bool = live(True, "Show the model's uncertainty as a thin line below the page")

    @field_validator("area")
    @classmethod
    def _area(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if value and len(value) != 4:
            raise ValueError(
                "an area has four numbers; write [left, top, width, height], as in [50, 0, 50, 100]"
            )
        if value and not (min(value) >= 0 and min(value[2:]) >= 5):
            raise ValueError("this area is nowhere or too small; its width and height are 5 at least")
        if value and max(value[0] + value[2], value[1] + value[3]) > 100:
            raise ValueError(
                "this area reaches beyond the stage; left and width, top and height sum to 100 at most"
            )
        return value


LEFT = 0.3
"""What is left of a word's light once it is withdrawn."""
WITHDRAWING = 0.7
"""Seconds in which a word is struck through and sinks back."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The page at `now`."""
    assert isinstance(settings, Palimpsest), "palimpsest is drawn with its own settings"
    drawing = Drawing([], [])
    if settings.opacity <= 0:
        return drawing
    for word, after in zip_longest(view.words, view.words[1:]):
        withdrawn = view.page.withdrawn.get(word.item.key)
        left = 1.0 if withdrawn is None else mix(1.0, LEFT, arrive((now - withdrawn) / WITHDRAWING))
        drawing.sprites.extend(_word(word, settings, now, left))
        if word.item.forced:
            drawing.strokes.append(_mark(word, after, settings, now))
        if withdrawn is not None:
            drawing.strokes.append(_strike(word, settings, now - withdrawn))
    tint = _colour(view.words[-1], settings) if view.words else light.UNSAID
    if settings.candidates:
        candidates.add(drawing, view, tint, settings.opacity, now)
    if settings.entropy_line:
        uncertainty.add(drawing, view, tint, settings.opacity, now)
    return drawing


def _word(word: Placed, settings: Palimpsest, now: float, left: float) -> list[Sprite]:
    """The word as it comes to light, and its glow where it was a surprise; `left` of it since it was
    withdrawn."""
    item = word.item
    bloom = max(settings.bloom, 1e-6)
    come = arrive((now - word.at) / bloom)
    sunk = _sunk(word.age, settings.dim)
    strength = settings.opacity * word.light * mix(0.12, 1.0, come) * left
    hot = settings.glow * heat(item.inner.surprise) * (not item.forced) * (left - LEFT) / (1 - LEFT)
    blur = 1.0 * (1 - come) + 1.6 * (1 - word.light)
    colour = _colour(word, settings)
    body = light.times(colour, strength * (1 + 0.24 * min(hot, 1.5)) * sunk)
    grown = arrive((now - item.grown) / bloom) if item.prior else 1.0
    found: list[Sprite] = []
    if grown < 1:
        found.append(
            Sprite(item.prior, "roman", word.size, word.x, word.y, light.times(body, 1 - grown), blur)
        )
        body = light.times(body, grown)
    found.append(Sprite(item.text, "roman", word.size, word.x, word.y, body, blur))
    if hot > 0.02:
        aura = light.times(light.times(colour, strength * min(1.0, hot) * sunk**2), 0.28 + 0.16 * hot)
        found.append(Sprite(item.text, "roman", word.size, word.x, word.y, aura, 2.0, 0.9))
    return found


@functools.lru_cache(128)
def _sunk(age: float, dim: float) -> float:
    """What is left of a line's light when so many younger ones have come."""
    return 1 - 0.45 * dim * ramp(0.3, 3.2, age)


@functools.lru_cache(128)
def _paled(age: float, dim: float) -> float:
    """How far such a line's colour has sunk towards slate."""
    return dim * 0.6 * ramp(0.2, 3.4, age)


def _colour(word: Placed, settings: Palimpsest) -> Light:
    """The word's light: a visitor's own hue, or its surprise over the ink, sinking towards slate."""
    item = word.item
    if item.forced:
        fresh = visitors(settings.ink)
    else:
        fresh = light.word_light(item.inner.surprise, settings.ink, settings.colour)
    return light.blend(fresh, light.SLATE, _paled(word.age, settings.dim))


def _mark(word: Placed, after: Placed | None, settings: Palimpsest, now: float) -> Stroke:
    """A hairline under a visitor's word, up to the word after it where that is a visitor's too."""
    start, end = word.x, word.x + word.width
    if after is not None and after.item.forced and after.row == word.row:
        start, end = (after.x + after.width, end) if word.leftward else (start, after.x)
    come = arrive((now - word.at) / 0.9)
    y = word.y + 0.27 * word.size
    strength = 0.42 * settings.opacity * word.light * _sunk(word.age, settings.dim)
    glim = light.times(visitors(settings.ink), strength)
    return Stroke(((start, y), (mix(start, end, come), y)), (glim, glim), 0.14)


def _strike(word: Placed, settings: Palimpsest, since: float) -> Stroke:
    """A hairline through a word that the voice took back, drawn as a pen would."""
    start, end = word.x - 0.04 * word.size, word.x + word.width + 0.04 * word.size
    if word.leftward:
        start, end = end, start
    y = word.y - 0.22 * word.size
    glim = light.times(
        _colour(word, settings), 0.6 * settings.opacity * word.light * _sunk(word.age, settings.dim)
    )
    return Stroke(((start, y), (mix(start, end, arrive(since / WITHDRAWING)), y)), (glim, glim), 0.16)


def visitors(ink: str) -> Light:
    """The light of a visitor's own words: sea, and rose where the page itself is written in sea."""
    return light.INKS["rose"] if ink == "sea" else light.SEA
