"""The stage where there is no display: words stream in the terminal, scenes and errors between them."""

from __future__ import annotations

import time
from collections import deque
from typing import TextIO

from installation.messages import Action, StageMessage, Status, Token
from installation.show.schema import Show

DRAIN = 0.05
"""Seconds between two looks into the inbox."""


class Terminal:
    """Prints what is spoken to `out`. `end` may be called from a signal handler."""

    def __init__(self, inbox: deque[StageMessage | Show], out: TextIO) -> None:
        self.inbox, self.out = inbox, out
        self._ended = False  # an Event could be held by the very thread that a signal interrupts
        self._at_line_start = True
        self._error = ""

    def __str__(self) -> str:
        return "none; the words stream here"

    def end(self) -> None:
        self._ended = True

    def run(self) -> None:
        """Print until `end` is called."""
        while not self._ended:
            self.drain()
            time.sleep(DRAIN)
        self.drain()
        self._line("")

    def drain(self) -> None:
        """Print what has come."""
        while self.inbox:
            self._take(self.inbox.popleft())
        self.out.flush()

    def _take(self, message: StageMessage | Show) -> None:
        if isinstance(message, Token):
            text = _harmless(message.text.lstrip() if self._at_line_start else message.text)
            self.out.write(text)
            self._at_line_start = text.endswith("\n") or (self._at_line_start and not text)
        elif isinstance(message, Action) and message.target == "scene":
            self._line(f"[{message.value}]")
        elif isinstance(message, Status) and message.last_error != self._error:
            self._error = message.last_error
            if self._error:
                self._line(f"[{self._error}]")

    def _line(self, text: str) -> None:
        """`text` on a line of its own."""
        if not self._at_line_start:
            self.out.write("\n")
        if text:
            self.out.write(f"{_harmless(text)}\n")
        self._at_line_start = True


def _harmless(text: str) -> str:
    """Without what a terminal would obey, whatever a model or a file says."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else " " for letter in text)
