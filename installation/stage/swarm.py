"""Many things of one kind, drawn at once: one buffer, written whole, and one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import moderngl
    from numpy.typing import NDArray

FIRST = 1024
"""Rows that find room before the buffer has to grow."""


class Swarm:
    """Strips of four corners, one for each row of numbers; `layout` names how a row is cut into attributes."""

    def __init__(
        self, context: moderngl.Context, program: moderngl.Program, layout: str, *attributes: str
    ) -> None:
        self.program = program
        self._context, self._layout, self._attributes = context, layout, attributes
        self._floats = sum(int(part[0]) for part in layout.split())
        self._room = self._rows = 0
        self._grow(FIRST)

    def _grow(self, rows: int) -> None:
        self._room = rows
        self._buffer = self._context.buffer(reserve=4 * self._floats * rows, dynamic=True)
        content = [(self._buffer, f"{self._layout}/i", *self._attributes)]
        self._array = self._context.vertex_array(self.program, content)

    def __len__(self) -> int:
        """How many there are."""
        return self._rows

    def write(self, rows: NDArray[np.float32]) -> None:
        """From now on there is a thing for each of these rows."""
        self._rows = len(rows)
        if not self._rows:
            return
        assert rows.shape[1] == self._floats, "a row has a number for each attribute's part"
        if len(rows) > self._room:
            self._grow(max(len(rows), 2 * self._room))
        # The card may still read the rows of the frame before: it keeps those, and we get new room.
        self._buffer.orphan()
        self._buffer.write(np.ascontiguousarray(rows))

    def draw(self) -> None:
        """Draw them all into the framebuffer in use."""
        import moderngl

        if self._rows:
            self._array.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=self._rows)
