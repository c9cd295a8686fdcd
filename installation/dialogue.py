"""Who hears whom, and whose turn it is. Pure: decided from what was said, and from the time that is given.

Voices that are joined by hearing are a circle. In it one speaks at a time, as many sentences as its
`turns`; then those who hear it take in what it said, and the next has its turn.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from installation.voice.hearing import LONGEST
from installation.voice.sentences import Sentence
from installation.voice.settings import VoiceSettings

PATIENCE = 4.0
"""Seconds of silence after which a voice gives its turn up; a slow one has four words' time."""
UNABLE = 1.0
"""Seconds after which one gives it up that cannot speak at all."""
ROOM = 2 * LONGEST
"""Characters of what waits for a voice's turn; what is older than these would not be heard any more."""


class Circle:
    """Voices of which one speaks at a time, in this order. `voice` has the turn."""

    def __init__(self, turns: Mapping[str, int]) -> None:
        self.voice = next(iter(turns))
        self._turns = dict(turns)
        self._left = self._turns[self.voice]
        self._since = 0.0  # its last sign of life
        self._midst = False  # it has begun a sentence
        self._called: dict[str, None] = {}  # those who have something to say next
        self._passed: set[str] = set()  # those who gave their turn up without a word

    @property
    def left(self) -> int:
        """Sentences until the next voice has its turn."""
        return self._left

    def call(self, voice: str) -> None:
        """A visitor's words, or a cue's, are in its mouth: its turn is next."""
        if voice != self.voice:
            self._called[voice] = None

    def spoke(self, voice: str, sentences: int, now: float) -> None:
        """It said something, and finished so many sentences with it."""
        self._passed.discard(voice)
        if voice == self.voice:
            self._since, self._midst = now, not sentences
            self._left -= sentences

    def look(self, able: Mapping[str, bool], pace: float, now: float) -> bool:
        """Pass the turn on where it is time to; whether it was. `pace` is its voice's, in words a second."""
        if not any(able[name] for name in self._turns):
            self._since = now
            return False
        patience = max(PATIENCE, 4 / pace) if pace > 0 and able[self.voice] else UNABLE
        silent = now - self._since > patience
        done = self._left <= 0 or (bool(self._called) and not self._midst)
        if not (done or silent or (self.voice in self._passed and not able[self.voice])):
            return False
        if silent and not done:
            self._passed.add(self.voice)
        return self._pass(able, now)

    def _pass(self, able: Mapping[str, bool], now: float) -> bool:
        names = list(self._turns)
        at = names.index(self.voice) + 1
        round_ = [*self._called, *names[at:], *names[:at]]
        able_ones = (name for name in round_ if able[name] or name not in self._passed)
        self.voice = next(able_ones, round_[0])
        self._called.pop(self.voice, None)
        self._left, self._since, self._midst = self._turns[self.voice], now, False
        return True


class Dialogue:
    """The circles of a show, and what waits to be heard."""

    def __init__(self, settings: Mapping[str, VoiceSettings]) -> None:
        self._hearers = {
            name: tuple(other for other, its in settings.items() if name in its.hears and other != name)
            for name in settings
        }
        self._circles: dict[str, Circle] = {}
        for joined in _joined(settings):
            circle = Circle({name: settings[name].turns for name in joined})
            self._circles |= dict.fromkeys(joined, circle)
        self._unheard: dict[str, deque[tuple[str, Sentence]]] = {name: deque() for name in settings}

    def may_finish(self, voice: str) -> float:
        """How many sentences it may finish now: 0 while it is another's turn."""
        circle = self._circles.get(voice)
        if circle is None:
            return math.inf
        return max(0, circle.left) if circle.voice == voice else 0

    def call(self, voice: str) -> None:
        """It is to say something: where it is another's turn, its own is next."""
        if voice in self._circles:
            self._circles[voice].call(voice)

    def spoke(self, voice: str, sentences: Sequence[Sentence], now: float) -> None:
        """A voice said something; `sentences` are finished by it."""
        for hearer in self._hearers[voice]:
            waiting = self._unheard[hearer]
            waiting.extend((voice, sentence) for sentence in sentences)
            while sum(len(sentence.text) for _, sentence in itertools.islice(waiting, 1, None)) > ROOM:
                waiting.popleft()
        if voice in self._circles:
            self._circles[voice].spoke(voice, len(sentences), now)

    def look(self, able: Mapping[str, bool], paces: Mapping[str, float], now: float) -> None:
        """Pass turns on where it is time to. `able`: who can speak, `paces`: how fast."""
        for circle in dict.fromkeys(self._circles.values()):
            circle.look(able, paces[circle.voice], now)

    def heard(self) -> Iterator[tuple[str, str, bool]]:
        """What each voice hears now: (voice, text, whether it is private). One that waits for its turn
        hears all of it when that has come."""
        for hearer, waiting in self._unheard.items():
            if self.may_finish(hearer):
                for _, said in itertools.groupby(waiting, key=lambda each: each[0]):
                    sentences = [sentence for _, sentence in said]
                    text = " ".join(sentence.text for sentence in sentences)
                    yield hearer, text, any(sentence.private for sentence in sentences)
                waiting.clear()


def _joined(settings: Mapping[str, VoiceSettings]) -> Iterator[list[str]]:
    """The voices that take turns, in groups that are joined by hearing."""
    taking = [name for name, its in settings.items() if its.turns]
    left = list(taking)
    while left:
        group = [left.pop(0)]
        for name in group:
            near = [other for other in left if other in settings[name].hears or name in settings[other].hears]
            group += near
            left = [other for other in left if other not in near]
        if len(group) > 1:
            yield [name for name in taking if name in group]
