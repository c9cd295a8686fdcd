"""What a decoder has read: keys and values of several texts (rows) in memory that moves only to grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installation.voice.families import Shape

if TYPE_CHECKING:
    import torch


class Rows:
    """Keys and values (row, layer, 2, head, place, size) and how many tokens each row holds.

    What stands beyond a row's length is garbage: forgetting is setting the length."""

    def __init__(self, shape: Shape, rows: int, limit: int, dtype: Any, device: Any) -> None:
        import torch

        places = (rows, shape.layers, 2, shape.fewer, limit, shape.size)
        self.kept = self._room = torch.zeros(places, dtype=dtype, device=device)
        self.lengths = [0] * rows
        self.limit = limit
        self._inner: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        self._view()

    def grow(self, count: int) -> int:
        """Have so many rows more, empty ones; the number of the first. Now and then all that is held moves,
        to where there is twice the room, which takes no memory before it is written to."""
        had, kept = len(self.lengths), self._room
        if had + count > len(kept):
            self._room = kept.new_zeros((max(had + count, 2 * len(kept)), *kept.shape[1:]))
            for row, length in enumerate(self.lengths):
                self._room[row, ..., :length, :] = kept[row, ..., :length, :]
            self._inner = []
        self.kept = self._room[: had + count]
        self.lengths += [0] * count
        self._view()
        return had

    def _view(self) -> None:
        self._inner += [
            (kept[:, 0].transpose(2, 3), kept[:, 1], kept.permute(3, 0, 1, 2, 4))
            for kept in self.kept[len(self._inner) :]
        ]

    def at(self, row: int) -> tuple[torch.Tensor, ...]:
        """The layers' places for the row's next token, each (2, head, size)."""
        places: torch.Tensor = self._inner[row][2][self.lengths[row]]
        return places.unbind(0)

    def views(
        self, row: int, start: int, end: int
    ) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
        """The layers' keys (head, size, places) and values (head, places, size) from `start` to `end`."""
        keys, values, _ = self._inner[row]
        return keys[:, :, :, start:end].unbind(0), values[:, :, start:end].unbind(0)

    def crop(self, row: int, length: int) -> None:
        """Forget all but the first `length` tokens of a row."""
        assert 0 <= length <= self.lengths[row], "a row can only be cropped to what it holds"
        self.lengths[row] = length

    def copy(self, source: int, target: int, length: int | None = None) -> None:
        """Make `target` hold the first `length` tokens of `source`, all by default."""
        count = self.lengths[source] if length is None else min(length, self.lengths[source])
        self.kept[target, ..., :count, :].copy_(self.kept[source, ..., :count, :])
        self.lengths[target] = count

    def lend(self, row: int, length: int) -> torch.Tensor:
        """A copy of a row's first `length` tokens: (layer, 2, head, place, size)."""
        assert length <= self.lengths[row], "what is lent was read"
        return self.kept[row, ..., :length, :].clone()

    def borrow(self, row: int, kept: torch.Tensor) -> None:
        """Make a row hold what was lent, and no more."""
        count = kept.shape[3]
        self.kept[row, ..., :count, :].copy_(kept)
        self.lengths[row] = count
