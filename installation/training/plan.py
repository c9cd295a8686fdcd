"""What decides a training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass

NEXT, MASKED = "next", "masked"
"""The objectives: to go on with a text, and to fill in what is missing from it."""
SHAPE = ("seed", "batch", "length", "width", "layers", "vocabulary", "held", "objective", "texts", "dropout")
"""What a run that is taken up again has to share with the one that was broken off."""


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run. The same plan gives the same weights on the same machine and torch,
    with `minutes` only as far as the number of steps that the clock allowed."""

    seed: int = 7
    minutes: float = 65.0
    steps: int = 0
    batch: int = 6
    length: int = 512
    width: int = 192
    layers: int = 4
    vocabulary: int = 8192
    held: int = 1
    """Texts of each topic and style that are never trained on."""
    matrix_rate: float = 0.02
    other_rate: float = 0.004
    emphasis: float = 2.0
    """What a pointer, and a noun that the row has named before, counts in the loss."""
    threads: int = 1
    objective: str = NEXT
    texts: str = ""
    """A hash of what is learnt; empty for the house's corpus."""
    dropout: float = 0.0
    decay: float = 0.02
    """How much a matrix shrinks at a step, times its rate."""
    device: str = "cpu"

    def differs(self, kept: dict[str, object]) -> str:
        """The first thing in which the run of a kept plan is another, or ``."""
        whole = asdict(Plan()) | kept
        return next((name for name in SHAPE if whole[name] != asdict(self)[name]), "")
