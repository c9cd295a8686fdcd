"""What is held of a server's answers and not yet given, word by word. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from installation.voice.dialect import Piece
from installation.voice.manuscript import joined, pieces
from installation.voice.words import begins

ENDLESS = 16
"""Pieces without a word's beginning that are not kept back any longer: no word is that long."""


class Answer:
    """Pieces in order. Where the model goes on only between words, a word that may still be broken off
    is kept back; where it `goes_on` behind any character, every piece may be given at once."""

    def __init__(self, *, goes_on: bool) -> None:
        self.goes_on = goes_on
        self.got = 0
        """Pieces of the present answer, given or held."""
        self._held: deque[Piece] = deque()
        self._certain = 0  # so many of them are whole, whatever comes

    def __len__(self) -> int:
        return len(self._held)

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """What is held: each piece's text, and whether the text ends there."""
        return [(piece.text, piece.end) for piece in self._held]

    @property
    def settled(self) -> bool:
        """Whether nothing more belongs to what is held: another answer may go on behind it."""
        return self.goes_on or self._certain == len(self._held)

    def due(self) -> bool:
        """Whether the first piece may be given."""
        if self.goes_on or self._certain or len(self._held) >= ENDLESS:
            return bool(self._held)
        return any(self._begins(at) for at in range(1, len(self._held)))

    def first(self) -> Piece | None:
        """The first piece held."""
        return self._held[0] if self._held else None

    def take(self) -> Piece:
        """Give the first piece."""
        self._certain = max(0, self._certain - 1)
        return self._held.popleft()

    def begin(self) -> None:
        """Another answer comes: what is held is whole."""
        self._certain, self.got = len(self._held), 0

    def add(self, piece: Piece, before: str) -> None:
        """A part of the answer; `before` is the end of the text in front of all that is held."""
        before = _text(self._held[-1]) if self._held else before
        if not self.got and (not self.goes_on or not before or before[-1].isspace()):
            piece = replace(piece, text=joined(before, piece.text))
        if not piece.text:
            return
        known = piece.inner.surprise is not None  # a token, not to be cut
        if not known and not self.goes_on and len(self._held) > self._certain and before.isspace():
            piece = replace(
                piece, text=self._held.pop().text + piece.text
            )  # white space stands before its word
        for text in [piece.text] if known else pieces(piece.text, before):
            self._held.append(replace(piece, text=text))
            self.got += 1

    def finish(self, *, end: bool) -> None:
        """The answer is whole. With `end` the text is over; else the model would have gone on, and its
        last word may be half a word, which is let go unless it is all that there was."""
        if end:
            self._held.append(Piece("", end=True))
        elif self._last_word() > 0 or self.got > len(self._held):  # the words before may be spoken already
            self.break_off()
        self._certain = len(self._held)

    def break_off(self) -> None:
        """The answer broke off: let go of a word that may not be whole."""
        at = len(self._held) if self.goes_on else self._last_word()
        while len(self._held) > at:
            self._held.pop()
        self._certain = len(self._held)

    def clear(self) -> None:
        """Let go of all that is held."""
        self._held.clear()
        self._certain = 0

    def _last_word(self) -> int:
        """Where among the pieces the last word begins, never among those that are certain."""
        word = next((at for at in range(len(self._held) - 1, 0, -1) if self._begins(at)), 0)
        return max(word, self._certain)

    def _begins(self, at: int) -> bool:
        piece = self._held[at]
        return piece.end or begins(_text(self._held[at - 1]), piece.text)


def _text(piece: Piece) -> str:
    return "\n\n" if piece.end else piece.text
