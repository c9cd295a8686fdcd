"""The same model through llama.cpp, where the extra `llama` is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from installation.training.gguf_file import export
from installation.voice.engine import Engine
from installation.voice.llama_cpp_library import GgufMemory, GgufModel
from installation.voice.llama_cpp_model import GgufTokenizer
from installation.voice.pair import Pair, texts_for
from installation.voice.tongue import LibraryTongue
from rig.voices import Loaded

LIMIT = 512
"""Tokens that are read at once at most."""


def is_here() -> bool:
    """Whether llama.cpp and what writes its files are installed."""
    return find_spec("llama_cpp") is not None and find_spec("gguf") is not None


@contextmanager
def llama_engine(loaded: Loaded, numbers: str = "q8_0", voices: int = 1) -> Iterator[Engine]:
    """A voice over a loaded GPT-2, written as .gguf first; room for so many voices."""
    with TemporaryDirectory() as folder:
        place = Path(loaded.place or folder)
        if not loaded.place:
            loaded.model.save_pretrained(folder)
            loaded.tokenizer.save_pretrained(folder)
        file = Path(folder) / "model.gguf"
        export(place, file, numbers)
        model = GgufModel(file)
        limit = min(LIMIT, model.trained_on)
        memory = GgufMemory(model, texts_for(voices), limit, max(1, (os.cpu_count() or 1) - 1))
        tokenizer = GgufTokenizer(model)
        tongue = LibraryTongue(tokenizer, model.size, frozenset(), loaded.prompt_format, chat=False)
        yield Engine(Pair(memory), tongue, "voice")
        memory.close()
        model.close()
