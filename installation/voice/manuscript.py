"""The text of a voice that knows words instead of tokens: what was said, and how an answer joins on. Pure."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable

import regex

from installation.voice.words import runs, weight

KEPT = 1000
"""Tokens back that can be forgotten; far beyond any look-ahead."""
LONGEST = 6000
"""Characters that are kept of what lies further back."""

_SENTENCE = regex.compile(r"[.!?…。！？।؟]+[\p{Pe}\p{Pf}\"'’]*(?:\s+|(?<=[。！？]))|\n{2,}\s*")
_STARTS_WORD = regex.compile(r"[\p{L}\p{N}\p{Ps}\p{Pi}\p{Sc}\"'«„*_#@&]")


class Manuscript:
    """What was said, by token number. An end of text begins a new document, whose past is one sentence."""

    def __init__(self, history: str = "", first: int = 0) -> None:
        self.n = first
        self._before = history[-LONGEST:]
        self._parts: deque[tuple[int, str, bool]] = deque()

    @property
    def tail(self) -> str:
        """The last characters of all that was said."""
        for _, text, end in reversed(self._parts):
            if text or end:
                return "\n\n" if end else text
        return self._before[-4:]

    def add(self, text: str, *, end: bool = False) -> None:
        """Token `n`."""
        self._parts.append((self.n, text, end))
        self.n += 1
        while len(self._parts) > KEPT:
            _, text, end = self._parts.popleft()
            self._before = _next(self._before, text, end)[-LONGEST:]

    def crop(self, keep: int) -> None:
        """Forget the tokens numbered `keep` and above, as far back as they are known."""
        while self._parts and self._parts[-1][0] >= keep:
            self.n = self._parts.pop()[0]

    def go_back(self, to: int) -> None:
        """The text is again that before token `to`, as far back as it is known; the numbers go on."""
        while self._parts and self._parts[-1][0] >= to:
            self._parts.pop()

    def forget(self) -> None:
        """Forget what the text says, not how many tokens it had: a model that declined shall not see it again."""
        self._before = ""
        self._parts = deque((n, "", False) for n, _, _ in self._parts)

    def so_far(self, most: int, more: Iterable[tuple[str, bool]] = ()) -> str:
        """The document so far with `more` behind it, each a text and whether it ends a document: at most
        `most` characters, from a sentence's start where one is near enough."""
        text = self._before
        for part, end in itertools.chain(((part, end) for _, part, end in self._parts), more):
            text = _next(text, part, end)
        if len(text) <= most:
            return text
        kept = text[len(text) - most :]
        begins = [found.end() for found in _SENTENCE.finditer(kept) if found.end() < most // 2]
        return kept[begins[0] :] if begins else kept


def _next(text: str, part: str, end: bool) -> str:
    if not end:
        return text + part
    sentence = last_sentence(text + part)
    return sentence.rstrip() + "\n\n" if sentence.strip() else ""


def last_sentence(text: str, most: int = 400) -> str:
    """The last sentence of a text, at most `most` characters of it."""
    text = text.rstrip()[-most:]
    begins = [found.end() for found in _SENTENCE.finditer(text)]
    return text[begins[-1] :] if begins else text


def pieces(chunk: str, before: str) -> list[str]:
    """A chunk of an answer cut where words begin, nothing lost: white space stands in front of its word,
    the first piece may go on with the word `before`, the last may be white space alone."""
    tail = before[-8:]
    ends = [0, *(end for _, end in runs(tail + chunk))]
    at = sorted({0, len(chunk), *(end - len(tail) for end in ends if len(tail) < end)})
    return [chunk[a:b] for a, b in itertools.pairwise(at)]


def joined(before: str, first: str) -> str:
    """The first words of an answer as they stand behind `before`: one that begins a word has a space before it."""
    if not before or before[-1].isspace():
        return first.lstrip()
    if _STARTS_WORD.match(first) and weight(first[0]) == 1.0:
        return " " + first
    return first
