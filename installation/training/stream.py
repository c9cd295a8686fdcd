"""Endless rows to train on: a prompt, then paragraphs that speak of it, until the row is full."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from installation.training.corpus import Document
from installation.training.entities import Cast
from installation.training.grammar import Grammar, Paragraph
from installation.training.lexicon import Noun, articles
from installation.training.substitution import Substitution

Encode = Callable[[str], list[int]]

STYLES = {"calm": 44, "storm": 12, "poem": 10, "describe": 10, "critic": 5, "wall": 5, "answer": 14}
SHAPES = {
    "any": (
        "{a}",
        "the {a}",
        "{d}",
        "the {a} and the {b}",
        "{a}, {b}",
        "{d} and {e}",
        "about the {a}",
        "my {a}",
    ),
    "calm": (
        "the {a} at night",
        "the {a} in the evening",
        "the {a}",
        "the {a}",
        "a quiet {a}",
        "the {a} in {month}",
        "{d}",
        "{d} in the dark",
        "the last {a}",
        "{A}",
        "write about the {a}",
        "what is the {a} doing?",
    ),
    "storm": (
        "{a}!",
        "the {a} is coming",
        "hurry, the {a}",
        "the {a}",
        "the {a} breaks loose",
        "the {a} rises",
    ),
    "poem": ("a poem about {d}", "poem: {a}", "sing to the {a}", "a few lines on the {a}", "verses for {d}"),
    "describe": ("describe the {a}", "a picture of {d}", "what do you see in the {a}?", "a painting of {d}"),
    "critic": (
        "a review of the {a}",
        "review the {a}",
        "a severe word on the {a}",
        "what does the critic say?",
    ),
    "wall": ("wall text: {a}", "the room of the {a}", "a sign beside the {a}"),
    "label": ("label: {a}", "a label for the {a}"),
    "answer": (
        "I want {d}.",
        "Do you like the {a}?",
        "Hello {a}",
        "I dreamed of {d}",
        "tell me, {a}",
        "my {a}",
    ),
}


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `learn` says whether the model is to predict it."""

    text: str
    learn: bool = True
    end: bool = False


def spaced(text: str) -> str:
    """`text` with a space before every word, also at the start of a line: one word, one token."""
    return " " + text.strip().replace("\n", "\n ")


class Stream:
    """Rows of `length` tokens. The same seed gives the same rows.

    `written` is the share that comes from the hand-written texts; the rest is the grammar's."""

    def __init__(
        self,
        documents: Sequence[Substitution],
        grammar: Grammar,
        encode: Encode,
        length: int,
        rng: random.Random,
    ) -> None:
        self._grammar = grammar
        self._encode = encode
        self.written = 0.42
        self._length = length
        self.rng = self._rng = rng
        self._texts = [entry for entry in documents if entry.document.style != "label" or rng.random() < 0.3]
        self._mates: dict[tuple[str, str], list[Substitution]] = {}
        for entry in self._texts:
            self._mates.setdefault((entry.document.topic, entry.document.style), []).append(entry)

    def row(self) -> tuple[list[int], list[bool]]:
        """(tokens, learn), both `length` long."""
        tokens: list[int] = []
        learn: list[bool] = []
        self._grammar.used.clear()
        source = self._written() if self._rng.random() < self.written else self._framed()
        for piece in source:
            ids = self._encode(piece.text) if piece.text else []
            ids = [*ids, 0] if piece.end else ids
            tokens += ids
            learn += [piece.learn] * len(ids)
            if len(tokens) >= self._length:
                break
        return tokens[: self._length], learn[: self._length]

    def sample(self) -> str:
        """A paragraph of the grammar, for whoever wants to read one or count its words."""
        self._grammar.used.clear()
        style = self._rng.choices(tuple(STYLES), tuple(STYLES.values()))[0]
        paragraph = self._grammar.answer() if style == "answer" else self._grammar.about(style)
        return "\n".join((*paragraph.prompts, paragraph.text))

    def _prompt(self, text: str) -> Piece:
        """The first line of a row; one in twelve rows has none."""
        if self._rng.random() < 0.08:
            return Piece("\n", learn=False) if self._rng.random() < 0.5 else Piece("")
        return Piece(spaced(text) + "\n", learn=False)

    def _paragraph(self, text: str, first: bool) -> list[Piece]:
        """A paragraph; a row may begin in its middle, as after the context has rolled on."""
        rng = self._rng
        body = spaced(text)
        if first and rng.random() < 0.15:
            words = body.split(" ")
            body = " " + " ".join(words[rng.randrange(1, max(2, len(words) - 8)) :])
        if rng.random() < 0.1:
            return [*self._cut_off(body), *self._whispered()]
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
        line = answer.prompts[0]
        line = line if self._rng.random() < 0.7 else line.lower()
        return [Piece(f" Someone whispers: {line}.", learn=False), Piece(spaced(answer.text), end=True)]

    def _written(self) -> Sequence[Piece]:
        """Hand-written texts on one topic in one style, as they are or with nouns exchanged."""
        rng = self._rng
        entry = rng.choice(self._texts)
        mates = self._mates[entry.document.topic, entry.document.style]
        document = self._vary(entry)
        first = document.text[0].islower() and rng.random() < 0.5
        prompt = Piece(spaced(document.prompt), learn=False) if first else self._prompt(document.prompt)
        pieces = [prompt, *self._paragraph(document.text, first=True)]
        for other in rng.sample(mates, min(len(mates), 8)):
            if other is not entry and not other.document.text[0].islower():
                pieces += self._paragraph(self._vary(other).text, first=False)
        subject, group = self._grammar.subject(document.topic)
        while len(pieces) < 10:
            pieces += self._paragraph(self._grammar.about("calm", subject, group).text, first=False)
        return pieces

    def _vary(self, entry: Substitution) -> Document:
        rng = self._rng
        return entry.document if rng.random() < 0.45 else entry.vary(rng, rng.uniform(0.2, 0.8))

    def _framed(self) -> Sequence[Piece]:
        """Paragraphs of the grammar about one subject, whose cast stays in part."""
        rng, grammar = self._rng, self._grammar
        style = rng.choices(tuple(STYLES), tuple(STYLES.values()))[0]
        if style == "answer" and rng.random() < 0.75:
            return self._answered()
        first = grammar.about(style)
        pieces = [self._prompt(self.ask(first)), *self._paragraph(first.text, first=True)]
        subject, group, cast = first.cast.subject, first.cast.group, first.cast
        while len(pieces) < 12:
            follow = style if rng.random() < 0.8 else rng.choice(("calm", "calm", "poem"))
            paragraph = grammar.about(follow, subject, group, cast)
            cast = paragraph.cast
            pieces += self._paragraph(paragraph.text, first=False)
        return pieces

    def _answered(self) -> Sequence[Piece]:
        """A visitor's line as the prompt, the answer, and calm prose about the same things after it."""
        answer = self._grammar.answer()
        pieces = [
            Piece(spaced(answer.prompts[0]) + "\n", learn=False),
            *self._paragraph(answer.text, first=True),
        ]
        cast: Cast = answer.cast
        while len(pieces) < 12:
            paragraph = self._grammar.about("calm", cast.subject, cast.group, cast)
            cast = paragraph.cast
            pieces += self._paragraph(paragraph.text, first=False)
        return pieces

    def ask(self, paragraph: Paragraph) -> str:
        """A prompt that names the paragraph's subject, and perhaps another of its things."""
        rng, cast = self._rng, paragraph.cast
        shapes = SHAPES[paragraph.style] if rng.random() < 0.7 else SHAPES["any"]
        present = [cast.slots[slot] for slot in "akfbwg" if cast.slots[slot] in paragraph.text]
        other = rng.choice(present) if present else cast.subject.singular
        subject = self._number(cast.subject, paragraph.text)
        mass = cast.subject.plural is None or subject != cast.subject.singular
        shape = rng.choice(shapes)
        filled = shape.format(
            a=subject,
            A=subject.capitalize(),
            b=other,
            d=subject if mass else f"a {subject}",
            e=f"a {other}",
            month=cast.slots["month"],
        )
        return articles(filled.replace("a quiet " + subject, "quiet " + subject) if mass else filled)

    def _number(self, subject: Noun, text: str) -> str:
        """Singular, or now and then plural."""
        plain = subject.plural is None or subject.plural in text or self._rng.random() < 0.94
        return subject.singular if plain or subject.plural is None else subject.plural
