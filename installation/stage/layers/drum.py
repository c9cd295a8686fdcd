"""Drum: the candidates for the next word turn on a drum at the end of the sentence.

It turns slowly while the voice has not spoken, and to the candidate that is spoken when it has; then the
sentence takes the word and moves on. A voice without candidates speaks its sentence alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from installation.messages import Rival
from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Sprite, Stroke
from installation.stage.layers.candidates import shown
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import Drawing, View
from installation.stage.motion import arrive, clamp, mix, ramp, smooth
from installation.stage.page import Ahead, Item


class Drum(Spoken):
    """What an artist may set on sentence and drum. Sizes in hundredths of stage height."""

    size: float = live(10.0, "Height of the letters (their em)", ge=3, le=24, unit="stage height / 100")
    turns: float = live(0.12, "How fast the drum turns while it waits", ge=0, le=2, unit="turns a second")
    radius: float = live(2.3, "The drum's radius", ge=1.2, le=4, unit="sizes")
    place: float = live(0.52, "Where the next word begins, of the stage's width", ge=0.2, le=0.85)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


STOP = 0.28
"""Seconds in which it turns to the word that is spoken."""
MOVE = 0.75
"""Seconds in which the sentence moves on."""
SPACE = 0.26
STAVES = 9
"""Places on the drum; what stands behind it is not seen."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """Sentence and drum at `now`."""
    assert isinstance(settings, Drum), "a drum is drawn with its own settings"
    drawing = Drawing([], [])
    items = view.said(settings.voice, 40)
    if settings.opacity <= 0:
        return drawing
    drawing.sprites.extend(_sentence(view, settings, items, now))
    ahead, fallen = view.next(settings.voice), view.last_next(settings.voice)
    if fallen is not None and now - fallen.at < STOP + 0.2:
        share = arrive((now - fallen.at) / STOP)
        waited = _turned(settings, fallen.at - fallen.ahead.at)
        texts = [rival.text for rival in shown(fallen.ahead.rivals)]
        stave = _stave(texts.index(fallen.chosen)) if fallen.chosen in texts else round(waited)
        # The shorter way round.
        to = stave + STAVES * round((waited - stave) / STAVES)
        gone = smooth((now - fallen.at - 0.4 * STOP) / 0.25)
        drawing.sprites.extend(
            _drum(view, settings, fallen.ahead, mix(waited, to, share), 1 - gone, 1 - share)
        )
    if ahead is not None:
        age = now - ahead.at
        come = smooth((age - STOP - 0.15) / 0.6)
        drawing.sprites.extend(_drum(view, settings, ahead, _turned(settings, age), come, 1.0))
    _axle(drawing, view, settings)
    return drawing


def _turned(settings: Drum, age: float) -> float:
    """How many staves it has turned by since it stands there; it begins with the likeliest in front."""
    return settings.turns * STAVES * max(0.0, age - 0.9)


def _sentence(view: View, settings: Drum, items: Sequence[Item], now: float) -> Iterator[Sprite]:
    """What was said, up to where the next word will begin; each new word moves it on."""
    if not items:
        return
    size = settings.size
    moved = arrive((now - items[-1].at - STOP) / MOVE)
    x = settings.place * view.form.width
    y = view.form.height / 2 + 0.24 * size
    for back, item in enumerate(reversed(items)):
        width = view.measure(item.text, "roman") * size
        fit = min(1.0, 0.8 * view.form.width / max(width, 1e-9))
        width *= fit
        x -= (width + SPACE * size) * (moved if back == 0 else 1.0)
        if x + width < 0:
            return
        come = smooth((now - item.at - 0.4 * STOP) / 0.25)
        edge = ramp(0.0, 0.16 * view.form.width, x + 0.5 * width) if back else 1.0
        strength = settings.opacity * come * edge * (1 - 0.4 * ramp(0, 9, back))
        colour = light.word_light(item.inner.surprise, "ivory")
        if strength > 0.01:
            place = clamp(x, -width, view.form.width - 2)
            yield Sprite(
                item.text, "roman", size * fit, place, y, light.times(colour, strength), 1.2 * (1 - edge)
            )
            if (hot := heat(item.inner.surprise)) > 0.05 and not item.forced:
                dim = light.times(colour, 0.28 * strength)
                yield Sprite(item.text, "roman", size * fit, place, y, dim, 2.0, 0.85 * hot)


def _drum(
    view: View, settings: Drum, ahead: Ahead, turned: float, strength: float, others: float
) -> Iterator[Sprite]:
    """The candidates on the drum; `others`: what is left of those that do not stand in front."""
    x = settings.place * view.form.width
    strength *= settings.opacity
    if strength < 0.01:
        return
    for stave, rival in enumerate(_staves(shown(ahead.rivals))):
        angle = math.tau * (stave - turned) / STAVES
        front = math.cos(angle)
        if rival is None or front <= 0.05:
            continue
        size = settings.size * mix(0.45, 1.0, front)
        text = rival.text.strip()
        width = view.measure(text, "italic") * size
        fit = min(1.0, max(1.0, view.form.width - x - 3) / max(width, 1e-9))
        y = view.form.height / 2 + settings.radius * settings.size * math.sin(angle) + 0.24 * size
        ahead_of_it = front**8
        bright = (
            strength
            * front**1.6
            * mix(0.45, 1.0, math.sqrt(rival.probability))
            * mix(others, 1.0, ahead_of_it)
        )
        tint = light.blend(light.UNSAID, light.IVORY, 0.55 * ahead_of_it)
        yield Sprite(text, "italic", size * fit, x, y, light.times(tint, bright), 1.1 * (1 - front))


def _staves(rivals: Iterator[Rival]) -> list[Rival | None]:
    """Who stands on which stave: the likeliest in front, then above and below by turns."""
    staves: list[Rival | None] = [None] * STAVES
    for rank, rival in enumerate(rivals):
        staves[_stave(rank)] = rival
    return staves


def _stave(rank: int) -> int:
    """On which stave the candidate of that rank stands."""
    return ((rank + 1) // 2 if rank % 2 else -(rank // 2)) % STAVES


def _axle(drawing: Drawing, view: View, settings: Drum) -> None:
    """Two hairlines left of the drum: here the next word comes."""
    x = settings.place * view.form.width - 0.5 * SPACE * settings.size
    middle, reach = view.form.height / 2, settings.radius * settings.size
    for way in (-1, 1):
        points, lights = [], []
        for k in range(9):
            points.append((x, middle + way * mix(0.55 * settings.size, 1.15 * reach, k / 8)))
            lights.append(light.times(light.UNSAID, 0.20 * settings.opacity * (1 - k / 8)))
        drawing.strokes.append(Stroke(tuple(points), tuple(lights), 0.11))
