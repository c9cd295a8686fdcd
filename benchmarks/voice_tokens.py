"""How many tokens a second a voice speaks, against `generate` with TextIteratorStreamer.

Both speak the same weights in one process on the threads that a voice has (one core is left to whoever
draws), in turns A B A B, from the same prompt, equally many tokens, with the same temperature, top-k,
top-p and repetition penalty. `generate` runs in a thread and its texts are taken from the streamer, as
its documentation has it; it runs in the format that it is quicker in here (float32 or bfloat16, tried
first). The voice is the whole engine: decoder, sampling, detokenising, and with each token surprise,
entropy and its eight rivals, which `generate` does not tell.

Time runs from the first token to the last: reading the prompt counts for neither. A figure is the median
over the turns of (tokens/s of the voice) / (tokens/s of `generate`). Beside it: the tokens/s of both, the
same ratio by computing time, which a busy machine distorts less, and the voice with other weights.

GPT-2's weights are random, which costs nothing: what is multiplied does not matter to how long it takes.
Its tokenizer is a made-up one of the same size, byte-level as GPT-2's own.
"""

from __future__ import annotations

import itertools
import os
import platform
import statistics
import string
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rig.model import model as house

from installation.messages import Steering
from installation.voice.catalogue import resolve
from installation.voice.engine import Engine
from installation.voice.lean_forward import LeanForward
from installation.voice.tongue import LibraryTongue, format_of
from installation.voice.transformers_model import FORMS, decoder_of
from installation.voice.weights import fetch

PROMPT = "the sea at night and the lamp in the window of the house by the harbour"
STEERING = Steering("voice", 0, 1 << 30, prompt=PROMPT, seed=7)
QUICK = 24
"""Tokens in a trial turn."""


@dataclass(frozen=True)
class Load:
    """What is spoken: so many tokens in each of so many turns."""

    name: str
    tokens: int
    turns: int


class Rate(NamedTuple):
    """Tokens a second of time, and of the process's own computing time."""

    time: float
    computing: float


def now() -> Rate:
    return Rate(time.perf_counter(), time.process_time())


def rate_between(start: Rate, end: Rate, tokens: int) -> Rate:
    return Rate(tokens / (end.time - start.time), tokens / (end.computing - start.computing))


def generate_rate(model: Any, tokenizer: Any, count: int) -> Rate:
    """Of `generate`, from the first to the last of `count` tokens."""
    import torch
    import transformers

    times: list[Rate] = []
    library: Any = transformers

    class Timed(library.TextIteratorStreamer):  # type: ignore[misc]
        def put(self, value: Any) -> None:
            super().put(value)
            times.append(now())

    streamer = Timed(tokenizer)
    ids = torch.tensor([tokenizer.encode(PROMPT)])
    options = {
        "attention_mask": torch.ones_like(ids), "streamer": streamer, "max_new_tokens": count,
        "do_sample": True, "temperature": STEERING.temperature, "top_k": STEERING.top_k,
        "top_p": STEERING.top_p, "repetition_penalty": STEERING.repetition,
    }  # fmt: skip
    thread = threading.Thread(target=model.generate, args=(ids,), kwargs=options)
    thread.start()
    for _ in streamer:
        pass
    thread.join()
    assert len(times) == count + 1, "the streamer gets the prompt, then each token"
    return rate_between(times[1], times[-1], count - 1)


class OurVoice:
    """The engine over a loaded model; each turn is a new take, so its text begins anew."""

    def __init__(self, model: Any, tokenizer: Any, dtype: str, prompt_format: str | None) -> None:
        vocabulary = len(tokenizer)
        forward = LeanForward(decoder_of(model, FORMS[dtype]), vocabulary)
        tongue = LibraryTongue(tokenizer, vocabulary, frozenset(), prompt_format, chat=False)
        self._engine = Engine(forward, tongue, "voice")
        self._turn = 0

    def rate(self, count: int) -> Rate:
        """Of the voice, from the first to the last of `count`."""
        from dataclasses import replace

        self._turn += 1
        engine = self._engine
        engine.steer(replace(STEERING, serial=self._turn, take=self._turn, seed=self._turn))
        engine.next()
        start = now()
        for _ in range(count - 1):
            token = engine.next()
        end = now()
        assert token.inner.rivals is not None, "the voice tells what it knew"
        return rate_between(start, end, count - 1)


def measure(load: Load, model: Any, tokenizer: Any, prompt_format: str | None) -> float:
    """The median ratio; what it is made of is printed."""
    import copy

    import torch

    for model_settings in (model.generation_config, model.config):
        model_settings.eos_token_id = None
    model.generation_config.pad_token_id = 0
    ours = {dtype: OurVoice(model, tokenizer, dtype, prompt_format) for dtype in FORMS}
    theirs = {"float32": model, "bfloat16": copy.deepcopy(model).to(torch.bfloat16)}
    tried = {name: generate_rate(each, tokenizer, QUICK) for name, each in theirs.items()}
    quicker = max(tried, key=lambda name: tried[name])
    for voice in ours.values():
        voice.rate(QUICK)
    rows = [
        (ours["auto"].rate(load.tokens), generate_rate(theirs[quicker], tokenizer, load.tokens))
        for _ in range(load.turns)
    ]
    beside = {name: voice.rate(QUICK) for name, voice in ours.items() if name != "auto"}
    print(
        f"{load.name}: voice {statistics.median(a.time for a, _ in rows):.0f} tokens/s, generate ({quicker}) "
        f"{statistics.median(b.time for _, b in rows):.1f}; ratios "
        + " ".join(f"{a.time / b.time:.2f}" for a, b in rows)
        + f"; by computing time {statistics.median(a.computing / b.computing for a, b in rows):.2f}; beside: "
        + ", ".join(f"{name} {rate.time:.0f}" for name, rate in beside.items())
    )
    return statistics.median(a.time / b.time for a, b in rows)


def letters() -> Any:
    """A tokenizer of GPT-2's size and kind: all bytes, then made-up words of two to four letters."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    library: Any = transformers
    size, end = 50257, "<|endoftext|>"
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


def main() -> None:
    threads = max(1, (os.cpu_count() or 1) - 1)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    import torch
    import transformers
    from transformers.utils import logging

    library: Any = transformers

    torch.set_num_threads(threads)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads for the model, "
        f"load {load:.1f}, torch {torch.__version__}"
    )
    with tempfile.TemporaryDirectory() as folder:
        name, what = house(Path(folder))
        place = resolve(name, Path(folder))[1]
        model, tokenizer = fetch(place, "cpu", "float32")
        house_ratio = measure(Load(what, 96, 13), model, tokenizer, format_of(place))
    torch.manual_seed(7)
    shape = library.GPT2LMHeadModel(library.GPT2Config()).eval()
    gpt2_ratio = measure(Load("GPT-2 124 M shape, random weights", 40, 5), shape, letters(), None)
    print(f"figure tokens_house_ratio {house_ratio:.2f}")
    print(f"figure tokens_gpt2_ratio {gpt2_ratio:.2f}")


if __name__ == "__main__":
    main()
