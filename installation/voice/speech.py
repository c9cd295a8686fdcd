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
from installation.voice.forced import Forced
from installation.voice.moderation import Moderation, Refusal, written
from installation.voice.pace import ends_sentence
from installation.voice.proof import Proof
from installation.voice.sentences import Sentence
from installation.voice.settings import VoiceSettings
from installation.voice.takes import Takes
from installation.voice.unspoken import TEXT, Unspoken

DASH = "—"
"""What stands behind a word in which the voice was interrupted."""

__all__ = ["MOVED", "TEXT", "Speech", "Spoken"]


class Speech:
    """One voice's speech. The order of a tick: `say`, `revoke` and their like, `release`, then `steering`.

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
        self._model = settings.model
        self._news = VoiceNews(voice, "loading")
        self.attended = True
        """Whether somebody is there; else nothing more may be sampled."""

        self._held = Unspoken()
        self._takes = Takes(self._held, "\n" if settings.turns else " ")
        self._proof = Proof(self._held, moderation)
        self._delivery = Delivery(voice, self._held, self._proof)
        self._course = Course(voice, settings)
        self._forced = Forced()

    @property
    def take(self) -> int:
        """The number of the present take."""
        return self._takes.take

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
        token = self._takes.set_apart(self._proof.prepared(token))
        self._held.hold(token)
        self._delivery.count()
        if refusal := self._proof.read():
            self._begin_anew(refusal)
        elif self._forced.hear(token):
            self._take_back()
        elif self._forced.hearing.waiting:
            self._listen()
        return True

    def overhear(self, text: str, *, private: bool = False) -> None:
        """Take in what another voice said, before its own next sentence."""
        self._forced.hearing.add(text, private=private)
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
        self._forced.cut_off(held)
        while held.tokens and not written(held.tokens[-1]):  # half a character, which another cannot finish
            held.drop()
        self._proof.begin_turn()
        self._takes.begin_turn()
        self._new_take()
        self._course.begin_turn()

    def cut(self, *, sentence: bool) -> bool:
        """Take back what is held from the next sentence on, or from the next word on; False, and
        nothing is taken back, where none is seen to begin. Then another may have the word."""
        return not self._forced.busy and self._cut(0, sentence=sentence)

    def interrupt(self) -> None:
        """Break off at once, in mid-word, and begin a new sentence: what is held is dropped, and the one
        that was begun is out of the voice's mind. Between two sentences only what is held is dropped."""
        self._give_up()
        held = self._held
        between = held.follows_heard or ends_sentence(held.said)
        to = None if between else held.line.sentence(held.said)
        if to is None:
            self._new_take()
        else:
            self._go_back(to, dash=DASH)

    def rewind(self, words: int = 0) -> tuple[int, int] | None:
        """Take back the last so many words, 0: those since the sentence's beginning; the voice goes on from
        before them. Gives the numbers of the first token that is taken back and of the next to be
        spoken; None where nothing was said."""
        line, said = self._held.line, self._held.said
        to = line.words_back(words, said) if words else line.sentence(said)
        return None if to is None else self._go_back(to)

    def fork(self) -> tuple[int, int] | None:
        """Go back to the word of which the voice was least sure, and take what it nearly said there; see
        `rewind`. None where the voice does not tell what it nearly said."""
        fork = self._held.line.doubt(self._held.said, self._takes.floor)
        if fork is None:
            return None
        self._held.line.taken(self.next)
        return self._go_back(fork.n, fork.rival.id)

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
        refused = self._forced.sayings.add(text, private=private)
        if self._forced.sayings.waiting and not self._forced.hearing.under_way:
            self._take_back()
        return refused

    def revoke(self) -> None:
        """Take back what is held from the next word boundary on: the room has changed."""
        if self._forced.busy:
            self._forced.stale = True
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
        saying, heard = self._forced.sayings.now, self._forced.hearing.now
        return self._course.steering(
            credit=self._credit(),
            say=saying.text,
            say_private=saying.private,
            heard=heard.text,
            heard_private=heard.private,
            refused=self._proof.refused,
            **self._takes.steering,
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

    def _listen(self) -> None:
        """Let what waits to be heard stand before the next sentence, once that is seen to begin."""
        if not self._forced.in_force and self._cut(self._takes.floor, sentence=True):
            self._new_take()

    def _cut(self, floor: int, *, sentence: bool) -> bool:
        starts = self._held.beginnings(floor, self._delivery.pending)
        at = next((n for n, before in starts if not sentence or ends_sentence(before)), None)
        if at is None and not self._held and ends_sentence(self._held.said):
            at = self._held.n
        if at is not None:
            self._crop(at)
        return at is not None

    def _give_up(self) -> None:
        """Drop all that is held, what is forced too."""
        self._forced.give_up()
        self._crop(self.next)

    def _go_back(self, to: int, token: int = -1, dash: str = "") -> tuple[int, int]:
        """The text counts up to token `to` only, and the id `token` comes next; the numbers go on."""
        self._give_up()
        self._delivery.break_off(dash)
        self._delivery.sentences.withdraw(to)
        at = self._held.n
        if self._takes.go_back(to, token):
            self._new_take()
        else:
            self.begin_turn()
        return to, at

    def _take_back(self) -> None:
        """Begin a new take at the first word boundary that is neither spoken nor forced."""
        starts = self._held.beginnings(self._takes.floor, self._delivery.pending)
        self._crop(next((n for n, _ in starts), self._held.n))
        self._new_take()

    def _crop(self, keep: int) -> None:
        self._held.crop(keep)
        self._proof.crop()

    def _new_take(self) -> None:
        self._takes.begin()
        self._proof.begin_take()
        self._forced.begin(sentence=ends_sentence(self._held.text))

    def _credit(self) -> int:
        """Tokens numbered below this may be sampled: the look-ahead, and more where a word is longer."""
        if not self.attended:
            return self._held.n
        credit = self.next + self.look_ahead + self._held.unheard
        return credit if self.sayable else max(credit, self._held.n + 1)

    def _begin_anew(self, refusal: Refusal) -> None:
        """A word was refused, and with all behind it is gone."""
        if refusal.ended:
            self._held.end_sentence(self.voice, self.take)
            self.begin_turn()
            self._proof.pass_all()
        elif refusal.n < self._takes.floor:  # another's word, which the present speaker cannot go back behind
            self.begin_turn()
        else:
            self._new_take()
