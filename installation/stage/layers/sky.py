"""The sky of a constellation: where each word stands, in what hue, and what has room to be read."""

from __future__ import annotations

import functools
import math
import zlib
from typing import NamedTuple

from installation.stage import light
from installation.stage.composition import Format
from installation.stage.light import Light
from installation.stage.motion import clamp, mix, smooth
from installation.stage.page import Item

HUES: tuple[Light, ...] = (
    (0.34, 0.60, 1.05),
    (0.56, 0.48, 1.10),
    (0.98, 0.44, 0.78),
    (1.06, 0.52, 0.34),
    (0.92, 0.74, 0.42),
    (0.36, 0.82, 0.60),
)
"""Sea, violet, rose, ember, sand, moss: one way round the sky."""
SETTLE = 5.0
"""Seconds in which the frame makes room for a new word."""
EDGE = (9.0, 15.0, 15.0)
"""Empty space at the sides, above and below."""
COVERED = 0.14
"""Part of a word that another may cover before it is not read any more."""


class Star(NamedTuple):
    """A word in the sky, at (`x`, `y`). `rank`: how many words ago it was said last. `seen`: when it
    was said first."""

    item: Item
    rank: int
    x: float
    y: float
    hue: Light
    seen: float


def sky(items: list[Item], form: Format, colour: float, now: float) -> dict[int, Star]:
    """The star of each word; one star for all that are spelled alike."""
    found: dict[str, Star] = {}
    keys: dict[int, str] = {}
    across, down = framed(items, now)
    last = len(items) - 1
    for n, item in enumerate(items):
        name = bare(item.text)
        keys[item.key] = name
        old = found.get(name)
        if old is not None:
            found[name] = old._replace(rank=last - n, item=item)
            continue
        x, y = item.inner.place or strewn(name)
        x, y = math.tanh((x - across[0]) / across[1]), math.tanh((y - down[0]) / down[1])
        found[name] = Star(item, last - n, *point(x, y, form), hue(x, y, colour), item.at)
    return {key: found[name] for key, name in keys.items()}


def framed(items: list[Item], now: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Middle and reach of what is in the sky, on each side: where all words lie near each other we look
    nearer. A new word moves the frame softly."""
    rows = [(item.inner.place or strewn(bare(item.text)), smooth((now - item.at) / SETTLE)) for item in items]
    weigh = sum(weight for _, weight in rows) + 4.0
    found = []
    for side in (0, 1):
        # Four words in the middle are always there, so that the first ones do not fling it about.
        middle = sum(place[side] * weight for place, weight in rows) / weigh
        spread = sum((place[side] - middle) ** 2 * weight for place, weight in rows) + 4 * (
            0.35**2 + middle**2
        )
        found.append((middle, 1.3 * math.sqrt(spread / weigh) + 0.05))
    return found[0], found[1]


def point(x: float, y: float, form: Format) -> tuple[float, float]:
    """A place of the embedding on the wall."""
    side, above, below = EDGE
    scale = form.height / 100
    right = form.width / 2 + x * (form.width / 2 - min(side * scale + 4, 0.25 * form.width))
    return right, mix(above * scale, form.height - below * scale, (1 - y) / 2)


def hue(x: float, y: float, colour: float) -> Light:
    """The light of a neighbourhood: its direction from the middle is the hue, its distance how much."""
    around = (math.atan2(y, x) / math.tau) % 1 * len(HUES)
    one, share = int(around) % len(HUES), around % 1
    full = light.blend(HUES[one], HUES[(one + 1) % len(HUES)], smooth(share))
    return light.blend(light.SLATE, full, colour * clamp(0.25 + 1.2 * math.hypot(x, y)))


@functools.lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """The word without its marks, case folded; itself where it has nothing else."""
    return "".join(c for c in text if c.isalnum()).casefold() or text


@functools.lru_cache(maxsize=4096)
def strewn(name: str) -> tuple[float, float]:
    """A place for a word that has none: by its spelling, evenly over the sky; it means nothing."""
    chance = zlib.crc32(name.encode("utf-8", "replace"))
    far, around = math.sqrt((chance & 0xFFFF) / 0xFFFF), (chance >> 16) / 0xFFFF * math.tau
    return 0.95 * far * math.cos(around), 0.95 * far * math.sin(around)


def neighbours(stars: list[Star]) -> list[tuple[Star, Star, float]]:
    """Each star, the nearest of those that were there before it, and how far that is."""
    import numpy as np

    ordered = sorted(stars, key=lambda star: star.seen)
    if len(ordered) < 2:
        return []
    x, y = np.array([(star.x, star.y) for star in ordered], np.float32).T
    far = np.subtract.outer(x, x) ** 2 + np.subtract.outer(y, y) ** 2
    far[np.tri(len(ordered), dtype=bool).T] = np.inf
    nearest = far[1:].argmin(axis=1).tolist()
    return [
        (star, ordered[at], math.sqrt(far[n, at]))
        for n, (star, at) in enumerate(zip(ordered[1:], nearest, strict=True), 1)
    ]


def free(boxes: list[tuple[float, float, float, float, float]]) -> list[float]:
    """How far each box can be seen among those before it, 1: wholly. A box is its left, top, right and
    bottom, and how far it has come, 0 to 1."""
    import numpy as np

    if not boxes:
        return []
    left, top, right, bottom, come = np.array(boxes, np.float32).T
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    over = np.maximum(0, wide) * np.maximum(0, high) / ((right - left) * (bottom - top) + 1e-9)[:, None]
    share = np.clip(over / COVERED, 0, 1)
    hidden = np.tril(share * share * (3 - 2 * share) * come, -1)
    seen: list[float] = np.prod(1 - hidden, axis=1).tolist()
    return seen
