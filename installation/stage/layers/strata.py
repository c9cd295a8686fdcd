"""Strata: the guess as it forms, layer by layer, from the ground up to the word that was spoken.

Each layer of the model is a stratum; in it stand the candidates, as large and bright as that layer held
them for likely. Threads tie each candidate to itself in the next layer. A voice that does not tell of its
layers shows its candidates in one stratum, and one that has none the word alone.
"""

from __future__ import annotations

import math

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Fog, Sprite, Stroke
from installation.stage.layers.candidates import shown
from installation.stage.layers.line import line
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, mix, ramp, smooth
from installation.stage.page import Item


class Strata(Spoken):
    """What an artist may set on the strata. Sizes in hundredths of stage height."""

    size: float = live(
        12.0, "Height of the spoken word's letters (their em)", ge=4, le=30, unit="stage height / 100"
    )
    candidates: float = live(6.0, "How many candidates stand in each stratum", ge=1, le=6)
    threads: float = live(1.0, "Light of the threads from layer to layer", ge=0, le=3)
    rise: float = live(
        1.4, "How long the guess takes from the lowest layer to the word", ge=0, le=10, unit="s"
    )
    line: float = live(
        3.8, "Height of the sentence's letters above; 0: no sentence", ge=0, le=12, unit="stage height / 100"
    )
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


TOP, BOTTOM = 45.0, 91.0
"""Where the highest and the lowest stratum lie."""
WORD = 31.0
"""Baseline of the word that was spoken."""
ORDER = (0.0, -1.0, 1.0, -2.0, 2.0, -3.0)
"""Columns of the candidates from the middle outwards, likeliest first."""
DEEP: Light = (0.46, 0.30, 0.95)
HIGH: Light = (1.08, 0.94, 0.72)


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The strata under the newest word, at `now`."""
    assert isinstance(settings, Strata), "strata are drawn with their own settings"
    drawing = Drawing([], [])
    items = view.said(settings.voice, 60)
    if settings.opacity <= 0 or not items:
        return drawing
    scale = view.form.height / 100
    if settings.line > 0:
        drawing.sprites.extend(line(view, items, now, settings.line, 11.5 * scale, 0.62 * settings.opacity))
    # The word before goes down in the time in which the next guess rises.
    last = items[-1]
    age = now - last.at
    if len(items) > 1 and age < 0.5:
        _guess(drawing, view, settings, items[-2], math.inf, 1 - smooth(age / 0.35))
    _guess(drawing, view, settings, last, age, smooth(age / 0.25))
    glim = light.times((0.30, 0.18, 0.52), 0.13 * settings.opacity)
    ground = Fog(view.form.width / 2, 104 * scale, 34 * scale, glim)
    return drawing._replace(fogs=(ground,))


def _guess(drawing: Drawing, view: View, settings: Strata, item: Item, age: float, strength: float) -> None:
    """One word over its strata, the lowest first. `age` in seconds says how far it has risen."""
    strength *= settings.opacity
    if strength < 0.01:
        return
    told = _formed(item)[: max(1, round(settings.candidates))]
    layers = max((len(shares) for _, shares in told), default=0)
    risen = (age / settings.rise if settings.rise > 0 else math.inf) * (layers + 1)
    spots = [[_spot(view, column, layer, layers) for layer in range(layers)] for column in range(len(told))]
    word = (view.form.width / 2, (WORD + 3.5) * view.form.height / 100)
    for layer in range(layers):
        come = arrive(risen - layer)
        if told and come > 0.01:
            _stratum(
                drawing,
                view,
                [(text, shares[layer]) for text, shares in told],
                [s[layer] for s in spots],
                layer / max(1, layers - 1),
                strength * come,
            )
    for (text, shares), places in zip(told, spots, strict=True):
        ends = [*places, word] if text == _plain(item) else places
        _thread(drawing, settings, ends, [*shares, 1.0], risen, strength)
    come = arrive(risen - layers) if layers else 1.0
    size = settings.size
    width = view.measure(item.text, "display") * size
    fit = min(1.0, 0.86 * view.form.width / max(width, 1e-9))
    x, y = (view.form.width - width * fit) / 2, WORD * view.form.height / 100
    colour = light.word_light(item.inner.surprise, "ivory")
    drawing.sprites.append(
        Sprite(item.text, "display", size * fit, x, y, light.times(colour, strength * come), 1.4 * (1 - come))
    )
    if (hot := heat(item.inner.surprise) * come) > 0.05 and not item.forced:
        drawing.sprites.append(
            Sprite(
                item.text, "display", size * fit, x, y, light.times(colour, 0.28 * strength), 2.0, 0.9 * hot
            )
        )


def _formed(item: Item) -> list[tuple[str, tuple[float, ...]]]:
    """Each candidate with its share in each layer, lowest first; in one stratum where no layer is told."""
    rows = {rival.text.strip(): shares for rival, shares in item.formed if shares}
    seen = [rival for rival in shown(item.inner.rivals or ()) if not rows or rival.text.strip() in rows]
    chosen = _plain(item)
    texts = [rival.text.strip() for rival in seen]
    found = [(t, rows.get(t) or (r.probability,)) for t, r in zip(texts, seen, strict=True)]
    # The one that was spoken stands in the middle.
    return sorted(found, key=lambda row: row[0] != chosen)


def _plain(item: Item) -> str:
    """The token that the word began with, as its rivals are written."""
    return item.chosen.strip() or item.text


def _spot(view: View, column: int, layer: int, layers: int) -> tuple[float, float]:
    """The middle of a candidate in a stratum; deeper strata are wider."""
    share = layer / max(1, layers - 1)
    pitch = 0.86 * view.form.width / 6 * mix(1.04, 0.84, share)
    x = view.form.width / 2 + ORDER[column] * pitch
    return x, mix(BOTTOM, TOP, share) * view.form.height / 100


def _stratum(
    drawing: Drawing,
    view: View,
    told: list[tuple[str, float]],
    spots: list[tuple[float, float]],
    share: float,
    strength: float,
) -> None:
    """The candidates of one layer, and the hairline that they stand on."""
    tint = light.blend(DEEP, HIGH, share)
    room = 0.74 * 0.80 * view.form.width / 6
    for (text, likely), (x, y) in zip(told, spots, strict=True):
        near = math.sqrt(min(1.0, max(0.0, likely)))
        size = mix(2.7, 6.4, near)
        width = view.measure(text, "italic") * size
        fit = min(1.0, 1.25 * room / max(width, 1e-9))
        glim = light.times(
            light.blend(light.UNSAID, tint, mix(0.4, 1.0, near)), strength * mix(0.10, 1.0, near)
        )
        blur = 1.2 * (1 - near) ** 1.5
        drawing.sprites.append(Sprite(text, "italic", size * fit, x - width * fit / 2, y, glim, blur))
    y = spots[0][1] + 1.6
    points, lights = [], []
    for k in range(9):
        points.append((mix(0.06, 0.94, k / 8) * view.form.width, y))
        lights.append(light.times(tint, 0.075 * strength * math.sin(math.pi * (k + 0.5) / 9)))
    drawing.strokes.append(Stroke(tuple(points), tuple(lights), 0.11))


def _thread(
    drawing: Drawing,
    settings: Strata,
    places: list[tuple[float, float]],
    shares: list[float],
    risen: float,
    strength: float,
) -> None:
    """From stratum to stratum, as bright as the candidate is likely."""
    points, lights = [], []
    for n in range(len(places) - 1):
        (x, y), (a, b) = places[n], places[n + 1]
        y, b = y - 3.4 * math.sqrt(shares[n]), b + 2.2
        for k in range(9):
            t = k / 8
            points.append((mix(x, a, smooth(t)), mix(y, b, t)))
            likely = mix(shares[n], shares[n + 1], t)
            tint = light.blend(DEEP, HIGH, (n + t) / max(1, len(places) - 1))
            # Its last point is dark, so that nothing is drawn through the letters.
            seen = strength * arrive(risen - n - t) * ramp(0, 0.2, t) * (k < 8)
            glim = seen * settings.threads * mix(0.07, 0.9, likely)
            lights.append(light.times(tint, glim))
    if len(points) > 1:
        drawing.strokes.append(Stroke(tuple(points), tuple(lights), 0.14))
