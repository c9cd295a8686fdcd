"""Endless rows to train on: controls, a prompt, then paragraphs that speak of it, until the row is full.

Of the rows 22 % are visitors' lines with their answers, one after another; 40 % are the grammar's; 32 % go
on from a hand-written text, as it is (5 of 65), with words exchanged (35) or joined from two (25); 6 % are
descriptions with their records. The grammar draws until a classifier of the texts trained on hears the style."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from installation.training import controls, pointing
from installation.training.drafts import ASKED, META, STYLES, Draft, Drafts
from installation.training.grammar import Grammar
from installation.training.lexicon import Lexicon
from installation.training.styles import Styles
from installation.training.substitution import Substitution

Encode = Callable[[str], list[int]]

FIRST = 3.0
"""What the first sentence of an answer counts in the loss: there it shows whether the line was heard."""
POINTED = 0.92
"""How often the nouns of a prompt become pointers."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `learn` is what it counts in the loss, `end` whether the text ends there."""

    text: str
    learn: float = 1.0
    end: bool = False


def spaced(text: str) -> str:
    """`text` with a space before every word, also at the start of a line: one word, one token. A pointer
    stands for its space too."""
    return unspaced(" " + text.strip().replace("\n", "\n "))


def unspaced(text: str) -> str:
    """`text` without the spaces that its pointers stand for."""
    return re.sub(r" (?=<[\^aP])", "", text)


def _begun(body: str) -> list[Piece]:
    """A paragraph from somewhere in a sentence on, of which only the sentences after it are learnt."""
    torn, *rest = re.split(r"(?<=[.!?])(?=\s)", body, maxsplit=1)
    return [Piece(torn, learn=0.0, end=not rest), *(Piece(part, end=True) for part in rest)]


def _weighed(body: str) -> list[Piece]:
    """An answer, whose first sentence counts more."""
    first = re.split(r"(?<=[.!?])(?=\s|$)", body, maxsplit=1)[0]
    rest = body[len(first) :]
    return (
        [Piece(first, learn=FIRST), Piece(rest, end=True)] if rest else [Piece(body, learn=FIRST, end=True)]
    )


class Stream:
    """Rows of `length` tokens. The same seed gives the same rows."""

    def __init__(
        self,
        documents: Sequence[Substitution],
        meta: Sequence[Substitution],
        grammar: Grammar,
        lexicon: Lexicon,
        encode: Encode,
        length: int,
        rng: random.Random,
        styles: Styles | None = None,
    ) -> None:
        self.drafts = Drafts(documents, meta, grammar, lexicon, length, rng, styles)
        self._grammar, self._lexicon = grammar, lexicon
        self._encode = encode
        self._length = length
        self.rng = self._rng = rng

    def begin(self) -> None:
        """A row begins: every frame is fresh."""
        self._grammar.begin()

    def row(self) -> tuple[list[int], list[float]]:
        """(tokens, learn), both `length` long."""
        tokens: list[int] = []
        learn: list[float] = []
        chance = self._rng.random()
        asked, recorded = chance < ASKED, ASKED <= chance < ASKED + META
        self._grammar.begin()
        while len(tokens) < self._length:  # what is short is followed by another
            if tokens and tokens[-1] != 0:
                tokens.append(0)
                learn.append(1.0)
            for piece in self.pieces(asked=asked, recorded=recorded):
                ids = self._encode(piece.text) if piece.text else []
                ids = [*ids, 0] if piece.end else ids
                tokens += ids
                learn += [piece.learn] * len(ids)
                if len(tokens) >= self._length:
                    break
        return tokens[: self._length], learn[: self._length]

    def pieces(self, *, asked: bool = False, recorded: bool = False) -> list[Piece]:
        """One prompt with its controls and its texts, pointers put in. `asked`: it is a visitor's line,
        `recorded`: a description."""
        drafts = self.drafts
        draft = drafts.answered() if asked else drafts.recorded() if recorded else drafts.any()
        named = controls.measure(draft.style, draft.paragraphs).drawn(self._rng)
        prompt, paragraphs = draft.prompt, list(draft.paragraphs)
        if self._rng.random() < POINTED:
            unknown = self._rng.random() < 0.2
            prompt, paragraphs = pointing.pointed(prompt, paragraphs, self._lexicon, unknown=unknown)
        pieces = [Piece(named + self._head(prompt, draft), learn=0.0)]
        for number, paragraph in enumerate(paragraphs):
            pieces += self._paragraph(paragraph, draft, first=number == 0)
        return pieces

    def sample(self) -> str:
        """A paragraph of the grammar, for whoever wants to read one or count its words."""
        self._grammar.begin()
        style = self._rng.choices(tuple(STYLES), tuple(STYLES.values()))[0]
        paragraph = self._grammar.answer() if style == "answer" else self._grammar.about(style)
        return "\n".join((*paragraph.prompts, paragraph.text))

    def read(self) -> tuple[str, ...]:
        """Texts of one style about one thing, as they are read: no controls, no pointers."""
        self._grammar.begin()
        draft = self.drafts.answered() if self._rng.random() < ASKED else self.drafts.any()
        first, *others = draft.paragraphs
        return (f"{draft.prompt} {first}" if draft.joined else first, *others)

    def _head(self, prompt: str, draft: Draft) -> str:
        """The prompt's line; one in seventeen rows has none."""
        if draft.style != "meta" and not draft.joined and not draft.kind and self._rng.random() < 0.06:
            return "\n" if self._rng.random() < 0.5 else ""
        half = draft.joined and self._rng.random() < 0.5
        kind = controls.kind_token(draft.kind) if self._rng.random() < controls.TOLD else ""
        return spaced(prompt) + kind + ("" if half else "\n")

    def _paragraph(self, text: str, draft: Draft, *, first: bool) -> list[Piece]:
        """A paragraph; a row may begin in its middle, as after the context has rolled on: what is left of the
        sentence there is read and not learnt."""
        rng = self._rng
        if draft.style == "meta":
            return [Piece(unspaced(text), end=True)]
        body = spaced(text)
        if first and not draft.joined and not draft.kind and rng.random() < 0.12:
            words = body.split(" ")
            body = " " + " ".join(words[rng.randrange(1, max(2, len(words) - 8)) :])
            return _begun(body)
        if rng.random() < 0.08:
            return [*self._cut_off(body), *self._whispered()]
        if first and draft.style == "answer":
            return _weighed(body)
        return [Piece(body, end=rng.random() < 0.6)]

    def _cut_off(self, body: str) -> list[Piece]:
        """The paragraph, broken off anywhere one time in two: a visitor does not wait."""
        if self._rng.random() < 0.5:
            return [Piece(body)]
        words = body.split(" ")
        return [Piece(" ".join(words[: self._rng.randrange(3, max(4, len(words)))]))]

    def _whispered(self) -> list[Piece]:
        """A visitor's line in the running text, never learnt, and the answer to it."""
        answer = self._grammar.answer()
        line = answer.prompts[0].rstrip(".")
        return [Piece(f" Someone whispers: {line}.", learn=0.0), *_weighed(spaced(answer.text))]
