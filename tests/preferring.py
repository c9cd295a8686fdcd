"""Tiny models and pairs for tests that learn preferences."""

import random
import sys
from pathlib import Path

from installation.training.preference import Lesson

sys.path.insert(0, str(Path(__file__).parent / "voice"))
import tiny_models

LIKED, NOT = "Sea, sea, sea; stone and seed", "A lamp was lit in the window"
"""How texts go on that are liked, and those that are not."""


def tiny(folder):
    """(model, tokenizer) of a random GPT-2 of a few kilobytes."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if not folder.exists():
        tiny_models.save(folder)
    return AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)


def texts(count, seed):
    """(liked, not liked), each another."""
    rng = random.Random(seed)
    words = ["tide", "harbour", "night", "door", "nobody", "season", "waits", "comes", "goes"]
    return [
        tuple(f"{start} {' '.join(rng.choices(words, k=6))}." for start in (LIKED, NOT)) for _ in range(count)
    ]


def lessons(tokenizer, count, seed):
    prompt = tuple(tokenizer.encode("The tide\n"))
    return [
        Lesson(prompt, tuple(tokenizer.encode(yes)), tuple(tokenizer.encode(no)))
        for yes, no in texts(count, seed)
    ]


def ordinary(tokenizer):
    return [(tuple(tokenizer.encode("The night")), tuple(tokenizer.encode(" has a door; nobody knew.")))]
