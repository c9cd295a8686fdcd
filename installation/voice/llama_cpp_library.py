"""llama.cpp as this house needs it: a GGUF file's vocabulary, and a memory of several texts that is stepped.

Thin, over the C interface of llama-cpp-python (extra `llama`): its own sampling, streaming and chat are
not used, because they cannot be steered between two tokens. Raises VoiceError with a sentence.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from installation.errors import VoiceError
from installation.voice.pair import no_room

BATCH = 256
"""How many tokens are read at once."""
LENT = 32
"""How many beginnings of texts can be lent."""
KEPT_KEY, PREFIX_KEY = "installation.prompt_format", "installation.add_prefix_space"
"""What our own export writes beside a model: the text around a prompt, and how its tokenizer begins."""
KEPT = ("form", "pointers", "kinds")
"""What else of a model's folder is kept, each under `installation.`; `form` is its installation.json."""


def library() -> Any:
    """The module. Raises VoiceError where it is not installed."""
    try:
        import llama_cpp
    except ImportError as error:
        raise VoiceError(
            "a .gguf needs llama-cpp-python, which is not here: pip install 'installation[llama]'"
        ) from error
    llama_cpp.llama_log_set(_QUIET, None)
    return llama_cpp


_LISTENER = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_QUIET = _LISTENER(lambda _level, _text, _data: None)
"""What llama.cpp tells of its loading is nobody's concern; C keeps the address for good."""


class GgufModel:
    """A GGUF file's weights and vocabulary; `layers_on_gpu` as llama.cpp counts them, -1 for all."""

    def __init__(self, file: Path, layers_on_gpu: int = 0) -> None:
        self.library = llama = library()
        llama.llama_backend_init()
        wanted = llama.llama_model_default_params()
        wanted.n_gpu_layers = layers_on_gpu
        self.pointer: Any = llama.llama_model_load_from_file(str(file).encode(), wanted)
        if not self.pointer:
            raise VoiceError(f"{file}: no model that llama.cpp can read; is it whole, and a .gguf?")
        self.words: Any = llama.llama_model_get_vocab(self.pointer)
        self.size: int = llama.llama_vocab_n_tokens(self.words)
        self.trained_on: int = llama.llama_model_n_ctx_train(self.pointer)
        heads, fewer = llama.llama_model_n_head(self.pointer), llama.llama_model_n_head_kv(self.pointer)
        width = llama.llama_model_n_embd(self.pointer) // max(1, heads) * fewer
        self.token_bytes: int = 2 * 2 * llama.llama_model_n_layer(self.pointer) * width  # float16

    def close(self) -> None:
        """Let the weights go."""
        if self.pointer:
            self.library.llama_model_free(self.pointer)
            self.pointer = None

    def meta(self, key: str) -> str | None:
        """What the file says under a key, as text."""
        room, length = ctypes.create_string_buffer(1 << 16), 0
        for _ in range(2):  # the length is that of all, also of what had no room
            length = self.library.llama_model_meta_val_str(self.pointer, key.encode(), room, len(room))
            if length < len(room):
                break
            room = ctypes.create_string_buffer(length + 1)
        return room.value.decode("utf-8", "replace") if length >= 0 else None

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text; special ones are read as such, and none is added."""
        raw = text.encode()
        count = len(raw) + 8
        room = (ctypes.c_int32 * count)()
        found = self.library.llama_tokenize(self.words, raw, len(raw), room, count, False, True)
        if found < 0:
            raise VoiceError(f"llama.cpp cannot read a text of {len(raw)} bytes as tokens")
        return list(room[:found])

    def piece(self, token: int) -> bytes:
        """The bytes of a token; none for a special one."""
        if self.library.llama_vocab_is_control(self.words, token):
            return b""
        room = ctypes.create_string_buffer(256)
        length = self.library.llama_token_to_piece(self.words, token, room, len(room), 0, False)
        if length < 0:
            room = ctypes.create_string_buffer(-length)
            length = self.library.llama_token_to_piece(self.words, token, room, len(room), 0, False)
        return room.raw[: max(0, length)]

    def spelling(self, token: int) -> str:
        """A token as the vocabulary writes it."""
        text: bytes = self.library.llama_vocab_get_text(self.words, token) or b""
        return text.decode("utf-8", "replace")

    def special(self) -> frozenset[int]:
        """The tokens that are no text."""
        llama = self.library
        odd = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN | llama.LLAMA_TOKEN_ATTR_UNUSED
        return frozenset(
            token for token in range(self.size) if llama.llama_vocab_get_attr(self.words, token) & odd
        )

    def ends(self) -> frozenset[int]:
        """The tokens that end a text."""
        return frozenset(t for t in range(self.size) if self.library.llama_vocab_is_eog(self.words, t))

    def beginning(self) -> int | None:
        """The token that begins a text, where the model wants one."""
        if not self.library.llama_vocab_get_add_bos(self.words):
            return None
        token: int = self.library.llama_vocab_bos(self.words)
        return token if token >= 0 else None

    def chat(self, text: str) -> str | None:
        """What a user's `text` looks like in this model's chat, up to the answer; None: it has none."""
        llama = self.library
        template = llama.llama_model_chat_template(self.pointer, None)
        if not template:
            return None
        turn = (llama.llama_chat_message * 1)(llama.llama_chat_message(b"user", text.encode()))
        room = ctypes.create_string_buffer(4 * len(text.encode()) + 4096)
        length = llama.llama_chat_apply_template(template, turn, 1, True, room, len(room))
        return room.raw[:length].decode("utf-8", "replace") if 0 < length <= len(room) else None


class Lent:
    """The beginning of a text that was lent: llama.cpp keeps it under `text` as long as this lives."""

    def __init__(self, memory: GgufMemory, text: int, length: int) -> None:
        self._memory, self.text, self.length = memory, text, length
        self.nbytes = length * memory.token_bytes
        weakref.finalize(self, memory.take_back, text).atexit = False


class GgufMemory:
    """Keys and values of `texts` texts of at most `limit` tokens each, and the step that reads into them:
    a Pair's Texts."""

    def __init__(self, model: GgufModel, texts: int, limit: int, threads: int) -> None:
        llama = model.library
        wanted = llama.llama_context_default_params()
        # a beginning is shared by all that hold it: what is lent costs its tokens once
        wanted.n_ctx, wanted.n_seq_max = (texts + LENT // 2) * limit, texts + LENT
        wanted.n_batch = wanted.n_ubatch = max(BATCH, texts)
        wanted.n_threads = wanted.n_threads_batch = threads
        wanted.kv_unified = True  # a text's beginning is shared, not copied; at 32 texts it is twice as quick
        self._llama, self.limit, self._size = llama, limit, model.size
        self.lengths = [0] * texts
        self._taken = 0
        self._spare = [texts + n for n in range(LENT)]
        self._model = model  # its weights outlive the memory
        self.token_bytes = model.token_bytes
        self._context: Any = llama.llama_init_from_model(model.pointer, wanted)
        if not self._context:
            raise VoiceError(f"there is no room for {texts} texts of {limit} tokens")
        self._memory: Any = llama.llama_get_memory(self._context)
        self._batch: Any = llama.llama_batch_init(max(BATCH, texts), 0, 1)

    def close(self) -> None:
        """Let the memory go, before the model."""
        if self._context:
            self._llama.llama_batch_free(self._batch)
            self._llama.llama_free(self._context)
            self._context = None

    def take(self) -> int:
        """Two texts that nobody has; the number of the first. Raises VoiceError."""
        if self._taken + 2 > len(self.lengths):
            raise no_room(self.lengths)
        self._taken += 2
        return self._taken - 2

    def fill(self, text: int, ids: Sequence[int]) -> None:
        """Read `ids`, one at least, behind what a text holds."""
        self.read(text, ids)

    def read(self, text: int, ids: Sequence[int]) -> Any:
        """Read `ids`, one at least, behind what a text holds; the logits after them (vocabulary,)."""
        for at in range(0, len(ids), BATCH):
            piece = ids[at : at + BATCH]
            last = at + BATCH >= len(ids)
            rows = self._decode((token, text, last and n == len(piece) - 1) for n, token in enumerate(piece))
        return rows[0]

    def step(self, texts: Sequence[int], ids: Sequence[int]) -> list[Any]:
        """Read one token into each of several texts; the logits of each, (vocabulary,)."""
        return self._decode((token, text, True) for token, text in zip(ids, texts, strict=True))

    def crop(self, text: int, length: int) -> None:
        """Forget all but the first `length` tokens of a text."""
        if length < self.lengths[text]:
            self._llama.llama_memory_seq_rm(self._memory, text, length, -1)
            self.lengths[text] = length

    def copy(self, source: int, target: int, length: int) -> None:
        """Make a text hold the first `length` tokens of another."""
        self._llama.llama_memory_seq_rm(self._memory, target, 0, -1)
        self._llama.llama_memory_seq_cp(self._memory, source, target, 0, length)
        self.lengths[target] = length

    def lend(self, text: int, length: int) -> Lent:
        """What is held of a text's first `length` tokens, kept apart until nobody has it any more."""
        if not self._spare:
            raise no_room(self.lengths)
        kept = Lent(self, self._spare.pop(), length)
        self._llama.llama_memory_seq_cp(self._memory, text, kept.text, 0, length)
        return kept

    def borrow(self, text: int, kept: Lent) -> None:
        """Make a text hold what was lent, and no more."""
        self._llama.llama_memory_seq_rm(self._memory, text, 0, -1)
        self._llama.llama_memory_seq_cp(self._memory, kept.text, text, 0, kept.length)
        self.lengths[text] = kept.length

    def take_back(self, text: int) -> None:
        """What was lent under this number is not needed any more."""
        if self._context:
            self._llama.llama_memory_seq_rm(self._memory, text, 0, -1)
        self._spare.append(text)

    def _decode(self, tokens: Iterable[tuple[int, int, bool]]) -> list[Any]:
        """Read (token, text, whether its logits are wanted); those wanted, copied."""
        batch, wanted = self._batch, []
        places = self.lengths.copy()
        count = 0
        for token, text, told in tokens:
            if places[text] >= self.limit:
                raise VoiceError(f"the model cannot go on: it reads {self.limit} tokens")
            batch.token[count], batch.pos[count] = token, places[text]
            batch.n_seq_id[count], batch.seq_id[count][0], batch.logits[count] = 1, text, told
            places[text] += 1
            if told:
                wanted.append(count)
            count += 1
        batch.n_tokens = count
        if self._llama.llama_decode(self._context, batch) != 0:
            raise VoiceError("the model cannot go on: llama.cpp refused to read")
        self.lengths = places
        return [self._logits(at) for at in wanted]

    def _logits(self, at: int) -> Any:
        row = self._llama.llama_get_logits_ith(self._context, at)
        return np.ctypeslib.as_array(row, (self._size,)).copy()
