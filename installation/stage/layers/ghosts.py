"""Ghosts: above each word what it nearly said, rising and blurring with rank and age."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.composition import Placed
from installation.stage.frame import Sprite
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.view import Drawing, View
from installation.stage.motion import arrive, clamp, mix, ramp, scatter


class Ghosts(Spoken):
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
FAINTER = 0.85
"""What is left of a ghost's light one rank higher."""
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
    for row, words in groupby(view.words, lambda word: word.row):
        line = tuple(words)
        if all(now - word.at >= settings.fade for word in line):
            continue
        room = line[0].y if row == view.words[0].row else view.form.pitch - 0.95 * view.form.size
        taken: dict[int, float] = {}
        for word in line:
            if not word.item.forced:
                sprites.extend(_column(view, word, settings, now, room, taken))
    return Drawing(sprites, [])


def _column(
    view: View, word: Placed, settings: Ghosts, now: float, room: float, taken: dict[int, float]
) -> Iterator[Sprite]:
    """The ghosts of one word. `room`: free height above its letters; `taken`: where each rank of the
    line already ends."""
    age, size, key = now - word.at, settings.size, word.item.key
    gone = ramp(0.3 * settings.fade, settings.fade, age)
    life = _life(word, settings, gone)
    if (withdrawn := view.page.withdrawn.get(key)) is not None:
        life *= 1 - arrive((now - withdrawn) / COME)
    count = settings.count * _tall(word)
    slant = 0.30 * scatter(key)
    spread = mix(0.62, 1.0, arrive((age - WAIT) / (1.6 * COME)))
    step, drift, sunk = _heights(settings, age)
    # Where they cannot stand clear of each other only the likeliest is seen; the others sleep in it.
    clear = ramp(0.38, 0.86, step / size)
    veil = mix(0.92, 0.72, clamp((settings.rise - 1) / 2))
    middle, end, foot = word.x + word.width / 2, word.x + word.width + 1.1 * size, word.y - ABOVE * word.size
    for rank, rival in enumerate(word.item.unsaid):
        if rank >= count:
            return
        text = rival.text.strip()
        width = view.measure(text, "italic") * size
        lean = 0.34 * size * scatter(key, rank) + rank * slant
        x = max(middle - width / 2 + lean, taken.get(rank, -1e9) + 0.3 * size)
        if rank and x + 0.5 * width > end:
            continue
        taken[rank] = x + width
        come = arrive((age - WAIT - 0.10 * rank) / COME)
        strength = life * come * FAINTER**rank * min(1.0, count - rank) * (clear if rank else 1.0)
        if strength <= 0.01:
            continue
        height = (rank * step + drift * (1 + 0.25 * rank) - sunk) * spread
        y = foot - height
        near = ramp(0.70 * room, 1.02 * room, height + 0.6 * size)
        strength *= (1 - veil * near) * ramp(-1, 6, y) * min(1.0, 0.6 + 0.7 * rival.probability**0.5)
        if strength > 0.01:
            blur = settings.blur * (0.20 * max(0, rank - 1) + 1.5 * gone + 1.2 * near) + 1.2 * (1 - come)
            yield Sprite(text, "italic", size, x, y, light.times(light.UNSAID, strength), min(blur, 3.0))


def _life(word: Placed, settings: Ghosts, gone: float) -> float:
    """The light of a word's ghosts: they wait until its line has risen, and dissolve with age."""
    old = 0.35 * ramp(0.4, 3, word.age)
    return 0.92 * settings.opacity * word.light * ramp(0.5, 1.0, word.settled) * (1 - gone) * (1 - old)


def _tall(word: Placed) -> float:
    """How many ghosts for each one that is set: a word that was certain has few, a word that might
    have been anything a tall column."""
    entropy = word.item.inner.entropy
    return 1.0 if entropy is None else clamp(entropy / 3.6, 0.12, 1.75)


def _heights(settings: Ghosts, age: float) -> tuple[float, float, float]:
    """From a ghost to the next above it; how far the first has drifted up from its place on the word; and
    how much lower all of them lie where they hardly rise."""
    rise, size = settings.rise, settings.size
    step = STEP * size * (0.12 + 0.88 * rise if rise < 1 else 1 + 0.45 * (rise - 1))
    return step, 0.9 * size * rise * min(1.0, age / settings.fade), 0.2 * size * max(0.0, 1 - rise)
