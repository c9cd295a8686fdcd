"""What a voice has ready to say, and when it says it. Pure: `now` and the pace are given.

Tokens arrive ahead of their time and are held; words are released one by one, at a pace. The room
between (the look-ahead) is the credit that the voice may sample on. Speech also writes the voice's
Steering, and takes back what is held but unspoken when the room wants something else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from installation.messages import Steering, Token, VoiceNews, VoiceState, Word
from installation.voice.course import MOVED, Course
from installation.voice.delivery import Delivery, Spoken
from installation.voice.hearing import Hearing
from installation.voice.moderation import Moderation, Refusal, written
from installation.voice.pace import ends_sentence
from installation.voice.proof import Proof
from installation.voice.sayings import Sayings
from installation.voice.sentences import Sentence
from installation.voice.settings import VoiceSettings
from installation.voice.unspoken import TEXT, Unspoken

__all__ = ["MOVED", "TEXT", "Speech", "Spoken"]


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

        self._held = Unspoken()
        self._floor = 0  # the present turn began here, and its speaker cannot go back behind it
        self._turn = 0
        self._before = ""  # the text so far when the turn began

        self._proof = Proof(self._held, moderation)
        self._delivery = Delivery(voice, self._held, self._proof)
        self._course = Course(voice, settings)
        self._sayings = Sayings()
        self._hearing = Hearing()
        self._gap = "\n" if settings.turns else " "  # between its own words where it heard others
        self._stale = False  # a revocation waits for the saying's end

    @property
    def next(self) -> int:
        """The number of the next token to be spoken."""
        return self._held.next

    @property
    def ahead(self) -> int:
        """How many tokens are held."""
        return len(self._held)

    @property
    def sayable(self) -> bool:
        """Whether anything is held that may be spoken."""
        return self._delivery.sayable

    @property
    def filled(self) -> bool:
        """Whether the whole look-ahead has arrived: lockstep waits for this."""
        return len(self._held) - self._held.unheard >= self.look_ahead and self.sayable

    @property
    def text_so_far(self) -> str:
        """The tail of all that was said or is held to be said; an end of text is a paragraph."""
        return self._held.text

    def hear(self, news: VoiceNews) -> None:
        """News of the voice, for its state."""
        self._news = replace(news, can=news.can or self._news.can)

    def arrive(self, token: Token) -> bool:
        """Hold a token; False for one of an older take or turn, which is dropped."""
        if token.take != self.take or token.n != self._held.n:
            return False
        token = self._parted(self._proof.prepared(token))
        self._held.hold(token)
        self._delivery.count()
        if refusal := self._proof.read():
            self._begin_anew(refusal)
            return True
        over = self._hearing.hear(token) or self._sayings.hear(token)
        if over and (self._stale or self._sayings.waiting):
            self._stale = False
            self._take_back()
        elif self._hearing.waiting:
            self._listen()
        return True

    def overhear(self, text: str, *, private: bool = False) -> None:
        """Take in what another voice said, before its own next sentence."""
        self._hearing.add(text, private=private)
        self._listen()

    def sentences(self) -> list[Sentence]:
        """What was said since the last call, by whole sentences."""
        return self._delivery.sentences.take()

    def remember(self, text: str) -> None:
        """What was said before this show began: the voice goes on from there, the stage does not show it."""
        self._held.said = text[-TEXT:]

    def begin_turn(self) -> None:
        """The word is passed to a process, which is told the text so far with its Steering.

        A saying that was cut off is said again from its first word that nobody heard."""
        held = self._held
        while self._sayings.under_way and held.tokens and held.tokens[-1].forced:
            self._sayings.unhear(held.drop())
        self._sayings.cut_off()
        while self._hearing.under_way and held.tokens and held.tokens[-1].heard:
            held.drop()
        while held.tokens and not written(held.tokens[-1]):  # half a character, which another cannot finish
            held.drop()
        self._floor = held.n
        self._stale = False
        self._proof.begin_turn()
        self._turn, self._before = self._turn + 1, self.text_so_far
        self._new_take()
        self._course.begin_turn()

    def cut(self, *, sentence: bool) -> bool:
        """Take back what is held from the next sentence on, or from the next word on; False, and
        nothing is taken back, where none is seen to begin. Then another may have the word."""
        return not self._busy and self._cut(0, sentence=sentence)

    def settle(self) -> None:
        """Nothing more comes for now: the last word is read as it stands."""
        self._proof.read(done=True)

    def refusals(self) -> list[Refusal]:
        """What was refused since the last call."""
        return self._proof.told()

    def release(self, now: float, pace: float, sentences: float = math.inf) -> list[Spoken]:
        """What is said by `now` (seconds) at `pace` (words a second), in order, up to the end of so many
        sentences."""
        return self._delivery.release(now, pace, self.take, sentences)

    def end(self) -> list[Word]:
        """The unfinished word as it stands: nothing more will be said."""
        return self._delivery.end()

    def say(self, text: str, *, private: bool = False) -> str:
        """Put words into its mouth at the next word boundary; gives `` or why not, for the operator."""
        refused = self._sayings.add(text, private=private)
        if self._sayings.waiting and not self._hearing.under_way:
            self._take_back()
        return refused

    def revoke(self) -> None:
        """Take back what is held from the next word boundary on: the room has changed."""
        if self._busy:
            self._stale = True
        else:
            self._take_back()

    def steering(self, wanted: Mapping[str, Any]) -> Steering | None:
        """The Steering for what is wanted now, or None when nothing of account moved since the last.

        `wanted`: prompt (a text, or a tuple of several and their `weights`), seed (a number),
        temperature, top_k, top_p, min_p, repetition, bias (word to logits), forbidden (words), vectors
        (names) and each one's weight under its name, adapter, as far as known; other keys are ignored.
        A new prompt, seed or ban revokes; a weight does not."""
        if self._course.want(wanted):
            self.revoke()
        saying = self._sayings.now
        return self._course.steering(
            credit=self._credit(),
            take=self.take,
            keep=self._kept,
            say=saying.text,
            say_private=saying.private,
            heard=self._hearing.now.text,
            heard_private=self._hearing.now.private,
            turn=self._turn,
            text=self._before,
            first=self._floor,
            refused=self._proof.refused,
        )

    def state(self) -> VoiceState:
        """The voice as Status tells it."""
        state = {"ready": "speaking" if self._delivery.speaks else "silent", "error": "lost"}
        return VoiceState(
            self.voice,
            state.get(self._news.state, self._news.state),
            self._model,
            self._delivery.rate,
            len(self._held),
            self.next,
            self._news.detail,
            self._news.can,
            prompts=self._course.prompts,
        )

    @property
    def _busy(self) -> bool:
        """Whether a part of what is forced has arrived and the rest has not."""
        return self._sayings.under_way or self._hearing.under_way

    def _parted(self, token: Token) -> Token:
        """A token; what is spoken behind what was heard begins apart from the words before that."""
        text = token.text.lstrip(" ")
        if not token.text or token.heard or text[:1].isspace() or not self._held.follows_heard:
            return token
        return replace(token, text=self._gap + text)

    def _listen(self) -> None:
        """Let what waits to be heard stand before the next sentence, once that is seen to begin."""
        in_force = self._hearing.now.text or self._sayings.in_force
        if not in_force and self._cut(self._floor, sentence=True):
            self._new_take()

    def _cut(self, floor: int, *, sentence: bool) -> bool:
        starts = self._held.beginnings(floor, self._delivery.pending)
        at = next((n for n, before in starts if not sentence or ends_sentence(before)), None)
        if at is None and not self._held and ends_sentence(self._held.said):
            at = self._held.n
        if at is not None:
            self._crop(at)
        return at is not None

    def _take_back(self) -> None:
        """Begin a new take at the first word boundary that is neither spoken nor forced."""
        starts = self._held.beginnings(self._floor, self._delivery.pending)
        self._crop(next((n for n, _ in starts), self._held.n))
        self._new_take()

    def _crop(self, keep: int) -> None:
        self._held.crop(keep)
        self._proof.crop()

    def _new_take(self) -> None:
        self.take += 1
        self._proof.begin_take()
        self._kept = self._held.n
        self._sayings.begin()
        self._hearing.begin(may=not self._sayings.in_force and ends_sentence(self._held.text))

    def _credit(self) -> int:
        """Tokens numbered below this may be sampled: the look-ahead, and more where a word is longer."""
        credit = self.next + self.look_ahead + self._held.unheard
        return credit if self.sayable else max(credit, self._held.n + 1)

    def _begin_anew(self, refusal: Refusal) -> None:
        """A word was refused, and with all behind it is gone."""
        if refusal.ended:
            self._end_sentence()
        elif refusal.n < self._floor:  # another's word, which the present speaker cannot go back behind
            self.begin_turn()
        else:
            self._new_take()

    def _end_sentence(self) -> None:
        """Put an end behind what is held, and let the voice begin a paragraph."""
        stop = (".", False) if self.text_so_far[-1:].isalnum() else None
        for text, end in (stop, ("", True)) if stop else (("", True),):
            self._held.hold(Token(self.voice, self._held.n, -1, text, self.take, end=end))
        self.begin_turn()
        self._proof.pass_all()
