"""All that was found about one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from installation.judging.baselines import Baseline
from installation.judging.confusion import Confusion
from installation.judging.ear import Heard
from installation.judging.figures import BY_NAME, FIGURES
from installation.judging.levels import Level
from installation.judging.records import Record


@dataclass
class Verdict:
    """Grows part by part, so that what was found stands also where the rest was broken off. `missing`: figure ->
    why it does not apply. `losses`: the lines of the training's log."""

    model: str
    hash: str
    seed: int
    quick: bool = False
    figures: dict[str, float | None] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    heard_as: Confusion | None = None
    levels: Sequence[Level] = ()
    samples: Mapping[str, Sequence[Heard]] = field(default_factory=dict)
    missed: Sequence[Heard] = ()
    records: Sequence[Record] = ()
    stream: str = ""
    losses: Sequence[Mapping[str, float]] = ()
    baselines: Sequence[Baseline] = ()

    def lines(self) -> list[str]:
        """`figure NAME VALUE` for every figure that there is, the main ones first; then what does not apply."""
        first = [figure.name for figure in FIGURES if figure.name in self.figures]
        names = [*first, *(name for name in self.figures if name not in BY_NAME)]
        values = {name: self.figures[name] for name in names}
        told = [f"figure {name} {value:.4g}" for name, value in values.items() if value is not None]
        return told + [f"{name} does not apply: {why}" for name, why in self.missing.items()]

    def told(self) -> dict[str, Any]:
        """Everything as one JSON object, the figures plainly by their names; null what does not apply."""
        figures = dict.fromkeys(figure.name for figure in FIGURES) | _rounded(self.figures)
        return {
            "model": self.model,
            "hash": self.hash,
            "seed": self.seed,
            "quick": self.quick,
            **figures,
            "does_not_apply": self.missing,
            "goals": {figure.name: figure.goal() for figure in FIGURES if figure.goal()},
            "reached": {f.name: f.reached(self.figures.get(f.name)) for f in FIGURES if f.goal()},
            "notes": self.notes,
            "confusion": self.heard_as.counts if self.heard_as else None,
            "baselines": {each.name: _rounded(each.figures) for each in self.baselines},
            "missed": [{"line": each.prompt, "text": each.text.strip()} for each in self.missed],
            "samples": {
                style: [{"prompt": each.prompt, "text": each.text.strip()} for each in texts]
                for style, texts in self.samples.items()
            },
        }


def _rounded(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 4) for name, value in figures.items()}
