"""Texts of nobody's, for tests of training."""

import json
import random

NOUNS = ["sea", "harbour", "door", "lamp", "stone", "river", "wall", "window", "gull", "salt"]
VERBS = ["waits", "returns", "burns", "listens", "sleeps", "turns"]


def sentence(rng):
    one, other = rng.sample(NOUNS, 2)
    return f"The {one} {rng.choice(VERBS)} at night, and the {other} {rng.choice(VERBS)}."


def write(file, texts=40, seed=1):
    """A file of JSON lines, each text with a prompt that names its first noun."""
    rng = random.Random(seed)
    lines = []
    for _ in range(texts):
        text = " ".join(sentence(rng) for _ in range(4))
        lines.append(json.dumps({"text": text, "prompt": f"the {text.split()[1]}", "licence": "CC0"}))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
