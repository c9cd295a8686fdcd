"""What the house model learns: the hand-written corpus, and what the grammar makes of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from installation.training import controls, corpus, grammar, lexicon, pointing, record, styles, tokenizer
from installation.training.entities import Casting
from installation.training.plan import MASKED, Plan
from installation.training.stream import Stream, spaced
from installation.training.substitution import Substitution


def sources(plan: Plan) -> tuple[list[corpus.Document], list[corpus.Document]]:
    """(training documents, held-out documents)."""
    return corpus.split(corpus.load(), plan.held, plan.seed)


def described(plan: Plan) -> tuple[list[corpus.Document], list[corpus.Document]]:
    """(training, held out) of the descriptions with their records."""
    return corpus.split(corpus.load(styles=("meta",)), plan.held, plan.seed)


def stream(plan: Plan, documents: list[corpus.Document], encode: Any) -> Stream:
    """The rows that `plan` trains on."""
    rng = random.Random(plan.seed)  # noqa: S311 - seeded, no cryptography
    words = lexicon.load()
    casting = Casting(words, corpus.company(documents, words), rng)
    writer = grammar.Grammar(*grammar.load(), casting, rng)
    meta = [Substitution(d, words) for d in described(plan)[0]]
    texts = [Substitution(d, words) for d in documents]
    heard = styles.fit([(d.text, d.style) for d in documents], words)
    return Stream(texts, meta, writer, words, encode, plan.length, rng, heard)


def specials() -> tuple[str, ...]:
    """Every token that is no text, but for the end."""
    kinds = (controls.kind_token(kind) for kind in controls.kinds())
    return (*controls.TOKENS, *pointing.tokens(), *kinds, *record.tokens(), tokenizer.MASK)


def named_again(row: list[int], nouns: frozenset[int]) -> list[bool]:
    """For each token of `row` whether it is one of `nouns` and stood in the row before."""
    seen: set[int] = set()
    again = []
    for token in row:
        again.append(token in seen)
        if token in nouns:
            seen.add(token)
    return again


class House:
    """The house's corpus as a Material: see run.Material. Its tokenizer lies in `folder`, and is trained
    first where there is none."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.training, self.held = sources(plan)
        self.tokenizer = tokenizer.kept(folder / "tokenizer", self._train)
        self.encode = tokenizer.encoder(self.tokenizer)
        self.rows = stream(plan, self.training, self.encode)
        self.rng = self.rows.rng
        single = (self.encode(f" {word}") for word in lexicon.load().forms)
        self._nouns = frozenset(ids[0] for ids in single if len(ids) == 1)
        self._pointers = frozenset(self.encode(token)[0] for token in pointing.tokens() if "P" in token)
        self.vocabulary = plan.vocabulary
        self.unsaid = frozenset(self.tokenizer.added_tokens_decoder)

    def row(self) -> tuple[list[int], list[float]]:
        """A row to go on with, or, where words are to be filled in, of texts as they are read."""
        if self.plan.objective == MASKED:
            return self._read()
        tokens, learn = self.rows.row()
        again = named_again(tokens, self._nouns)
        emphasis = self.plan.emphasis
        heavier = [a or token in self._pointers for a, token in zip(again, tokens, strict=True)]
        return tokens, [each * (emphasis if more else 1.0) for each, more in zip(learn, heavier, strict=True)]

    def apart(self) -> Iterator[tuple[list[int], list[int]]]:
        """(prompt, text) of every document that is held out."""
        words = lexicon.load()
        for document in self.held:
            if self.plan.objective == MASKED:
                yield self.encode(spaced(document.prompt) + "\n"), [*self.encode(spaced(document.text)), 0]
                continue
            prompt, texts = pointing.pointed(document.prompt, [document.text], words)
            yield self.encode(spaced(prompt) + "\n"), [*self.encode(spaced(texts[0])), 0]

    def _read(self) -> tuple[list[int], list[float]]:
        """Texts one after another, without controls and pointers."""
        tokens: list[int] = []
        while len(tokens) < self.plan.length:
            for text in self.rows.read():
                tokens += [*self.encode(spaced(text)), 0]
        return tokens[: self.plan.length], [1.0] * self.plan.length

    def _train(self, place: Path) -> None:
        """A tokenizer for the corpus and what the grammar says."""
        rows = stream(self.plan, self.training, lambda _: [1] * self.plan.length)
        framed = [spaced(rows.sample()) for _ in range(6000)]
        written = [spaced(f"{d.prompt}\n{d.text}") for d in self.training]
        written += [spaced(f"{d.prompt}\n{record.plain(d.text)}") for d in described(self.plan)[0]]
        words = lexicon.load().words()
        tokenizer.train([*framed, *written], words, self.plan.vocabulary, place, specials())
