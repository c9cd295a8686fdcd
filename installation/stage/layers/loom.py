"""Loom: what the model looked back on, as threads between words on a ring.

The words stand on a ring like hours, the newest one where the gap moves on to. Each is tied by threads to
the words that the model looked at before it began it; what the newest one looked at stands out. In the
middle is what may come next. A voice that does not tell what it looked at ties each word to the one
before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Fog, Sprite, Stroke
from installation.stage.layers.candidates import shown
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.thread import PIECES, bent, foot, thread
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, clamp, mix, ramp, smooth
from installation.stage.page import Ahead, Item


class Loom(Spoken):
    """What an artist may set on the ring and its threads. Sizes in hundredths of stage height."""

    size: float = live(2.9, "Height of the ring's letters (their em)", ge=1, le=8, unit="stage height / 100")
    words: float = live(36.0, "How many words the ring holds", ge=6, le=72)
    threads: float = live(1.0, "Light of the threads that older words left", ge=0, le=3)
    centre: float = live(
        11.0, "Height of the letters in the middle; 0: nothing there", ge=0, le=30, unit="stage height / 100"
    )
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


GAP = 2
"""Hours that stay free between the newest word and the oldest."""
DRAWN = 0.9
"""Seconds in which a word's threads are drawn."""
TIES = 5
"""Threads that a word leaves; the newest one shows all."""
FRESH: tuple[Light, ...] = ((1.10, 0.92, 0.62), (0.36, 0.92, 1.10), (1.10, 0.46, 0.80), (0.66, 0.52, 1.20))
"""Sand, sea, rose, violet: the newest word's threads, the strongest first."""
REST = 0.5
"""Seconds for which a word that was just spoken stays in the middle."""


class Hour(NamedTuple):
    """A word's place: the foot of its ray on the ring, and its direction, clockwise from the right."""

    item: Item
    x: float
    y: float
    angle: float
    slot: int


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The ring at `now`."""
    assert isinstance(settings, Loom), "a loom is drawn with its own settings"
    drawing = Drawing([], [])
    places = max(4, round(settings.words))
    items = view.said(settings.voice, places - GAP)
    if settings.opacity <= 0 or not items:
        return drawing
    ring = {item.key: _hour(view, item, places) for item in items if item.key > items[-1].key - places + GAP}
    newest = ring[items[-1].key]
    come = arrive((now - newest.item.at) / DRAWN)
    looked = _looked(view, ring, newest.item)
    for hour in ring.values():
        if hour is not newest:
            _old_threads(drawing, view, settings, ring, hour, places)
    for hour in ring.values():
        left = 1 - ramp(0.45, 1.0, (newest.item.key - hour.item.key) / places)
        drawing.strokes.append(foot((hour.x, hour.y), hour.angle, 0.62 * settings.opacity * left))
    for rank, (other, share) in enumerate(looked):
        _new_thread(drawing, view, settings, newest, other, share / looked[0][1], rank, come)
    felt = {other.item.key: share / looked[0][1] * come for other, share in looked}
    for hour in ring.values():
        drawing.sprites.extend(_word(view, settings, hour, felt.get(hour.item.key, 0.0), places, newest, now))
    drawing.sprites.extend(_middle(view, settings, newest.item, now))
    glow = light.times((0.30, 0.17, 0.26), 0.16 * settings.opacity)
    width, height = view.form.width, view.form.height
    return drawing._replace(fogs=(Fog(width / 2, height / 2, 0.62 * _radius(view), glow),))


def _radius(view: View) -> float:
    """The ring's, so that words fit outside it."""
    return max(8.0, min(0.345 * view.form.height, view.form.width / 2 - 0.18 * view.form.height))


def _hour(view: View, item: Item, places: int) -> Hour:
    slot = item.key % places
    angle = math.tau * (slot / places - 0.25)
    reach = _radius(view)
    x = view.form.width / 2 + reach * math.cos(angle)
    y = view.form.height / 2 + reach * math.sin(angle)
    return Hour(item, x, y, angle, slot)


def _looked(view: View, ring: dict[int, Hour], item: Item) -> list[tuple[Hour, float]]:
    """The hours that the model looked at before this word, each with its share, largest first."""
    if item.inner.attention is None:
        before = [hour for key, hour in ring.items() if key < item.key]
        return [(before[-1], 1.0)] if before else []
    found = ((ring.get(other.key), share) for other, share in view.page.looked_back(item))
    return [(hour, share) for hour, share in found if hour is not None and share > 0]


def _old_threads(
    drawing: Drawing, view: View, settings: Loom, ring: dict[int, Hour], hour: Hour, places: int
) -> None:
    """What an older word looked at: fine threads that pale as the ring goes on."""
    looked = _looked(view, ring, hour.item)[:TIES]
    newest = next(reversed(ring))
    for other, share in looked:
        age = (newest - min(hour.item.key, other.item.key)) / places
        strength = (
            0.95
            * settings.opacity
            * settings.threads
            * math.sqrt(share / looked[0][1])
            * (1 - ramp(0.5, 1.0, age))
        )
        level = round(40 * strength) / 40
        if level > 0:
            drawing.strokes.append(
                thread(
                    (hour.slot, other.slot, places),
                    _radius(view),
                    (view.form.width / 2, view.form.height / 2),
                    level,
                )
            )


def _new_thread(
    drawing: Drawing,
    view: View,
    settings: Loom,
    newest: Hour,
    other: Hour,
    share: float,
    rank: int,
    come: float,
) -> None:
    """What the newest word looked at: a bright thread that is drawn from it."""
    middle = (view.form.width / 2, view.form.height / 2)
    upto = max(2, round(come * (PIECES + 1)))
    tint = FRESH[rank % len(FRESH)]
    strength = settings.opacity * clamp(0.18 + 0.95 * share)
    lights = []
    for k in range(upto):
        hue = light.blend((1.2, 1.15, 1.05), tint, ramp(0, 0.3, k / PIECES))
        lights.append(light.times(hue, strength * mix(1.0, 0.62, k / PIECES)))
    # What counts much is a rope of several threads.
    for strand in range(1 + (share > 0.3) + (share > 0.7)):
        points = bent(newest.angle, other.angle, _radius(view), middle, 0.035 * strand)
        drawing.strokes.append(Stroke(points[:upto], tuple(lights), 0.12))


def _word(
    view: View, settings: Loom, hour: Hour, felt: float, places: int, newest: Hour, now: float
) -> Iterator[Sprite]:
    """A word along its ray, outwards, the right way up; larger the more it is looked at."""
    item = hour.item
    fresh = float(hour is newest)
    come = arrive((now - item.at) / 0.5)
    size = settings.size * mix(1.0, 1.42, max(math.sqrt(felt), fresh))
    width = view.measure(item.text, "roman") * size
    room = view.form.height / 2 - _radius(view) - 3.4
    if width > room:
        size, width = size * room / width, room
    out = 1.7 + width * (math.cos(hour.angle) < 0)
    turn = hour.angle + (math.pi if math.cos(hour.angle) < 0 else 0.0)
    # The baseline lies beside the ray, so that the letters' middle is on it.
    x = hour.x + out * math.cos(hour.angle) - 0.24 * size * math.sin(turn)
    y = hour.y + out * math.sin(hour.angle) + 0.24 * size * math.cos(turn)
    old = ramp(0.45, 1.0, (newest.item.key - item.key) / places)
    bright = settings.opacity * mix(0.42, 1.15, max(felt**0.5, fresh)) * (1 - 0.75 * old) * mix(0.1, 1, come)
    colour = light.blend(
        light.SLATE, light.word_light(item.inner.surprise, "ivory"), mix(0.75, 1.0, max(felt, fresh))
    )
    degrees = math.degrees(turn)
    yield Sprite(
        item.text, "roman", size, x, y, light.times(colour, bright), 0.6 * old + 1 - come, 0.0, degrees
    )
    hot = heat(item.inner.surprise) * (1 - old) * (not item.forced)
    if hot > 0.05:
        yield Sprite(
            item.text, "roman", size, x, y, light.times(colour, 0.3 * bright), 2.0, 0.8 * hot, degrees
        )
    dot = light.times(light.SURPRISE[2][1], 0.8 * bright)
    yield Sprite(
        "·",
        "roman",
        3.0,
        hour.x + 0.7 * math.cos(hour.angle) - 0.36,
        hour.y + 0.7 * math.sin(hour.angle) + 0.9,
        dot,
    )


def _middle(view: View, settings: Loom, last: Item, now: float) -> Iterator[Sprite]:
    """The word that was just spoken, and then what may follow it."""
    if settings.centre <= 0:
        return
    ahead, fallen = view.next(settings.voice), view.last_next(settings.voice)
    spoken_at = last.at if fallen is None else max(last.at, fallen.at)
    gone = 0.0 if ahead is None else smooth((now - spoken_at - 0.5 * REST) / REST)
    if gone < 1:
        colour = light.word_light(last.inner.surprise, "ivory")
        yield _line(
            view,
            last.text,
            "display",
            0.0,
            settings.centre,
            light.times(colour, (1 - gone) * settings.opacity),
            1.2 * gone,
        )
    if ahead is not None:
        yield from _stack(view, settings, ahead, smooth((now - ahead.at - 0.6 * REST) / 0.7))


def _stack(view: View, settings: Loom, ahead: Ahead, come: float) -> Iterator[Sprite]:
    """Candidates one over the other, the likeliest in the middle, then below, above, below."""
    up = down = 0.36 * settings.centre
    for rank, rival in enumerate(shown(ahead.rivals)):
        if rank > 4:
            return
        share = (1.0, 0.56, 0.48, 0.40, 0.34)[rank]
        size = settings.centre * share
        if rank == 0:
            shift = 0.0
        elif rank % 2:
            down += 0.78 * size
            shift = down
        else:
            up += 0.62 * size
            shift = -up
        tint = light.blend(light.UNSAID, (1.05, 0.97, 0.86), clamp(1.25 * rival.probability) * (rank == 0))
        strength = settings.opacity * come * (1.0, 0.60, 0.42, 0.28, 0.18)[rank]
        yield _line(
            view,
            rival.text.strip(),
            "italic",
            shift,
            size,
            light.times(tint, strength),
            0.35 * rank + 1 - come,
        )


def _line(view: View, text: str, face: str, shift: float, size: float, glim: Light, blur: float) -> Sprite:
    """A word in the middle, no wider than the ring."""
    width = view.measure(text, face) * size
    size *= min(1.0, 1.5 * _radius(view) / max(width, 1e-9))
    width = view.measure(text, face) * size
    return Sprite(
        text,
        face,
        size,
        (view.form.width - width) / 2,
        view.form.height / 2 + 0.24 * size + shift,
        glim,
        min(3.0, blur),
    )
