"""What one voice remembers as it speaks: its texts asked before each token, and whose words it then took."""

from __future__ import annotations

from collections.abc import Mapping

from installation.voice.context import Tokens
from installation.voice.recollection import LONGEST, Match, Recollection
from installation.voice.sampling import NEVER, Choice, Remembered

TAKEN = 3
"""Tokens of a match from which on what follows it counts as taken from the texts: shorter ones are anybody's."""


class Recall:
    """Asks a memory, if there is one, and keeps the last answer."""

    def __init__(self, memory: Recollection | None = None) -> None:
        self._memory = memory
        self._match: Match | None = None

    def behind(self, text: Tokens, leaning: Mapping[int, float], weight: float) -> Remembered | None:
        """What is to be mixed in for the token after `text`: of what `leaning` forbids, nothing. A prompt
        is no text: what it says is not gone on with."""
        self._match = None
        if self._memory is None or weight <= 0:
            return None
        banned = {token for token, add in leaning.items() if add == NEVER}
        self._match = match = self._memory.after(text[-LONGEST:], banned)
        return Remembered(weight * match.trust, match.shares) if match else None

    def source(self, choice: Choice) -> str:
        """File and line that the token was taken from: more than half of its probability came from there.
        `` where it is the model's own."""
        match = self._match
        if self._memory is None or match is None or match.length < TAKEN or choice.remembered <= 0.5:
            return ""
        return self._memory.source(match.places[choice.id])
