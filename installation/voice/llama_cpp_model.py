"""A GGUF file through llama.cpp, steered between any two tokens like every other model of this machine.

llama.cpp gives the logits and holds what was read; prompts, mixing, leaning and sampling are the engine's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.messages import VoiceNews
from installation.voice.catalogue import resolve
from installation.voice.context import Tokens, common
from installation.voice.detokenise import Bytes
from installation.voice.engine import Engine
from installation.voice.llama_cpp_library import KEPT_KEY, PREFIX_KEY, GgufMemory, GgufModel
from installation.voice.model_voice import ModelVoice
from installation.voice.tongue import LibraryTongue
from installation.voice.weights import hash_of

LONGEST_CONTEXT = 512
"""Most tokens a model reads at once, as on every CPU."""
TEXTS = 16
"""Texts that can be held: two for each prompt that is mixed and for each voice."""


class LlamaVoice(ModelVoice):
    """The Voice protocol over a .gguf file; see voice.Factory for the arguments."""

    def load(self) -> VoiceNews:
        """Read the file; see Voice.load."""
        place = Path(resolve(str(self._settings["model"]), self._folder)[1])
        device = str(self._settings.get("device", "auto"))
        model = GgufModel(place, 0 if device == "cpu" else -1)
        limit = min(LONGEST_CONTEXT, model.trained_on or LONGEST_CONTEXT)
        forward = LlamaForward(GgufMemory(model, TEXTS, limit, _threads()), 0)
        tokenizer = GgufTokenizer(model)
        chat = self._settings.get("chat", "auto") == "auto"
        tongue = LibraryTongue(tokenizer, model.size, model.ends(), model.meta(KEPT_KEY), chat)
        self._take_up(Engine(forward, tongue, self._name))
        where = "gpu" if device != "cpu" and model.library.llama_supports_gpu_offload() else "cpu"
        return VoiceNews(
            self._name, "ready", f"{place} in llama.cpp on {where}", where, hash_of([place]), limit
        )


def _threads() -> int:
    """One processor is left to whoever draws, as in every voice."""
    return int(os.environ.get("OMP_NUM_THREADS") or max(1, (os.cpu_count() or 1) - 1))


class LlamaForward:
    """Two texts of a GgufMemory, from `first` on, as an engine's Forward, Ahead and Together: one speaks,
    one reads ahead."""

    def __init__(self, memory: GgufMemory, first: int, count: list[int] | None = None) -> None:
        self._memory, self._text, self._other = memory, first, first + 1
        self._count = count if count is not None else [2]  # how many are in use, of all together
        self.limit = memory.limit
        self.waiting: Tokens = ()

    def run(self, ids: Sequence[int]) -> Any:
        """Read `ids`; the logits of the next token, in numpy."""
        return self._memory.read(self._text, ids)

    def fill(self, ids: Sequence[int]) -> None:
        """Read `ids`."""
        self._memory.read(self._text, ids)

    def another(self) -> LlamaForward:
        """Two more texts of the memory."""
        first = self._count[0]
        if first + 2 > len(self._memory.lengths):
            raise VoiceError(f"there is room for {first // 2} prompts and voices of this model, not more")
        self._count[0] += 2
        return LlamaForward(self._memory, first, self._count)

    def together(self, memories: Sequence[LlamaForward], ids: Sequence[int]) -> Any:
        """Read a token into the speaking text of each of several; their logits."""
        return self._memory.step([memory._text for memory in memories], ids)

    def crop(self, length: int) -> int:
        """Forget all but the first `length` tokens."""
        self._memory.crop(self._text, length)
        return self._memory.lengths[self._text]

    def ahead(self, ids: Tokens, read: Tokens, most: int) -> None:
        """Read up to `most` of `ids` in the second text; what begins as `read`, the first, is shared."""
        known, shared = common(self.waiting, ids), common(read, ids)
        if shared > known:
            self._memory.copy(self._text, self._other, shared)
            known = shared
        self._memory.crop(self._other, known)
        more = ids[known : known + most]
        self.waiting = ()  # should the model fail now, nothing is known of its memory
        if more:
            self._memory.read(self._other, more)
        self.waiting = ids[: known + len(more)]

    def swap(self, read: Tokens) -> Tokens:
        """Go on in the second text; what it holds. `read` is what the first one holds and now waits."""
        self._text, self._other = self._other, self._text
        held, self.waiting = self.waiting, read
        return held


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
