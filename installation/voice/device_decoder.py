"""The forward of a GPT-2 or a Llama in fixed shapes, for a device that replays what it has once recorded.

Nothing here asks a tensor for a number: which rows are read, where their tokens stand and how far they
look back are tensors themselves, so that one recording of `step` holds for every token to come. The same
code runs, unrecorded, on a CPU; there `decoder` is much quicker, and this one is only tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from installation.voice.families import TANH, LayerWeights, Matrix, Shape, layers, outside, shape_of

SLICE = 256
"""How many tokens of a text are read at once: longer ones would keep the voices waiting."""


class DeviceDecoder:
    """A loaded model of a known family with `rows` texts of at most `limit` tokens, on one device.

    Weights, keys and values have the format `dtype`; logits are float32 over the first `vocabulary`
    tokens. One row more than asked for is held: who fills up a batch reads into that one, and nobody
    reads it. Raises ValueError where the family is not known."""

    def __init__(
        self, model: Any, *, rows: int, limit: int, vocabulary: int, device: str, dtype: Any = None
    ) -> None:
        import torch

        shape = shape_of(model.config)
        if shape is None:
            raise ValueError(f"{model.config.model_type} is no family that is known here")
        self._torch, self.shape, self.device = torch, shape, device
        self.dtype = dtype = dtype or torch.float32
        self.limit, self.vocabulary = min(limit, shape.places), vocabulary
        self.lengths = [0] * (rows + 1)
        self.nobody = rows
        with torch.inference_mode():
            around = outside(model, shape)

            def moved(tensor: Any) -> Any:
                return None if tensor is None else tensor.detach().to(device, dtype)

            self._moved = moved
            self._tokens, self._places = moved(around.tokens), moved(around.places)
            self._turns = None if around.angles is None else self._turned(around.angles, around.factor)
            self._norm = _norm(around.norm, shape, moved)
            self._head = Dense(Matrix(around.head.weight[:, :vocabulary], _cut(around.head.bias, vocabulary)),
                               moved)  # fmt: skip
            self._layers = [
                Block(weights, shape, at, moved) for at, weights in enumerate(layers(model, shape))
            ]
            held = (shape.layers, rows + 1, 2, shape.fewer, self.limit, shape.size)
            self.kept = torch.zeros(held, dtype=dtype, device=device)
            self._here = torch.arange(self.limit, device=device)
            self.pushes = torch.zeros(shape.layers, rows + 1, shape.width, dtype=dtype, device=device)
            self.pushed: frozenset[int] = frozenset()
        self._windows = sorted(set(shape.windows))

    def step(self, rows: Any, ids: Any, places: Any, reach: int) -> Any:
        """Read one token into each of `rows` at its place; the logits (rows, vocabulary), float32.

        `rows`, `ids` and `places` are int64 tensors (rows,) on the device; no place is `reach` or beyond.
        Rows' lengths are the caller's to count. Adds to each row's stream what `pushes` (layers, rows,
        width) holds for the layers `pushed`. Can be recorded: no number leaves the device."""
        torch, shape = self._torch, self.shape
        x = self._embedded(ids, places)
        turns = None if self._turns is None else self._turns[places][:, None]
        here = self._here[:reach]
        masks = {window: _seen(here, places[:, None], window)[:, None, None] for window in self._windows}
        for number, block in enumerate(self._layers):

            def attend(asked: Any, held: Any, number: int = number) -> Any:
                kept = self.kept[number]
                kept[rows, :, :, places] = held
                near = kept[:, :, :, :reach].index_select(0, rows)
                return torch.nn.functional.scaled_dot_product_attention(
                    asked[:, :, None], near[:, 0], near[:, 1], masks[shape.windows[number]],
                    scale=1.0, enable_gqa=shape.heads != shape.fewer,
                )[:, :, 0]  # fmt: skip

            x = block(x, turns, attend)
            if number in self.pushed:
                x = x + self.pushes[number].index_select(0, rows)
        return self._head(self._norm(x)).float()

    def fill(
        self, row: int, ids: Sequence[int], see: Callable[[int, Any], None] = lambda _number, _x: None
    ) -> Any:
        """Read `ids`, at most SLICE and at least one, into a row behind what it holds; the logits after
        them, (vocabulary,) float32 on the device. `see` is shown each layer's number and what it made of the
        tokens (tokens, width). Raises IndexError beyond `limit`."""
        torch, shape, count = self._torch, self.shape, len(ids)
        start = self.lengths[row]
        end = start + count
        if end > self.limit:
            raise IndexError(f"a row holds {self.limit} tokens")
        with torch.inference_mode():
            places = self._here[start:end]
            x = self._embedded(torch.tensor(list(ids), device=self.device), places)
            turns = None if self._turns is None else self._turns[places][:, None]
            masks = {window: _seen(self._here[:end], places[:, None], window) for window in self._windows}
            for number, block in enumerate(self._layers):

                def attend(asked: Any, held: Any, number: int = number) -> Any:
                    kept = self.kept[number, row]
                    kept[:, :, start:end] = held.permute(1, 2, 0, 3)
                    return torch.nn.functional.scaled_dot_product_attention(
                        asked.transpose(0, 1)[None], kept[None, 0, :, :end], kept[None, 1, :, :end],
                        masks[shape.windows[number]], scale=1.0, enable_gqa=shape.heads != shape.fewer,
                    )[0].transpose(0, 1)  # fmt: skip

                x = block(x, turns, attend)
                if number in self.pushed:
                    x = x + self.pushes[number, row]
                see(number, x)
            self.lengths[row] = end
            return self._head(self._norm(x[-1:])).float()[0]

    def crop(self, row: int, length: int) -> None:
        """Forget all but the first `length` tokens of a row."""
        assert 0 <= length <= self.lengths[row], "a row can only be cropped to what it holds"
        self.lengths[row] = length

    def copy(self, source: int, target: int, length: int) -> None:
        """Make a row hold the first `length` tokens of another."""
        with self._torch.inference_mode():
            self.kept[:, target, ..., :length, :] = self.kept[:, source, ..., :length, :]
        self.lengths[target] = length

    def lend(self, row: int, length: int) -> Any:
        """A copy of the keys and values of a row's first `length` tokens."""
        with self._torch.inference_mode():
            return self.kept[:, row, ..., :length, :].clone()

    def borrow(self, row: int, kept: Any) -> None:
        """Make a row hold what was lent, and no more."""
        length = int(kept.shape[-2])
        with self._torch.inference_mode():
            self.kept[:, row, ..., :length, :] = kept
        self.lengths[row] = length

    def push(self, row: int, layer: int, addition: Any) -> None:
        """Add (width,) to a row's stream after a layer from now on; None ends all that is added to it.

        A layer that was never pushed is not in what was recorded: `pushed` tells who records."""
        with self._torch.inference_mode():
            if addition is None:
                self.pushes[:, row] = 0
                return
            self.pushed |= {layer}
            self.pushes[layer, row] = addition.to(self.device, self.dtype)

    def packed(self, matrix: Matrix) -> Any:
        """A matrix as `fit` takes it."""
        return _packed(matrix.weight, self._moved)

    def fit(self, layer: int, part: str, made: Any) -> None:
        """Multiply by another matrix in a layer's `ask`, `answer`, `widen` or `narrow`; None: its own again.
        What was recorded holds on: the numbers change, not where they lie."""
        with self._torch.inference_mode():
            self._layers[layer].parts[part].fit(made)

    def _embedded(self, ids: Any, places: Any) -> Any:
        x = self._tokens[ids]
        return x if self._places is None else x + self._places[places]

    def _turned(self, angles: Any, factor: float) -> Any:
        """The rotation of each place as complex numbers, (limit, size / 2)."""
        torch = self._torch
        turns = torch.arange(self.limit)[:, None].float() * angles.float().cpu()
        return torch.polar(torch.full_like(turns, factor), turns).to(self.device)


class Block:
    """One layer. Called with x (tokens, width), the turns of their places (tokens, 1, size / 2) and what
    attends: queries (tokens, heads, size), keys and values (tokens, 2, fewer, size) to (tokens, heads, size)."""

    def __init__(self, weights: LayerWeights, shape: Shape, number: int, moved: Callable[[Any], Any]) -> None:
        import torch

        self._torch, self._shape = torch, shape
        self._turned = shape.turned[number]
        self._first, self._second = _norm(weights.norm, shape, moved), _norm(weights.next_norm, shape, moved)
        self._ask, self._answer, self._widen, self._narrow = (
            Dense(matrix, moved) for matrix in (weights.ask, weights.answer, weights.widen, weights.narrow)
        )
        self.parts = {
            "ask": self._ask, "answer": self._answer, "widen": self._widen, "narrow": self._narrow,
        }  # fmt: skip
        self._head_norm = None if weights.head_norm is None else moved(weights.head_norm.view(-1, shape.size))

    def __call__(self, x: Any, turns: Any, attend: Callable[[Any, Any], Any]) -> Any:
        torch, shape, count = self._torch, self._shape, x.shape[0]
        made = self._ask(self._first(x)).view(count, -1, shape.size)
        heads = shape.heads + shape.fewer
        named = made[:, :heads]
        if self._head_norm is not None:
            named = torch.rms_norm(named, (shape.size,), None, shape.epsilon) * self._head_norm
        if self._turned:
            pairs = torch.view_as_complex(named.float().reshape(count, heads, -1, 2))
            named = torch.view_as_real(pairs * turns).reshape(count, heads, shape.size).to(x.dtype)
        held = torch.stack((named[:, shape.heads :], made[:, heads:]), 1)
        said = attend(named[:, : shape.heads], held)
        x = self._answer.onto(x, said.reshape(count, -1))
        wide = self._widen(self._second(x))
        if shape.rms:
            gate, up = wide.chunk(2, 1)
            wide = _activated(gate, shape.activation) * up
        else:
            wide = _activated(wide, shape.activation)
        return self._narrow.onto(x, wide)


class Dense:
    """x W + b in the device's format."""

    def __init__(self, matrix: Matrix, moved: Callable[[Any], Any]) -> None:
        import torch

        self._add, self._plain = torch.addmm, torch.mm
        self._weight = _packed(matrix.weight, moved)
        self._own: Any = None
        self._bias = moved(matrix.bias)

    def __call__(self, x: Any) -> Any:
        return self._plain(x, self._weight) if self._bias is None else self._add(self._bias, x, self._weight)

    def fit(self, weight: Any) -> None:
        """See DeviceDecoder.fit."""
        if self._own is None:
            self._own = self._weight.clone()
        self._weight.copy_(self._own if weight is None else weight)

    def onto(self, x: Any, wide: Any) -> Any:
        """`x` with what `wide` becomes added to it."""
        added = self._add(x, wide, self._weight)
        return added if self._bias is None else added + self._bias


def _packed(weight: Any, moved: Callable[[Any], Any]) -> Any:
    """The input's numbers side by side: a row of outputs is one stretch of memory."""
    return moved(weight).t().contiguous().t()


def _seen(here: Any, places: Any, window: int) -> Any:
    """Which of the places `here` (n,) are seen from `places` (tokens, 1): (tokens, n)."""
    seen = here <= places
    return seen & (here > places - window) if window else seen


def _cut(bias: Any, vocabulary: int) -> Any:
    return None if bias is None else bias[:vocabulary]


def _norm(given: tuple[Any, Any], shape: Shape, moved: Callable[[Any], Any]) -> Callable[[Any], Any]:
    import torch

    weight, bias = moved(given[0]), moved(given[1])
    size, epsilon = (shape.width,), shape.epsilon
    if shape.rms:
        return lambda x: torch.rms_norm(x, size, weight, epsilon)
    return lambda x: torch.layer_norm(x, size, weight, bias, epsilon)


def _activated(x: Any, name: str) -> Any:
    import torch

    if name in {"silu", "swish"}:
        return torch.nn.functional.silu(x)
    if name == "relu":
        return torch.relu(x)
    return torch.nn.functional.gelu(x, approximate="tanh" if name in TANH else "none")
