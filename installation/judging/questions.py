"""What the judge asks: nouns, visitors' lines, styles and controls. The same seed asks the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from installation.training import corpus
from installation.training.lexicon import CORPUS

SHAPES = ("the {}", "{}", "tell me about the {}", "a poem about the {}")
"""How a noun is asked for, in turn."""
LENGTH = 70
"""Tokens in which a prompted noun has to appear, and of an answer."""
PARAGRAPH = 120
"""Tokens in which a paragraph has to end; longer ones are cut."""
STYLES = corpus.PROSE
"""Every style but meta, which is no prose."""


@dataclass(frozen=True)
class Questions:
    """All of it. `lines`: each with the kinds of answer that are right, parted by spaces."""

    topics: tuple[str, ...]
    others: tuple[str, ...]
    unseen: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    each: int = 24
    """Nouns for every style."""
    level: int = 12
    """Nouns for every step of a control."""
    stream: int = 20000
    """Tokens of the endless text."""
    records: int = 64
    seed: int = 0

    def nouns(self) -> Iterator[tuple[str, str]]:
        """(noun, the prompt that names it), topics first."""
        for number, noun in enumerate((*self.topics, *self.others, *self.unseen)):
            yield noun, SHAPES[number % len(SHAPES)].format(noun)

    def mixed(self, count: int) -> Sequence[str]:
        """`count` nouns from all three, in turn two topics, another noun and one never trained on."""
        half = (len(self.topics) + 1) // 2
        rows = zip_longest(self.topics[:half], self.others, self.topics[half:], self.unseen)
        return [noun for row in rows for noun in row if noun][:count]

    def quick(self) -> Questions:
        """A quarter of it or less, to see in a minute where a model stands."""
        return Questions(
            self.topics[::4], self.others[::4], self.unseen[::4], self.lines[::4],
            each=8, level=3, stream=3000, records=8, seed=self.seed,
        )  # fmt: skip


def asked(folder: Path = CORPUS, seed: int = 0) -> Questions:
    """The questions in `folder`: the corpus's topics, and what `judge.json` holds."""
    found: dict[str, Any] = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
    topics = sorted({document.topic for document in corpus.load(folder)})
    lines = tuple((line, wanted) for line, wanted in found["lines"])
    return Questions(
        tuple(topics), tuple(found["others"].split()), tuple(found["unseen"].split()), lines, seed=seed
    )
