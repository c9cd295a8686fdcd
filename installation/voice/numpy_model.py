"""A GPT-2 in plain numpy: the house model without torch, up in a fraction of a second.

Weights are read in any float format that numpy knows, as safetensors.
Only GPT-2's own shape is read; every other model needs `transformers`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from installation.errors import VoiceError
from installation.messages import VoiceNews
from installation.voice.catalogue import ALL, resolve
from installation.voice.engine import Engine
from installation.voice.form import form_of
from installation.voice.model_voice import ModelVoice
from installation.voice.numpy_forward import Floats, NumpyForward
from installation.voice.plain_tokenizer import PlainTokenizer
from installation.voice.projection import places
from installation.voice.tongue import LibraryTongue
from installation.voice.weights import first_line, model_hash

ACTIVATIONS = {"gelu_new", "gelu_pytorch_tanh"}


class NumpyVoice(ModelVoice):
    """The Voice protocol over a folder with a GPT-2; see voice.Factory for the arguments."""

    def load(self) -> VoiceNews:
        """Read weights and tokenizer; see Voice.load."""
        place = resolve(str(self._settings["model"]), self._folder, "numpy")[1]
        if self._settings.get("adapter") or self._settings.get("adapters"):
            raise VoiceError("device: numpy takes no adapter; take device: auto")
        config = read_config(place)
        tokenizer = PlainTokenizer(Path(place), config)
        vocabulary = min(int(config["vocab_size"]), tokenizer.size)
        weights = read_weights(place)
        forward = NumpyForward(config, weights, vocabulary)
        form = form_of(place)
        tells: tuple[str, ...] = ()
        spots = None
        if self._settings.get("inner", "on") == "on":
            tells = (*forward.watch(self._settings.get("attention_layer", "auto")), "place")
            spots = places(lambda part: weights["wte.weight"][part], vocabulary, form.common)
        ends = frozenset(end for end in tokenizer.ends if 0 <= end < vocabulary)
        tongue = LibraryTongue(tokenizer, vocabulary, ends, form.prompt_format, False, form)
        self._take_up(Engine(forward, tongue, self._name, places=spots))
        return VoiceNews(
            self._name, "ready", f"{place} in numpy", "numpy", model_hash(place), forward.limit,
            (*ALL, "vectors", "logprobs", *tells),
        )  # fmt: skip


def read_config(place: str) -> dict[str, Any]:
    """The configuration of a GPT-2 as this file can run it. Raises VoiceError for any other model."""
    try:
        config: dict[str, Any] = json.loads((Path(place) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VoiceError(f"{place}: no configuration of a model here ({first_line(error)})") from error
    plain = (
        config.get("model_type") == "gpt2"
        and config.get("activation_function", "gelu_new") in ACTIVATIONS
        and config.get("scale_attn_weights", True)
        and not config.get("scale_attn_by_inverse_layer_idx")
    )
    if not plain:
        raise VoiceError(f"{place}: device: numpy speaks with GPT-2's own shape only; take device: auto")
    return {"layer_norm_epsilon": 1e-5} | config


def read_weights(place: str) -> dict[str, Floats]:
    """The weights in f32, by their names without `transformer.`. Raises VoiceError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    found: dict[str, Floats] = {}
    try:
        for file in sorted(Path(place).glob("*.safetensors")):
            for name, weight in load_file(file).items():
                found[name.removeprefix("transformer.")] = weight.astype(np.float32)
    except (OSError, SafetensorError, TypeError, KeyError) as error:
        raise VoiceError(f"{place}: the weights cannot be read ({first_line(error)})") from error
    if "wte.weight" not in found:
        raise VoiceError(f"{place}: no weights of a GPT-2 as safetensors here")
    return found
