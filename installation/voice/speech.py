"""What a voice has ready to say, and when it says it. Pure: `now` and the pace are given.

Tokens arrive ahead of their time and are held; words are released one by one, at a pace. The room
between (the look-ahead) is the credit that the voice may sample on. Speech also writes the voice's
Steering, and takes back what is held but unspoken when the room wants something else.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Union

from installation.messages import Candidates, Steering, Token, VoiceNews, VoiceState, Word
from installation.show.parameter import span
from installation.voice.moderation import REFUSALS, Moderation, Refusal, written
from installation.voice.pace import Pace, ends_sentence, rest_after
from installation.voice.sayings import Sayings
from installation.voice.settings import VoiceSettings
from installation.voice.words import Words, begins, weight, white

Spoken = Union[Token, Word, Candidates]

TEXT = 4000
"""Characters of its own text that a voice is given when it begins again."""
SENTENCE_END = 80
"""Characters of text that are looked at for the end of a sentence."""
MOVED = 0.005
"""Part of a number's range that it must move by to be told to the voice for its own sake."""

_RANGES = {
    name: high - low
    for name in ("temperature", "top_k", "top_p", "min_p", "repetition")
    if (reach := span(VoiceSettings.model_fields[name])) is not None
    for low, high in [reach]
}


class Speech:
    """One voice's speech. The order of a tick: `say`, `revoke`, `release`, then `steering`.

    A take is what the voice says between two revocations. Tokens of an older take than the present
    one are dropped as they arrive. What is forced is never taken back: a revocation in the middle
    of a saying waits until it is there. With a `moderation` no token is released before the word
    that it belongs to is whole and read.
    """

    def __init__(
        self, voice: str, settings: VoiceSettings | None = None, moderation: Moderation | None = None
    ) -> None:
        settings = settings or VoiceSettings()
        self.voice = voice
        self.look_ahead = settings.look_ahead
        self.take = 0
        self._kept = 0  # where this take began
        self._model = settings.model
        self._news = VoiceNews(voice, "loading")

        self._held: deque[Token] = deque()
        self._n = 0  # number of the next token to arrive
        self._floor = 0  # the present turn began here, and its speaker cannot go back behind it
        self._turn = 0
        self._before = ""  # the text so far when the turn began
        self._text = ""  # the tail of what was spoken
        self._words = Words(voice)
        self._pace = Pace()
        self._told = (-1, -1)  # take and number of the last Candidates

        self._moderation = moderation
        self._clear = 0  # what is numbered below has been read
        self._refused: dict[int, tuple[int, ...]] = {}  # ids that may not stand at a number
        self._refusals: list[Refusal] = []  # those that nobody was told of yet
        self._tries = 0  # refusals since a word could be let through

        self._sayings = Sayings()
        self._stale = False  # a revocation waits for the saying's end

        self._wanted: dict[str, Any] = {"bias": settings.bias, "forbidden": settings.forbidden}
        self._sent: Steering | None = None
        self._serial = 0
        self._rate = 0.0
        self._arrived = 0

    @property
    def next(self) -> int:
        """The number of the next token to be spoken."""
        return self._n - len(self._held)

    @property
    def ahead(self) -> int:
        """How many tokens are held."""
        return len(self._held)

    @property
    def sayable(self) -> bool:
        """Whether anything is held that may be spoken."""
        return bool(self._held) and self._may(self._held[0])

    @property
    def filled(self) -> bool:
        """Whether the whole look-ahead has arrived: lockstep waits for this."""
        return len(self._held) >= self.look_ahead and self.sayable

    @property
    def text_so_far(self) -> str:
        """The tail of all that was said or is held to be said; an end of text is a paragraph."""
        return (self._text + "".join(map(written, self._held)))[-TEXT:]

    def hear(self, news: VoiceNews) -> None:
        """News of the voice, for its state."""
        self._news = replace(news, can=news.can or self._news.can)

    def arrive(self, token: Token) -> bool:
        """Hold a token; False for one of an older take or turn, which is dropped."""
        if token.take != self.take or token.n != self._n:
            return False
        if self._moderation:
            token = self._moderation.without_rivals(self.text_so_far, token)
        self._held.append(token)
        self._n += 1
        self._arrived += 1
        if self._moderation and self._read(self._moderation):
            return True
        if self._sayings.hear(token) and (self._stale or self._sayings.waiting):
            self._stale = False
            self._take_back()
        return True

    def remember(self, text: str) -> None:
        """What was said before this show began: the voice goes on from there, the stage does not show it."""
        self._text = text[-TEXT:]

    def begin_turn(self) -> None:
        """The word is passed to a process, which is told the text so far with its Steering.

        A saying that was cut off is said again from its first word that nobody heard."""
        while self._sayings.under_way and self._held and self._held[-1].forced:
            self._sayings.unhear(self._held.pop())
            self._n -= 1
        self._sayings.cut_off()
        while self._held and not written(self._held[-1]):  # half a character, which another cannot finish
            self._held.pop()
            self._n -= 1
        self._floor = self._n
        self._stale = False
        self._refused = {}  # the ids were another's
        self._turn, self._before = self._turn + 1, self.text_so_far
        self._new_take()
        self._sent = None

    def cut(self, *, sentence: bool) -> bool:
        """Take back what is held from the next sentence on, or from the next word on; False, and
        nothing is taken back, where none is seen to begin. Then another may have the word."""
        if self._sayings.under_way:
            return False
        at = next((n for n, before in self._beginnings(0) if not sentence or ends_sentence(before)), None)
        if at is None and not self._held and ends_sentence(self._text):
            at = self._n
        while at is not None and self._n > at:
            self._held.pop()
            self._n -= 1
        self._clear = min(self._clear, self._n)
        return at is not None

    def settle(self) -> None:
        """Nothing more comes for now: the last word is read as it stands."""
        if self._moderation is None or self._clear >= self._n:
            return
        reading = self._moderation.read(self._text, self._held, self._clear, done=True)
        self._clear = reading.clear
        if reading.because:
            self._refusals.append(Refusal(reading.place, reading.because))
            self._crop(reading.place)

    def refusals(self) -> list[Refusal]:
        """What was refused since the last call."""
        told, self._refusals = self._refusals, []
        return told

    def release(self, now: float, pace: float) -> list[Spoken]:
        """What is said by `now` (seconds) at `pace` (words a second), in order."""
        went_by = self._pace.advance(now, pace)
        if went_by > 0:
            self._rate += (1 - math.exp(-went_by)) * (self._arrived / went_by - self._rate)
            self._arrived = 0
        said: list[Spoken] = []
        self._close_word(said)
        while self.sayable and self._due(self._held[0]):
            token = self._held.popleft()
            self._text = (self._text + written(token))[-TEXT:]
            said.append(token)
            said += self._words.feed(token)
            self._close_word(said)
        if not self.sayable:
            self._pace.starve()
        elif self._held[0].inner.rivals and self._told != (self.take, self.next):
            token = self._held[0]
            self._told = (self.take, token.n)
            if not token.forced and token.inner.rivals:
                said.append(Candidates(self.voice, token.n, token.inner.rivals, token.inner.entropy))
        return said

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
            self._pace.begin(weight(token.text), self._length())
        return True

    def _length(self) -> int:
        """How many tokens of the word at the head are held."""
        text, count = "", 0
        for token in self._held:
            if count and (token.end or begins(text, token.text)):
                break
            text, count = text + token.text, count + 1
        return count

    def _close_word(self, said: list[Spoken]) -> None:
        """Finish the word when what is held tells that nothing more belongs to it, and rest."""
        follower = next((t for t in self._held if t.text or t.end), None)
        if (
            follower is None
            or not self._may(follower)
            or not self._words.unfinished
            or not self._words.leaves(follower)
        ):
            return
        for word in self._words.finish():
            said.append(word)
            space = follower.text[: len(follower.text) - len(follower.text.lstrip())]
            paragraph = follower.end or "\n" in white(space)
            self._pace.rest(rest_after(word.text, paragraph=paragraph))

    def say(self, text: str, *, private: bool = False) -> str:
        """Put words into its mouth at the next word boundary; gives `` or why not, for the operator."""
        refused = self._sayings.add(text, private=private)
        if self._sayings.waiting:
            self._take_back()
        return refused

    def revoke(self) -> None:
        """Take back what is held from the next word boundary on: the room has changed."""
        if self._sayings.under_way:
            self._stale = True
        else:
            self._take_back()

    def steering(self, wanted: Mapping[str, Any]) -> Steering | None:
        """The Steering for what is wanted now, or None when nothing of account moved since the last.

        `wanted`: prompt (a text, or a tuple of several and their `weights`), seed (a number),
        temperature, top_k, top_p, min_p, repetition, bias (word to logits), forbidden (words), as far
        as known; other keys are ignored. A new prompt, seed or ban revokes; a weight does not."""
        changed = {key for key, value in wanted.items() if self._wanted.get(key, value) != value}
        self._wanted |= wanted
        if changed & {"prompt", "seed", "forbidden"}:
            self.revoke()
        fresh = self._steering()
        if self._sent is not None and not _moved(self._sent, fresh):
            return None
        self._serial += 1
        self._sent = replace(fresh, serial=self._serial)
        return self._sent

    def state(self) -> VoiceState:
        """The voice as Status tells it."""
        state = {"ready": "speaking" if self._pace.speed > 0 else "silent", "error": "lost"}
        return VoiceState(
            self.voice,
            state.get(self._news.state, self._news.state),
            self._model,
            self._rate,
            len(self._held),
            self.next,
            self._news.detail,
            self._news.can,
        )

    def _steering(self) -> Steering:
        wanted = self._wanted
        saying = self._sayings.now
        numbers = {name: float(wanted[name]) for name in _RANGES if name in wanted}
        top_k = round(numbers.pop("top_k", 50))
        prompt: Any = wanted.get("prompt", "")
        prompts: tuple[str, ...] = ()
        weights: tuple[float, ...] = ()
        if not isinstance(prompt, str):
            prompts, weights = prompt, wanted.get("weights") or (1 / len(prompt),) * len(prompt)
            prompt = prompts[weights.index(max(weights))]
        return Steering(
            self.voice,
            0,
            credit=self._credit(),
            take=self.take,
            keep=self._kept,
            say=saying.text,
            say_private=saying.private,
            prompt=prompt,
            seed=int(wanted.get("seed", 0)),
            top_k=top_k,
            bias=tuple(sorted(dict(wanted.get("bias", {})).items())),
            forbidden=tuple(wanted.get("forbidden", ())),
            turn=self._turn,
            text=self._before,
            first=self._floor,
            refused=tuple((n, ids) for n, ids in self._refused.items() if n >= self.next),
            prompts=prompts,
            weights=weights,
            **numbers,
        )

    def _take_back(self) -> None:
        """Begin a new take at the first word boundary that is neither spoken nor forced."""
        self._crop(self._boundary())
        self._new_take()

    def _crop(self, keep: int) -> None:
        while self._n > keep:
            self._held.pop()
            self._n -= 1
        self._clear = min(self._clear, self._n)

    def _new_take(self) -> None:
        self.take += 1
        self._clear = min(self._clear, self._n)
        self._refused = {n: ids for n, ids in self._refused.items() if self.next <= n <= self._n}
        self._kept = self._n
        self._sayings.begin()

    def _may(self, token: Token) -> bool:
        """Whether a held token may be spoken."""
        return self._moderation is None or token.n < self._clear

    def _credit(self) -> int:
        """Tokens numbered below this may be sampled: the look-ahead, and more where a word is longer."""
        credit = self.next + self.look_ahead
        return credit if self.sayable else max(credit, self._n + 1)

    def _read(self, moderation: Moderation) -> bool:
        """Read what arrived; True where a word of it was refused and has been taken back."""
        reading = moderation.read(self._text, self._held, self._clear)
        if reading.clear > max(self._refused, default=-1):
            self._tries = 0
        self._clear = reading.clear
        if not reading.because:
            return False
        place = reading.place
        refused = self._held[place - self.next]
        self._crop(place)
        self._tries += 1
        ended = self._tries > REFUSALS
        self._refusals.append(Refusal(place, reading.because, ended))
        if ended:
            self._end_sentence()
        elif place < self._floor:  # another's word, which the present speaker cannot go back behind
            self.begin_turn()
        else:
            self._new_take()
            self._refused[place] = (*self._refused.get(place, ()), refused.id)
        return True

    def _end_sentence(self) -> None:
        """Put an end behind what is held, and let the voice begin a paragraph."""
        stop = (".", False) if self.text_so_far[-1:].isalnum() else None
        for text, end in (stop, ("", True)) if stop else (("", True),):
            self._held.append(Token(self.voice, self._n, -1, text, self.take, end=end))
            self._n += 1
        self._tries = 0
        self.begin_turn()
        self._clear = self._n

    def _boundary(self) -> int:
        """The first held token, neither forced nor before the floor, that begins a word; else the next."""
        return next((n for n, _ in self._beginnings(self._floor)), self._n)

    def _beginnings(self, floor: int) -> Iterator[tuple[int, str]]:
        """The held tokens, neither forced nor numbered below `floor`, that begin a word, each with the
        end of all text before it, the white space between them included."""
        held = list(self._held)
        least = max((i + 1 for i, token in enumerate(held) if token.forced), default=0)
        least = max(least, floor - self.next)
        text, whole = self._words.pending, self._text[-SENTENCE_END:]
        for i, token in enumerate(held):
            if i >= least and (token.end or begins(text, token.text)):
                first = i
                while first > least and not written(held[first - 1]):
                    first -= 1  # the first half of this character
                yield held[first].n, whole + token.text[: len(token.text) - len(token.text.lstrip())]
            text, whole = text + token.text, whole + written(token)


def _moved(before: Steering, after: Steering) -> bool:
    """Whether a voice needs to hear of the difference."""
    numbers = {name: getattr(before, name) for name in _RANGES}
    if replace(after, serial=before.serial, **numbers) != before:
        return True
    return any(abs(getattr(after, name) - was) > MOVED * _RANGES[name] for name, was in numbers.items())
