"""The beginning of one hand-written text and the end of another of its style, joined over their nouns.

The end speaks of the things that the beginning brought in: its nouns are bound to those of their class
there, its topic to the topic. A sentence whose pronoun would hang in the air is not joined.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from installation.training.corpus import Document
from installation.training.lexicon import Lexicon, Noun
from installation.training.substitution import Substitution

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"])")
_HANGS = re.compile(
    r"^(It|He|She|They|Them|Its|His|Her|Their|But|And|That|This|These|Those|Then|Both|Neither|Either|So|Or|Nor|"
    r"The others?|Another|Each|One of|Inside|None|All of|Half|Only)\b"
)
_PERSON = re.compile(r"\b(he|she|his|him|her|hers)\b", re.IGNORECASE)
_THING = re.compile(r"\b(it|they|them|its|their)\b", re.IGNORECASE)


class Recombination:
    """Joins texts of one style, on one topic or on topics of one class."""

    def __init__(self, entries: Sequence[Substitution], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._groups: dict[tuple[str, str], list[Substitution]] = {}
        for entry in entries:
            for group in {entry.document.topic, self._kind(entry)}:
                self._groups.setdefault((entry.document.style, group), []).append(entry)

    def _kind(self, entry: Substitution) -> str:
        noun = self._lexicon.forms.get(entry.document.topic)
        return noun.kind if noun else entry.document.topic

    def join(self, entry: Substitution, rng: random.Random, share: float) -> Document:
        """A variant of `entry` whose end is another text's, or, where none fits, a mere variant."""
        head, became = entry.vary(rng, share)
        style, topic = entry.document.style, entry.document.topic
        for _ in range(6):
            group = self._kind(entry) if rng.random() < 0.5 else topic
            other = rng.choice(self._groups[style, group])
            if other is not entry:
                tail, _ = other.vary(rng, share, self._bound(entry, became, other, rng))
                topic_now = self._became(topic, became)
                joined = _joined(head, tail, topic_now, rng)
                if joined is not None:
                    return joined
        return head

    def _became(self, topic: str, became: Mapping[Noun, Noun]) -> frozenset[str]:
        """The forms of what the topic has become."""
        noun = self._lexicon.forms.get(topic)
        if noun is None:
            return frozenset((topic,))
        now = became.get(noun, noun)
        return frozenset((now.singular, now.plural or now.singular))

    def _bound(
        self, entry: Substitution, became: Mapping[Noun, Noun], other: Substitution, rng: random.Random
    ) -> Mapping[Noun, Noun]:
        """Each noun of `other` -> one of its class that the beginning has."""
        here: dict[str, list[Noun]] = {}
        for noun in entry.nouns():
            here.setdefault(noun.kind, []).append(became.get(noun, noun))
        bound: dict[Noun, Noun] = {}
        for noun in other.nouns():
            free = [mine for mine in here.get(noun.kind, ()) if mine not in bound.values()]
            if free and rng.random() < 0.8:
                bound[noun] = rng.choice(free)
        ours, theirs = (self._lexicon.forms.get(e.document.topic) for e in (entry, other))
        if ours and theirs and ours.kind == theirs.kind:
            bound[theirs] = became.get(ours, ours)
        return bound


def _joined(head: Document, tail: Document, topic: frozenset[str], rng: random.Random) -> Document | None:
    """`head` up to a sentence's end and `tail` from a sentence's start; None where nothing fits."""
    mark = "\n" if head.style == "poem" else " "
    cut = re.compile(r"(?<=[.!?])\n(?=[A-Z])") if head.style == "poem" else _SENTENCE
    first, last = cut.split(head.text), cut.split(tail.text)
    if head.style == "label" and (len(first) < 3 or len(last) < 3):
        return None
    starts = [at for at in range(1, len(last)) if _stands(last[at], topic)]
    if len(first) < 2 or not starts:
        return None
    at = rng.choice(starts)
    text = mark.join((*first[: rng.randrange(1, len(first))], *last[at:]))
    return replace(head, text=text) if 14 <= len(text.split()) <= 95 else None


def _stands(sentence: str, topic: frozenset[str]) -> bool:
    """Whether `sentence` can follow a text on `topic` that it was not written for."""
    if _HANGS.match(sentence) or _PERSON.search(sentence):
        return False
    return not _THING.search(sentence) or bool(topic & set(re.findall(r"[a-z-]+", sentence.lower())))
