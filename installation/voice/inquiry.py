"""One question after another to a server: what it answers, what that costs, when the next may be asked."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from installation.messages import Steering, VoiceNews
from installation.voice.answer import Answer
from installation.voice.budget import Budget
from installation.voice.dialect import Cost, Dialect, Failure, Piece, Told, complaint_of, withheld
from installation.voice.event_stream import Broken, Ended, Event, EventStream, Heard, Line, Refused

ANSWER = 256
"""Most tokens of an answer: what is lost when the room changes its mind in the midst of one."""
AHEAD = 24
"""Pieces that are held; with fewer, the next answer is asked for while these are spoken."""
AT_ONCE = 64
"""Events that are heard in one go, so that a flood of empty ones does not keep the room waiting."""
SPACING = 0.25
"""Seconds between two questions at least, whatever the room does."""
FAREWELL = 0.3
"""Seconds that a whole answer may take to tell its cost."""
SILENT = 60.0
"""Seconds between two bytes of an answer; a server may have to load its model first."""
UNREAD = 20.0
"""Seconds after which an answer is given up that nobody listens to."""
WORDLESS = 90.0
"""Seconds without a word after which an answer is given up, however many other events come."""
WAITS = (1.0, 60.0)
"""Seconds before the next question after a failure, at first and at most; doubled each time."""
MENDED = 30.0
"""Seconds at least after what somebody has to mend: a key, a name, a bill, a spent budget."""
LONGEST_WAIT = 3600.0
"""Seconds that are waited because a server says so."""
_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, IndexError)


class Inquiry:
    """Keeps an answer coming. `asked`: the Steering of the last question; `declined`: the model would not
    go on, and shall not see the same text again."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        name: str,
        dialect: Dialect,
        budget: Budget,
        now: Callable[[], float],
    ) -> None:
        self._settings, self._name, self._dialect, self._budget = settings, name, dialect, budget
        self._now = now
        self._line = Line(dialect.place, patience=SILENT, unread=UNREAD)
        self.answer = Answer(goes_on=dialect.goes_on)
        self.asked = Steering(name, 0, 0)
        self._sent = ""  # the text that the last answer goes on from
        self.declined = False
        self.trouble = ""
        """What is wrong, to be told once nothing is left to speak."""
        self.stream: EventStream | None = None
        self.not_before = 0.0
        self._over = False  # its answer is whole; it may still tell its cost
        self._cost, self._guess = Cost(), 0
        self._word_at = 0.0  # when the answer was begun, or last gave a word
        self._told_all = False  # pieces came with what the model knew, as far as we know
        self._keeps_to_itself = False  # they were asked for and did not
        self._falls = 0  # failures in a row
        self._lost = ""  # what was told
        self._news: deque[VoiceNews] = deque()
        self._jitter = random.Random(name)  # noqa: S311  spreads retries, keeps no secret

    def close(self) -> None:
        """Hang up for good."""
        self.hang_up()
        self._line.close()

    def hang_up(self) -> None:
        """Let go of the answer and of all that is held."""
        self._end_answer()
        self.answer.clear()

    def news(self) -> VoiceNews | None:
        """What has changed for whoever hears us: words again, or none."""
        if self.answer.due():
            if self._lost:
                self._lost = ""
                self._news.append(self.ready())
        elif self.trouble and self.trouble != self._lost:
            self._lost = self.trouble
            self._news.append(VoiceNews(self._name, "lost", self.trouble))
        return self._news.popleft() if self._news else None

    def ask(
        self, steering: Steering, number: int, document: Callable[[Sequence[tuple[str, bool]]], str]
    ) -> None:
        """Ask for more, token `number` on, where little is held, if it may be asked. `document`: the text
        that an answer goes on from, with pieces behind it."""
        if self._now() < self.not_before or len(self.answer) >= AHEAD or not self.answer.settled:
            return
        if self.stream is not None and not (self._over and self._now() - self._word_at > FAREWELL):
            return
        self._end_answer()
        left = self._budget.left
        most = ANSWER if left is None else max(1, min(ANSWER, left))
        text = document(self.answer.parts)
        question = self._dialect.question(steering, text, number + len(self.answer), most)
        self._guess = len(str(question.body)) // 4
        if left is not None and self._guess + 16 > left:
            spent = f"today's budget of {self._budget.a_day} tokens is spent"
            self._pause(MENDED, f"{self._model}: {spent}, it speaks again tomorrow")
            return
        self._budget.set_aside(self._guess + most)
        self.asked, self._sent, self._cost, self._over = steering, text, Cost(), False
        self.answer.begin()
        self._word_at = self._now()
        self.not_before = self._word_at + SPACING
        self.stream = self._line.ask(question)

    def listen(self, wait: float, before: str) -> None:
        """Hear what came, behind the text `before`; where nothing did, wait for something to speak."""
        until = self._now() + wait
        for _ in range(AT_ONCE):
            if self.stream is None or len(self.answer) >= AHEAD:
                break
            heard = self.stream.take(0.0 if self.answer.due() else max(0.0, until - self._now()))
            if heard is None:
                break
            self._hear(heard, before)
        if self.stream is not None and not self._over and self._now() - self._word_at > WORDLESS:
            if self.answer.due():
                self._word_at = self._now()  # nobody listened meanwhile
            else:
                self._fail(f"has sent no word for {WORDLESS:.0f} s")
        if wait and self.stream is None and not self.answer.due():
            time.sleep(max(0.0, until - self._now()))

    def ready(self) -> VoiceNews:
        """News that it can speak, and what it can."""
        budget = f", {self._budget.a_day} tokens a day" if self._budget.a_day else ""
        detail = f"{self._model} at {self._host}{budget}"
        can = tuple(c for c in self._dialect.can if c != "logprobs" or not self._keeps_to_itself)
        return VoiceNews(self._name, "ready", detail, "hosted", can=can)

    def _end_answer(self, *, free: bool = False) -> None:
        """Nothing more is heard of the answer; what its server did not tell of its cost is guessed."""
        if self.stream is None:
            return
        self.stream.cancel()
        self.stream = None
        prompt = self._guess if self._cost.prompt is None else self._cost.prompt
        answer = self.answer.got * 4 // 3 if self._cost.answer is None else self._cost.answer
        self._budget.settle(0 if free else prompt + max(answer, self.answer.got))

    def _hear(self, heard: Heard, before: str) -> None:
        if isinstance(heard, Refused):
            self._refused(heard)
        elif isinstance(heard, Event):
            try:
                told = [_sound(message) for message in self._dialect.told(heard)]
            except _NOT_OURS:
                self._fail(f"answered with what is no event of its interface: {heard.data[:60]!r}")
                return
            for message in told:
                self._take_in(message, before)
        elif self._over:
            self._end_answer()
        elif isinstance(heard, Ended) and heard.unread:
            self.answer.break_off()
            self._end_answer()
        else:
            self._fail(heard.how if isinstance(heard, Broken) else "broke off")

    def _take_in(self, told: Told, before: str) -> None:
        if isinstance(told, Cost):
            self._cost = Cost(
                self._cost.prompt if told.prompt is None else told.prompt,
                self._cost.answer if told.answer is None else told.answer,
            )
        elif self.stream is None or self._over:  # what comes behind an end says nothing
            return
        elif isinstance(told, Piece):
            self.answer.add(told, before)
            self._word_at = self._now()
            self._told_all = self._told_all or told.inner.surprise is not None
            if self.answer.got:
                self.trouble = ""
        elif isinstance(told, Failure):
            self._fail(f"says: {told.text}")
        elif told.because == "declined":
            self.declined = True
            self.answer.clear()
            self._fail(f"declines to go on {told.detail}".strip())
        elif not self.answer.got:
            self._fail("answered with nothing")
        else:
            self.answer.finish(end=told.because == "end")
            self._over, self._falls, self._word_at = True, 0, self._now()
            if not (self._told_all or self._keeps_to_itself):
                self._keeps_to_itself = True
                if "logprobs" in self._dialect.can and not self._lost:
                    self._news.append(self.ready())

    def _refused(self, refused: Refused) -> None:
        """A status that is not 200: ask for less, or later."""
        said = complaint_of(refused.text)
        given_up = self._dialect.give_up(f"{said} {refused.text}") if refused.status in {400, 422} else []
        if given_up:
            self._end_answer(free=True)
            if not self._lost:
                detail = f"{self._model} at {self._host} does without {', '.join(given_up)}: "
                detail += withheld(said, self._sent)
                self._news.append(replace(self.ready(), detail=detail))
            return
        passing = refused.status in {408, 409, 425, 429} or refused.status >= 500
        mend = not passing or "quota" in refused.text or "limit_exceeded" in refused.text
        self._end_answer(free=True)
        self._fail(f"refuses ({refused.status}: {said})", max(refused.wait or 0.0, MENDED if mend else 0.0))

    def _fail(self, how: str, least: float = 0.0) -> None:
        """Nothing more comes of this answer: the next is asked for after a wait that grows."""
        self.answer.break_off()
        self._end_answer()
        wait = self._pause(least)
        how = withheld(how, self._sent)
        self.trouble = f"{self._model} at {self._host} {how}; it is asked again in {wait:.0f} s"

    def _pause(self, least: float, trouble: str = "") -> float:
        first, most = WAITS
        wait = min(most, first * 2.0 ** min(self._falls, 20)) * self._jitter.uniform(0.8, 1.2)
        wait = max(wait, min(least, LONGEST_WAIT))
        self._falls += 1
        self.not_before = self._now() + wait
        self.trouble = trouble or self.trouble
        return wait

    @property
    def _model(self) -> str:
        return str(self._settings["model"])

    @property
    def _host(self) -> str:
        return urlsplit(self._dialect.place).netloc.rpartition("@")[2]


def _sound(told: Told) -> Told:
    """What an event says, if its text is a text and its numbers are numbers; else TypeError."""
    if isinstance(told, Piece) and not isinstance(told.text, str):
        raise TypeError("a piece is a text")
    if isinstance(told, Cost) and not all(
        n is None or isinstance(n, int) for n in (told.prompt, told.answer)
    ):
        raise TypeError("a cost is a whole number")
    return told
