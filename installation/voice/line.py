"""The last that was said and still counts, token by token: where it may be gone back to. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from installation.messages import Rival, Token
from installation.voice.moderation import written
from installation.voice.pace import ends_sentence
from installation.voice.words import begins

KEPT = 256
"""Tokens that can be gone back over; those that are held and these an engine remembers."""
DOUBTS = 30
"""Sampled tokens among which a fork looks for the one that was most uncertain."""
SENTENCE_END = 80
"""Characters of text that are looked at for the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Fork:
    """At token `n` the model nearly said `rival`."""

    n: int
    rival: Rival


class Line:
    """The tokens, oldest first; their numbers rise and may leap where the voice went back before."""

    def __init__(self) -> None:
        self._tokens: deque[Token] = deque(maxlen=KEPT)
        self._taken: set[int] = set()  # where a fork was taken already

    def add(self, token: Token) -> None:
        """A token was spoken."""
        self._tokens.append(token)

    @property
    def ends_heard(self) -> bool:
        """Whether the newest token that says anything is of what others said."""
        newest = next((token for token in reversed(self._tokens) if written(token)), None)
        return newest is not None and newest.heard != ""

    def taken(self, n: int) -> None:
        """Token `n` will be a rival that was taken: no fork is looked for there."""
        self._taken = {old for old in self._taken if n - old <= KEPT} | {n}

    def cut(self, to: int) -> int:
        """The tokens from number `to` on count no more; gives the length of their text."""
        gone = 0
        while self._tokens and self._tokens[-1].n >= to:
            gone += len(written(self._tokens.pop()))
        return gone

    def words_back(self, words: int, said: str) -> int | None:
        """The number of the token that began the last word but `words - 1`, or the first that is known;
        None where nothing is. `said` ends with the text of the line."""
        starts = self._starts(said)
        if starts:
            return starts[-words][0] if words <= len(starts) else starts[0][0]
        return self._tokens[0].n if self._tokens else None

    def sentence(self, said: str) -> int | None:
        """The number of the token that began the last sentence, finished or not; see `words_back`."""
        starts = self._starts(said)
        begun = [n for n, before in starts if ends_sentence(before)]
        return begun[-1] if begun else self.words_back(len(starts) or 1, said)

    def doubt(self, said: str, floor: int) -> Fork | None:
        """Of the last sampled words, from token `floor` on, the one for which another was likeliest; None
        where none is known."""
        starts = dict(self._starts(said))
        sampled = [token for token in self._tokens if not token.forced][-DOUBTS:]
        forks = [
            Fork(token.n, rival)
            for token in sampled
            if token.n >= floor and token.n in starts and token.n not in self._taken
            for rival in (token.inner.rivals or ())
            if _another(rival, token) and begins(starts[token.n] or " ", rival.text)
        ]
        return max(forks, key=lambda fork: (fork.rival.probability, fork.n), default=None)

    def _starts(self, said: str) -> list[tuple[int, str]]:
        """Where words begin, each with the end of the text before it."""
        tokens = list(self._tokens)
        before = said[: max(0, len(said) - sum(len(written(token)) for token in tokens))]
        blank = {token.n for token in tokens if token.end or (token.text and not token.text.strip())}
        return [start for start in beginnings(tokens, before, before) if start[0] not in blank]


def _another(rival: Rival, token: Token) -> bool:
    """Whether a rival is a word other than the token's, that stands as the token stands."""
    spaced = token.text[:1].isspace() == rival.text[:1].isspace()
    word = rival.text.strip()
    return spaced and word[:1].isalnum() and word.casefold() != token.text.strip().casefold()


def beginnings(tokens: Sequence[Token], word: str, before: str, least: int = 0) -> Iterator[tuple[int, str]]:
    """The numbers of those `tokens`, from the one at `least` on, that begin a word, each with the end of
    all text before it, the white space between them included. `before` is the text that they follow,
    `word` what of it is the word that the first may go on with."""
    text, whole = word, before[-SENTENCE_END:]
    for i, token in enumerate(tokens):
        if i >= least and (token.end or begins(text, token.text)):
            first = i
            while first > least and not written(tokens[first - 1]):
                first -= 1  # the first half of this character
            yield tokens[first].n, whole + token.text[: len(token.text) - len(token.text.lstrip())]
        text, whole = text + token.text, whole + written(token)
