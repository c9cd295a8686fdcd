"""Energy, warmth and size: what was asked for, and what is measured in the text that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation, fmean

from installation.judging.ear import PARAGRAPH, Ear
from installation.judging.questions import PARAGRAPH as MOST
from installation.judging.questions import Questions
from installation.training import controls

LENGTH = 100
SIZES = ("short", "long")


@dataclass(frozen=True)
class Level:
    """What was measured where `asked` was asked for: words in a sentence, share of sentences that exclaim,
    words in a paragraph, and energy and warmth as the training measures them; each one a text."""

    asked: str
    words: tuple[float, ...]
    exclaims: tuple[float, ...]
    paragraphs: tuple[int, ...]
    energies: tuple[int, ...]
    warmths: tuple[int, ...]


def measured(asked: str, texts: Sequence[str]) -> Level:
    """`texts` as they came; of each what stands before its last full stop."""
    whole = [text[: max(text.rfind(mark) for mark in ".!?") + 1] or text for text in texts]
    paces = [controls.pace(text) for text in whole]
    return Level(
        asked,
        tuple(words for words, _ in paces),
        tuple(share for _, share in paces),
        tuple(len(text.strip().split(PARAGRAPH)[0].split()) for text in texts),
        tuple(controls.energy(text) for text in whole),
        tuple(controls.warmth(text) for text in whole),
    )


def asked(ear: Ear, questions: Questions) -> list[Level]:
    """The five energies, the five warmths, short and long, each about the same nouns; none where the model
    has no such tokens."""
    steps = [f"{name} {step}" for name in ("energy", "warmth") for step in range(controls.LEVELS)]
    steps = [step for step in (*steps, *SIZES) if ear.obeys(f"<{step.replace(' ', '')}>")]
    found = []
    for step in steps:
        length, until = (MOST, PARAGRAPH) if step in SIZES else (LENGTH, "")
        texts = [
            ear.hear(f"[{step}] the {noun}", length, questions.seed + number, until)
            for number, noun in enumerate(questions.mixed(questions.level))
        ]
        found.append(measured(step, texts))
    return found


def figures(levels: Sequence[Level]) -> dict[str, float | None]:
    """For each energy the words in a sentence and the share that exclaims, for each warmth the warmth heard, for
    each size the words in a paragraph; how far energy and warmth go with what was asked (Pearson's r over the
    texts); the share of paragraphs on their own side of the middle between short and long."""
    found: dict[str, float | None] = {}
    for each in levels:
        name = each.asked.replace(" ", "")
        if name.startswith("energy"):
            found |= {f"{name}_words": fmean(each.words), f"{name}_exclaim": fmean(each.exclaims)}
        elif name.startswith("warmth"):
            found[name] = fmean(each.warmths)
        else:
            found[f"{name}_words"] = fmean(each.paragraphs)
    found["energy_follows"] = _follows(levels, "energy")
    found["warmth_follows"] = _follows(levels, "warmth")
    return found | {"size_obedience": _sized(levels)}


def _follows(levels: Sequence[Level], name: str) -> float | None:
    """Pearson's r of the step asked for and the one heard; None where nothing was asked or nothing varies."""
    pairs = [
        (int(each.asked[-1]), heard)
        for each in levels
        if each.asked.startswith(name)
        for heard in (each.energies if name == "energy" else each.warmths)
    ]
    wanted, heard = [a for a, _ in pairs], [b for _, b in pairs]
    return correlation(wanted, heard) if len({*wanted}) > 1 and len({*heard}) > 1 else None


def _sized(levels: Sequence[Level]) -> float | None:
    middle = (controls.SHORT + controls.LONG) / 2
    right = [
        (words < middle) == (each.asked == "short")
        for each in levels
        if each.asked in SIZES
        for words in each.paragraphs
    ]
    return sum(right) / len(right) if right else None
