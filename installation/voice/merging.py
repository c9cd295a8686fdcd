"""Where an adapter's products go in a model that speaks here: into matrices made beside those in use.

A decoder of ours has its matrices joined, scaled and packed (see families, matrices): so each is merged
from the library's own weights, which stay in memory for that, and packed as its original was.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

from installation.errors import VoiceError
from installation.voice.families import LayerWeights, Matrix, as_asked, layer_of, shape_of
from installation.voice.lora import Adapter

Place = Hashable

GPT2 = {
    "attn.c_attn": ("ask", 0), "attn.c_proj": ("answer", 0), "mlp.c_fc": ("widen", 0), "mlp.c_proj": ("narrow", 0),
}  # fmt: skip
LLAMA = {
    "self_attn.q_proj": ("ask", 0), "self_attn.k_proj": ("ask", 1), "self_attn.v_proj": ("ask", 2),
    "self_attn.o_proj": ("answer", 0), "mlp.gate_proj": ("widen", 0), "mlp.up_proj": ("widen", 1),
    "mlp.down_proj": ("narrow", 0),
}  # fmt: skip


class Ground(Protocol):
    """A model that adapters are merged into, matrix by matrix."""

    def places(self, adapter: Adapter) -> Sequence[Place]:
        """The matrices that an adapter changes. Raises VoiceError where it does not fit the model."""

    def merged(self, place: Place, adapter: Adapter) -> Any:
        """One of them with the adapter merged into it."""

    def packed(self, merged: Any) -> Any:
        """What was merged, ready to be put in."""

    def put(self, place: Place, made: Any) -> None:
        """From the next token on multiply by what was made; by the original, where that is None."""


class Fitted(Protocol):
    """A decoder of ours, whose matrices can be changed."""

    def fit(self, layer: int, part: str, made: Any) -> None:
        """See Ground.put."""


class DecoderGround:
    """A decoder of ours and the library's `model` that it was made from; `make` packs a matrix for it."""

    def __init__(self, decoder: Fitted, model: Any, make: Callable[[Matrix], Any]) -> None:
        shape = shape_of(model.config)
        assert shape is not None, "a decoder was made of it"
        self._decoder, self._model, self._make, self._shape = decoder, model, make, shape
        self._names = GPT2 if shape.family == "gpt2" else LLAMA
        self._stem = "transformer.h." if shape.family == "gpt2" else "model.layers."
        self._layer: tuple[int, LayerWeights] | None = None

    def places(self, adapter: Adapter) -> Sequence[Place]:
        found: dict[tuple[int, str], None] = {}
        for module in adapter.factors:
            layer, part, index = self._meant(adapter, module)
            coming, goings = self._sizes(layer, part)
            adapter.delta(module, coming, goings[index])
            found[layer, part] = None
        self._layer = None
        return sorted(found)

    def merged(self, place: Any, adapter: Adapter) -> Matrix:
        import torch

        layer, part = place
        with torch.inference_mode():
            weights = self._weights(layer)
            matrix: Matrix = getattr(weights, part)
            delta = self._delta(adapter, weights, layer, part)
            return Matrix(matrix.weight + delta.to(matrix.weight.device), matrix.bias)

    def packed(self, merged: Matrix) -> Any:
        import torch

        with torch.inference_mode():
            return self._make(merged)

    def put(self, place: Any, made: Any) -> None:
        layer, part = place
        self._decoder.fit(layer, part, made)

    def _delta(self, adapter: Adapter, weights: LayerWeights, layer: int, part: str) -> Any:
        """What is added to a joined matrix, (in, out)."""
        import torch

        coming, goings = self._sizes(layer, part)
        modules = {index: name for name, (kind, index) in self._names.items() if kind == part}
        parts = []
        for index, going in enumerate(goings):
            module = f"{self._stem}{layer}.{modules[index]}"
            there = module in adapter.factors
            parts.append(adapter.delta(module, coming, going) if there else torch.zeros(coming, going))
        whole = torch.cat(parts, 1)
        if part == "ask":
            as_asked(whole, self._shape, layer, normed=weights.head_norm is not None)
        return whole

    def _meant(self, adapter: Adapter, module: str) -> tuple[int, str, int]:
        number, _, name = module.removeprefix(self._stem).partition(".")
        known = module.startswith(self._stem) and number.isdecimal() and int(number) < self._shape.layers
        if not known or name not in self._names:
            right = ", ".join(dict.fromkeys(name.rpartition(".")[2] for name in self._names))
            raise VoiceError(
                f"{adapter.folder}: it changes {module}, which cannot be merged into this model of "
                f"{self._shape.layers} layers; train it with target_modules among {right}"
            )
        return (int(number), *self._names[name])

    def _sizes(self, layer: int, part: str) -> tuple[int, Sequence[int]]:
        """How many numbers a joined matrix takes, and how many each of its modules gives."""
        coming, going = getattr(self._weights(layer), part).weight.shape
        shape = self._shape
        if shape.family == "gpt2" or part not in {"ask", "widen"}:
            return coming, (going,)
        if part == "widen":
            return coming, (going // 2, going // 2)
        return coming, (shape.heads * shape.size, shape.fewer * shape.size, shape.fewer * shape.size)

    def _weights(self, layer: int) -> LayerWeights:
        """A layer's weights; the last one asked for is kept, since its matrices follow one another."""
        if self._layer is None or self._layer[0] != layer:
            self._layer = layer, layer_of(self._model, self._shape, layer)
        return self._layer[1]


class LibraryGround:
    """A model of the library that runs as it is: its own weights change places with merged ones."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._own: dict[str, Any] = {}

    def places(self, adapter: Adapter) -> Sequence[Place]:
        modules = dict(self._model.named_modules())
        for name in adapter.factors:
            if getattr(getattr(modules.get(name), "weight", None), "dim", lambda: 0)() != 2:
                raise VoiceError(
                    f"{adapter.folder}: it changes {name}, and this model has no such linear module; "
                    "take an adapter that was trained on this model"
                )
            adapter.delta(name, *self._sizes(modules[name]))
        return list(adapter.factors)

    def merged(self, place: Any, adapter: Adapter) -> Any:
        import torch

        module = self._model.get_submodule(place)
        own = self._own.setdefault(place, module.weight.data)
        with torch.inference_mode(False), torch.no_grad():
            delta = adapter.delta(place, *self._sizes(module)).to(own.device)
            return (own.float() + (delta if _lies(module) else delta.t())).to(own.dtype).contiguous()

    def packed(self, merged: Any) -> Any:
        return merged

    def put(self, place: Any, made: Any) -> None:
        self._model.get_submodule(place).weight.data = self._own[place] if made is None else made

    def _sizes(self, module: Any) -> tuple[int, int]:
        first, second = module.weight.shape
        return (first, second) if _lies(module) else (second, first)


def _lies(module: Any) -> bool:
    """Whether a module's weight lies (in, out), as GPT-2's do, and not (out, in)."""
    return type(module).__name__ == "Conv1D"
