"""What was looked up for one frame serves the next: most things stand where they stood, or a few places on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def carried(
    given: NDArray[np.int64], same: NDArray[np.bool_], ends: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What was `given` a frame ago, put where it belongs now, and the places of the `count` that have to be
    looked up anew. `same`: which places from the beginning hold the same as before, as many as both frames
    have; `ends`: the same, counted from the end and told in order."""
    if count == len(given):
        return given.copy(), np.flatnonzero(~same)
    shorter = len(same)
    head = int(np.argmin(same)) if shorter and not same.all() else shorter
    tail = int(np.argmin(ends[::-1])) if shorter and not ends.all() else shorter
    tail = min(tail, shorter - head)
    found = np.zeros(count, np.int64)
    found[:head] = given[:head]
    found[count - tail :] = given[len(given) - tail :]
    return found, np.arange(head, count - tail)
