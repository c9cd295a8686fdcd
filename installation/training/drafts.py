"""What rows are made of: a prompt and paragraphs that speak of it, from the hand-written texts and the grammar."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from installation.training import controls, record
from installation.training.corpus import Document
from installation.training.entities import Cast
from installation.training.grammar import Grammar, Paragraph
from installation.training.lexicon import Lexicon, Noun
from installation.training.recombination import Recombination
from installation.training.shapes import shaped
from installation.training.styles import Styles
from installation.training.substitution import Substitution

ASKED, FRAMED, META = 0.22, 0.40, 0.06
"""Shares of the rows: visitors' lines one after another, the grammar's, and descriptions with their records. The
rest begins with a hand-written text."""
CLEAR = 0.85
"""How probable its style has to be for a paragraph of the grammar to be taken without another look."""
OWN = 0.4
"""The share of records that are of hand-written descriptions; the rest are of the grammar's."""
ORIGINAL, JOINED = 5 / 65, 25 / 65
"""Shares of the hand-written texts: as they are, and joined from two; the rest has words exchanged."""
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
class Draft:
    """A row before it is broken off here and there: a prompt (`joined`: the text goes on with its sentence),
    and paragraphs of one style that speak of it."""

    style: str
    prompt: str
    paragraphs: tuple[str, ...]
    joined: bool = False
    kind: str = ""


def _again(text: str, before: Sequence[str]) -> bool:
    """Whether a sentence of `text` says nearly what one of `before` said, in at least half the same words."""
    said = [set(part.lower().split()) for other in before for part in _SENTENCE.split(other)]
    for part in _SENTENCE.split(text):
        words = set(part.lower().split())
        if any(2 * len(words & others) > len(words | others) for others in said):
            return True
    return False


class Drafts:
    """Draws drafts of paragraphs for rows of `length` tokens. `rng` decides all of it."""

    def __init__(
        self,
        documents: Sequence[Substitution],
        meta: Sequence[Substitution],
        grammar: Grammar,
        lexicon: Lexicon,
        length: int,
        rng: random.Random,
        styles: Styles | None,
    ) -> None:
        self._texts, self._meta = documents, meta
        self._styles = styles
        self._grammar, self._lexicon = grammar, lexicon
        self._length = length
        self._rng = rng
        self._recombination = Recombination(documents, lexicon)
        self._mates: dict[tuple[str, str], list[Substitution]] = {}
        for entry in documents:
            self._mates.setdefault((entry.document.topic, entry.document.style), []).append(entry)

    def any(self) -> Draft:
        """The grammar's, or one that goes on from a hand-written text."""
        self._grammar.begin()
        framed = self._rng.random() * (1 - ASKED - META) < FRAMED
        return self.framed() if framed else self.written()

    def recorded(self) -> Draft:
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

    def written(self) -> Draft:
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

    def answered(self) -> Draft:
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
