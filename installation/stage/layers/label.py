"""Label: small and quiet as a museum's, why the newest word stands there.

It tells how probable the word was and which rank it had, what would have been likelier, and what the
model had looked back on. Of a visitor's word it tells that; of a voice that cannot say, nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Sprite, Stroke
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.uncertainty import probability
from installation.stage.layers.view import Drawing, View
from installation.stage.motion import clamp, smooth
from installation.stage.page import Item


class Label(Spoken):
    """What an artist may set on the label. Sizes in hundredths of stage height."""

    left: float = live(72.0, "Where its left edge is", ge=0, le=95, unit="stage width / 100")
    top: float = live(70.0, "Where its first line is", ge=3, le=95, unit="stage height / 100")
    size: float = live(1.9, "Height of the letters (their em)", ge=1, le=5, unit="stage height / 100")
    light: float = live(1.0, "How bright it is", ge=0, le=2)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


PITCH = 1.55
"""From line to line, in sizes."""
NAMED = 3
"""Words that a line names at most."""
MARKS = '.,;:!?…"“”„()'
COME = 0.5
"""Seconds in which it changes to the next word."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The label of the newest word at `now`."""
    assert isinstance(settings, Label), "a label is drawn with its own settings"
    drawing = Drawing([], [])
    items = view.said(settings.voice, 1)
    rows = list(_told(view, items[-1])) if items else []
    strength = settings.opacity * settings.light
    if not rows or strength <= 0:
        return drawing
    item, size = items[-1], settings.size
    strength *= smooth((now - max(item.at, item.grown)) / COME)
    room = max(4.0, 0.97 * view.form.width - settings.left * view.form.width / 100)
    x = settings.left * view.form.width / 100
    high = PITCH * size * len(rows) + 3.2 * size
    y = clamp(settings.top, 3.0, max(3.0, 97 - high)) * view.form.height / 100
    colour = light.word_light(item.inner.surprise, "ivory")
    drawing.sprites.append(
        _row(view, item.text, "roman", 1.9 * size, x, y, room, light.times(colour, 0.9 * strength))
    )
    glim = light.times(colour, 0.22 * strength)
    drawing.strokes.append(
        Stroke(((x, y + 0.9 * size), (x + min(room, 14 * size), y + 0.9 * size)), (glim, glim), 0.11)
    )
    for n, text in enumerate(rows, 1):
        down = y + 0.9 * size + PITCH * size * n
        drawing.sprites.append(
            _row(view, text, "caption", size, x, down, room, light.times(light.SLATE, 0.65 * strength))
        )
    return drawing


def _row(
    view: View, text: str, face: str, size: float, x: float, y: float, room: float, glim: light.Light
) -> Sprite:
    """One line, no wider than there is room."""
    width = view.measure(text, face) * size
    return Sprite(text, face, size * min(1.0, room / max(width, 1e-9)), x, y, glim)


def _told(view: View, item: Item) -> Iterator[str]:
    """What can be said of the word, a line each."""
    if item.forced:
        yield "A visitor's word: the voice was made to say it."
        return
    inner = item.inner
    if inner.surprise is None:
        return
    yield f"probability {probability(inner.surprise)}   ·   {inner.surprise:.1f} bits of surprise"
    rivals = inner.rivals or ()
    rank = next((n for n, rival in enumerate(rivals) if rival.text == item.chosen), None)
    if rank is not None:
        yield f"it began with {_place(rank)} token"
    elif rivals:
        yield f"not among the {len(rivals)} likeliest"
    likelier = [r for r in rivals[: len(rivals) if rank is None else rank] if r.text.strip()][:NAMED]
    if likelier:
        yield "likelier: " + ", ".join(f"{r.text.strip()} {r.probability:.2f}" for r in likelier)
    looked = [other.text.strip(MARKS) for other, _ in view.page.looked_back(item)[:NAMED]]
    if looked:
        yield "looked back on: " + ", ".join(looked)
    if inner.entropy is not None:
        yield f"uncertain between about {2**inner.entropy:.0f} words"


def _place(rank: int) -> str:
    """The rank in words."""
    return (
        "the likeliest"
        if rank == 0
        else f"the {('second', 'third')[rank - 1] if rank < 3 else f'{rank + 1}th'} likeliest"
    )
