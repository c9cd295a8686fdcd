"""The forward of a GPT-2 in plain numpy, over a key-value memory of its own: the library's logits in f32."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from installation.errors import VoiceError
from installation.voice.insight import layer_of, told_layers

Floats = NDArray[np.float32]

LONGEST_CONTEXT = 512
"""Most tokens a model reads at once; as many as the same model reads by torch on a CPU."""
MASKED = np.float32(-1e30)


class NumpyForward:
    """The forward over a key-value memory of its own, of fixed size: going back is a smaller number.

    What a layer norm scales and shifts is folded into the matrix behind it."""

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, Any], vocabulary: int) -> None:
        self._heads, self._epsilon = int(config["n_head"]), np.float32(config["layer_norm_epsilon"])
        self._token, self._place = weights["wte.weight"], weights["wpe.weight"]
        self.limit = min(LONGEST_CONTEXT, len(self._place))
        self._layers = [
            Layer(weights, f"h.{n}.", self._heads, self.limit) for n in range(int(config["n_layer"]))
        ]
        out = weights.get("lm_head.weight", self._token)[:vocabulary]
        self._out = np.ascontiguousarray(out * weights["ln_f.weight"])
        self._lean = out @ weights["ln_f.bias"]
        hidden = (np.arange(self.limit)[:, None] < np.arange(self.limit)) * MASKED
        self._hidden: Floats = hidden.astype(np.float32)
        self._length = 0
        self.layers = len(self._layers)
        self._leant: Mapping[int, Floats] = {}
        self._watched, self._told = -1, frozenset[int]()
        self._look: Look | None = None

    def watch(self, attention_layer: object = "auto") -> tuple[str, ...]:
        """Tell from now on what goes on inside, see layer_of; what of Inner that is. Raises VoiceError."""
        self._watched = layer_of(attention_layer, len(self._layers))
        self._told = frozenset(told_layers(len(self._layers)))
        return "attention", "lens"

    def look(self) -> Look | None:
        """What went on inside in the last run."""
        return self._look

    def run(self, ids: Sequence[int]) -> Floats:
        """Read `ids`; the logits of the next token, shape (vocabulary,)."""
        start, end = self._length, self._length + len(ids)
        if end > self.limit:
            raise VoiceError(f"the model cannot go on: it reads {self.limit} tokens, not {end}")
        weights: list[Floats] = []
        stages: list[Floats] = []

        def see(number: int, x: Floats, scores: Floats) -> None:
            if number == self._watched:
                weights.append(scores[:, -1].mean(0))
            if number in self._told:
                stages.append(x[-1].copy())

        x = self._through(ids, start, see)
        last = normal(x[-1:], self._epsilon)
        if weights:
            self._look = Look(weights[0], normal(np.stack(stages), self._epsilon), self._out, self._lean)
        logits: Floats = self._out @ last[0] + self._lean
        return logits

    def _through(self, ids: Sequence[int], start: int, see: Callable[[int, Floats, Floats], None]) -> Floats:
        """The stream after the last layer; `see` is shown each layer's number, stream and attention."""
        end = start + len(ids)
        x: Floats = self._token[list(ids)] + self._place[start:end]
        hidden = self._hidden[start:end, :end] if len(ids) > 1 else None
        for number, layer in enumerate(self._layers):
            scores = layer.run(x, start, hidden, self._epsilon)
            if number in self._leant:
                x += self._leant[number]
            see(number, x, scores)
        self._length = end
        return x

    def stream(self, ids: Sequence[int], layer: int) -> Floats:
        """What stands in the stream after a layer at each of `ids`; see vectors.Leans."""
        found: list[Floats] = []
        self._through(ids, 0, lambda number, x, _: found.append(x.copy()) if number == layer else None)
        self._length = 0
        return found[0]

    def lean(self, pushes: Mapping[int, Floats]) -> None:
        """Add these to the stream from now on; see vectors.Leans."""
        self._leant = pushes

    def fill(self, ids: Sequence[int]) -> None:
        """Read `ids`."""
        self.run(ids)

    def another(self) -> NumpyForward:
        """The same weights with a memory of its own: several prompts are read one after the other."""
        other = copy.copy(self)
        other._layers = [layer.another() for layer in self._layers]
        other._length, other._look, other._leant = 0, None, {}
        return other

    def crop(self, length: int) -> int:
        """Keep the first `length` tokens; how many are left."""
        self._length = min(self._length, length)
        return self._length

    def lend(self, length: int) -> Floats:
        """A copy of the first `length` tokens' keys and values: (layers, 2, heads, length, head's width)."""
        assert length <= self._length, "what is lent was read"
        return np.stack([layer.held(length) for layer in self._layers])

    def borrow(self, kept: Floats) -> None:
        """Hold what was lent, and no more."""
        for layer, held in zip(self._layers, kept, strict=True):
            layer.hold(held)
        self._length = kept.shape[3]


@dataclass(frozen=True, slots=True)
class Look:
    """What went on inside as a token was read; see forward.Look. `stages`: what each layer made of it,
    normed, (layers, width)."""

    weights: Floats
    stages: Floats
    out: Floats
    lean: Floats

    def attention(self) -> Floats:
        """The mean over the heads: (places,), a sum of 1."""
        return self.weights

    def lens(self, ids: Sequence[int]) -> Floats:
        """How `ids` share among themselves after each of those layers: (layers, ids)."""
        few = list(ids)
        shares: Floats = self.stages @ self.out[few].T + self.lean[few]
        shares -= shares.max(1, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(1, keepdims=True)
        return shares


class Layer:
    """One block: attention, then the perceptron, each added to the stream in place."""

    def __init__(self, weights: Mapping[str, Any], prefix: str, heads: int, limit: int) -> None:
        self._qkv, self._qkv_bias = _folded(weights, f"{prefix}ln_1", f"{prefix}attn.c_attn")
        width = self._qkv.shape[0]
        self._heads, self._wide = heads, width // heads
        self._qkv[:, :width] *= self._wide**-0.5
        self._qkv_bias[:width] *= self._wide**-0.5
        self._joined, self._joined_bias = (weights[f"{prefix}attn.c_proj.{what}"] for what in _PARTS)
        self._up, self._up_bias = _folded(weights, f"{prefix}ln_2", f"{prefix}mlp.c_fc")
        self._down, self._down_bias = (weights[f"{prefix}mlp.c_proj.{what}"] for what in _PARTS)
        self._keys = np.empty((heads, self._wide, limit), np.float32)
        self._values = np.empty((heads, limit, self._wide), np.float32)

    def another(self) -> Layer:
        """The same weights with a memory of its own."""
        other = copy.copy(self)
        other._keys, other._values = np.empty_like(self._keys), np.empty_like(self._values)
        return other

    def held(self, length: int) -> Floats:
        """Keys and values of the first `length` tokens: (2, heads, length, head's width)."""
        return np.stack([self._keys[:, :, :length].transpose(0, 2, 1), self._values[:, :length]])

    def hold(self, held: Floats) -> None:
        """Begin with these keys and values."""
        keys, values = held
        self._keys[:, :, : keys.shape[1]] = keys.transpose(0, 2, 1)
        self._values[:, : keys.shape[1]] = values

    def run(self, x: Floats, start: int, hidden: Floats | None, epsilon: np.float32) -> Floats:
        """`x`: (tokens, width), the tokens from `start` on; `hidden` is what none of them may look at.
        Where each looked, (heads, tokens, places)."""
        count, width = x.shape
        end = start + count
        qkv = normal(x, epsilon) @ self._qkv
        qkv += self._qkv_bias
        query, key, value = qkv.reshape(count, 3, self._heads, self._wide).transpose(1, 2, 0, 3)
        self._keys[:, :, start:end] = key.transpose(0, 2, 1)
        self._values[:, start:end] = value
        scores = query @ self._keys[:, :, :end]
        if hidden is not None:
            scores += hidden
        scores -= scores.max(-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= np.add.reduce(scores, -1, keepdims=True)
        seen = scores @ self._values[:, :end]
        x += seen.transpose(1, 0, 2).reshape(count, width) @ self._joined
        x += self._joined_bias
        inner = normal(x, epsilon) @ self._up
        inner += self._up_bias
        x += gelu(inner) @ self._down
        x += self._down_bias
        return scores


_PARTS = ("weight", "bias")


def _folded(weights: Mapping[str, Any], norm: str, behind: str) -> tuple[Floats, Floats]:
    """The matrix and bias of `behind` with the scale and shift of the norm before it."""
    scale, shift = (weights[f"{norm}.{what}"] for what in _PARTS)
    matrix, bias = (weights[f"{behind}.{what}"] for what in _PARTS)
    return np.ascontiguousarray(scale[:, None] * matrix), shift @ matrix + bias


def normal(x: Floats, epsilon: np.float32) -> Floats:
    """Each row with mean 0 and variance 1."""
    width = np.float32(x.shape[-1])
    sums: Floats = np.add.reduce(x, -1, keepdims=True)
    centred: Floats = x - sums / width
    variance = np.einsum("ij,ij->i", centred, centred) / width
    centred /= np.sqrt(variance + epsilon)[:, None]
    return centred


def gelu(x: Floats) -> Floats:
    """Half of x, one plus a tanh (Hendrycks and Gimpel, Gaussian Error Linear Units, 2016)."""
    bend = x * x
    bend *= np.float32(0.044715 * 0.7978845608)
    bend += np.float32(0.7978845608)
    bend *= x
    np.tanh(bend, out=bend)
    bend += np.float32(1)
    bend *= x
    bend *= np.float32(0.5)
    return bend
