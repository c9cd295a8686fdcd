"""Reads what is held before it is spoken, and remembers what was refused and what may be tried. Pure."""

from __future__ import annotations

from installation.messages import Token
from installation.voice.moderation import REFUSALS, Moderation, Refusal
from installation.voice.unspoken import Unspoken


class Proof:
    """What of `unspoken` may be spoken: all of it without a `moderation`, else what it has read."""

    def __init__(self, unspoken: Unspoken, moderation: Moderation | None) -> None:
        self._unspoken, self._moderation = unspoken, moderation
        self._clear = 0  # what is numbered below has been read
        self._refused: dict[int, tuple[int, ...]] = {}
        self._refusals: list[Refusal] = []  # those that nobody was told of yet
        self._tries = 0  # refusals since a word could be let through

    @property
    def refused(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Numbers of tokens that are still unspoken, each with the ids that may not stand there."""
        return tuple((n, ids) for n, ids in self._refused.items() if n >= self._unspoken.next)

    def may(self, token: Token) -> bool:
        """Whether a held token may be spoken."""
        return self._moderation is None or token.n < self._clear

    def prepared(self, token: Token) -> Token:
        """A token that arrives, without rivals that must not be shown."""
        return self._moderation.without_rivals(self._unspoken.text, token) if self._moderation else token

    def crop(self) -> None:
        """Tokens were dropped: what comes in their place has not been read."""
        self._clear = min(self._clear, self._unspoken.n)

    def begin_take(self) -> None:
        """A new take: what was refused further on is another text's."""
        held = self._unspoken
        self.crop()
        self._refused = {n: ids for n, ids in self._refused.items() if held.next <= n <= held.n}

    def begin_turn(self) -> None:
        """Another speaks: the ids were not its own."""
        self._refused = {}

    def pass_all(self) -> None:
        """What is held now needs no reading."""
        self._tries, self._clear = 0, self._unspoken.n

    def read(self, *, done: bool = False) -> Refusal | None:
        """Read what arrived; the refusal of a word of it, which has been dropped with all behind it.
        `done`: nothing more comes, and the last word is read as it stands; then nothing is tried anew."""
        held = self._unspoken
        if self._moderation is None or (done and self._clear >= held.n):
            return None
        reading = self._moderation.read(held.said, held.tokens, self._clear, done=done)
        if not done and reading.clear > max(self._refused, default=-1):
            self._tries = 0
        self._clear = reading.clear
        if not reading.because:
            return None
        place, refused = reading.place, held.tokens[reading.place - held.next].id
        held.crop(place)
        self.crop()
        if not done:
            self._tries += 1
            self._refused[place] = (*self._refused.get(place, ()), refused)
        refusal = Refusal(place, reading.because, self._tries > REFUSALS)
        self._refusals.append(refusal)
        return refusal

    def told(self) -> list[Refusal]:
        """What was refused since the last call."""
        told, self._refusals = self._refusals, []
        return told
