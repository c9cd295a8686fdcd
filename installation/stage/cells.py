"""Cells: coverage summed over squares of pixels, the first step of every way to make it smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cells(grey: NDArray[np.uint8], side: int, above: int = 0) -> NDArray[np.uint32]:
    """The sum of each square of `side` pixels of coverage, (width, height), with so many empty pixels above;
    empty pixels fill it up at the right and below. `side` is below 257."""
    width, height = grey.shape
    across, down = -(-width // side), -(-(height + above) // side)
    padded = np.zeros((down * side, across * side), np.uint8)
    padded[above : above + height, :width] = grey.T
    # Whole rows first, then what is left: many times as fast as a sum over both.
    rows = padded.reshape(down, side, across * side)
    high = rows[:, 0].astype(np.uint16)
    for k in range(1, side):
        high += rows[:, k]
    columns = high.reshape(down, across, side)
    total = columns[:, :, 0].astype(np.uint32)
    for k in range(1, side):
        total += columns[:, :, k]
    return total.T
