"""Is a visitor's line answered in kind? A greeting greets, a worry is met."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from installation.judging.ear import Ear, Heard
from installation.judging.questions import LENGTH, Questions
from installation.training import grammar, reading
from installation.training.lexicon import CORPUS

Kinds = Mapping[str, re.Pattern[str]]


def kinds(folder: Path = CORPUS) -> Kinds:
    """Each kind of answer -> a pattern of the sentences that open it or go on with it, rightly filled."""
    _, intents = grammar.load(folder)
    found = {}
    for name, parts in intents.items():
        frames = [frame for part, frames in parts.items() if part != "prompts" for frame in frames]
        found[name] = re.compile("|".join(reading.shape(frame) for frame in frames), re.IGNORECASE)
    return found


def fits(text: str, wanted: Sequence[str], known: Kinds) -> bool:
    """Whether one of the first three sentences of `text` is of a kind that is wanted."""
    first = reading.sentences(text, 1)[:3]
    return any(known[kind].fullmatch(sentence) for kind in wanted for sentence in first)


def asked(ear: Ear, questions: Questions) -> list[Heard]:
    """One text of 70 tokens for each line."""
    return [
        ear.heard(line, LENGTH, questions.seed + number, style="answer")
        for number, (line, _) in enumerate(questions.lines)
    ]


def missed(heard: Sequence[Heard], questions: Questions) -> list[Heard]:
    """Those that are no answer of the right kind."""
    known = kinds()
    return [
        each
        for each, (_, wanted) in zip(heard, questions.lines, strict=True)
        if not fits(each.text, wanted.split(), known)
    ]
