"""Does a text speak of what it was asked about? And how often does it by chance?"""

from __future__ import annotations

from collections.abc import Sequence

from installation.judging.ear import Ear, Heard
from installation.judging.questions import LENGTH, Questions
from installation.training import reading
from installation.training.lexicon import Lexicon


def asked(ear: Ear, questions: Questions) -> list[Heard]:
    """One text of 70 tokens for each noun, topics first."""
    return [
        ear.heard(prompt, LENGTH, questions.seed + number, noun=noun)
        for number, (noun, prompt) in enumerate(questions.nouns())
    ]


def names(text: str, noun: str, lexicon: Lexicon) -> bool:
    """Whether `noun` stands in the text, singular or plural."""
    return noun in text.lower() if "-" in noun else reading.obeys(text, noun, lexicon)


def share(heard: Sequence[Heard], lexicon: Lexicon) -> float | None:
    """The share of texts that name what they were asked about; None of none."""
    kept = [names(each.text, each.noun, lexicon) for each in heard]
    return sum(kept) / len(kept) if kept else None


def chance(heard: Sequence[Heard], lexicon: Lexicon) -> float | None:
    """How often a noun stands in a text that was asked about another noun: the mean over all such pairs."""
    pairs = [
        names(each.text, other.noun, lexicon) for each in heard for other in heard if other.noun != each.noun
    ]
    return sum(pairs) / len(pairs) if pairs else None


def figures(heard: Sequence[Heard], questions: Questions, lexicon: Lexicon) -> dict[str, float | None]:
    """`named_topics`, `named_others`, `named_unseen`, their mean `topic_obedience`, and `topic_chance`."""
    first, second = len(questions.topics), len(questions.topics) + len(questions.others)
    parts = [share(part, lexicon) for part in (heard[:first], heard[first:second], heard[second:])]
    found: dict[str, float | None] = dict(
        zip(("named_topics", "named_others", "named_unseen"), parts, strict=True)
    )
    told = [part for part in parts if part is not None]
    found["topic_obedience"] = sum(told) / len(told) if told else None
    return found | {"topic_chance": chance(heard, lexicon)}
