"""Ghosts: above each word what it nearly said, rising and blurring with rank and age."""

from __future__ import annotations

from collections.abc import Iterator

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.composition import Placed
from installation.stage.frame import Sprite
from installation.stage.layers.view import Drawing, View
from installation.stage.motion import arrive, clamp, mix, ramp, scatter


class Ghosts(Settings):
    """What an artist may set on the unsaid words. Sizes in hundredths of stage height."""

    rise: float = live(
        1.0, "How high they rise: 0 they lie on their word, 1 a quiet column, 4 they fly", ge=0, le=4
    )
    count: float = live(4.0, "How many for each word; a fraction is one that is half there", ge=0, le=12)
    size: float = live(3.2, "Height of the letters (their em)", ge=1, le=12, unit="stage height / 100")
    fade: float = live(24.0, "How long they stay before they have dissolved", ge=1, le=300, unit="s")
    blur: float = live(1.0, "How much rank and age blur them", ge=0, le=3)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


STEP = 0.96
"""From one ghost to the next above it, in sizes of theirs, at rise 1."""
ABOVE = 0.80
"""The lowest ghost's baseline above its word's, in sizes of the word."""
WAIT = 0.22
"""Seconds after its word before the first ghost leaves it."""
COME = 1.3
"""Seconds in which a ghost rises to its place."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The ghosts of every visible word at `now`."""
    assert isinstance(settings, Ghosts), "ghosts are drawn with their own settings"
    sprites: list[Sprite] = []
    if settings.opacity <= 0:
        return Drawing(sprites, [])
    taken: dict[tuple[int, int], float] = {}
    top_row = view.words[0].row if view.words else 0
    for word in view.words:
        if not word.item.forced:
            room = word.y if word.row == top_row else view.form.pitch - 0.95 * view.form.size
            sprites.extend(_column(view, word, settings, now, room, taken))
    return Drawing(sprites, [])


def _column(
    view: View, word: Placed, settings: Ghosts, now: float, room: float, taken: dict[tuple[int, int], float]
) -> Iterator[Sprite]:
    """The ghosts of one word. `room`: free height above its letters; `taken`: right ends by row."""
    age = now - word.at
    entropy = word.item.inner.entropy
    # A word that was certain has few ghosts, a word that might have been anything a tall column.
    count = settings.count * (1.0 if entropy is None else clamp(entropy / 3.6, 0.12, 1.75))
    gone = ramp(0.3 * settings.fade, settings.fade, age)
    life = (
        settings.opacity
        * word.light
        * ramp(0.5, 1.0, word.settled)
        * (1 - gone)
        * (1 - 0.35 * ramp(0.4, 3, word.age))
    )
    if life <= 0.01 or age < WAIT:
        return
    for rank, rival in enumerate(word.item.unsaid):
        if rank >= count:
            return
        text = rival.text.strip()
        come = arrive((age - WAIT - 0.10 * rank) / COME)
        width = view.measure(text, "italic") * settings.size
        lean = 0.34 * settings.size * scatter(word.item.key, rank) + 0.30 * rank * scatter(word.item.key)
        x = word.x + (word.width - width) / 2 + lean
        x = max(x, taken.get((word.row, rank), -1e9) + 0.3 * settings.size)
        if x + 0.5 * width > word.x + word.width + 1.1 * settings.size and rank:
            continue
        taken[(word.row, rank)] = x + width
        height = _height(rank, settings, age) * mix(0.62, 1.0, arrive((age - WAIT) / (1.6 * COME)))
        near = ramp(0.70 * room, 1.02 * room, height + 0.6 * settings.size)
        y = word.y - ABOVE * word.size - height
        strength = life * come * (0.92 * 0.85**rank) * min(1.0, count - rank)
        strength *= clamp(0.6 + 0.7 * rival.probability**0.5) * (1 - 0.9 * near) * ramp(-1, 6, y)
        blur = settings.blur * (0.20 * max(0, rank - 1) + 1.5 * gone + 1.2 * near) + 1.2 * (1 - come)
        yield Sprite(text, "italic", settings.size, x, y, light.times(light.UNSAID, strength), min(blur, 3.0))


def _height(rank: int, settings: Ghosts, age: float) -> float:
    """How high above its place on the word a ghost of that rank has come."""
    step = STEP * settings.size * (0.12 + 0.88 * settings.rise)
    drift = 0.9 * settings.size * settings.rise * clamp(age / settings.fade)
    return rank * step + drift * (1 + 0.25 * rank) - 0.5 * settings.size * (1 - min(1.0, settings.rise))
