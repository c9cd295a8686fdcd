"""Superposition: the candidates for the next word lie over one another, large, and collapse into one.

Size, light and sharpness are their probability; when the word is spoken, all but one are gone within 180
milliseconds. Below, a bar tells the numbers. A voice that has no candidates shows each word alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from installation.messages import Rival
from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Sprite, Stroke
from installation.stage.layers.candidates import shown
from installation.stage.layers.line import line
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, clamp, mix, ramp, scatter, smooth
from installation.stage.page import Ahead, Item


class Superposition(Spoken):
    """What an artist may set on the candidates. Sizes in hundredths of stage height."""

    size: float = live(
        25.0, "Height of the likeliest one's letters (their em)", ge=6, le=60, unit="stage height / 100"
    )
    spread: float = live(1.0, "How far they stand apart, from all in one place", ge=0, le=2.5)
    blur: float = live(1.0, "How much being unlikely blurs them", ge=0, le=2)
    hold: float = live(
        0.7, "How long the spoken word stays before the next ones come", ge=0.1, le=5, unit="s"
    )
    line: float = live(
        4.6, "Height of the sentence's letters above; 0: no sentence", ge=0, le=12, unit="stage height / 100"
    )
    bar: bool = live(True, "Tell below how probable each is")
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


COLLAPSE = 0.18
"""Seconds in which all become one."""
OPEN = 0.8
"""Seconds in which they part."""
HUES: tuple[Light, ...] = (
    (1.05, 0.94, 0.74),
    (1.15, 0.50, 0.30),
    (0.34, 0.58, 1.05),
    (0.62, 0.38, 1.05),
    (0.24, 0.80, 0.66),
    (1.00, 0.28, 0.44),
)
"""Ivory, ember, sea, violet, moss, rose: by rank."""
ASIDE = (0.0, -0.55, 0.72, -1.05, 1.25, -1.45)
"""How far each stands beside the first, in sizes."""
SPAN = 0.56
"""Length of the bar, of the stage's width."""
BAR = 82.0
"""How deep it lies."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The candidates, the word that they have become, and the sentence, at `now`."""
    assert isinstance(settings, Superposition), "a superposition is drawn with its own settings"
    drawing = Drawing([], [])
    items = view.said(settings.voice, 60)
    if settings.opacity <= 0:
        return drawing
    if settings.line > 0:
        y = 0.185 * view.form.height
        drawing.sprites.extend(line(view, items, now, settings.line, y, 0.72 * settings.opacity))
    ahead, fallen = view.next(settings.voice), view.last_next(settings.voice)
    last = items[-1] if items else None
    spoken_at = -math.inf if last is None else max(last.at, last.grown)
    wait = spoken_at + COLLAPSE + 0.55 * settings.hold
    opened = 0.0 if ahead is None else arrive((now - max(ahead.at, wait)) / OPEN)
    if last is not None:
        kept = 1 - smooth((now - wait) / (0.45 * settings.hold)) if ahead is not None else 1.0
        drawing.sprites.extend(_spoken(view, settings, last, kept, now - spoken_at))
    if fallen is not None and now - fallen.at < COLLAPSE:
        share = smooth((now - fallen.at) / COLLAPSE)
        _cloud(drawing, view, settings, fallen.ahead, 1 - share, 1 - share)
    elif ahead is not None and opened > 0:
        _cloud(drawing, view, settings, ahead, opened, ramp(0, 0.8, opened))
        if settings.bar and view.form.height >= 60:
            _bar(drawing, view, settings, ahead, opened)
    return drawing


def _fitted(view: View, text: str, face: str, size: float, room: float) -> tuple[float, float]:
    """Size and width of a word that is to be no wider than `room`."""
    width = view.measure(text, face) * size
    fit = min(1.0, room / max(width, 1e-9))
    return size * fit, width * fit


def _spoken(view: View, settings: Superposition, item: Item, kept: float, age: float) -> Iterator[Sprite]:
    """The word that they became: roman, sharp, in the light of its surprise."""
    strength = settings.opacity * kept * smooth(age / COLLAPSE)
    if strength < 0.01:
        return
    size, width = _fitted(view, item.text, "display", settings.size, 0.86 * view.form.width)
    x, y = (view.form.width - width) / 2, 0.5 * view.form.height + 0.27 * size
    colour = light.word_light(item.inner.surprise, "ivory")
    yield Sprite(item.text, "display", size, x, y, light.times(colour, strength), 1.5 * (1 - kept))
    if (hot := heat(item.inner.surprise)) > 0.05 and not item.forced:
        yield Sprite(item.text, "display", size, x, y, light.times(colour, 0.25 * strength), 2.0, 0.8 * hot)


def _cloud(
    drawing: Drawing, view: View, settings: Superposition, ahead: Ahead, spread: float, strength: float
) -> None:
    """All candidates over one another, `spread` 0 (one place) to 1."""
    rivals = list(shown(ahead.rivals))
    most = max((rival.probability for rival in rivals), default=1.0)
    for rank in reversed(range(len(rivals))):
        rival = rivals[rank]
        near = (rival.probability / max(most, 1e-9)) ** 0.34
        text = rival.text.strip()
        size, width = _fitted(
            view, text, "italic", settings.size * mix(0.62, 1.0, near), 0.7 * view.form.width
        )
        aside = settings.spread * spread * ASIDE[rank] * (0.85 + 0.2 * scatter(ahead.n, rank))
        down = settings.spread * spread * 0.22 * scatter(ahead.n, rank, 3) * (rank > 0)
        x = (view.form.width - width) / 2 + aside * settings.size
        x = clamp(x, 2.0, max(2.0, view.form.width - 2 - width))
        y = 0.5 * view.form.height + 0.25 * size + down * settings.size
        bright = settings.opacity * strength * mix(0.05, 0.85, near) * mix(0.55, 1.0, math.sqrt(most))
        blur = min(3.0, settings.blur * (2.4 * (1 - near) + 0.15 * (rank > 0)) + 1.2 * (1 - strength))
        drawing.sprites.append(Sprite(text, "italic", size, x, y, light.times(HUES[rank], bright), blur))


def _bar(drawing: Drawing, view: View, settings: Superposition, ahead: Ahead, opened: float) -> None:
    """One part for each candidate, as long as it is probable, and one for all the others."""
    rivals = list(shown(ahead.rivals))
    rest = Rival("…", max(0.0, 1 - sum(rival.probability for rival in rivals)))
    whole = SPAN * view.form.width * opened
    x = (view.form.width - whole) / 2
    y = BAR * view.form.height / 100
    strength = settings.opacity * ramp(0.2, 1, opened)
    for rank, rival in enumerate([*rivals, rest]):
        width = whole * rival.probability
        tint = HUES[rank] if rank < len(rivals) else light.SLATE
        if width > 0.9:
            glim = light.times(tint, 0.72 * strength)
            drawing.strokes.append(Stroke(((x, y), (x + width - 0.5, y)), (glim, glim), 0.26))
        middle = x + (width - 0.5) / 2
        _told(
            drawing,
            view,
            f"{100 * rival.probability:.0f}",
            "caption",
            1.5,
            middle,
            y - 1.3,
            width,
            light.times(tint, 0.45 * strength),
        )
        _told(
            drawing,
            view,
            rival.text.strip(),
            "italic",
            2.3,
            middle,
            y + 3.3,
            width,
            light.times(tint, 0.70 * strength),
        )
        x += width
    if ahead.entropy is not None:
        text = f"entropy {ahead.entropy:.1f} bits"
        middle = view.form.width / 2
        _told(
            drawing,
            view,
            text,
            "caption",
            1.5,
            middle,
            y + 8.2,
            99,
            light.times(light.SLATE, 0.30 * strength),
        )


def _told(
    drawing: Drawing,
    view: View,
    text: str,
    face: str,
    size: float,
    middle: float,
    y: float,
    room: float,
    glim: Light,
) -> None:
    """A small text around `middle`, where there is room for it."""
    width = view.measure(text, face) * size
    if width <= room:
        drawing.sprites.append(Sprite(text, face, size, middle - width / 2, y, glim))
