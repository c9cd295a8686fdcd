"""Constellation: words where they lie in the embedding, and the sentence a comet through them.

Each word that was said is a star at its place; the same word said again is the same star. The newest
words are joined by the comet's path, rays lead from its head to what may come next, and every star is
tied to the star next to it that was there before. A voice without an embedding has its words strewn by
their spelling.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.composition import Format
from installation.stage.frame import Fog, Sprite, Stroke
from installation.stage.layers.curve import through
from installation.stage.layers.sky import Star, bare, free, hue, neighbours, point, sky
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, clamp, mix, ramp, smooth
from installation.stage.page import Ahead


class Constellation(Spoken):
    """What an artist may set on the sky of words. Sizes in hundredths of stage height."""

    size: float = live(
        5.6, "Height of the newest word's letters (their em)", ge=2, le=20, unit="stage height / 100"
    )
    stars: float = live(90.0, "How many words said before stay in the sky", ge=0, le=160)
    tail: float = live(7.0, "Over how many words the comet's tail reaches", ge=1, le=24)
    colour: float = live(
        1.0, "How far neighbourhoods are told apart by hue, from not at all to fully", ge=0, le=1
    )
    rays: float = live(1.0, "Light of what may come next and of the rays to it", ge=0, le=2)
    fog: float = live(1.0, "Light of the fog behind neighbourhoods", ge=0, le=3)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


FLIGHT = 0.9
"""Seconds in which the comet flies to the next word."""
FOGS = 6
STAR = 0.50
"""A star's letters, in sizes, once the comet has passed."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The sky at `now`."""
    assert isinstance(settings, Constellation), "a constellation is drawn with its own settings"
    drawing = Drawing([], [])
    if settings.opacity <= 0:
        return drawing
    items = view.said(settings.voice, round(settings.stars) + math.ceil(settings.tail) + 1)
    if not items:
        return drawing
    placed = sky(items, view.form, settings.colour, now)
    head = placed[items[-1].key]
    path = [placed[item.key] for item in items[-math.ceil(settings.tail) - 2 :]]
    stars = sorted({id(star): star for star in placed.values()}.values(), key=lambda star: -star.rank)
    _ties(drawing, stars, settings)
    come = arrive((now - items[-1].at) / FLIGHT)
    _comet(drawing, path, settings, come)
    _words(drawing, view, stars, settings, now)
    for ahead, strength, spread in _nexts(view, settings, now):
        _rays(drawing, view, ahead, head, stars, settings, strength, spread)
    return drawing._replace(fogs=_fogs(stars, view.form, settings, now))


def _ties(drawing: Drawing, stars: list[Star], settings: Constellation) -> None:
    """Fine lines from each star to the nearest of those that were there before it."""
    for star, near, far in neighbours(stars):
        strength = 0.13 * settings.opacity * (1 - ramp(14, 34, far)) * _kept(star, settings)
        if far > 1 and strength > 0.004:
            ends = (light.times(star.hue, strength), light.times(near.hue, strength))
            drawing.strokes.append(Stroke(((star.x, star.y), (near.x, near.y)), ends, 0.11))


def _comet(drawing: Drawing, path: list[Star], settings: Constellation, come: float) -> None:
    """The path through the newest words; its head flies to the newest one, its tail goes out."""
    if len(path) < 2:
        return
    points, along = through(tuple((star.x, star.y) for star in path), len(path) - 2 + come)
    if len(points) < 2:
        return
    end = along[-1]
    lefts = [clamp(1 - (end - at) / settings.tail) for at in along]
    # Beyond its tail nothing can be seen.
    first = max(0, sum(left <= 0 for left in lefts) - 1)
    points, along, lefts = points[first:], along[first:], lefts[first:]
    if len(points) < 2:
        return
    glims = [
        light.times(light.blend((0.50, 0.42, 0.95), (1.15, 0.98, 0.78), ramp(0.15, 0.95, left)), left**1.6)
        for left in lefts
    ]
    for shift, width, share in ((0.0, 0.30, 1.0), (0.34, 0.12, 0.30), (-0.30, 0.12, 0.22)):
        strength = 0.85 * settings.opacity * share
        lights = tuple([(r * strength, g * strength, b * strength) for r, g, b in glims])
        aways = [shift * (end - at) for at in along]
        shifted = tuple([(x + 0.6 * a, y + a) for (x, y), a in zip(points, aways, strict=True)])
        drawing.strokes.append(Stroke(shifted, lights, width))


class Label(NamedTuple):
    """A star's word in its place. `new`: 1 at the comet's head to 0 behind its tail; `come`: how far it
    has come to light."""

    star: Star
    x: float
    y: float
    size: float
    width: float
    new: float
    come: float


def _words(drawing: Drawing, view: View, stars: list[Star], settings: Constellation, now: float) -> None:
    """Every star with its word; where a younger word needs the room the older one is a mere point."""
    labels = [_label(view, star, settings, stars[-1].item.at, now) for star in reversed(stars)]
    boxes = [(w.x, w.y - 0.7 * w.size, w.x + w.width, w.y + 0.25 * w.size, w.come) for w in labels]
    for label, room in zip(labels, free(boxes), strict=True):
        drawing.sprites.extend(_word(view, label, settings, room))


def _label(view: View, star: Star, settings: Constellation, newest: float, now: float) -> Label:
    """Above its star, within the stage."""
    new = clamp(1 - (star.rank + 1 - arrive((now - newest) / FLIGHT)) / settings.tail)
    size = settings.size * mix(STAR, 1.0, new**0.8)
    width = view.measure(star.item.text, "display" if new > 0 else "roman") * size
    fit = min(1.0, (view.form.width - 8) / max(width, 1e-9))
    x = clamp(star.x - width * fit / 2, 4, view.form.width - 4 - width * fit)
    come = arrive((now - star.item.at) / FLIGHT)
    return Label(star, x, star.y - 0.9, size * fit, width * fit, new, come)


def _word(view: View, label: Label, settings: Constellation, room: float) -> Iterator[Sprite]:
    """A star, and its word as far as there is `room` for it."""
    star, x, y, size, _, new, come = label
    item, kept = star.item, _kept(star, settings)
    dot = light.times(light.blend(star.hue, light.IVORY, 0.5), settings.opacity * kept * mix(0.55, 1.0, new))
    yield Sprite("·", "roman", 4.2, star.x - 0.48, star.y + 1.25, dot)
    strength = settings.opacity * kept * mix(0.38, 1.0, new) * room * mix(0.15, 1, come)
    if strength < 0.01:
        return
    said = light.word_light(item.inner.surprise, "ivory")
    body = light.times(light.blend(star.hue, said, ramp(0, 0.6, new)), strength)
    blur = 0.7 * (1 - come) + 0.9 * ramp(0.35, 1.0, star.rank / max(1.0, settings.stars))
    large = ramp(0.0, 0.25, new)
    if large > 0:
        yield Sprite(item.text, "display", size, x, y, light.times(body, large), blur)
    if large < 1:
        small = x + (label.width - view.measure(item.text, "roman") * size) / 2
        yield Sprite(item.text, "roman", size, small, y, light.times(body, 1 - large), blur)
    hot = heat(item.inner.surprise) * new * come
    if hot > 0.05 and not item.forced:
        yield Sprite(item.text, "display", size, x, y, light.times(body, 0.25), 2.0, 0.8 * hot)


def _kept(star: Star, settings: Constellation) -> float:
    """What is left of a star after so many newer words."""
    return 1 - ramp(0.6 * settings.stars, settings.stars + 1e-6, max(0.0, star.rank - settings.tail))


def _nexts(view: View, settings: Constellation, now: float) -> list[tuple[Ahead, float, float]]:
    """What may come next and what might have come, with their light and how far they stand out."""
    found = []
    ahead, fallen = view.next(settings.voice), view.last_next(settings.voice)
    if fallen is not None and now - fallen.at < 0.4:
        found.append((fallen.ahead, 1 - smooth((now - fallen.at) / 0.4), 1.0))
    if ahead is not None:
        found.append((ahead, smooth((now - ahead.at - 0.2) / 0.6), arrive((now - ahead.at - 0.2) / 0.9)))
    return found


def _rays(
    drawing: Drawing,
    view: View,
    ahead: Ahead,
    head: Star,
    stars: list[Star],
    settings: Constellation,
    strength: float,
    spread: float,
) -> None:
    """Rays from the head: to the star of a word that is in the sky, else a little way out."""
    strength *= settings.rays * settings.opacity
    if strength < 0.01:
        return
    known = {bare(star.item.text): star for star in stars}
    start = (head.x, head.y)
    for rank, rival in enumerate(ahead.rivals[:8]):
        text = rival.text.strip()
        name = bare(text)
        if not text or name == bare(head.item.text):
            continue
        bright = strength * clamp(0.25 + 0.9 * math.sqrt(rival.probability))
        star = known.get(name)
        if star is not None:
            end = (mix(start[0], star.x, spread), mix(start[1], star.y, spread))
        elif text[0].isalnum():
            around = 2.39996 * rank + (zlib.crc32(name.encode("utf-8", "replace")) % 100) / 100
            far = settings.size * mix(2.6, 1.9, math.sqrt(rival.probability)) * spread
            end = (
                clamp(start[0] + 1.5 * far * math.cos(around), 6, max(6.0, view.form.width - 6)),
                clamp(start[1] + far * math.sin(around), 6, view.form.height - 6),
            )
            size = 0.5 * settings.size
            width = view.measure(text, "italic") * size
            x = clamp(end[0] - width / 2, 2, max(2.0, view.form.width - 2 - width))
            y = clamp(end[1], size, view.form.height - size) + 0.25 * size
            drawing.sprites.append(
                Sprite(
                    text, "italic", size, x, y, light.times(light.UNSAID, bright), 0.15 * rank + 1 - spread
                )
            )
        else:
            continue
        first = light.times((1.0, 0.62, 0.62), 0.42 * bright)
        last = light.times(light.UNSAID, 0.06 * bright)
        drawing.strokes.append(bow(start, end, first, last))


def bow(start: tuple[float, float], end: tuple[float, float], first: Light, last: Light) -> Stroke:
    """A slightly bent line."""
    across = ((end[1] - start[1]) * 0.12, (start[0] - end[0]) * 0.12)
    points, lights = [], []
    for k in range(13):
        t = k / 12
        bulge = 4 * t * (1 - t)
        points.append(
            (mix(start[0], end[0], t) + across[0] * bulge, mix(start[1], end[1], t) + across[1] * bulge)
        )
        lights.append(light.blend(first, last, t))
    return Stroke(tuple(points), tuple(lights), 0.12)


def _fogs(stars: list[Star], form: Format, settings: Constellation, now: float) -> tuple[Fog, ...]:
    """Soft light where the words lie, one fog for each way round; more words, more light."""
    crowd = [0.0] * FOGS
    for star in stars:
        around = math.atan2(form.height / 2 - star.y, star.x - form.width / 2) / math.tau % 1 * FOGS
        come = _kept(star, settings) * arrive((now - star.seen) / 3)
        crowd[int(around) % FOGS] += come * (1 - around % 1)
        crowd[(int(around) + 1) % FOGS] += come * (around % 1)
    fogs = []
    for way, many in enumerate(crowd):
        x, y = math.cos(way / FOGS * math.tau), math.sin(way / FOGS * math.tau)
        strength = 0.07 * settings.opacity * settings.fog * (1 - math.exp(-many / 4))
        right, down = point(0.62 * x, 0.62 * y, form)
        fogs.append(
            Fog(right, down, 24.0 * form.height / 100, light.times(hue(x, y, settings.colour), strength))
        )
    return tuple(fogs)
