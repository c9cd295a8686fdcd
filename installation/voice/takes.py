"""Which take and which turn it is, where they began, and where the text went back. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from installation.messages import Token
from installation.voice.unspoken import Unspoken
from installation.voice.words import weight


class Takes:
    """A take is what is said between two revocations, a turn what one process says; of Speech's `held`.

    `floor`: the present turn began there, and its speaker cannot go back behind it."""

    def __init__(self, held: Unspoken, gap: str = " ") -> None:
        self._held, self._gap = held, gap  # between its own words where it heard others
        self.take = 0
        self.floor = 0
        self._kept = 0  # where this take began
        self._turn = 0
        self._before = ""  # the text so far when the turn began
        self._back: tuple[tuple[int, int, int], ...] = ()
        self._apart = -1  # the token that stands behind what was broken off

    @property
    def steering(self) -> dict[str, Any]:
        """What a Steering tells of it."""
        return {
            "take": self.take,
            "keep": self._kept,
            "turn": self._turn,
            "text": self._before,
            "first": self.floor,
            "back": self._back,
        }

    def begin(self) -> None:
        """A new take, from the next token to arrive on."""
        self.take += 1
        self._kept = self._held.n
        self._back = tuple(back for back in self._back if back[0] >= self._held.next)

    def begin_turn(self) -> None:
        """A new turn, which begins with a take."""
        self.floor, self._turn, self._before = self._held.n, self._turn + 1, self._held.text
        self._back = ()

    def go_back(self, to: int, token: int) -> bool:
        """The text counts up to token `to` only, and the id `token` comes next, -1: none is known; nothing
        is held. False where the present speaker cannot go back so far: then a turn has to begin."""
        at = self._apart = self._held.n
        self._held.go_back(to)
        if min(to, at) < self.floor:
            return False
        self._back = ((at, to, token),)
        return True

    def set_apart(self, token: Token) -> Token:
        """What is spoken behind what was heard, or broken off, begins apart from the words before that."""
        held, text = self._held, token.text.lstrip(" ")
        if not token.text or token.heard or text[:1].isspace():
            return token
        if held.follows_heard:
            return replace(token, text=self._gap + text)
        first = held.next == self._apart and not any(other.text for other in held.tokens)
        apart = first and text[:1] == token.text[:1] and weight(text) == 1.0
        return replace(token, text=f" {text}") if apart else token
