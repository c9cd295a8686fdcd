"""Strokes become short straight pieces in pixels, drawn over the ground and under the letters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from installation.stage.frame import Stroke
from installation.stage.light import GROUND_FOCUS

if TYPE_CHECKING:
    import pygame

Piece: TypeAlias = tuple[list[int], list[float], list[float], int]
"""A colour, the two ends and the width, in pixels."""

UNDER = np.array(GROUND_FOCUS) / 2
"""The light of the ground that lines are drawn on."""


def draw(surface: pygame.Surface, strokes: Sequence[Stroke], unit: float) -> None:
    """Draw the strokes on what is there, `unit` pixels to a hundredth of the stage's height."""
    import pygame

    line = pygame.draw.aaline
    for colour, start, end, width in pieces(strokes, unit):
        line(surface, colour, start, end, width)


def pieces(strokes: Sequence[Stroke], unit: float) -> list[Piece]:
    """The pieces of all strokes that can be seen."""
    counts = [min(len(stroke.points), len(stroke.lights)) for stroke in strokes]
    total = sum(counts)
    if not total:
        return []
    ends = chain.from_iterable(s.points[:n] for s, n in zip(strokes, counts, strict=True))
    glims = chain.from_iterable(s.lights[:n] for s, n in zip(strokes, counts, strict=True))
    points = np.fromiter(chain.from_iterable(ends), np.float64, 2 * total).reshape(total, 2) * unit
    lights = np.fromiter(chain.from_iterable(glims), np.float64, 3 * total).reshape(total, 3)
    wanted = np.repeat([stroke.width * unit for stroke in strokes], counts)
    widths = np.maximum(1, np.rint(wanted))
    linear = lights * np.minimum(1.3, wanted / widths)[:, None] + UNDER
    colours = (255 * (1 - np.exp(-1.7 * linear)) + 0.5).astype(np.int64)
    bare = (255 * (1 - np.exp(-1.7 * UNDER)) + 0.5).astype(np.int64)
    # What is hardly there would be darker than the ground under it; a stroke's last point begins nothing.
    seen = colours.sum(axis=1) > bare.sum() + 2
    seen[np.cumsum(counts) - 1] = False
    starts = np.flatnonzero(seen)
    columns = (colours[starts], points[starts], points[starts + 1], widths[starts].astype(np.int64))
    return list(zip(*(column.tolist() for column in columns), strict=True))
