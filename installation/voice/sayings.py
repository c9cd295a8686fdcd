"""What shall be put into a voice's mouth: a short queue, and how far the first has come. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from installation.messages import Token

QUEUE = 3
"""Sayings that may wait, the one being said among them."""
STUBBORN = 80
"""Tokens without a word boundary after which a saying is given up."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Something to be put into the voice's mouth; white space is single spaces."""

    text: str = ""
    private: bool = False


class Sayings:
    """The queue. The first is in force, once `begin` put it into a take, until all of it has arrived."""

    def __init__(self) -> None:
        self._queue: deque[Saying] = deque()
        self._forced = ""  # what has arrived of the one in force
        self._since = 0  # tokens that arrived before any of it
        self.in_force = False

    @property
    def now(self) -> Saying:
        """The one in force, empty if none is."""
        return self._queue[0] if self.in_force else Saying()

    @property
    def waiting(self) -> bool:
        return bool(self._queue) and not self.in_force

    @property
    def under_way(self) -> bool:
        """Whether a part of the one in force has arrived."""
        return self._forced != ""

    def add(self, text: str, *, private: bool) -> str:
        """Queue a text; gives `` or why not, for the operator."""
        text = " ".join(text.split())
        if text and len(self._queue) >= QUEUE:
            return f"not said, {QUEUE} others are waiting: {'a visitor’s words' if private else text}"
        if text:
            self._queue.append(Saying(text, private))
        return ""

    def begin(self) -> None:
        """A new take: the first of the queue is in force, from its beginning."""
        self._forced, self._since = "", 0
        self.in_force = bool(self._queue)

    def hear(self, token: Token) -> bool:
        """A token of the take arrived; True when the one in force is over with it."""
        if not self.in_force:
            return False
        over = self.under_way and not token.forced
        if token.forced:
            self._forced += token.text
        else:
            self._since += 1
        whole = len(self._forced.strip()) >= len(self._queue[0].text)
        if not (over or whole or (self._since > STUBBORN and not self.under_way)):
            return False
        self._queue.popleft()
        self._forced, self.in_force = "", False
        return True

    def unhear(self, token: Token) -> None:
        """The last token of what is under way is taken back."""
        self._forced = self._forced.removesuffix(token.text)

    def give_up(self) -> None:
        """What is under way is not said to its end."""
        if self.under_way:
            self._queue.popleft()
            self._forced, self.in_force = "", False

    def cut_off(self) -> None:
        """The voice is gone: what nobody heard of the one in force, from a word on, is to be said anew."""
        if not self.in_force:
            return
        saying = self._queue.popleft()
        rest = saying.text[len(self._forced.strip()) :]
        if self.under_way and not rest.startswith(" "):
            rest = rest.partition(" ")[2]
        if rest.strip():
            self._queue.appendleft(Saying(rest.strip(), saying.private))
        self._forced, self.in_force = "", False
