"""What was heard: a line for each address, with its rate, its range, its last values and its sender."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from installation.messages import Signal, Value

MOST = 1024
"""Addresses that are kept; messages to others are counted."""
ARGUMENTS = 4
"""Arguments whose range is kept."""
RATE_OVER = 1.0
"""Seconds over which a rate is averaged."""


@dataclass(slots=True)
class Entry:
    """One address. `moved`: the address as a show knows it. `fault`: why the last message says nothing."""

    protocol: str
    address: str
    moved: str
    sender: str = ""
    count: int = 0
    at: float = 0.0
    last: tuple[Value, ...] = ()
    fault: str = ""
    retained: bool = False
    spans: list[tuple[float, float]] = field(default_factory=list)
    _rate: float = 0.0

    def hear(self, signal: Signal, fault: str = "") -> None:
        """Write a message down."""
        self._rate = self.rate(signal.at) + 1 / RATE_OVER
        self.at, self.sender, self.retained = signal.at, signal.sender, signal.retained
        self.count += 1
        self.fault = fault
        if fault:
            return
        self.last = signal.values
        for n, value in enumerate(signal.values[:ARGUMENTS]):
            if n == len(self.spans):
                self.spans.append((math.inf, -math.inf))
            number = math.nan if isinstance(value, str) else float(value)
            if math.isfinite(number):
                low, high = self.spans[n]
                self.spans[n] = min(low, number), max(high, number)

    def rate(self, now: float) -> float:
        """Messages a second, averaged over the last second or so."""
        return self._rate * math.exp(-max(now - self.at, 0.0) / RATE_OVER) if self.count else 0.0


class Ledger:
    """All addresses by protocol and name. `heard` counts messages, `beyond` those to too many others."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Entry] = {}
        self.heard = self.beyond = 0

    def take(self, signals: Iterable[Signal]) -> None:
        """Write down what a port brought."""
        for signal in signals:
            self.hear(signal, signal.address)

    def hear(self, signal: Signal, shown: str, fault: str = "") -> None:
        """Write one message down under the address that its sender wrote."""
        self.heard += 1
        key = (signal.source, shown)
        entry = self.entries.get(key)
        if entry is None:
            if len(self.entries) >= MOST:
                self.beyond += 1
                return
            entry = self.entries[key] = Entry(signal.source, shown, signal.address)
        entry.hear(signal, fault)
