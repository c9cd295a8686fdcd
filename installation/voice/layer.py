"""One layer of a GPT-2 or a Llama, written by hand: attention, then the perceptron, each added to the stream.

Everything between the matrices is float32, whatever the weights are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from installation.voice.families import TANH, LayerWeights, Shape
from installation.voice.inner import Inside
from installation.voice.matrices import MANY, Linear, matrix_of

Norm = Callable[[Any], Any]


class Layer:
    """One layer, with the room that one token of one row needs."""

    def __init__(self, weights: LayerWeights, shape: Shape, number: int, form: str) -> None:
        import torch

        self._shape, self.window, self._number = shape, shape.windows[number], number
        self._first, self._second = norm(weights.norm, shape), norm(weights.next_norm, shape)
        self._ask, self._answer, self._widen, self._narrow = (
            matrix_of(matrix, form) for matrix in (weights.ask, weights.answer, weights.widen, weights.narrow)
        )
        self._own: dict[str, Linear] = {}
        self._turned = shape.turned[number]
        self._heads = shape.heads + shape.fewer
        self._head_norm = None if weights.head_norm is None else weights.head_norm.view(-1, shape.size)
        self._gated = shape.rms
        self._activate = activation(shape.activation)
        asked = shape.heads * shape.size
        self._made = torch.empty(1, asked + 2 * shape.fewer * shape.size)
        self._asked = self._made[0, :asked].view(shape.fewer, -1, shape.size)
        self._held = self._made[0, asked:].view(2, shape.fewer, shape.size)
        self._named = self._made[0, : self._heads * shape.size].view(self._heads, shape.size)
        self._pairs = torch.view_as_complex(self._named.view(self._heads, -1, 2)) if self._turned else None
        self._said = torch.empty(1, asked)
        self._saying = self._said.view(shape.fewer, -1, shape.size)
        self._gone = torch.empty(1, shape.width)
        self._wide = torch.empty(1, weights.widen.weight.shape[1])
        self._gate: Any = self._wide
        self._up: Any = None
        if self._gated:
            self._gate, self._up = self._wide.chunk(2, 1)
        self._bmm, self._softmax, self._rms = torch.bmm, torch.softmax, torch.rms_norm
        self._as_pairs = torch.view_as_complex

    def fit(self, part: str, made: Linear | None) -> None:
        """See Decoder.fit."""
        self._own.setdefault(part, getattr(self, f"_{part}"))
        setattr(self, f"_{part}", made or self._own[part])

    def one(self, x: Any, slot: Any, keys: Any, values: Any, turn: Any, inside: Inside) -> None:
        """One token of one row, in place: x (1, width), its slot (2, head, size), what it looks back on."""
        self._ask.into(self._first(x), self._made)
        if self._head_norm is not None:
            named = self._named
            named.copy_(self._rms(named, (named.shape[1],), None, self._shape.epsilon).mul_(self._head_norm))
        if self._pairs is not None:
            self._pairs.mul_(turn)
        slot.copy_(self._held)
        weights = self._softmax(self._bmm(self._asked, keys), -1)
        if inside.layer == self._number:
            inside.seen(weights)
        self._bmm(weights, values, out=self._saying)
        self._answer.into(self._said, self._gone)
        x.add_(self._gone)
        self._widen.into(self._second(x), self._wide)
        wide = self._activate(self._gate)
        if self._up is not None:
            wide.mul_(self._up)
        self._narrow.into(wide, self._gone)
        x.add_(self._gone)

    def many(self, x: Any, turns: Any, attend: Callable[[Any], Any], last: int) -> Any:
        """Several tokens, x (tokens, width), of whichever rows `attend` knows; what becomes of the `last`."""
        count, shape = x.shape[0], self._shape
        made = self._ask(self._first(x))
        named = made.view(count, -1, shape.size)[:, : self._heads]
        if self._head_norm is not None:
            named.copy_(self._rms(named, (shape.size,), None, shape.epsilon).mul_(self._head_norm))
        if self._turned:
            self._as_pairs(named.view(count, self._heads, -1, 2)).mul_(turns)
        x = x[-last:] + self._answer(attend(made)[-last:])
        wide = self._widen(self._second(x))
        if self._gated:
            gate, up = wide.chunk(2, 1)
            wide = self._activate(gate.contiguous()).mul_(up)
        else:
            wide = self._activate(wide)
        return x.add_(self._narrow(wide))


def parted(made: Any, shape: Shape) -> tuple[Any, Any]:
    """Queries (tokens, fewer, heads / fewer, size), and keys and values (tokens, 2, fewer, size)."""
    count, asked = made.shape[0], shape.heads * shape.size
    held = made[:, asked:].view(count, 2, shape.fewer, shape.size)
    return made[:, :asked].view(count, shape.fewer, -1, shape.size), held


def norm(given: tuple[Any, Any], shape: Shape) -> Norm:
    """Layer norm, or RMS norm: of one row by hand, which is more than twice as quick as torch's."""
    import torch

    (weight, bias), epsilon, width = given, shape.epsilon, shape.width
    size = (width,)
    if not shape.rms:
        layer_norm = torch.layer_norm
        return lambda x: layer_norm(x, size, weight, bias, epsilon)
    rms_norm, multiply = torch.rms_norm, torch.mul

    def rms(x: Any) -> Any:
        if x.shape[0] > 1:
            return rms_norm(x, size, weight, epsilon)
        row = x[0]
        return multiply(x, (row.dot(row).item() / width + epsilon) ** -0.5).mul_(weight)

    return rms


def activation(name: str) -> Callable[[Any], Any]:
    """The activation, in place."""
    import torch

    if name in TANH:
        gelu, addcmul, root = torch.ops.aten.gelu_.default, torch.addcmul, 2 * (2 / math.pi) ** 0.5

        def tanh(x: Any) -> Any:
            """Of many rows by (1 + tanh z) / 2 = sigmoid 2 z, which takes half the time."""
            if x.shape[0] < MANY:
                return gelu(x, approximate="tanh")
            return x.mul_(addcmul(x, x * x, x, value=0.044715).mul_(root).sigmoid_())

        return tanh
    in_place: dict[str, Callable[[Any], Any]] = {
        "gelu": torch.ops.aten.gelu_.default, "relu": torch.relu_,
        "silu": torch.ops.aten.silu_.default, "swish": torch.ops.aten.silu_.default,
    }  # fmt: skip
    return in_place[name]
