"""What decides a training run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run. The same plan gives the same weights on the same machine and torch,
    with `minutes` only as far as the number of steps that the clock allowed."""

    seed: int = 7
    minutes: float = 35.0
    steps: int = 0
    batch: int = 12
    length: int = 256
    width: int = 192
    layers: int = 4
    vocabulary: int = 5504
    held: int = 128
    matrix_rate: float = 0.02
    other_rate: float = 0.004
    emphasis: float = 6.0
    """What a noun that the row has named before counts in the loss; without it, copying is not learnt."""
    plain: int = 888
    """The first steps, in which every token counts alike."""
    settled: float = 2.0
    """What `emphasis` has fallen to at the end."""
    written: tuple[float, float] = (0.42, 0.2)
    """The share of hand-written rows before and from step `later`: first the language, then obedience."""
    later: int = 1226
    threads: int = 1
