"""A GGUF file through llama.cpp, steered between any two tokens like every other model of this machine.

llama.cpp gives the logits and holds what was read; prompts, mixing, leaning and sampling are the engine's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.messages import VoiceNews
from installation.voice.catalogue import resolve
from installation.voice.detokenise import Bytes
from installation.voice.engine import Engine
from installation.voice.form import Form, form_told
from installation.voice.llama_cpp_library import (
    KEPT,
    KEPT_KEY,
    PREFIX_KEY,
    GgufMemory,
    GgufModel,
)
from installation.voice.model_voice import ModelVoice
from installation.voice.pair import Pair, texts_for
from installation.voice.tongue import LibraryTongue
from installation.voice.weights import hash_of

LONGEST_CONTEXT = 512
"""Most tokens a model reads at once, as on every CPU."""


class LlamaVoice(ModelVoice):
    """The Voice protocol over a .gguf file; see voice.Factory for the arguments."""

    def load(self) -> VoiceNews:
        """Read the file; see Voice.load."""
        place = Path(resolve(str(self._settings["model"]), self._folder)[1])
        device = str(self._settings.get("device", "auto"))
        model = GgufModel(place, 0 if device == "cpu" else -1)
        limit = min(LONGEST_CONTEXT, model.trained_on or LONGEST_CONTEXT)
        memory = GgufMemory(model, texts_for(self.company), limit, _threads())
        forward = Pair(memory)
        tokenizer = GgufTokenizer(model)
        chat = self._settings.get("chat", "auto") == "auto"
        told = {name: text for name in KEPT if (text := model.meta(f"installation.{name}")) is not None}
        form = Form(model.meta(KEPT_KEY))
        if "form" in told:
            form = form_told({"installation": told.pop("form"), **told}, place)
        tongue = LibraryTongue(tokenizer, model.size, model.ends(), form.prompt_format, chat, form)
        self._take_up(Engine(forward, tongue, self._name))
        where = "gpu" if device != "cpu" and model.library.llama_supports_gpu_offload() else "cpu"
        return VoiceNews(
            self._name, "ready", f"{place} in llama.cpp on {where}", where, hash_of([place]), limit
        )


def _threads() -> int:
    """One processor is left to whoever draws, as in every voice."""
    return int(os.environ.get("OMP_NUM_THREADS") or max(1, (os.cpu_count() or 1) - 1))


@dataclass(frozen=True, slots=True)
class _Added:
    special: bool


class GgufTokenizer:
    """A GGUF file's vocabulary by the names under which LibraryTongue asks a tokenizer."""

    def __init__(self, model: GgufModel) -> None:
        self._model = model
        self._space = model.meta(PREFIX_KEY) == "true"
        self.all_special_ids = sorted(model.special())
        self.added_tokens_decoder = {token: _Added(special=True) for token in self.all_special_ids}
        self.bos_token_id = model.beginning()
        self.chat_template = model.meta("tokenizer.chat_template")
        self.detokeniser = Bytes(model.piece)

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        if self._space and text and not text[0].isspace():
            text = f" {text}"
        ids = self._model.tokens(text)
        return [self.bos_token_id, *ids] if add_special_tokens and self.bos_token_id is not None else ids

    def apply_chat_template(self, turns: Sequence[Any], **_wanted: Any) -> str:
        made = self._model.chat(str(turns[0]["content"]))
        return made if made is not None else str(turns[0]["content"])

    def convert_ids_to_tokens(self, ids: int | Sequence[int]) -> Any:
        if isinstance(ids, int):
            return self._model.spelling(ids)
        return [self._model.spelling(token) for token in ids]
