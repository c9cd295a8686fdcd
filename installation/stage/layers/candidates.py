"""Candidates: what may come next, fanned out ahead of the last word and tied to it by threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from installation.messages import Rival
from installation.stage import light
from installation.stage.composition import Tip
from installation.stage.frame import Sprite, Stroke
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, clamp, mix, ramp, smooth
from installation.stage.page import Ahead

MOST = 6
OPEN = 0.55
"""Seconds in which the fan opens; a quick voice never lets it open wholly, and that is calm."""
FALL = 0.26
"""Seconds in which it falls back into the word that was spoken."""
OUT = (1.15, 1.62, 2.25)
"""How far ahead the inner, middle and outer pair stand, in sizes."""
UP = (0.62, 1.13, 1.55)
"""How far above or below the line, in sizes."""
EM = (0.50, 0.43, 0.35)
"""Their letters, in sizes."""
BLUR = (0.0, 0.5, 1.2)
LIGHT = (1.20, 0.80, 0.46)


class Spot(NamedTuple):
    """Where a candidate stands when the fan is open: from the tip, in sizes."""

    right: float
    down: float
    em: float
    blur: float
    light: float


def spot(rank: int) -> Spot:
    """The first above the line, the second below, and so on outwards; the line itself stays free."""
    pair = rank // 2
    side = 1 if rank % 2 else -1
    return Spot(OUT[pair], side * UP[pair], EM[pair], BLUR[pair], LIGHT[pair])


def add(drawing: Drawing, view: View, tint: Light, opacity: float, now: float) -> None:
    """Draw the open fan and the one that is falling. `tint`: the light of the last word."""
    page = view.page
    if page.ahead is not None:
        age = now - page.ahead.at
        _fan(drawing, view, page.ahead, view.tip, tint, opacity * smooth(age / OPEN), arrive(age / OPEN))
    fallen = page.fallen
    if fallen is not None and now - fallen.at < FALL and view.words:
        left = 1 - smooth((now - fallen.at) / FALL)
        lived = fallen.at - fallen.ahead.at
        word = view.words[-1]
        begun = view.measure(word.item.prior, "roman") if word.item.grown == fallen.at else 0.0
        into = Tip(word.x + begun * word.size, word.y)
        _fan(
            drawing,
            view,
            fallen.ahead,
            into,
            tint,
            opacity * smooth(lived / OPEN) * left,
            arrive(lived / OPEN) * left,
        )


def _fan(
    drawing: Drawing, view: View, ahead: Ahead, tip: Tip, tint: Light, strength: float, spread: float
) -> None:
    """Candidates at `spread` 0 (on the tip) to 1 (open), so bright."""
    if strength < 0.01:
        return
    size = view.form.size
    root = (tip.x - 0.12 * size, tip.y - 0.24 * size)
    for rank, rival in enumerate(shown(ahead.rivals)):
        place = spot(rank)
        text = rival.text.strip()
        em = place.em * size
        width = view.measure(text, "italic") * em
        x = min(tip.x + place.right * size * spread, view.form.width - 1.5 - width)
        y = root[1] + place.down * size * mix(0.25, 1.0, spread)
        likely = clamp(0.45 + 0.9 * rival.probability**0.5)
        glim = light.times(light.blend(light.UNSAID, light.SLATE, 0.35), strength * place.light * likely)
        drawing.sprites.append(
            Sprite(text, "italic", em, x, y + 0.22 * em, glim, place.blur + 0.8 * (1 - spread))
        )
        start = light.times(light.blend(tint, light.UNSAID, 0.25), 0.50 * strength * likely)
        end = light.times(light.UNSAID, 0.10 * strength * likely)
        drawing.strokes.append(_thread(root, (x - 0.18 * em, y), start, end))


def shown(rivals: tuple[Rival, ...]) -> Iterator[Rival]:
    """The likeliest that can be seen, one of each."""
    seen: set[str] = set()
    for rival in rivals:
        text = rival.text.strip()
        if text and text not in seen and any(c.isalnum() for c in text):
            seen.add(text)
            yield rival
            if len(seen) == MOST:
                return


def _thread(start: tuple[float, float], end: tuple[float, float], first: Light, last: Light) -> Stroke:
    """A fine curve that leaves along the line and arrives level."""
    reach = end[0] - start[0]
    a, b = start[0] + 0.55 * reach, start[0] + 0.42 * reach
    points, lights = [], []
    for k in range(15):
        t = k / 14
        u = 1 - t
        x = u**3 * start[0] + 3 * u * u * t * a + 3 * u * t * t * b + t**3 * end[0]
        y = u**3 * start[1] + 3 * u * u * t * start[1] + 3 * u * t * t * end[1] + t**3 * end[1]
        points.append((x, y))
        lights.append(light.blend(first, last, ramp(0, 1, t)))
    return Stroke(tuple(points), tuple(lights), 0.13)
