"""Which style was asked for, and which is heard: by a classifier of the held-out hand-written texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from installation.judging.ear import PARAGRAPH, Ear, Heard
from installation.judging.questions import PARAGRAPH as MOST
from installation.judging.questions import STYLES, Questions
from installation.training.styles import Styles


@dataclass(frozen=True)
class Confusion:
    """`counts[asked][heard]`: how many texts; every style has a row."""

    counts: Mapping[str, Mapping[str, int]]

    def of(self, style: str) -> float | None:
        """The share of the texts of `style` that are heard as it; None where there are none."""
        row = self.counts[style]
        return row.get(style, 0) / total if (total := sum(row.values())) else None

    def share(self) -> float | None:
        """The mean of all styles' shares, each counting alike."""
        found = [part for style in self.counts if (part := self.of(style)) is not None]
        return sum(found) / len(found) if found else None


def table(texts: Iterable[tuple[str, str]], styles: Styles) -> Confusion:
    """The table of (text, style that it is to have)."""
    counts: dict[str, Counter[str]] = {style: Counter() for style in STYLES}
    for text, style in texts:
        counts[style][styles.of(text)] += 1
    return Confusion({style: dict(row) for style, row in counts.items()})


def asked(ear: Ear, questions: Questions) -> list[Heard]:
    """For every style the first paragraph about each of so many nouns, cut at 120 tokens; none where the
    model has no styles."""
    if not ear.obeys(*(f"<{style}>" for style in STYLES)):
        return []
    return [
        ear.heard(
            f"[{style}] the {noun}", MOST, questions.seed + number, style=style, noun=noun, until=PARAGRAPH
        )
        for style in STYLES
        for number, noun in enumerate(questions.mixed(questions.each))
    ]
