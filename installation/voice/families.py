"""What a model's configuration decides: the shape of a GPT-2 or a Llama, and where its weights lie.

GPT-2 (Radford et al., 2019): learned places, layer norm, one projection for query, key and value. Llama
(Touvron et al., 2023) and its kin Mistral, Qwen 2, 2.5 and 3, SmolLM: rotary places (Su et al.,
RoFormer, 2021), RMS norm, gated feed-forward, fewer heads for keys than for queries. What is not known
here is refused, and the library's own forward is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

LLAMAS = frozenset({"llama", "mistral", "qwen2", "qwen3", "smollm3"})
FIXED_TURNS = frozenset({"default", "linear", "llama3", "yarn"})
"""Rotary scalings whose angles do not depend on how much was read."""

TANH = frozenset({"gelu_new", "gelu_pytorch_tanh", "gelu_fast"})
ACTIVATIONS = TANH | {"gelu", "silu", "swish", "relu"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder's shape. `heads` ask, `fewer` of them hold keys and values, each `size` numbers wide;
    `windows` says per layer how far it looks back (0: to the beginning), `turned` whether it is rotary."""

    family: str
    width: int
    heads: int
    fewer: int
    size: int
    vocabulary: int
    places: int
    epsilon: float
    activation: str
    windows: tuple[int, ...]
    turned: tuple[bool, ...]
    scales: tuple[float, ...]

    @property
    def layers(self) -> int:
        return len(self.windows)

    @property
    def rms(self) -> bool:
        return self.family != "gpt2"


@dataclass(slots=True)
class Matrix:
    """A linear map, `weight` (in, out) in any memory order, `bias` (out,) or None."""

    weight: torch.Tensor
    bias: torch.Tensor | None


@dataclass(slots=True)
class LayerWeights:
    """One layer. `ask` gives [queries, keys, values], the queries already scaled; rotary pairs lie side
    by side. `widen` gives [gate, up] where the layer is gated. `head_norm` (heads + fewer, size) or None.
    A norm is (weight, bias or None)."""

    norm: tuple[torch.Tensor, torch.Tensor | None]
    ask: Matrix
    answer: Matrix
    next_norm: tuple[torch.Tensor, torch.Tensor | None]
    widen: Matrix
    narrow: Matrix
    head_norm: torch.Tensor | None


@dataclass(slots=True)
class Outside:
    """What stands before and after the layers: token vectors (vocabulary, width), places (places, width)
    or rotary angles (size / 2,) with the factor on their cosines, the last norm, the head."""

    tokens: torch.Tensor
    places: torch.Tensor | None
    angles: torch.Tensor | None
    factor: float
    norm: tuple[torch.Tensor, torch.Tensor | None]
    head: Matrix


def shape_of(config: Any) -> Shape | None:
    """The shape that a configuration of the library describes, or None where it is not known here."""
    if config.model_type == "gpt2":
        return _gpt2(config)
    return _llama(config) if config.model_type in LLAMAS else None


def _gpt2(config: Any) -> Shape | None:
    if config.add_cross_attention or config.activation_function not in ACTIVATIONS:
        return None
    count, size = config.n_layer, config.n_embd // config.n_head
    plain = size**-0.5 if config.scale_attn_weights else 1.0
    by_depth = config.scale_attn_by_inverse_layer_idx
    scales = tuple(plain / (at + 1 if by_depth else 1) for at in range(count))
    return Shape(
        "gpt2", config.n_embd, config.n_head, config.n_head, size, config.vocab_size, config.n_positions,
        config.layer_norm_epsilon, config.activation_function, (0,) * count, (False,) * count, scales,
    )  # fmt: skip


def _llama(config: Any) -> Shape | None:
    count = config.num_hidden_layers
    turns = getattr(config, "rope_parameters", None) or {}
    if turns.get("rope_type", "default") not in FIXED_TURNS or turns.get("partial_rotary_factor", 1.0) != 1.0:
        return None
    if config.hidden_act not in ACTIVATIONS:
        return None
    window = getattr(config, "sliding_window", None) or 0
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        kinds = ["sliding_attention" if window else "full_attention"] * count
    if not set(kinds) <= {"full_attention", "sliding_attention"}:
        return None
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    turned = getattr(config, "no_rope_layers", None) or [1] * count
    return Shape(
        config.model_type, config.hidden_size, config.num_attention_heads, config.num_key_value_heads, size,
        config.vocab_size, config.max_position_embeddings, config.rms_norm_eps, config.hidden_act,
        tuple(window if kind == "sliding_attention" else 0 for kind in kinds),
        tuple(bool(turn) for turn in turned), (size**-0.5,) * count,
    )  # fmt: skip


def outside(model: Any, shape: Shape) -> Outside:
    """Token vectors, places, last norm and head of a loaded model."""
    head = model.lm_head
    out = Matrix(head.weight.t(), head.bias)
    if shape.family == "gpt2":
        inner = model.transformer
        return Outside(inner.wte.weight, inner.wpe.weight, None, 1.0, _norm(inner.ln_f), out)
    inner = model.model
    turner = inner.rotary_emb
    factor = float(turner.attention_scaling)
    return Outside(inner.embed_tokens.weight, None, turner.inv_freq, factor, _norm(inner.norm), out)


def layers(model: Any, shape: Shape) -> Iterator[LayerWeights]:
    """The layers' weights in order, in float32; small ones and those of GPT-2 may be the model's own."""
    return (layer_of(model, shape, at) for at in range(shape.layers))


def layer_of(model: Any, shape: Shape, at: int) -> LayerWeights:
    """One layer's weights, as `layers` gives them."""
    if shape.family == "gpt2":
        return _gpt2_layer(model.transformer.h[at], shape, at)
    return _llama_layer(model.model.layers[at], shape, at)


def as_asked(rows: torch.Tensor, shape: Shape, at: int, *, normed: bool) -> None:
    """Make of [queries, keys, values] (rows, all) as the library has them those of `ask`, in place.

    `normed`: the scale would be lost in the norm behind it, and is in that one's weight."""
    turning = rows[:, : (shape.heads + shape.fewer) * shape.size]
    if not normed:
        turning[:, : shape.heads * shape.size] *= shape.scales[at]
    if shape.turned[at]:
        turning.copy_(_paired(turning, shape.size))


def _gpt2_layer(block: Any, shape: Shape, at: int) -> LayerWeights:
    scaled = Matrix(block.attn.c_attn.weight.float().clone(), block.attn.c_attn.bias.float().clone())
    assert scaled.bias is not None, "GPT-2 has biases"
    as_asked(scaled.weight, shape, at, normed=False)
    as_asked(scaled.bias[None], shape, at, normed=False)
    answer, widen, narrow = (
        Matrix(made.weight.float(), made.bias.float())
        for made in (block.attn.c_proj, block.mlp.c_fc, block.mlp.c_proj)
    )
    return LayerWeights(_norm(block.ln_1), scaled, answer, _norm(block.ln_2), widen, narrow, None)


def _llama_layer(block: Any, shape: Shape, at: int) -> LayerWeights:
    import torch

    held, turned, scale = block.self_attn, shape.turned[at], shape.scales[at]
    normed = hasattr(held, "q_norm")
    ask = _joined(held.q_proj, held.k_proj, held.v_proj)
    for part in (ask.weight, None if ask.bias is None else ask.bias[None]):
        if part is not None:
            as_asked(part, shape, at, normed=normed)
    head_norm = None
    if normed:
        asked = (held.q_norm.weight.float() * scale).expand(shape.heads, -1)
        head_norm = torch.cat([asked, held.k_norm.weight.float().expand(shape.fewer, -1)])
        head_norm = _paired(head_norm, shape.size) if turned else head_norm
    return LayerWeights(
        _norm(block.input_layernorm), ask, _joined(held.o_proj), _norm(block.post_attention_layernorm),
        _joined(block.mlp.gate_proj, block.mlp.up_proj), _joined(block.mlp.down_proj), head_norm,
    )  # fmt: skip


def _joined(*parts: Any) -> Matrix:
    """Linear modules as one: what each gives, side by side."""
    import torch

    weight = torch.cat([part.weight.float() for part in parts]).t()
    if parts[0].bias is None:
        return Matrix(weight, None)
    return Matrix(weight, torch.cat([part.bias.float() for part in parts]))


def _paired(rows: torch.Tensor, size: int) -> torch.Tensor:
    """Each head's halves interleaved: what the library turns as (i, i + size / 2) lies side by side, so
    that a turn is one multiplication of complex numbers."""
    count = rows.shape[0]
    return rows.reshape(count, -1, 2, size // 2).transpose(2, 3).reshape(count, -1)


def _norm(made: Any) -> tuple[torch.Tensor, torch.Tensor | None]:
    bias = getattr(made, "bias", None)
    return made.weight.float(), None if bias is None else bias.float()
