"""A voice that speaks a text file, over and over: for rehearsal, tests, and shows that want no model."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.messages import Steering, Token, VoiceNews
from installation.voice.catalogue import resolve
from installation.voice.hearing import slices
from installation.voice.words import parts, pieces, weight

REMEMBERED = 1000
"""Tokens back that it can be cropped to; far beyond any look-ahead."""


class ScriptedVoice:
    """One token a word, white space before it. Deterministic: prompt, seed and numbers move nothing.

    What the model knew is None throughout: a script cannot say."""

    def __init__(self, settings: Mapping[str, Any], name: str, folder: Path) -> None:
        self.name = name
        self.n = 0
        self.take = -1
        self._first = 0
        self._file = Path(resolve(settings["model"], folder)[1])
        self._script: list[str] = []
        self._at = 0  # index of the next piece of the script; its length stands for the end of text
        self._refused: set[int] = set()  # pieces that the word filter would not have: left out from then on
        self._forced: deque[str] = deque()
        self._heard: deque[str] = deque()  # what others say goes by: a script is not moved
        self._past: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)  # (n, index before it)
        self._steering = Steering(name, 0, 0)

    def load(self) -> VoiceNews:
        try:
            text = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise VoiceError(f"{self._file} cannot be read: {error}") from error
        self._script = pieces(text)
        if not self._script:
            raise VoiceError(f"{self._file} holds no words to speak")
        return VoiceNews(
            self.name,
            "ready",
            detail=f"{self._file.name}, {len(self._script)} words",
            device="script",
            model_hash=hashlib.sha256(text.encode()).hexdigest()[:12],
        )

    def begin(self, history: str, first: int) -> None:
        self.n, self.take, self._first = first, -1, first
        self._at = resume_at(self._script, pieces(history))
        self._forced.clear()
        self._heard.clear()
        self._past.clear()

    def steer(self, steering: Steering) -> None:
        if steering.take != self.take:
            self.take = steering.take
            keep = max(self._first, steering.keep)
            while self._past and self._past[-1][0] >= keep:
                self.n, self._at = self._past.pop()
            for to in [to for at, to, _ in steering.back if at == self.n]:
                self._at = next((place for n, place in self._past if n >= to), self._at)
            # Every piece begins a word, so what is to be said comes at once.
            self._forced = deque(pieces(steering.say))
            self._heard = deque(slices(steering.heard, len(pieces(steering.heard))) if steering.heard else ())
        self._refused.update(token for _, tokens in steering.refused for token in tokens)
        self._steering = steering

    def next(self) -> Token:
        while self._at in self._refused:
            self._at += 1
        n, at = self.n, self._at
        self._past.append((n, at))
        self.n += 1
        steering = self._steering
        if self._heard:
            heard, private = self._heard.popleft(), steering.heard_private
            return Token(self.name, n, -1, "", self.take, True, steering.serial, private=private, heard=heard)
        forced, end = bool(self._forced), not self._forced and at == len(self._script)
        if forced:
            text = self._forced.popleft()
        else:
            text = "" if end else self._script[at]
            self._at = 0 if end else at + 1
        if text and text[0] not in " \n" and n > 0 and weight(text) == 1.0:
            text = " " + text
        return Token(
            self.name,
            n,
            -1 if forced else at,
            text,
            take=self.take,
            forced=forced,
            steered_by=self._steering.serial,
            end=end,
            private=forced and self._steering.say_private,
        )


def resume_at(script: list[str], history: list[str]) -> int:
    """The place in the script behind what was said last; words it does not hold (a visitor's) are skipped."""
    bare = [_bare(piece) for piece in script]
    said = [_bare(piece) for piece in history]
    for last in range(len(said), 0, -1):
        ends = [at + 1 for at, word in enumerate(bare) if word == said[last - 1]]
        if ends:
            return max(ends, key=lambda end: _alike(bare[:end], said[:last]))
    return 0


def _bare(piece: str) -> str:
    """A word without punctuation, which an understudy may have put behind it."""
    return "".join(parts(piece)) or piece.strip()


def _alike(one: list[str], other: list[str]) -> int:
    """How many words at the ends of two texts are the same, up to twelve."""
    pairs = zip(one[:-13:-1], other[:-13:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
