"""What has arrived and is not yet emitted: of a value only the latest, of everything else each one."""

from __future__ import annotations

from installation.messages import Signal
from installation.ports.mqtt_topic import Heard

MOST = 1024
"""Signals that may wait; more are lost and counted."""


class Store:
    """In order of arrival, where a value stands at its latest. Not thread-safe."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, bool] | int, Signal] = {}
        self._serial = 0

    def put(self, heard: Heard) -> bool:
        """Keep a signal; False where there is no more room for it."""
        signal = heard.signal
        if heard.latest:
            # retained and live ones apart: only a live one may strike as an event
            key: tuple[str, bool] | int = (signal.address, signal.retained)
            self._waiting.pop(key, None)
        else:
            self._serial += 1
            key = self._serial
        if len(self._waiting) >= MOST:
            return False
        self._waiting[key] = signal
        return True

    def take(self) -> list[Signal]:
        """All that waits; nothing waits afterwards."""
        taken = list(self._waiting.values())
        self._waiting.clear()
        return taken
