"""How a text is spoken: token by token when each is due, words as they are whole. Pure."""

from __future__ import annotations

import math
from typing import Union

from installation.messages import Candidates, Token, Word
from installation.voice.pace import COMMA, Pace, rest_after
from installation.voice.proof import Proof
from installation.voice.sentences import Sentences
from installation.voice.unspoken import Unspoken
from installation.voice.words import Words, weight, white

Spoken = Union[Token, Word, Candidates]


class Delivery:
    """Speaks what is held in `unspoken`, as far as its `proof` allows."""

    def __init__(self, voice: str, unspoken: Unspoken, proof: Proof) -> None:
        self._voice, self._unspoken, self._proof = voice, unspoken, proof
        self._words = Words(voice)
        self._pace = Pace()
        self.sentences = Sentences()
        self._broken: list[Spoken] = []  # what was broken off, to be said at once
        self._told = (-1, -1)  # take and number of the last Candidates
        self.rate = 0.0
        """Tokens that arrive in a second."""
        self._arrived = 0

    @property
    def pending(self) -> str:
        """What was spoken and no word has taken yet: white space, then the word so far."""
        return self._words.pending

    @property
    def speaks(self) -> bool:
        """Whether the pace lets it speak at all."""
        return self._pace.speed > 0

    @property
    def sayable(self) -> bool:
        """Whether anything is held that may be spoken."""
        held = self._unspoken.tokens
        return bool(held) and self._proof.may(held[0])

    def count(self) -> None:
        """A token has arrived."""
        self._arrived += 1

    def release(self, now: float, pace: float, take: int, sentences: float = math.inf) -> list[Spoken]:
        """What is said by `now` (seconds) at `pace` (words a second), in order, up to the end of so many
        sentences."""
        went_by = self._pace.advance(now, pace)
        if went_by > 0:
            self.rate += (1 - math.exp(-went_by)) * (self._arrived / went_by - self.rate)
            self._arrived = 0
        held, last = self._unspoken, self.sentences.count + sentences
        said, self._broken = self._broken, []
        self._close_word(said)
        self._take_in()
        while self.sentences.count < last and self.sayable and self._due(held.tokens[0]):
            token = held.speak()
            said.append(token)
            for word in self._words.feed(token):
                self._finish(word, said, paragraph=token.end)
            self._close_word(said)
            self._take_in()
        if not self.sayable or self.sentences.count >= last:
            self._pace.starve()
        elif held.tokens[0].inner.rivals and self._told != (take, held.next):
            token = held.tokens[0]
            self._told = (take, token.n)
            if not token.forced and token.inner.rivals:
                said.append(Candidates(self._voice, token.n, token.inner.rivals, token.inner.entropy))
        return said

    def break_off(self, dash: str) -> None:
        """The word under way ends as it stands, with a `dash`, at the next release; then a breath is taken."""
        for word in self._words.break_off(dash):
            self._finish(word, self._broken, paragraph=dash != "")
        self._pace.rest(COMMA)

    def end(self) -> list[Word]:
        """The unfinished word as it stands: nothing more will be said."""
        return self._words.finish()

    def _due(self, token: Token) -> bool:
        """Whether the first token held may be spoken; keeps the rhythm if so."""
        if self._words.unfinished and not self._words.leaves(token):
            if not self._pace.token_due:
                return False
            self._pace.go_on()
            return True
        if not self._pace.word_due:
            return False
        if token.text.strip():  # else white space or half a character: comes with the word behind it
            self._pace.begin(weight(token.text), self._unspoken.word_length())
        return True

    def _close_word(self, said: list[Spoken]) -> None:
        """Finish the word when what is held tells that nothing more belongs to it, and rest."""
        follower = next((t for t in self._unspoken.tokens if t.text or t.end or t.heard), None)
        if (
            follower is None
            or not self._proof.may(follower)
            or not self._words.unfinished
            or not self._words.leaves(follower)
        ):
            return
        for word in self._words.finish():
            space = white(follower.text[: len(follower.text) - len(follower.text.lstrip())])
            self._finish(word, said, paragraph=follower.end or space.count("\n") > 1)
            self._pace.rest(rest_after(word.text, paragraph=follower.end or "\n" in space))

    def _finish(self, word: Word, said: list[Spoken], *, paragraph: bool) -> None:
        said.append(word)
        self.sentences.add(word, paragraph=paragraph)

    def _take_in(self) -> None:
        """What others said goes by in silence."""
        while self.sayable and self._unspoken.tokens[0].heard:
            self._unspoken.speak()
