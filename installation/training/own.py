"""An artist's own texts as what is learnt from nothing: rows that begin where a text does, after its prompt.

A text longer than a row is learnt in stretches of whole sentences. Sizes go by bytes, since a language need not
have words with spaces between them.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from installation.errors import CorpusError
from installation.training import tokenizer
from installation.training.collection import Collection, Work
from installation.training.plan import MASKED, NEXT, Plan
from installation.training.stream import spaced
from installation.training.tuning_rows import Passage, parted, passages

BYTES = 2.5
"""Of text in a token, at least, with a vocabulary made for it."""
WORD = 6
"""Bytes in a word with its space, about."""
HELD, SEVERAL = 0.05, 10
"""The share of the texts that is held out, and of passages where the texts are fewer than that many."""
NAMED, BARE, AGAIN = 0.7, 0.06, 0.5
"""How often a row's prompt is the text's own (else words of its beginning); how often there is none; how often a
further text of a row has its prompt before it."""
OFTENER = 6
"""Of a torn text only a seventh is learnt at a time: it is gone through so many times as often."""
LEAST = 200
"""Steps that a run takes, however little there is to learn."""
BEGINNING = 4
"""Words of a text's beginning that are its prompt where it has none, at most."""
_SPECIAL = re.compile(f"{re.escape(tokenizer.END)}|{re.escape(tokenizer.MASK)}")


@dataclass(frozen=True)
class Size:
    """What suits texts of up to so many `words`. `passes`: how often they are gone through."""

    words: float
    layers: int
    width: int
    length: int
    dropout: float
    passes: int


SIZES = (
    Size(4_000, 2, 96, 128, 0.2, 30),
    Size(30_000, 3, 128, 256, 0.15, 30),
    Size(150_000, 4, 192, 512, 0.1, 20),
    Size(1_000_000, 5, 256, 512, 0.05, 10),
    Size(float("inf"), 6, 320, 512, 0.0, 4),
)
"""The smallest has 0.3 million parameters, the largest 10; the house model (3.4) learns from some million words."""


def sized(collection: Collection, objective: str = NEXT) -> tuple[Plan, int]:
    """A plan that suits the texts, and how many passes through them are enough."""
    count = sum(len(work.text.encode()) for work in collection.texts) // WORD
    size = next(size for size in SIZES if count <= size.words)
    words = 8 if objective == MASKED else 16  # Where one token is to be found, more words have to be one.
    vocabulary = min(8192, max(320, 256 + count // words) // 64 * 64)
    plan = Plan(
        batch=6,
        length=size.length,
        width=size.width,
        layers=size.layers,
        vocabulary=vocabulary,
        dropout=size.dropout,
        objective=objective,
        texts=_mark(collection.texts),
        emphasis=1.0,
    )
    return plan, size.passes * (OFTENER if objective == MASKED else 1)


def _mark(works: Sequence[Work]) -> str:
    """A hash of texts and prompts."""
    whole = json.dumps([[work.text, work.prompt] for work in works]).encode()
    return hashlib.blake2b(whole, digest_size=8).hexdigest()


class Own:
    """A collection as a Material: see run.Material. Its tokenizer lies in `folder`, and is trained first where there
    is none."""

    def __init__(self, plan: Plan, collection: Collection, folder: Path) -> None:
        """Raises CorpusError where the texts are too few."""
        self.plan = plan
        works = [
            replace(work, text=_SPECIAL.sub("", work.text), prompt=_SPECIAL.sub("", work.prompt))
            for work in collection.texts
        ]
        found = passages(works, lambda text: int(len(text.encode()) / BYTES), plan.length)
        share = HELD if len(works) >= SEVERAL else 1 / SEVERAL
        if len(found) < 2:
            raise _few(works, plan)
        self.learnt, self.held = parted(found, share, plan.seed)
        if sum(len(p.text.encode()) for p in self.learnt) / BYTES < plan.batch * plan.length:
            raise _few(works, plan)
        self.tokenizer = tokenizer.kept(folder / "tokenizer", self._train)
        self.encode = tokenizer.encoder(self.tokenizer)
        self.rng = random.Random(plan.seed)  # noqa: S311 - seeded, no cryptography
        self.vocabulary = len(self.tokenizer)
        self.unsaid = frozenset(self.tokenizer.added_tokens_decoder)
        self.tokens = sum(len(self._body(passage)) for passage in self.learnt)
        """Of all texts that are learnt."""

    def row(self) -> tuple[list[int], list[float]]:
        """A text after its prompt, and what follows: the next stretch of a long text, or another."""
        tokens: list[int] = []
        learn: list[float] = []
        at, masked = -1, self.plan.objective == MASKED
        while len(tokens) < self.plan.length:
            goes_on = 0 <= at < len(self.learnt) - 1 and not self.learnt[at].end
            goes_on = goes_on and self.learnt[at].work == self.learnt[at + 1].work
            at = at + 1 if goes_on else self.rng.randrange(len(self.learnt))
            passage = self.learnt[at]
            asked = not masked and not goes_on and (not tokens or self.rng.random() < AGAIN)
            head = self._head(self._prompt(passage)) if asked else []
            body = self._body(passage)
            tokens += head + body
            learn += [0.0] * len(head) + [1.0] * len(body)
        return tokens[: self.plan.length], learn[: self.plan.length]

    def apart(self) -> Iterator[tuple[list[int], list[int]]]:
        """(prompt, text) of every passage that is held out."""
        for passage in self.held:
            yield self._head(passage.prompt or beginning(passage.text)), self._body(passage)

    def _prompt(self, passage: Passage) -> str:
        """What is asked before a text: its own prompt or title, or words of its beginning; `` for nothing."""
        if self.rng.random() < BARE:
            return ""
        if passage.prompt and self.rng.random() < NAMED:
            return passage.prompt
        words = beginning(passage.text, 12).split()
        first = self.rng.randrange(len(words)) if self.rng.random() < 0.5 else 0
        return " ".join(words[first : first + self.rng.randrange(1, BEGINNING + 1)])

    def _head(self, prompt: str) -> list[int]:
        return self.encode((spaced(prompt) if prompt else "") + "\n")

    def _body(self, passage: Passage) -> list[int]:
        return [*self.encode(spaced(passage.text)), *([0] if passage.end else [])]

    def _train(self, place: Path) -> None:
        """A tokenizer for what is learnt, its prompts included; held-out texts are not looked at."""
        texts = [spaced(f"{passage.prompt}\n{passage.text}") for passage in self.learnt]
        size, special = self.plan.vocabulary, (tokenizer.MASK,)
        tokenizer.train(texts, (), size, place, special, positions=self.plan.length)


def beginning(text: str, words: int = BEGINNING) -> str:
    """The first words of a text's first line, without the signs at their end."""
    return " ".join(text.split("\n", maxsplit=1)[0].split()[:words]).rstrip(".,;:!?—–- ")


def _few(works: Sequence[Work], plan: Plan) -> CorpusError:
    there = sum(len(work.text.encode()) for work in works) // WORD
    wanted = int(plan.batch * plan.length * BYTES * 1.3) // WORD
    return CorpusError(
        f"the texts have some {there} words, and one batch takes {wanted}; add texts, or let a model that can speak "
        "already learn them: installation tune house TEXTS --out FOLDER"
    )


def verdict(collection: Collection, objective: str = NEXT) -> str:
    """What can be expected of a model that has read nothing else."""
    words = collection.words
    told = f"{words} words"
    if objective == MASKED:
        return f"It has read {told}: it fills in what often stands there in them, and knows no other words."
    if words < 10_000:
        return (
            f"{told} are few to learn a language from: it will say pieces of your sentences, and what is new "
            "in it will often be broken. For your words in whole sentences: installation tune house TEXTS --out FOLDER"
        )
    if words < 200_000:
        return (
            f"From {told} it learns your vocabulary and the shape of your sentences; sense rarely lasts longer "
            "than one. installation judge FOLDER tells what it borrows and repeats."
        )
    return f"{told} are enough for sentences of its own. installation judge FOLDER tells what it borrows and repeats."
