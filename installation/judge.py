"""Judge a model by what it says through the show's own engine: `python -m installation.judge FOLDER`.

The nouns and visitors' lines that it is asked are in `assets/corpus/judge.json`: the corpus's topics, nouns of
the lexicon that are no topics, and nouns that stand nowhere in what was trained on.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from installation.messages import Steering
from installation.training import controls, corpus, grammar, reading
from installation.training.lexicon import CORPUS
from installation.training.lexicon import load as load_lexicon
from installation.voice.numpy_model import NumpyVoice

SHAPES = ("the {}", "{}", "tell me about the {}", "a poem about the {}")
"""How a noun is asked for, in turn."""
LENGTH = 70
"""Tokens in which a prompted noun has to appear, and of every sample."""
LEVELS = (0, 2, 4)


class Judge:
    """Hears one model, in numpy, with the default settings of a voice."""

    def __init__(self, folder: Path) -> None:
        self._voice = NumpyVoice({"model": str(folder.resolve())}, "judge", folder)
        self._voice.load()
        self._take = 0

    def hear(self, prompt: str, length: int, seed: int = 1, **settings: Any) -> str:
        """`length` tokens after `prompt`, from nothing."""
        self._take += 1
        told = Steering("judge", self._take, length, self._take, prompt=prompt, seed=seed)
        self._voice.begin("", 0)
        self._voice.steer(replace(told, **settings))
        return "".join(self._voice.next().text for _ in range(length))


def asked(folder: Path = CORPUS) -> Mapping[str, Any]:
    """What the judge asks."""
    found: dict[str, Any] = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
    return found


def obedience(judge: Judge, nouns: Sequence[str]) -> float:
    """The share of `nouns` that appear in the text after a prompt that names them."""
    lexicon = load_lexicon()
    kept = 0
    for number, noun in enumerate(nouns):
        text = judge.hear(SHAPES[number % len(SHAPES)].format(noun), LENGTH, seed=number)
        kept += noun in text.lower() if "-" in noun else reading.obeys(text, noun, lexicon)
    return kept / len(nouns)


def kinds(folder: Path = CORPUS) -> Mapping[str, re.Pattern[str]]:
    """Each kind of answer -> a pattern of the sentences that open it or go on with it, rightly filled."""
    _, intents = grammar.load(folder)
    found = {}
    for name, parts in intents.items():
        frames = [frame for part, frames in parts.items() if part != "prompts" for frame in frames]
        found[name] = re.compile("|".join(reading.shape(frame) for frame in frames), re.IGNORECASE)
    return found


def fits(text: str, wanted: Sequence[str], known: Mapping[str, re.Pattern[str]]) -> bool:
    """Whether one of the first three sentences of `text` is of a kind that is wanted."""
    first = reading.sentences(text, 1)[:3]
    return any(known[kind].fullmatch(sentence) for kind in wanted for sentence in first)


def answer_fit(judge: Judge, lines: Sequence[tuple[str, str]]) -> tuple[float, list[str]]:
    """The share of visitors' lines with the right kind of answer, and those without, each with its text."""
    known, missed = kinds(), []
    for number, (line, wanted) in enumerate(lines):
        text = judge.hear(line, LENGTH, seed=number)
        if not fits(text, wanted.split(), known):
            missed.append(f"[{line}]{text}")
    return 1 - len(missed) / len(lines), missed


def control_obedience(judge: Judge, topics: Sequence[str]) -> dict[str, float]:
    """Words in a sentence and exclaiming sentences by energy, surplus of warm words by warmth, words in a
    paragraph by size: each the mean of one text for each of `topics`."""
    found: dict[str, float] = {}
    for level in LEVELS:
        texts = [judge.hear(f"[energy {level}] the {noun}", 120, seed=at) for at, noun in enumerate(topics)]
        paces = [controls.pace(_whole(text)) for text in texts]
        found[f"energy{level}_words"] = sum(words for words, _ in paces) / len(paces)
        found[f"energy{level}_exclaim"] = sum(share for _, share in paces) / len(paces)
        warm = [judge.hear(f"[warmth {level}] the {noun}", 120, seed=at) for at, noun in enumerate(topics)]
        found[f"warmth{level}"] = sum(controls.warmth(_whole(text)) for text in warm) / len(warm)
    for size in ("short", "long"):
        texts = [judge.hear(f"[{size}] the {noun}", 160, seed=at) for at, noun in enumerate(topics)]
        lengths = [len(part.split()) for text in texts for part in text.split("\n\n")[:-1] if part.strip()]
        found[f"{size}_words"] = sum(lengths) / max(1, len(lengths))
    return found


def _whole(text: str) -> str:
    """The text up to its last full stop."""
    return text[: max(text.rfind(mark) for mark in ".!?") + 1] or text


def main(arguments: list[str] | None = None) -> None:
    """Print figures, and what missed; with --samples, texts to read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stream", type=int, default=20000, help="tokens of the endless text")
    parser.add_argument(
        "--samples", type=int, default=0, help="texts to read, one for each of so many prompts"
    )
    parser.add_argument("--quick", action="store_true", help="nouns and lines only")
    given = parser.parse_args(arguments)
    judge, asks, out = Judge(given.folder), asked(), sys.stdout.write
    documents = corpus.load()
    topics = sorted({document.topic for document in documents})
    parts = [obedience(judge, nouns) for nouns in (topics, asks["others"].split(), asks["unseen"].split())]
    for name, part in zip(("topics", "others", "unseen"), parts, strict=True):
        out(f"figure named_{name} {part:.3f}\n")
    out(f"figure topic_obedience {sum(parts) / 3:.3f}\n")
    fit, missed = answer_fit(judge, asks["lines"])
    out("".join(f"missed {text.strip()}\n" for text in missed).replace("\n\n", " / "))
    out(f"figure answer_fit {fit:.3f}\n")
    order = [*topics, *asks["others"].split(), *(line for line, _ in asks["lines"])]
    prompts = order[:: max(1, len(order) // max(1, given.samples))][: given.samples]
    for at, prompt in enumerate(prompts):
        out(f"[{prompt}]{judge.hear(prompt, LENGTH, seed=100 + at)}\n\n")
    if given.quick:
        return
    for name, value in control_obedience(judge, topics[:16]).items():
        out(f"figure {name} {value:.2f}\n")
    texts = [judge.hear(f"the {noun}", 90, seed=at) for at, noun in enumerate(topics)]
    stream = judge.hear("the sea at night", given.stream, seed=5)
    out(f"figure repeats_{given.stream} {reading.repeats(stream)}\n")
    texts.append(stream[:20000])
    out(f"figure verbatim_sentences {reading.verbatim(texts, documents):.3f}\n")
    out(f"figure overlap_8gram {reading.overlap(texts, documents):.3f}\n")
    out(f"figure framed_sentences {reading.framed(texts, grammar.sentences()):.3f}\n")
    out(f"endless: {stream[:3000]}\n")


if __name__ == "__main__":
    main()
