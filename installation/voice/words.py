"""Tokens become words as layers draw them. Pure.

A word is a run without white space, its punctuation attached (Unicode UAX 29 graphemes). In Chinese
and Japanese every grapheme is a word of its own, follows without space and lasts half as long.
"""

from __future__ import annotations

from dataclasses import replace

import regex

from installation.messages import Token, Word

LONGEST = 60
"""Graphemes; a longer run without white space is cut, so that a babbling model still makes words."""

_SPACE = regex.compile(r"[\s\p{Cc}]+")
_GRAPHEME = regex.compile(r"\X")
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\u30fc]")
_OPENING = regex.compile(r"[\p{Ps}\p{Pi}]")
_CLOSING = regex.compile(r"[\p{P}\p{S}]")
_PART = regex.compile(r"(?w)\b\w.*?\b", regex.DOTALL)


def runs(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand: (start, end) in characters, in order; white space lies between.

    A longer text changes no run but the last."""
    found: list[tuple[int, int]] = []
    at = 0
    for space in _SPACE.finditer(text):
        found += _cut(text, at, space.start())
        at = space.end()
    return found + _cut(text, at, len(text))


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The words of a stretch without white space."""
    found: list[tuple[int, int]] = []
    count, body = 0, ""  # graphemes in this word; what it is made of: `` only opening marks yet, i, a
    for grapheme in _GRAPHEME.finditer(text, start, end):
        first = grapheme.group()[0]
        opening = _OPENING.match(first) is not None
        ideograph = _IDEOGRAPH.match(first) is not None
        attached = not opening and _CLOSING.match(first) is not None
        if count and (
            count >= LONGEST or (ideograph and body != "") or (body == "i" and not attached and not ideograph)
        ):
            found.append((start, grapheme.start()))
            start, count, body = grapheme.start(), 0, ""
        count += 1
        if ideograph:
            body = "i"
        elif not (opening or attached or body):
            body = "a"
    if start < end:
        found.append((start, end))
    return found


def pieces(text: str) -> list[str]:
    """A text cut into words, each with the white space before it; none before the first."""
    text = text.strip()
    found, end = [], 0
    for start, stop in runs(text):
        found.append(white(text[end:start]) + text[start:stop])
        end = stop
    return found


def begins(before: str, after: str) -> bool:
    """Whether `after`, spoken behind `before`, begins with what does not belong to its last word."""
    if not before or not after or _SPACE.match(after) or _SPACE.match(before[-1]):
        return bool(after)
    tail = before[-4 * LONGEST :]
    return any(start == len(tail) for start, _ in runs(tail + after))


def weight(text: str) -> float:
    """How many words' time a word takes: a half where it is a Chinese or Japanese grapheme, else one."""
    return 0.5 if _IDEOGRAPH.search(text) else 1.0


def parts(text: str) -> tuple[str, ...]:
    """The words in a text by Unicode word boundaries, case folded, punctuation gone."""
    return tuple(found.casefold() for found in _PART.findall(text))


def white(text: str) -> str:
    """White space as layers see it: nothing, one space, a line break or a paragraph (two)."""
    breaks = min(2, text.replace("\r\n", "\n").count("\n"))
    return "\n" * breaks if breaks else " " if text else ""


class Words:
    """Puts one voice's tokens together, in order, into numbered words.

    No character is lost: `before` and text of all words, with what is unfinished, are the whole
    text, but for white space, which `white` makes uniform."""

    def __init__(self, voice: str, first: int = 0) -> None:
        self.voice = voice
        self.n = first
        self._last: Token | None = None
        self._text = ""  # white space, then the word that is not finished
        self._owners: list[Token] = []  # the token of each character of it
        self._empty: dict[int, Token] = {}  # tokens that held only a part of a character

    @property
    def pending(self) -> str:
        """What no word has taken yet: white space, then the word so far."""
        return self._text

    @property
    def unfinished(self) -> str:
        """The word so far, without the white space before it."""
        return _SPACE.sub("", self._text)

    def feed(self, token: Token) -> list[Word]:
        """The words that this token finishes: those that it leaves behind."""
        self._last = token
        if not token.text and not token.end:
            self._empty[token.n] = token
        self._add(token, token.text)
        words = self._ripe(done=token.end)
        if token.end:
            self._add(token, "\n\n")
        return words

    def leaves(self, token: Token) -> bool | None:
        """Whether the token, were it fed, would finish the word so far; None: its text does not tell."""
        if token.end or not token.text:
            return True if token.end or token.heard else None
        return begins(self._text, token.text)

    def finish(self) -> list[Word]:
        """The unfinished word as it stands, if there is one: nothing more will belong to it."""
        return self._ripe(done=True)

    def break_off(self, dash: str) -> list[Word]:
        """The unfinished word as it stands with a `dash` behind it, or the dash alone behind the last one."""
        if dash and self._last:
            alone = Token(self.voice, self._last.n, -1, dash, self._last.take)
            self._add(self._last if self.unfinished else alone, dash)
        return self.finish()

    def _add(self, token: Token, text: str) -> None:
        self._text += text
        self._owners += [token] * len(text)

    def _ripe(self, *, done: bool) -> list[Word]:
        """The words of the text, the last one only if `done` or white space follows it."""
        found = runs(self._text)
        if found and not done and found[-1][1] == len(self._text):
            found.pop()
        words = []
        taken = 0
        for start, end in found:
            words.append(self._word(self._text[taken:start], start, end))
            taken = end
        self._text, self._owners = self._text[taken:], self._owners[taken:]
        return words

    def _word(self, before: str, start: int, end: int) -> Word:
        owners = {token.n: token for token in self._owners[start:end]}
        first, last = min(owners), max(owners)
        while first - 1 in self._empty:
            first -= 1
        owners |= {n: token for n, token in self._empty.items() if first <= n <= last}
        self._empty = {n: token for n, token in self._empty.items() if n > last}
        made = [owners[n] for n in sorted(owners)]
        surprises = [token.inner.surprise for token in made if token.inner.surprise is not None]
        inner = made[0].inner
        if len(surprises) != 1:
            inner = replace(inner, surprise=round(sum(surprises), 4) if surprises else None)
        text = self._text[start:end]
        word = Word(
            voice=self.voice,
            n=self.n,
            text=text,
            before=white(before),
            parts=parts(text),
            first=first,
            last=last,
            forced=any(token.forced for token in made),
            inner=inner,
            private=any(token.private for token in made),
            source=made[0].source,
        )
        self.n += 1
        return word
