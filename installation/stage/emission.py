"""A frame's words, strokes and fogs as rows of numbers that the graphics card draws without asking more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from installation.stage.atlas import EM, LARGEST, SOFT, STEP, Atlas
from installation.stage.frame import Fog, Stroke
from installation.stage.table import BLUR, GLOW, RED, SIZE, TURN, Table, X, Y

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]
    Numbers = NDArray[np.float64]
    Whole = NDArray[np.int64]

FINE = 72
"""Below this em in pixels a word stands on whole pixels, by halves in height, as it was drawn: so it is sharp."""
UNSEEN = 1e-4
"""Light that nobody sees."""
_CAPS = np.array(SOFT)


class Emission(NamedTuple):
    """Rows of eight: x, y, size over the atlas's, turn in radians, light, slot. `halos`: what glows."""

    words: Rows
    halos: Rows


def emission(sprites: Table, atlas: Atlas, unit: float, shine: float) -> Emission:
    """The rows of these sprites; `unit` is a hundredth of the stage's height in pixels, `shine` how many
    times all glow. A blur between two steps is both of them in part."""
    if not len(sprites.numbers):
        return Emission(np.empty((0, 8), np.float32), np.empty((0, 8), np.float32))
    # Each column in one piece: all that follows goes through columns.
    columns = np.ascontiguousarray(sprites.numbers.T)
    seen = np.maximum(np.maximum(columns[RED], columns[RED + 1]), columns[RED + 2]) > UNSEEN
    words = atlas.words.numbers(sprites.texts, sprites.faces)
    glows = bool(shine > 0 and columns[GLOW].any())
    count, steps = len(words), np.zeros(len(words), np.int64)
    if glows or columns[BLUR].any() or not seen.all():
        picked, steps, shares, count = _looks(columns, seen, shine)
        columns, words = columns[:, picked], words[picked]
        columns[RED:BLUR] *= shares
    rows = _rows(columns, words, steps, atlas, unit)
    return Emission(rows[:count], rows[count:])


def _looks(columns: Numbers, seen: NDArray[np.bool_], shine: float) -> tuple[Whole, Whole, Numbers, int]:
    """Which sprite each row is of, on which step of the ladder, with what share of its light; so many rows
    are the words themselves, the others their glow."""
    blurs = np.clip(columns[BLUR], 0, len(SOFT) - 1)
    rungs = blurs.astype(np.int64)
    parts = blurs - rungs
    glows = shine * columns[GLOW]
    first, second = np.flatnonzero(seen), np.flatnonzero(seen & (parts > 0))
    halo = np.flatnonzero(seen & (glows > 0))
    picked = np.concatenate((first, second, halo))
    steps = np.concatenate((rungs[first], rungs[second] + 1, np.ones(len(halo), np.int64)))
    shares = np.concatenate((1 - parts[first], parts[second], glows[halo]))
    return picked, steps, shares, len(first) + len(second)


def _rows(columns: Numbers, words: Whole, steps: Whole, atlas: Atlas, unit: float) -> Rows:
    """A row for each sprite, given as columns, with the number of its word and a step of the ladder."""
    pixels, turns = columns[SIZE] * unit, columns[TURN]
    whole = np.maximum(1, np.rint(pixels)).astype(np.int64)
    fine = (whole < FINE) & (steps == 0)
    ems = whole if fine.all() else np.where(fine, whole, np.minimum(_steady(whole), _CAPS[steps]))
    slots = atlas.find(words << (STEP + EM) | ems << STEP | steps)
    rows = np.empty((len(words), 8), np.float32)
    x, y = columns[X] * unit, columns[Y] * unit
    still = fine & (turns == 0)
    np.rint(x, out=x, where=still)
    y = np.where(still, np.floor(2 * y + 0.5) / 2, y)
    rows[:, 0] = x
    rows[:, 1] = y
    rows[:, 2] = np.where(fine, whole, pixels) / atlas.ems[slots]
    rows[:, 3] = turns * (math.pi / 180)
    rows[:, 4:7] = columns[RED:BLUR].T
    rows[:, 7] = slots
    return rows


def _steady(ems: Whole) -> Whole:
    """The next of a few larger ems, so that a word that grows is drawn seldom."""
    grain = np.where(ems < 2 * FINE, 8, 32)
    return np.minimum(-(-ems // grain) * grain, LARGEST)


def stroke_rows(strokes: Sequence[Stroke], unit: float) -> Rows:
    """The pieces of all strokes that can be seen, rows of eleven: both ends, light at the first, width, light
    at the last. A line thinner than a pixel is a pixel wide, and darker."""
    counts = [min(len(stroke.points), len(stroke.lights)) for stroke in strokes]
    total = sum(counts)
    if not total:
        return np.empty((0, 11), np.float32)
    flat = chain.from_iterable(
        chain(point, light)
        for stroke in strokes
        for point, light in zip(stroke.points, stroke.lights, strict=False)
    )
    points, lights = np.split(np.fromiter(flat, np.float64, 5 * total).reshape(total, 5), [2], axis=1)
    wanted = np.repeat([stroke.width * unit for stroke in strokes], counts)
    lights = lights * np.minimum(1, wanted)[:, None]
    lit = lights.max(axis=1, initial=0.0) > UNSEEN
    begins = np.ones(total, bool)
    begins[np.cumsum(counts)[np.array(counts, int) > 0] - 1] = False
    starts = np.flatnonzero(begins[:-1] & (lit[:-1] | lit[1:]))
    rows = np.empty((len(starts), 11), np.float32)
    rows[:, 0:2], rows[:, 2:4] = points[starts] * unit, points[starts + 1] * unit
    rows[:, 4:7], rows[:, 7] = lights[starts], np.maximum(1, wanted[starts])
    rows[:, 8:11] = lights[starts + 1]
    return rows


def fog_rows(fogs: Sequence[Fog], unit: float) -> Rows:
    """Rows of six: middle and radius in pixels, light."""
    lit = [(f.x * unit, f.y * unit, f.radius * unit, *f.light) for f in fogs if max(f.light) > UNSEEN]
    return np.array(lit, np.float32).reshape(len(lit), 6)
