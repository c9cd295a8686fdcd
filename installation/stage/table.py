"""A frame's sprites as a table of numbers, for what is done to all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from installation.stage.frame import Sprite

SIZE, X, Y, RED, GREEN, BLUE, BLUR, GLOW, TURN = range(9)
"""What each column of a table is, as in Sprite."""


class Table(NamedTuple):
    """Row k of `numbers`, (n, 9) float64, belongs to `texts[k]` in the face `faces[k]`."""

    texts: Sequence[str]
    faces: Sequence[str]
    numbers: NDArray[np.float64]


def table(sprites: Sequence[Sprite]) -> Table:
    """The sprites as a table, in their order."""
    count = len(sprites)
    numbers = np.empty((count, 9))
    if not count:
        return Table((), (), numbers)
    texts, faces, sizes, xs, ys, lights, blurs, glows, turns = zip(*sprites, strict=True)
    numbers[:, SIZE], numbers[:, X], numbers[:, Y] = sizes, xs, ys
    numbers[:, RED:BLUR] = np.fromiter(chain.from_iterable(lights), np.float64, 3 * count).reshape(count, 3)
    numbers[:, BLUR], numbers[:, GLOW], numbers[:, TURN] = blurs, glows, turns
    return Table(texts, faces, numbers)
