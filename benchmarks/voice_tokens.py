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

import copy
import statistics
import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from rig.llama import is_here, llama_engine
from rig.voices import Loaded, Moment, begin, engine, gpt2, house_model, now

from installation.messages import Steering
from installation.voice.engine import Engine
from installation.voice.transformers_model import FORMS

PROMPT = "the sea at night and the lamp in the window of the house by the harbour"
STEERING = Steering("voice", 0, 1 << 30, prompt=PROMPT, seed=7)
QUICK = 24
"""Tokens in a trial turn."""


@dataclass(frozen=True)
class Load:
    """What is spoken: so many tokens in each of so many turns."""

    tokens: int
    turns: int


def rate_between(start: Moment, end: Moment, tokens: int) -> Moment:
    """Tokens a second of time, and of the process's own computing time."""
    return Moment(tokens / (end.time - start.time), tokens / (end.computing - start.computing))


def generate_rate(model: Any, tokenizer: Any, count: int) -> Moment:
    """Of `generate`, from the first to the last of `count` tokens."""
    import torch
    import transformers

    times: list[Moment] = []
    library: Any = transformers

    class Timed(library.TextIteratorStreamer):  # type: ignore[misc]
        def put(self, value: Any) -> None:
            super().put(value)
            times.append(now())

    streamer = Timed(tokenizer)
    ids = torch.tensor([tokenizer.encode(PROMPT)], device=model.device)
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

    def __init__(self, voice: Engine) -> None:
        self._engine = voice
        self._turn = 0

    def rate(self, count: int) -> Moment:
        """Of the voice, from the first to the last of `count`."""
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


def measure(load: Load, loaded: Loaded) -> tuple[float, float]:
    """The median ratios, of our own decoder and of llama.cpp (0 where that is not here); what they are made
    of is printed."""
    with ExitStack() as stack:
        llama = OurVoice(stack.enter_context(llama_engine(loaded))) if is_here() else None
        return _measured(load, loaded, llama)


def _measured(load: Load, loaded: Loaded, llama: OurVoice | None) -> tuple[float, float]:
    import torch

    model, tokenizer = loaded.model, loaded.tokenizer
    ours = {dtype: OurVoice(engine(loaded, dtype)[0]) for dtype in FORMS}
    theirs = {"float32": model, "bfloat16": copy.deepcopy(model).to(torch.bfloat16)}
    tried = {name: generate_rate(each, tokenizer, QUICK) for name, each in theirs.items()}
    quicker = max(tried, key=lambda name: tried[name])
    for voice in ours.values():
        voice.rate(QUICK)
    rows, beside_llama = [], []
    for _ in range(load.turns):
        rows.append((ours["auto"].rate(load.tokens), generate_rate(theirs[quicker], tokenizer, load.tokens)))
        if llama is not None:
            beside_llama.append((llama.rate(load.tokens), rows[-1][1]))
    beside = {name: voice.rate(QUICK) for name, voice in ours.items() if name != "auto"}
    print(
        f"{loaded.name}: voice {statistics.median(a.time for a, _ in rows):.0f} tokens/s, generate ({quicker}) "
        f"{statistics.median(b.time for _, b in rows):.1f}; ratios "
        + " ".join(f"{a.time / b.time:.2f}" for a, b in rows)
        + f"; by computing time {statistics.median(a.computing / b.computing for a, b in rows):.2f}; beside: "
        + ", ".join(f"{name} {rate.time:.0f}" for name, rate in beside.items())
    )
    if beside_llama:
        print(
            f"{loaded.name}, llama.cpp q8_0: {statistics.median(a.time for a, _ in beside_llama):.0f} tokens/s; "
            "ratios " + " ".join(f"{a.time / b.time:.2f}" for a, b in beside_llama)
        )
    own, other = (
        statistics.median(a.time / b.time for a, b in some) if some else 0.0 for some in (rows, beside_llama)
    )
    return own, other


def main() -> None:
    begin()
    with house_model() as loaded:
        house_ratio, house_llama = measure(Load(96, 13), loaded)
    gpt2_ratio, gpt2_llama = measure(Load(40, 5), gpt2())
    print(f"figure tokens_house_ratio {house_ratio:.2f}")
    print(f"figure tokens_gpt2_ratio {gpt2_ratio:.2f}")
    if not is_here():
        print("llama.cpp is not measured: the extra [llama] is not installed")
        return
    print(f"figure tokens_house_llama_ratio {house_llama:.2f}")
    print(f"figure tokens_gpt2_llama_ratio {gpt2_llama:.2f}")


if __name__ == "__main__":
    main()
