"""What a voice has ready to say: the tokens that it holds, behind the text that was said. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from installation.messages import Token
from installation.voice.line import Line, beginnings
from installation.voice.moderation import written
from installation.voice.words import begins

TEXT = 4000
"""Characters of its own text that a voice is given when it begins again."""


class Unspoken:
    """`tokens` are held, oldest first; `n` is the number of the next to arrive; `said` is the tail of
    what was spoken before them."""

    def __init__(self) -> None:
        self.tokens: deque[Token] = deque()
        self.n = 0
        self.said = ""
        self._heard = False  # the last token before those held was heard
        self.line = Line()
        """What was spoken last."""

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def next(self) -> int:
        """The number of the next token to be spoken."""
        return self.n - len(self.tokens)

    @property
    def text(self) -> str:
        """The tail of all that was said or is held to be said; an end of text is a paragraph."""
        return (self.said + "".join(map(written, self.tokens)))[-TEXT:]

    @property
    def unheard(self) -> int:
        """How many tokens of what others said are held: they take no room of what is to be spoken."""
        return sum(1 for token in self.tokens if token.heard)

    @property
    def follows_heard(self) -> bool:
        """Whether the newest token that says anything is of what others said."""
        newest = next((token for token in reversed(self.tokens) if written(token)), None)
        return newest.heard != "" if newest else self._heard

    def hold(self, token: Token) -> None:
        """Token `n` arrives."""
        self.tokens.append(token)
        self.n += 1

    def end_sentence(self, voice: str, take: int) -> None:
        """Put an end behind what is held, so that a paragraph begins."""
        stop = (".", False) if self.text[-1:].isalnum() else None
        for text, end in (stop, ("", True)) if stop else (("", True),):
            self.hold(Token(voice, self.n, -1, text, take, end=end))

    def drop(self) -> Token:
        """The newest token is held no longer, as if it had never arrived."""
        self.n -= 1
        return self.tokens.pop()

    def crop(self, keep: int) -> None:
        """Drop the tokens numbered `keep` and above."""
        while self.n > keep:
            self.drop()

    def speak(self) -> Token:
        """The oldest token is spoken."""
        token = self.tokens.popleft()
        self._heard = token.heard != "" if written(token) else self._heard
        self.said = (self.said + written(token))[-TEXT:]
        self.line.add(token)
        return token

    def go_back(self, to: int) -> None:
        """What was said from token `to` on counts no more; nothing is held meanwhile."""
        assert not self.tokens, "what is held is dropped before the text goes back"
        gone = self.line.cut(to)
        self._heard = self.line.ends_heard
        self.said = self.said[: max(0, len(self.said) - gone)]

    def word_length(self) -> int:
        """How many tokens of the word at the head are held."""
        text, count = "", 0
        for token in self.tokens:
            if count and (token.end or token.heard or begins(text, token.text)):
                break
            text, count = text + token.text, count + 1
        return count

    def beginnings(self, floor: int, pending: str) -> Iterator[tuple[int, str]]:
        """The tokens, neither forced nor numbered below `floor`, that begin a word; see line.beginnings.
        `pending` is the word that is being spoken, so far."""
        held = list(self.tokens)
        least = max((i + 1 for i, token in enumerate(held) if token.forced), default=0)
        return beginnings(held, pending, self.said, max(least, floor - self.next))
