"""Several voices on one page: who has the floor ends the sentence first, so that two who speak at once can
be read. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias, Union

import regex

from installation.messages import Candidates, Token, Word

Said: TypeAlias = Union[Token, Word, Candidates]

PATIENCE = 2.5
"""Seconds of silence after which one that has not ended its sentence loses the floor."""
LONGEST = 400
"""Messages of one voice that wait at most; beyond, it is shown as it comes."""

_END = regex.compile(r"[.!?…。！？؟।][\p{Pe}\p{Pf}\"'’]*$")


class Floor:
    """Hands on what voices say, a sentence of one after a sentence of another."""

    def __init__(self) -> None:
        self._has = ""
        self._heard = 0.0
        self._waiting: dict[str, deque[Said]] = {}

    def of(self, voices: Callable[[str], bool]) -> Floor:
        """A floor for some of the voices only, what waits of them waiting there too."""
        other = Floor()
        if voices(self._has):
            other._has, other._heard = self._has, self._heard
        other._waiting = {voice: deque(queue) for voice, queue in self._waiting.items() if voices(voice)}
        return other

    def take(self, message: Said, now: float) -> list[Said]:
        """What is to be shown now that this was said; it may be nothing yet."""
        waiting = self._waiting.get(message.voice)
        if self._has in {"", message.voice} and not waiting:
            self._has, self._heard = message.voice, now
            return [message, *(self._pass_on(now) if _ends(message) else ())]
        queue = self._waiting.setdefault(message.voice, deque())
        queue.append(message)
        if len(queue) > LONGEST:
            return self.free(message.voice)
        return self.settle(now)

    def settle(self, now: float) -> list[Said]:
        """What is to be shown because nobody spoke who has the floor."""
        return self._pass_on(now) if now - self._heard > PATIENCE else []

    def free(self, voice: str) -> list[Said]:
        """All that waits of a voice, at once."""
        return [*self._waiting.pop(voice, ())]

    def _pass_on(self, now: float) -> list[Said]:
        """The floor goes to who has waited longest, and on, as long as whole sentences wait."""
        shown: list[Said] = []
        self._has = ""
        while self._waiting and not self._has:
            voice, queue = next(iter(self._waiting.items()))
            self._has, self._heard = voice, now
            while queue and self._has:
                message = queue.popleft()
                shown.append(message)
                if _ends(message):
                    self._has = ""
            del self._waiting[voice]
            if queue:
                self._waiting[voice] = queue  # behind the others
        return shown


def _ends(message: Said) -> bool:
    """Whether a sentence is over with it."""
    if isinstance(message, Word):
        return _END.search(message.text) is not None
    return isinstance(message, Token) and message.end
