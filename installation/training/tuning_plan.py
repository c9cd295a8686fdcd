"""What decides how a model is tuned to an artist's texts."""

from __future__ import annotations

from dataclasses import dataclass

SMALL = 50_000_000
"""Parameters below which a model wants larger steps."""


@dataclass(frozen=True)
class Tuning:
    """Everything that decides a run. Numbers that are 0 are chosen for the model and the texts."""

    full: bool = False
    """All weights, and no adapter."""
    rank: int = 16
    alpha: float = 32.0
    dropout: float = 0.05
    rate: float = 0.0
    minutes: float = 0.0
    steps: int = 0
    epochs: float = 0.0
    batch: int = 8
    length: int = 256
    hold: float = 0.1
    patience: int = 3
    """How many times in a row the held-out loss may fail to fall before the run ends."""
    replay: float = 0.3
    """The share of the house model's own answers in what it learns."""
    seed: int = 7

    def rate_for(self, parameters: int) -> float:
        """The given rate, or one for a model of so many parameters."""
        if self.rate:
            return self.rate
        if self.full:
            return 5e-4 if parameters < SMALL else 2e-5
        return 1e-3 if parameters < SMALL else 2e-4

    def steps_for(self, rows: int) -> int:
        """Steps at most, where a round has so many rows."""
        if self.steps:
            return self.steps
        if self.minutes and not self.epochs:
            return ENDLESS
        return max(1, round((self.epochs or EPOCHS) * rows / self.batch))

    def every_for(self, rows: int) -> int:
        """After how many steps the held-out texts are heard: about once a round."""
        return max(5, min(100, -(-rows // self.batch), self.steps or 100))


ENDLESS = 1_000_000
"""Steps of a run that only the time ends."""
EPOCHS = 30
"""Rounds at most, where nothing else is asked for: the held-out loss ends nearly every run before."""
SHAPE = ("full", "rank", "alpha", "dropout", "batch", "length", "hold", "replay", "seed")
"""What a run that goes on cannot change."""
