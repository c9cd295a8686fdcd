"""Where things lie in an atlas: shelves of a few heights on layers of one side, never more than there are.

What nobody asked for longest leaves first: a shelf, where one of the height that is needed lies idle, else a
whole layer. "Bin packing by shelves" is J. Jylänki's name for it (A Thousand Ways to Pack the Bin, 2010).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Spot(NamedTuple):
    """The upper left corner of a free rectangle on a layer, and the shelf that it lies on."""

    layer: int
    x: int
    y: int
    shelf: Shelf


@dataclass(slots=True, eq=False)
class Shelf:
    """`slots`: the numbers of the things that stand on it. `end`: where the next one would."""

    layer: int
    y: int
    height: int
    end: int = 0
    slots: list[int] = field(default_factory=list)


class Shelves:
    """`layers` squares of `side` texels. Knows nothing of what lies on them but its slots' numbers."""

    def __init__(self, side: int, layers: int) -> None:
        self.side, self.layers = side, layers
        self._shelves: list[Shelf] = []
        self._used = [0] * layers

    def place(self, width: int, height: int) -> Spot | None:
        """Room for a thing so large, or None where something has to leave first."""
        tall = step(height)
        assert width <= self.side, "a thing is no wider than a layer"
        assert tall <= self.side, "a thing is no higher than a layer"
        for shelf in reversed(self._shelves):
            if shelf.height == tall and shelf.end + width <= self.side:
                return self._put(shelf, width)
        for layer, used in enumerate(self._used):
            if used + tall <= self.side:
                self._used[layer] += tall
                self._shelves.append(Shelf(layer, used, tall))
                return self._put(self._shelves[-1], width)
        return None

    def _put(self, shelf: Shelf, width: int) -> Spot:
        shelf.end += width
        return Spot(shelf.layer, shelf.end - width, shelf.y, shelf)

    def fitting(self, height: int) -> list[Shelf]:
        """The shelves for things so high."""
        tall = step(height)
        return [shelf for shelf in self._shelves if shelf.height == tall]

    def on(self, layer: int) -> list[Shelf]:
        """All shelves of a layer."""
        return [shelf for shelf in self._shelves if shelf.layer == layer]

    def clear(self, shelf: Shelf) -> list[int]:
        """Empty a shelf; the slots that stood on it."""
        slots, shelf.slots, shelf.end = shelf.slots, [], 0
        return slots

    def wipe(self, layer: int) -> list[int]:
        """Take a layer's shelves away; the slots that stood on them."""
        gone = [slot for shelf in self.on(layer) for slot in shelf.slots]
        self._shelves = [shelf for shelf in self._shelves if shelf.layer != layer]
        self._used[layer] = 0
        return gone


def step(height: int) -> int:
    """The height of the shelf for a thing so high: a quarter of waste at most."""
    for low, grain in ((32, 4), (64, 8), (128, 16), (256, 32)):
        if height <= low:
            return -(-height // grain) * grain
    return -(-height // 64) * 64
