"""Steering vectors: directions in a model's stream, learned from two sets of sentences, added by weight.

A direction is the mean of what stands in the stream after one layer over the tokens of some sentences,
less the same over others (Turner and others, Activation Addition, 2023; Rimsky and others, Steering
Llama 2 via Contrastive Activation Addition, 2024). It is scaled so that a weight means the same in every
model: weight 1 adds as much as UNIT of the stream's own mean norm after that layer.

A weight counts from the next token that is read: what the model holds of earlier tokens stays as it was
read, so that moving a weight costs nothing, and what was leant fades with the text that was leant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from installation.errors import VoiceError

Floats = NDArray[np.float32]

UNIT = 1 / 3
"""What weight 1 adds, as a share of the mean norm of the stream where it is added."""

LONGEST = 128
"""Tokens of a sentence that are read."""


@runtime_checkable
class Leans(Protocol):
    """A Forward that can be leant."""

    limit: int
    layers: int
    """How many it has; 0: it cannot be leant after all."""

    def stream(self, ids: Sequence[int], layer: int) -> Floats:
        """What stands in the stream after a layer, the first being 0, at each of these tokens, read from
        the beginning: (tokens, width). What was read before is forgotten."""

    def lean(self, pushes: Mapping[int, Floats]) -> None:
        """From now on add to the stream after each of these layers what is given for it (width,), in this
        memory; nothing given ends it."""


def leans(forward: object) -> tuple[str, ...]:
    """What a Forward can, as VoiceNews tells it."""
    return ("vectors",) if isinstance(forward, Leans) and forward.layers else ()


@dataclass(frozen=True, slots=True)
class Direction:
    """What weight 1 adds to the stream after `layer`, the first being 0: (width,)."""

    layer: int
    along: Floats


def learn(forward: Leans, tongue: Any, vectors: Mapping[str, Any]) -> dict[str, Direction]:
    """The directions of these vectors by name, each as in VoiceSettings. Raises VoiceError."""
    found = {}
    for name, vector in vectors.items():
        layer = layer_of(name, vector["layer"], forward.layers)
        found[name] = _direction(forward, tongue, layer, vector["towards"], vector["away"])
    return found


def layer_of(name: str, given: Any, count: int) -> int:
    """The layer, counted from 0, that a vector is added after: `auto` is the middle. Raises VoiceError."""
    if given == "auto":
        return max(count // 2 - 1, 0)
    if not 1 <= given <= count:
        raise VoiceError(f"vectors: {name}: there is no layer {given}; this model has 1 to {count}")
    return int(given) - 1


def pushes(directions: Mapping[str, Direction], weights: Iterable[tuple[str, float]]) -> dict[int, Floats]:
    """What these weights add after which layer; names that nobody learned add nothing."""
    found: dict[int, Floats] = {}
    for name, weight in weights:
        if (direction := directions.get(name)) is not None and weight:
            add = np.float32(weight) * direction.along
            found[direction.layer] = found[direction.layer] + add if direction.layer in found else add
    return found


def _direction(
    forward: Leans, tongue: Any, layer: int, towards: Sequence[str], away: Sequence[str]
) -> Direction:
    one, other = (
        np.concatenate([_read(forward, tongue, layer, text) for text in texts]) for texts in (towards, away)
    )
    along = one.mean(0) - other.mean(0)
    norm = float(np.linalg.norm(np.concatenate([one, other]), axis=1).mean())
    length = float(np.linalg.norm(along))
    scaled = along * (UNIT * norm / length) if length > 1e-6 * norm else np.zeros_like(along)
    return Direction(layer, scaled.astype(np.float32))


def _read(forward: Leans, tongue: Any, layer: int, text: str) -> Floats:
    """The stream at each token of a sentence. The text's beginning is left out: in many models it holds
    no meaning and is a hundred times as long (Xiao and others, attention sinks, 2023)."""
    beginning = tongue.prompt("", 8)
    ids = (*beginning, *tongue.encode(text, ""))[: min(LONGEST, forward.limit)]
    return forward.stream(ids, layer)[min(max(1, len(beginning)), len(ids) - 1) :]
