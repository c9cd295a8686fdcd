"""What decides a training run."""

from __future__ import annotations

from dataclasses import dataclass


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
