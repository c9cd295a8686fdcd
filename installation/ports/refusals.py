"""What a port would not take, counted by kind, and told to the log once in a while."""

from __future__ import annotations

import logging
from collections import Counter

EVERY = 5.0
"""Seconds between two log lines of one kind."""


class Refusals:
    """Counts for ever, and logs each kind at once and then at most every five seconds, to `log`."""

    def __init__(self, log: logging.Logger) -> None:
        self.counts: Counter[str] = Counter()
        self._log, self._port = log, log.name.rpartition(".")[2]
        self._told: dict[str, tuple[float, int]] = {}

    def note(self, kind: str, sentence: object, now: float, times: int = 1) -> None:
        """Count `times` of a kind; `sentence` says what the latest was."""
        self.counts[kind] += times
        at, before = self._told.get(kind, (now - EVERY, 0))
        if now - at >= EVERY:
            self._told[kind] = (now, self.counts[kind])
            self._log.warning("%s: %s, %d more: %s", self._port, kind, self.counts[kind] - before, sentence)

    def __str__(self) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
