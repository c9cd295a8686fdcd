"""What a voice overhears of others, and how it comes into its text: silently, between two sentences. Pure."""

from __future__ import annotations

import itertools

from installation.messages import Token
from installation.voice.sayings import Saying

LONGEST = 800
"""Characters of what waits to be heard; of more, the last sentences count."""
DEAF = 12
"""Tokens that come instead after which a voice is taken for one that cannot hear."""
PARAGRAPH = "\n\n"


class Hearing:
    """What waits, and what is in force: given to the voice with its take until all of it has arrived."""

    def __init__(self) -> None:
        self._waiting: list[Saying] = []
        self._now = Saying()
        self._got = ""  # what has arrived of the one in force
        self._since = 0  # tokens that arrived before any of it

    @property
    def now(self) -> Saying:
        """What is in force, empty if nothing is."""
        return self._now

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    @property
    def under_way(self) -> bool:
        """Whether a part of what is in force has arrived."""
        return self._got != ""

    def add(self, text: str, *, private: bool) -> None:
        """Another voice's paragraph."""
        text = " ".join(text.split())
        if text:
            self._waiting.append(Saying(text[-LONGEST:], private))
        while sum(len(saying.text) for saying in self._waiting) > LONGEST:
            del self._waiting[0]

    def begin(self, *, may: bool) -> None:
        """A new take: what had not wholly arrived waits again; what waits is in force, if it `may`."""
        if self._now.text:
            self._waiting.insert(0, self._now)
        self._now, self._got, self._since = Saying(), "", 0
        if may and self._waiting:
            text = PARAGRAPH.join(saying.text for saying in self._waiting)
            self._now = Saying(text, any(saying.private for saying in self._waiting))
            self._waiting.clear()

    def hear(self, token: Token) -> bool:
        """A token of the take arrived; True when what was in force is over with it."""
        if not self._now.text:
            return False
        self._got += token.heard
        self._since += not token.heard
        whole = len(self._got.strip()) >= len(self._now.text)
        if not (whole or (self._since and self.under_way) or self._since > DEAF):
            return False
        self._now, self._got = Saying(), ""
        return True


def slices(text: str, count: int) -> list[str]:
    """What others said as a paragraph, cut into so many pieces; none of them is empty."""
    whole = f"{PARAGRAPH}{text}{PARAGRAPH}"
    whole = whole.ljust(count)
    at = [len(whole) * n // count for n in range(count + 1)]
    return [whole[a:b] for a, b in itertools.pairwise(at)]
