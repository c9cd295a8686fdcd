"""Endless rows to train on: controls, a prompt, then paragraphs that speak of it, until the row is full.

Of the rows 22 % are visitors' lines with their answers, one after another; 40 % are the grammar's; 32 % go
on from a hand-written text, as it is (5 of 65), with words exchanged (35) or joined from two (25); 6 % are
descriptions with their records. The grammar draws until a classifier of the texts trained on hears the style."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from installation.training import controls, pointing, record
from installation.training.corpus import Document
from installation.training.entities import Cast
from installation.training.grammar import Grammar, Paragraph
from installation.training.lexicon import Lexicon, Noun
from installation.training.recombination import Recombination
from installation.training.shapes import shaped
from installation.training.styles import Styles
from installation.training.substitution import Substitution

Encode = Callable[[str], list[int]]

ASKED, FRAMED, META = 0.22, 0.40, 0.06
"""Shares of the rows: visitors' lines one after another, the grammar's, and descriptions with their records. The
rest begins with a hand-written text."""
CLEAR = 0.85
"""How probable its style has to be for a paragraph of the grammar to be taken without another look."""
OWN = 0.4
"""The share of records that are of hand-written descriptions; the rest are of the grammar's."""
FIRST = 3.0
"""What the first sentence of an answer counts in the loss: there it shows whether the line was heard."""
ORIGINAL, JOINED = 5 / 65, 25 / 65
"""Shares of the hand-written texts: as they are, and joined from two; the rest has words exchanged."""
POINTED = 0.92
"""How often the nouns of a prompt become pointers."""
STYLES = {
    "calm": 25,
    "storm": 14,
    "poem": 12,
    "describe": 13,
    "critic": 11,
    "wall": 11,
    "label": 7,
    "answer": 20,
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `learn` is what it counts in the loss, `end` whether the text ends there."""

    text: str
    learn: float = 1.0
    end: bool = False


@dataclass(frozen=True)
class Draft:
    """A row before it is broken off here and there: a prompt (`joined`: the text goes on with its sentence),
    and paragraphs of one style that speak of it."""

    style: str
    prompt: str
    paragraphs: tuple[str, ...]
    joined: bool = False
    kind: str = ""


def spaced(text: str) -> str:
    """`text` with a space before every word, also at the start of a line: one word, one token. A pointer
    stands for its space too."""
    return unspaced(" " + text.strip().replace("\n", "\n "))


def unspaced(text: str) -> str:
    """`text` without the spaces that its pointers stand for."""
    return re.sub(r" (?=<[\^aP])", "", text)


def _again(text: str, before: Sequence[str]) -> bool:
    """Whether a sentence of `text` says nearly what one of `before` said, in at least half the same words."""
    said = [set(part.lower().split()) for other in before for part in _SENTENCE.split(other)]
    for part in _SENTENCE.split(text):
        words = set(part.lower().split())
        if any(2 * len(words & others) > len(words | others) for others in said):
            return True
    return False


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
        self._texts, self._meta = documents, meta
        self._styles = styles
        self._grammar, self._lexicon = grammar, lexicon
        self._encode = encode
        self._length = length
        self.rng = self._rng = rng
        self._recombination = Recombination(documents, lexicon)
        self._mates: dict[tuple[str, str], list[Substitution]] = {}
        for entry in documents:
            self._mates.setdefault((entry.document.topic, entry.document.style), []).append(entry)

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
        draft = self._answered() if asked else self._recorded() if recorded else self._draft()
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
        draft = self._answered() if self._rng.random() < ASKED else self._draft()
        first, *others = draft.paragraphs
        return (f"{draft.prompt} {first}" if draft.joined else first, *others)

    def _draft(self) -> Draft:
        self._grammar.begin()
        framed = self._rng.random() * (1 - ASKED - META) < FRAMED
        return self.framed() if framed else self._written()

    def _recorded(self) -> Draft:
        """A description and its record."""
        if self._meta and self._rng.random() < OWN:
            document, _ = self._rng.choice(self._meta).vary(self._rng, self._rng.uniform(0.0, 0.8))
            return Draft("meta", document.prompt, (record.written(json.loads(document.text)),))
        while True:
            self._grammar.begin()
            if self._rng.random() < 0.4:
                drawn = self._grammar.continued()
                text = f"{drawn.prompts[0]} {drawn.text}"
            else:
                text = self._grammar.about("describe").text
            found = record.of(text, self._lexicon, self._rng)
            if found:
                return Draft("meta", text, (record.written(found),))

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

    def _written(self) -> Draft:
        """Hand-written texts on one topic in one style, each as it is, varied or joined from two; then the
        grammar's in that style about the same thing."""
        rng = self._rng
        entry = rng.choice(self._texts)
        style, topic = entry.document.style, entry.document.topic
        document, subject = self._vary(entry)
        joined = document.text[0].islower()
        paragraphs = [document.text]
        mates = self._mates[topic, style]
        for other in rng.sample(mates, min(len(mates), rng.randrange(2, 6))):
            if other is not entry and not other.document.text[0].islower():
                text = self._vary(other, subject)[0].text
                if not _again(text, paragraphs):
                    paragraphs.append(text)
        noun, group = self._grammar.subject(subject.singular if subject else topic)
        follow = style if style in STYLES and style != "answer" else "calm"
        size = controls.measure(style, paragraphs).size
        paragraphs += self._follow(follow, noun, group, None, paragraphs, size)
        prompt = document.prompt
        if not joined and subject is not None and rng.random() < 0.35 and style != "answer":
            word = subject.singular if subject.singular in document.text.lower() else subject.plural or ""
            if word and re.search(rf"\b{word}\b", document.text.lower()):
                prompt = shaped(self._rng, style, subject, word, word, "April")
        return Draft(style, prompt, tuple(paragraphs), joined)

    def _vary(self, entry: Substitution, topic: Noun | None = None) -> tuple[Document, Noun | None]:
        """A variant of a text and what its topic is in it. `topic`: what that has to be."""
        rng = self._rng
        own = self._lexicon.forms.get(entry.document.topic)
        chance, share = rng.random(), rng.uniform(0.2, 0.8)
        if chance < ORIGINAL and (topic is None or topic == own):
            return entry.document, own
        if chance < ORIGINAL + JOINED and topic in (None, own):
            return self._recombination.join(entry, rng, share * 0.7), None if topic is None else own
        bound = {own: topic} if own and topic else None
        document, became = entry.vary(rng, share, bound)
        return document, became.get(own, own) if own else None

    def _answered(self) -> Draft:
        """A visitor's line and its answer, and now and then a paragraph about the same things."""
        answer = self._grammar.answer()
        texts = [answer.text]
        if self._rng.random() < 0.2:
            cast = answer.cast
            texts.append(self._grammar.about("calm", cast.subject, cast.group, cast).text)
        return Draft("answer", answer.prompts[0], tuple(texts), kind=answer.kind)

    def framed(self) -> Draft:
        """Paragraphs of the grammar about one subject, whose cast stays in part."""
        rng, grammar = self._rng, self._grammar
        style = rng.choices(tuple(STYLES), tuple(STYLES.values()))[0]
        size = rng.choice(("short", "", "long"))
        warmth = rng.choice((0, 1, 2, 3, 4, None, None))
        if style == "answer" and rng.random() < 0.4:
            first = grammar.answer()
            prompt, follow = first.prompts[0], rng.choice(("calm", "calm", "answer"))
        elif style == "describe" and rng.random() < 0.4:
            first = grammar.continued()
            prompt, follow = first.prompts[0], "describe"
        else:
            first = grammar.best(lambda: grammar.about(style, size=size), self._worth(style, warmth, None))
            prompt, follow = self.ask(first), style
        cast = first.cast
        more = self._follow(follow, cast.subject, cast.group, cast, [first.text], size)
        return Draft(style, prompt, (first.text, *more), first.text[0].islower(), first.kind)

    def _worth(self, style: str, warmth: int | None, energy: int | None) -> Callable[[Paragraph], float]:
        """What a paragraph is worth: 1 where it sounds like `style` clearly and is as asked for."""

        def worth(paragraph: Paragraph) -> float:
            sure = self._styles.shares(paragraph.text)[style] if self._styles else CLEAR
            found = min(1.0, sure / CLEAR)
            found -= 0.12 * abs(controls.warmth(paragraph.text) - warmth) if warmth is not None else 0
            return found - (0.1 * abs(controls.energy(paragraph.text) - energy) if energy is not None else 0)

        return worth

    def _follow(
        self,
        style: str,
        subject: Noun,
        group: str,
        cast: Cast | None,
        before: Sequence[str],
        size: str = "",
    ) -> list[str]:
        """Paragraphs about `subject` until the row is full or no frame is fresh; of those drawn, one that
        sounds like `style` and is near to those `before` in energy and warmth, so that what was asked for
        holds on."""
        found: list[str] = []
        words = sum(len(text.split()) for text in before)
        wanted = "\n".join(before)
        worth = self._worth(style, controls.warmth(wanted), controls.energy(wanted))
        while words < self._length * 0.85:
            known = cast

            def draw(known: Cast | None = known) -> Paragraph:
                return self._grammar.about(style, subject, group, known, size)

            best = self._grammar.best(draw, worth)
            if self._grammar.spent:
                break
            cast = best.cast
            found.append(best.text)
            words += len(best.text.split())
        return found

    def ask(self, paragraph: Paragraph) -> str:
        """A prompt that names the paragraph's subject, and perhaps another of its things."""
        cast = paragraph.cast
        present = [cast.slots[slot] for slot in "akfbwg" if cast.slots[slot] in paragraph.text]
        other = self._rng.choice(present) if present else cast.subject.singular
        subject = self._number(cast.subject, paragraph.text)
        return shaped(self._rng, paragraph.style, cast.subject, subject, other, cast.slots["month"])

    def _number(self, subject: Noun, text: str) -> str:
        """Singular, or now and then plural."""
        plain = subject.plural is None or subject.plural in text or self._rng.random() < 0.94
        return subject.singular if plain or subject.plural is None else subject.plural
