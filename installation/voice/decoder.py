"""The forward of a GPT-2 or a Llama written by hand, over keys and values of our own.

Rows are texts that are read at the same time, each of its own length. One token of one row is the quick
path: nothing is allocated twice, nothing is joined, and as little Python as there are kernels to call.
Everything between the matrices is float32, whatever the weights are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from installation.voice.attention import Attention
from installation.voice.families import Outside, layers, outside, shape_of
from installation.voice.inner import Inside
from installation.voice.kv import Rows
from installation.voice.layer import Layer, norm, parted
from installation.voice.matrices import Linear, matrix_of

SLICE = 128
"""How many tokens of a text are read at once."""

Attend = Callable[[int, Any], Any]


class Decoder:
    """A loaded model of a known family, with `rows` texts of at most `limit` tokens.

    `form` is that of the matrices (see matrix_of). The model is not needed any more afterwards.
    Logits are float32 over the first `vocabulary` tokens; those of one row are overwritten by the next
    step. Raises ValueError where the family is not known."""

    def __init__(self, model: Any, *, rows: int = 1, limit: int = 512, form: str = "float32") -> None:
        import torch

        shape = shape_of(model.config)
        if shape is None:
            raise ValueError(f"{model.config.model_type} is no family that is known here")
        self._torch = torch
        with torch.inference_mode():
            self.shape, self.limit = shape, min(limit, shape.places)
            self.rows = Rows(shape, rows, self.limit, torch.float32, "cpu")
            around = outside(model, shape)
            self.tokens = around.tokens
            self._places = None if around.places is None else around.places.float()[: self.limit].contiguous()
            self._turns = _turns(around, self.limit)
            self._norm = norm(around.norm, shape)
            self._head = matrix_of(around.head, form, head=True)
            self._layers = tuple(
                Layer(weights, shape, at, form) for at, weights in enumerate(layers(model, shape))
            )
            self._x = torch.empty(1, shape.width)
            self._logits = torch.empty(1, shape.vocabulary)
            self._rowless = self._x[0]
        self._windows = sorted(set(shape.windows))
        self.inside = Inside(around, self._norm, shape)

    def read(self, row: int, ids: Sequence[int], most: int = SLICE) -> Any:
        """Read `ids` into a row, `most` at a time; the logits after them, shape (vocabulary,)."""
        assert ids, "there is something to read"
        with self._torch.inference_mode():
            for at in range(0, len(ids), most):
                x = self._slice(row, ids[at : at + most])
            return self._end(x)[0]

    def fill(self, row: int, ids: Sequence[int]) -> None:
        """Read `ids` into a row, and think no further."""
        if ids:
            self.inside.rest(resting=True)
            try:
                with self._torch.inference_mode():
                    self._slice(row, ids)
            finally:
                self.inside.rest(resting=False)

    def step(self, rows: Sequence[int], ids: Sequence[int]) -> Any:
        """Read one token into each of `rows` (ascending); the logits, shape (len(rows), vocabulary)."""
        with self._torch.inference_mode():
            if len(rows) == 1:
                return self._end(self._one(rows[0], ids[0]))
            return self._end(self._together(rows, ids))

    def crop(self, row: int, length: int) -> None:
        """Forget all but the first `length` tokens of a row."""
        self.rows.crop(row, length)

    def copy(self, source: int, target: int, length: int | None = None) -> None:
        """Make a row hold the first `length` tokens of another, all by default."""
        with self._torch.inference_mode():
            self.rows.copy(source, target, length)

    def lend(self, row: int, length: int) -> Any:
        """A copy of a row's first `length` tokens, for `borrow`."""
        with self._torch.inference_mode():
            return self.rows.lend(row, length)

    def borrow(self, row: int, kept: Any) -> None:
        """Make a row hold what was lent, and no more."""
        with self._torch.inference_mode():
            self.rows.borrow(row, kept)

    def grow(self, count: int) -> int:
        """Have so many rows more, empty ones; the number of the first."""
        with self._torch.inference_mode():
            return self.rows.grow(count)

    def fit(self, layer: int, part: str, made: Linear | None) -> None:
        """Multiply by another matrix in a layer's `ask`, `answer`, `widen` or `narrow`; None: its own again."""
        self._layers[layer].fit(part, made)

    def tensor(self, numbers: Any) -> Any:
        """Numbers of numpy where this decoder can use them."""
        return self._torch.from_numpy(numbers)

    def _one(self, row: int, token: int) -> Any:
        """One token of one row through all layers, (1, width)."""
        rows, x, inside = self.rows, self._x, self.inside
        at = rows.lengths[row]
        self._embed(token, at)
        turn = None if self._turns is None else self._turns[at]
        seen = {
            window: rows.views(row, max(0, at + 1 - window) if window else 0, at + 1)
            for window in self._windows
        }
        slots = rows.at(row)
        for number, layer in enumerate(self._layers):
            keys, values = seen[layer.window]
            layer.one(x, slots[number], keys[number], values[number], turn, inside)
            if inside.asked:
                inside.after(number, x, (row,))
        rows.lengths[row] = at + 1
        return x

    def _embed(self, token: int, at: int) -> None:
        if self._places is None:
            self._rowless.copy_(self.tokens[token])
        else:
            self._torch.add(self.tokens[token], self._places[at], out=self._rowless)

    def _slice(self, row: int, ids: Sequence[int]) -> Any:
        """Some tokens of one row through all layers, the last one's (1, width)."""
        if len(ids) == 1:
            return self._one(row, ids[0])
        torch, shape, count = self._torch, self.shape, len(ids)
        start = self.rows.lengths[row]
        end = start + count
        if end > self.limit:
            raise IndexError(f"a row holds {self.limit} tokens")
        here, there = torch.arange(start, end)[:, None], torch.arange(end)[None]
        masks = {
            window: ((there <= here) & (there > here - (window or end + 1)))
            .expand(shape.heads // shape.fewer, count, end)
            .reshape(1, 1, -1, end)
            for window in self._windows
        }
        kept = self.rows.kept[row]

        def attend(number: int, made: Any) -> Any:
            asked, held = parted(made, shape)
            kept[number, :, :, start:end].copy_(held.permute(1, 2, 0, 3))
            asked = asked.permute(1, 2, 0, 3).reshape(1, shape.fewer, -1, shape.size)
            keys, values = kept[number, :, None, :, :end]
            mask = masks[shape.windows[number]]
            if self.inside.layer == number:
                last = asked.view(1, shape.fewer, -1, count, shape.size)[:, :, :, -1]
                self.inside.look(last, keys, mask[:, :, -1:])
            said = torch.nn.functional.scaled_dot_product_attention(asked, keys, values, mask, scale=1.0)
            return said.view(shape.fewer, -1, count, shape.size).permute(2, 0, 1, 3).reshape(count, -1)

        x = self._through(list(ids), list(range(start, end)), attend, (row,), 1)
        self.rows.lengths[row] = end
        return x

    def _together(self, rows: Sequence[int], ids: Sequence[int]) -> Any:
        """One token of each of several rows through all layers, (rows, width)."""
        shape, lengths = self.shape, self.rows.lengths
        assert all(one < other for one, other in pairwise(rows)), "rows ascend"
        places = [lengths[row] for row in rows]
        if max(places) >= self.limit:
            raise IndexError(f"a row holds {self.limit} tokens")
        attention = Attention(self.rows, rows, places, self._windows)

        def attend(number: int, made: Any) -> Any:
            return attention.look(number, shape.windows[number], *parted(made, shape), self.inside)

        x = self._through(ids, places, attend, rows, len(rows))
        for row in rows:
            lengths[row] += 1
        return x

    def _through(
        self, ids: Sequence[int], places: Sequence[int], attend: Attend, rows: Sequence[int], last: int
    ) -> Any:
        """Tokens at their places through all layers; the last so many, (last, width)."""
        torch = self._torch
        at = torch.tensor(places)
        x = self.tokens[torch.tensor(ids)].float()
        if self._places is not None:
            x = x + self._places[at]
        turns = None if self._turns is None else self._turns[at][:, None]
        for number, layer in enumerate(self._layers):
            final = number == len(self._layers) - 1 and self.inside.keeps != number
            x = layer.many(x, turns, partial(attend, number), last if final else len(ids))
            if self.inside.asked:
                self.inside.after(number, x, rows)
        return x[-last:]

    def _end(self, x: Any) -> Any:
        """The logits after hidden states (n, width)."""
        normed = self._norm(x)
        if x.shape[0] > 1:
            return self._head(normed)
        self._head.into(normed, self._logits)
        return self._logits


def _turns(around: Outside, limit: int) -> Any:
    """The rotation of each place as complex numbers, (limit, size / 2); None where places are learned."""
    import torch

    if around.angles is None:
        return None
    angles = torch.arange(limit)[:, None].float() * around.angles.float()
    return torch.polar(torch.full_like(angles, around.factor), angles)
