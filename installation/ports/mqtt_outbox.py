"""What is to be published: bounded, the oldest dropped, nothing sent that its moment has passed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

MOST = 256
"""Messages that may wait."""
STALE = 2.0
"""Seconds after which an unsent message is dropped: a light cue from before an outage must not fire."""
MOST_RETAINED = 256


class Letter(NamedTuple):
    """One message to publish; `at` in show seconds."""

    at: float
    topic: str
    payload: bytes
    retain: bool
    qos: int


class Outbox:
    """Letters in order. What is retained never goes stale: its latest is sent again at every connect.

    `dropped(kind, sentence)` is told of each letter that will not be sent."""

    def __init__(self, dropped: Callable[[str, str], None]) -> None:
        self._dropped = dropped
        self._waiting: deque[Letter] = deque()
        self._retained: dict[str, Letter] = {}
        self._some = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    def put(self, letter: Letter) -> None:
        """Let a letter wait; the oldest gives way where too many do."""
        if letter.retain:
            self._retained.pop(letter.topic, None)
            self._retained[letter.topic] = letter
            if len(self._retained) > MOST_RETAINED:
                del self._retained[next(iter(self._retained))]
        if len(self._waiting) >= MOST:
            oldest = self._waiting.popleft()
            self._dropped("not sent", f"{MOST} messages wait; the oldest, to {oldest.topic}, is dropped")
        self._waiting.append(letter)
        self._some.set()
        self._none.clear()

    async def next(self, now: Callable[[], float]) -> Letter:
        """The next letter that is still worth sending; waits for one."""
        while True:
            while self._waiting:
                letter = self._waiting.popleft()
                if letter.retain or now() - letter.at <= STALE:
                    return letter
                self._dropped("not sent", f"too late for a message to {letter.topic}")
            self._some.clear()
            self._none.set()
            await self._some.wait()

    def begin(self) -> None:
        """A new connection: whatever is retained is sent again, for a broker may have forgotten."""
        again = [letter for letter in self._retained.values() if letter not in self._waiting]
        self._waiting.extendleft(reversed(again))
        if again:
            self._some.set()
            self._none.clear()

    async def emptied(self) -> None:
        """Wait until every letter is sent or dropped, and `next` waits for another."""
        await self._none.wait()
