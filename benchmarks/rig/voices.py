"""What the benchmarks of the voice share: the models, the engine over them, and the machine's name."""

from __future__ import annotations

import itertools
import os
import platform
import string
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from installation.voice.catalogue import resolve
from installation.voice.engine import Engine
from installation.voice.form import format_of
from installation.voice.lean_forward import LeanForward
from installation.voice.tongue import LibraryTongue
from installation.voice.transformers_model import FORMS, decoder_of, places_of
from installation.voice.weights import fetch
from rig.model import model as house

GPT2 = "GPT-2 124 M shape, random weights"


@dataclass(frozen=True)
class Loaded:
    """A model of the library in float32, that never ends a text, and its tokenizer."""

    name: str
    model: Any
    tokenizer: Any
    prompt_format: str | None
    place: str = ""


class Moment(NamedTuple):
    """A time, and how long the process has computed until then, in seconds."""

    time: float
    computing: float


def now() -> Moment:
    return Moment(time.perf_counter(), time.process_time())


def begin() -> None:
    """Leave a core to whoever draws, as a voice does, and say what machine this is."""
    threads = max(1, (os.cpu_count() or 1) - 1)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    import torch
    from transformers.utils import logging

    torch.set_num_threads(threads)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads for the model, "
        f"load {load:.1f}, torch {torch.__version__}"
    )


@contextmanager
def house_model() -> Iterator[Loaded]:
    """The house model, or what stands in for it (see rig.model)."""
    with TemporaryDirectory() as folder:
        name, what = house(Path(folder))
        place = resolve(name, Path(folder))[1]
        model, tokenizer = fetch(place, "cpu", "float32")
        yield _endless(Loaded(what, model, tokenizer, format_of(place), place))


def gpt2() -> Loaded:
    """A GPT-2 of 124 M with random weights: what is multiplied does not matter to how long it takes."""
    import torch
    import transformers

    library: Any = transformers
    torch.manual_seed(7)
    return _endless(Loaded(GPT2, library.GPT2LMHeadModel(library.GPT2Config()).eval(), letters(), None))


def _endless(loaded: Loaded) -> Loaded:
    for settings in (loaded.model.generation_config, loaded.model.config):
        settings.eos_token_id = None
    loaded.model.generation_config.pad_token_id = 0
    return loaded


def engine(loaded: Loaded, dtype: str = "auto", *, inner: bool = True) -> tuple[Engine, LibraryTongue]:
    """A voice over our own decoder that tells all it can, as in a show, or nothing of its inner life; and how
    it writes."""
    vocabulary = len(loaded.tokenizer)
    forward = LeanForward(decoder_of(loaded.model, FORMS[dtype]), vocabulary)
    tongue = LibraryTongue(loaded.tokenizer, vocabulary, frozenset(), loaded.prompt_format, chat=False)
    if not inner:
        return Engine(forward, tongue, "voice"), tongue
    forward.watch()
    return Engine(forward, tongue, "voice", places=places_of(loaded.model, vocabulary)), tongue


def letters(size: int = 50257) -> Any:
    """A tokenizer of GPT-2's kind, and its size by default: all bytes, then made-up words of two to four
    letters."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    library: Any = transformers
    end = "<|endoftext|>"
    names = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges: list[tuple[str, str]] = []
    for length in (1, 2, 3):
        stems = map("".join, itertools.product(string.ascii_lowercase, repeat=length))
        merges += [(stem, letter) for stem in stems for letter in string.ascii_lowercase]
    merges = merges[: size - 1 - len(names)]
    vocabulary = {name: at for at, name in enumerate([*names, *map("".join, merges), end])}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return library.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end)
