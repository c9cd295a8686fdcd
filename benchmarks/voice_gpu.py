"""How quick a voice is on a graphics card, against `generate` with TextIteratorStreamer on the same weights.

A model of Qwen2.5-1.5B's shape with random weights in bfloat16 (what is multiplied does not matter to how
long it takes), its vocabulary of 151 936 under a made-up tokenizer. Both speak in turns A B A B, from the
same prompt, equally many tokens, with the same temperature, top-k, top-p and repetition penalty; the voice
is the whole engine and tells with each token surprise, entropy and its eight rivals.

`tokens_gpu_ratio`: the median over the turns of tokens/s of the voice over those of `generate`.
`gpu_bandwidth_share`: the weights that each token has to read, times the tokens a second, over what the
card's memory gives by its data sheet (clock times width); what a plain copy reaches stands beside it.
Also printed: what a turn of the knobs costs, how many steps were recorded while speaking (none shall be),
and 8 voices at once. Where there is no such card nothing is measured, and the exit code is 1.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

from rig.voices import letters
from voice_tokens import STEERING, generate_rate

from installation.voice.card import CardPair
from installation.voice.choir import Choir
from installation.voice.engine import Engine
from installation.voice.tongue import LibraryTongue
from installation.voice.transformers_model import card_of

TOKENS, TURNS, VOICES = 200, 7, 8


def qwen() -> Any:
    """Qwen2.5-1.5B's shape with random weights."""
    import torch
    import transformers

    library: Any = transformers
    shape = library.Qwen2Config(
        vocab_size=151_936, hidden_size=1536, intermediate_size=8960, num_hidden_layers=28,
        num_attention_heads=12, num_key_value_heads=2, max_position_embeddings=32_768,
        tie_word_embeddings=True, rope_theta=1e6, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    torch.manual_seed(7)
    with torch.device("cuda"):
        model = library.AutoModelForCausalLM.from_config(shape, dtype=torch.bfloat16).eval()
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0
    return model


def voice_rate(engine: Engine, turn: int) -> float:
    """Tokens a second of the voice, from the first to the last."""
    engine.steer(replace(STEERING, serial=turn, take=turn, seed=turn))
    engine.next()
    start = time.perf_counter()
    for _ in range(TOKENS - 1):
        engine.next()
    return (TOKENS - 1) / (time.perf_counter() - start)


def choir_rate(engine: Engine) -> float:
    """Tokens a second of several voices together."""
    voices = {"0": engine} | {str(n): engine.another(str(n)) for n in range(1, VOICES)}
    choir = Choir(voices)
    for n, voice in enumerate(voices.values()):
        voice.begin("", 0)
        voice.steer(replace(STEERING, serial=1, take=1, seed=n, temperature=0.5 + n / VOICES))
    for _ in range(VOICES):
        choir.step(list(voices))
    start = time.perf_counter()
    said = sum(len(choir.step(list(voices))) for _ in range(TOKENS))
    return said / (time.perf_counter() - start)


def nominal(card: Any) -> float:
    """Bytes a second of the card's memory by clock (kHz, double rate) and width (bits); 0 where unknown."""
    clock, width = getattr(card, "memory_clock_rate", 0), getattr(card, "memory_bus_width", 0)
    return 2e3 * clock * width / 8


def copied() -> float:
    """Bytes a second that a plain copy moves, reading and writing counted."""
    import torch

    one = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    other = torch.empty_like(one)
    other.copy_(one)
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(10):
        other.copy_(one)
    torch.cuda.synchronize()
    return 10 * 2 * one.numel() / (time.perf_counter() - start)


def main() -> int:
    import torch

    if not torch.cuda.is_available():
        print("not measured: this machine has no graphics card that torch can use", file=sys.stderr)
        return 1
    card = torch.cuda.get_device_properties(0)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{card.name}, {platform.machine()}, load {load:.1f}, torch {torch.__version__}")
    tokenizer = letters(151_936)
    model = qwen()
    vocabulary = len(tokenizer)
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    tongue = LibraryTongue(tokenizer, vocabulary, frozenset(), None, chat=False)
    start = time.perf_counter()
    made = card_of(model, vocabulary, "cuda", sorted(tongue.never))
    print(f"prepared in {time.perf_counter() - start:.1f} s, {made.steps.recordings} steps recorded")
    engine = Engine(CardPair(made), tongue, "voice")
    voice_rate(engine, 1)
    generate_rate(model, tokenizer, 24)
    before = made.steps.recordings
    rows = [(voice_rate(engine, n + 2), generate_rate(model, tokenizer, TOKENS).time) for n in range(TURNS)]
    ours, theirs = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"voice {ours:.0f} tokens/s, generate {theirs:.1f}; ratios "
          + " ".join(f"{a / b:.1f}" for a, b in rows)
          + f"; {made.steps.recordings - before} steps recorded while speaking")  # fmt: skip
    print(f"{VOICES} voices: {choir_rate(engine):.0f} tokens/s in all")
    sheet, copy = nominal(card), copied()
    print(f"memory: {sheet / 1e9:.0f} GB/s by the data sheet, {copy / 1e9:.0f} GB/s by a plain copy")
    print(f"figure tokens_gpu_ratio {statistics.median(a / b for a, b in rows):.2f}")
    print(f"figure gpu_bandwidth_share {weights * ours / (sheet or copy):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
