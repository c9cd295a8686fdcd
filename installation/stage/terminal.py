"""The stage where there is no display: words stream in the terminal, scenes and errors between them."""

from __future__ import annotations

import time
from collections import deque
from typing import TextIO

from installation.messages import Action, StageMessage, Status, Token, Word
from installation.show.schema import Show
from installation.stage.page import ends_sentence, speaker

LONGEST = 24
"""Words of a line that names its voice."""
DRAIN = 0.05
"""Seconds between two looks into the inbox."""


class Terminal:
    """Prints what is spoken to `out`: a single voice word by word; of `several` each one's sentences, on
    lines that begin with its name. `end` may be called from a signal handler."""

    def __init__(self, inbox: deque[StageMessage | Show], out: TextIO, *, several: bool = False) -> None:
        self.inbox, self.out = inbox, out
        self._several = several
        self._lines: dict[str, list[str]] = {}  # what each voice has said of its sentence
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
        for voice in list(self._lines):
            self._finish(voice)
        self._line("")

    def drain(self) -> None:
        """Print what has come."""
        while self.inbox:
            self._take(self.inbox.popleft())
        self.out.flush()

    def _take(self, message: StageMessage | Show) -> None:
        if self._several and isinstance(message, Token | Word):
            if isinstance(message, Word):
                self._hear(message)
        elif isinstance(message, Token):
            text = _harmless(message.text.lstrip() if self._at_line_start else message.text)
            self.out.write(text)
            self._at_line_start = text.endswith("\n") or (self._at_line_start and not text)
        elif isinstance(message, Action) and message.target == "scene":
            self._line(f"[{message.value}]")
        elif isinstance(message, Status) and message.last_error != self._error:
            self._error = message.last_error
            if self._error:
                self._line(f"[{self._error}]")

    def _hear(self, word: Word) -> None:
        said = self._lines.setdefault(word.voice, [])
        said.append(word.text if not said else word.before[:1].replace("\n", " ") + word.text)
        if ends_sentence(word.text) or len(said) >= LONGEST:
            self._finish(word.voice)

    def _finish(self, voice: str) -> None:
        if said := "".join(self._lines.pop(voice, [])):
            self._line(f"{speaker(voice)}: {said}")

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
