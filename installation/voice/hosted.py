"""A voice that speaks from elsewhere: asks a server for more text, and is steered between sentences.

What it cannot do, nobody can who is not at the model's side: hear a number before the next token, ban
a token, say where else it might have gone. What it does: it goes on from the text so far, whatever
becomes of an answer; a new take hangs up and asks again; what it costs is counted.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from installation.errors import VoiceError
from installation.messages import Steering, Token, VoiceNews
from installation.voice.answer import Answer
from installation.voice.budget import Budget
from installation.voice.dialect import Cost, Dialect, Failure, Piece, Told, complaint_of
from installation.voice.event_stream import Broken, Ended, Event, EventStream, Heard, Line, Refused
from installation.voice.hearing import slices
from installation.voice.manuscript import Manuscript, joined
from installation.voice.near import is_near
from installation.voice.pace import ends_sentence
from installation.voice.words import begins, pieces

TEXT = 2000
"""Characters of its own text that go with a question: enough to go on in tone, and each of them costs."""
ANSWER = 256
"""Most tokens of an answer: what is lost when the room changes its mind in the midst of one."""
AHEAD = 24
"""Pieces that are held; with fewer, the next answer is asked for while these are spoken."""
PAUSE = 0.05
"""Seconds that `next` waits for a server before it hears the room again."""
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
BOUNDARY = 24
"""Pieces that `say` waits for a word's beginning."""
_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, IndexError)


class HostedVoice:
    """The Voice protocol over a Dialect; see voice.Factory for the arguments.

    `next` gives None where nothing is there yet, after PAUSE, and VoiceNews where something has
    changed: `lost` when it cannot speak for now, `ready` when it can again."""

    _dialect: Dialect
    _line: Line

    def __init__(
        self,
        settings: Mapping[str, Any],
        name: str,
        folder: Path,
        now: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.n, self.take = 0, 0
        self._settings, self._name, self._now = settings, name, now
        book = Path("state") / f"{folder.name}.{name}.spent.json"
        self._budget = Budget(int(settings.get("budget", 0)), book, today)
        self._text, self._first = Manuscript(), 0
        self._fresh = True  # the next Steering is a new take
        self._steering = self._asked = Steering(name, 0, 0)  # the newest, and the one last asked under
        self._forced: deque[str] = deque()
        self._heard: deque[str] = deque()
        self._forcing = False
        self._unforced = 0  # pieces given since `say` waits
        self._sentence_over = False

        self._answer = Answer(goes_on=True)
        self._stream: EventStream | None = None
        self._over = False  # its answer is whole; it may still tell its cost
        self._cost, self._guess = Cost(), 0
        self._word_at = 0.0  # when the answer was begun, or last gave a word

        self._told_all = False  # pieces came with what the model knew, as far as we know
        self._keeps_to_itself = False  # they were asked for and did not

        self._falls = 0  # failures in a row
        self._not_before = 0.0
        self._trouble = ""  # what is wrong, to be told once nothing is left to speak
        self._lost = ""  # what was told
        self._news: deque[VoiceNews] = deque()
        self._jitter = random.Random(name)  # noqa: S311  spreads retries, keeps no secret

    def speak_like(self) -> Dialect:
        """The dialect that the settings ask for. Raises VoiceError."""
        raise NotImplementedError

    def load(self) -> VoiceNews:
        """Nothing is asked yet: questions cost. Raises VoiceError for a key or a budget that is missing."""
        self._dialect = self.speak_like()
        self._answer = Answer(goes_on=self._dialect.goes_on)
        if not self._budget.a_day and not is_near(self._dialect.place):
            raise VoiceError(f"{self._model}: a hosted voice needs a budget, tokens a day: budget: 200000")
        self._line = Line(self._dialect.place, patience=SILENT, unread=UNREAD)
        return self._ready()

    def close(self) -> None:
        """Hang up for good."""
        self._hang_up()
        self._line.close()

    def begin(self, history: str, first: int) -> None:
        """Go on behind `history` with token `first`; see Voice.begin."""
        self._hang_up()
        self._text = Manuscript(history, first)
        self.n, self._first, self._fresh = first, first, True
        self._forced.clear()
        self._heard.clear()

    def steer(self, steering: Steering) -> None:
        """Obey from the next sentence on, in a new take at once; see Voice.steer."""
        if self._fresh or steering.take != self.take:
            self._fresh, self.take = False, steering.take
            self._hang_up()
            self._text.crop(max(self._first, steering.keep))
            self.n = self._text.n
            for to in [to for at, to, _ in steering.back if at == self.n]:
                self._text.go_back(to)
            self._forced = deque(pieces(steering.say))
            self._forcing, self._unforced = False, 0
            self._heard = deque(slices(steering.heard, len(pieces(steering.heard))) if steering.heard else ())
        self._steering = steering

    def next(self) -> Token | VoiceNews | None:
        """Token `n`, where it is there; see Voice.next."""
        if self._heard:
            return self._overhear(self._heard.popleft())
        if self._turned():
            self._hang_up()
        self._listen(0.0)
        if self._forced and not self._forcing and self._may_force():
            self._hang_up()
            self._forcing = True
        self._ask()
        if self._forcing and self._forced:
            return self._give(Piece(joined(self._text.tail, self._forced.popleft())), forced=True)
        if not self._answer.due():
            self._listen(PAUSE)
        self._tell()
        if self._news:
            return self._news.popleft()
        return self._give(self._answer.take()) if self._answer.due() else None

    def _give(self, piece: Piece, *, forced: bool = False) -> Token:
        self._text.add(piece.text, end=piece.end)
        self._sentence_over = piece.end or (bool(piece.text.strip()) and ends_sentence(piece.text))
        self._unforced += 1
        serial = self._steering.serial if forced else self._asked.serial
        token = Token(
            self._name, self.n, -1, "\n\n" if piece.end else piece.text, self.take, forced, serial,
            piece.inner, piece.end, forced and self._steering.say_private,
        )  # fmt: skip
        self.n += 1
        return token

    def _overhear(self, heard: str) -> Token:
        """A piece of what others said: a paragraph of the text that the next question goes on from."""
        self._text.add(heard)
        steering, n = self._steering, self.n
        self.n += 1
        return Token(
            self._name, n, -1, "", self.take, True, steering.serial,
            private=steering.heard_private, heard=heard,
        )  # fmt: skip

    def _may_force(self) -> bool:
        """Whether what is to be said would stand at a word's beginning."""
        if not self._dialect.goes_on or self._unforced >= BOUNDARY or self._trouble:
            return True
        tail, follower = self._text.tail, self._answer.first()
        if not tail or tail[-1].isspace():
            return True
        return follower is not None and (follower.end or begins(tail, follower.text))

    def _turned(self) -> bool:
        """Whether a sentence is over and the next one is to be asked for under another Steering."""
        over, self._sentence_over = self._sentence_over, False  # asked once, else a number that never rests
        heeds = self._dialect.heeds  # would never let an answer come
        return over and any(getattr(self._asked, name) != getattr(self._steering, name) for name in heeds)

    def _tell(self) -> None:
        """Note what has changed for whoever hears us: words again, or none."""
        if self._answer.due():
            if self._lost:
                self._lost = ""
                self._news.append(self._ready())
        elif self._trouble and self._trouble != self._lost:
            self._lost = self._trouble
            self._news.append(VoiceNews(self._name, "lost", self._trouble))

    def _ask(self) -> None:
        """Ask for more where little is held, if it may be asked."""
        if self._now() < self._not_before or len(self._answer) >= AHEAD or not self._answer.settled:
            return
        if self._stream is not None and not (self._over and self._now() - self._word_at > FAREWELL):
            return
        self._end_answer()
        coming = [(text, False) for text in self._forced] if self._forcing else []
        text = self._text.so_far(TEXT, coming + self._answer.parts)
        left = self._budget.left
        most = ANSWER if left is None else max(1, min(ANSWER, left))
        number = self.n + len(self._forced) + len(self._answer)
        question = self._dialect.question(self._steering, text, number, most)
        self._guess = len(str(question.body)) // 4
        if left is not None and self._guess + 16 > left:
            spent = f"today's budget of {self._budget.a_day} tokens is spent"
            self._pause(MENDED, f"{self._model}: {spent}, it speaks again tomorrow")
            return
        self._budget.set_aside(self._guess + most)
        self._asked, self._cost, self._over = self._steering, Cost(), False
        self._answer.begin()
        self._word_at = self._now()
        self._not_before = self._word_at + SPACING
        self._stream = self._line.ask(question)

    def _hang_up(self) -> None:
        """Let go of the answer and of all that is held."""
        self._end_answer()
        self._answer.clear()

    def _end_answer(self, *, free: bool = False) -> None:
        """Nothing more is heard of the answer; what its server did not tell of its cost is guessed."""
        if self._stream is None:
            return
        self._stream.cancel()
        self._stream = None
        prompt = self._guess if self._cost.prompt is None else self._cost.prompt
        answer = self._answer.got * 4 // 3 if self._cost.answer is None else self._cost.answer
        self._budget.settle(0 if free else prompt + max(answer, self._answer.got))

    def _listen(self, wait: float) -> None:
        """Hear what came; where nothing did, wait for something to speak."""
        until = self._now() + wait
        for _ in range(AT_ONCE):
            if self._stream is None or len(self._answer) >= AHEAD:
                break
            heard = self._stream.take(0.0 if self._answer.due() else max(0.0, until - self._now()))
            if heard is None:
                break
            self._hear(heard)
        if self._stream is not None and not self._over and self._now() - self._word_at > WORDLESS:
            if self._answer.due():
                self._word_at = self._now()  # nobody listened meanwhile
            else:
                self._fail(f"has sent no word for {WORDLESS:.0f} s")
        if wait and self._stream is None and not self._answer.due():
            time.sleep(max(0.0, until - self._now()))

    def _hear(self, heard: Heard) -> None:
        if isinstance(heard, Refused):
            self._refused(heard)
        elif isinstance(heard, Event):
            try:
                told = [_sound(message) for message in self._dialect.told(heard)]
            except _NOT_OURS:
                self._fail(f"answered with what is no event of its interface: {heard.data[:60]!r}")
                return
            for message in told:
                self._take_in(message)
        elif self._over:
            self._end_answer()
        elif isinstance(heard, Ended) and heard.unread:
            self._answer.break_off()
            self._end_answer()
        else:
            self._fail(heard.how if isinstance(heard, Broken) else "broke off")

    def _take_in(self, told: Told) -> None:
        if isinstance(told, Cost):
            self._cost = Cost(
                self._cost.prompt if told.prompt is None else told.prompt,
                self._cost.answer if told.answer is None else told.answer,
            )
        elif self._stream is None or self._over:  # what comes behind an end says nothing
            return
        elif isinstance(told, Piece):
            self._answer.add(told, self._forced[-1] if self._forced else self._text.tail)
            self._word_at = self._now()
            self._told_all = self._told_all or told.inner.surprise is not None
            if self._answer.got:
                self._trouble = ""
        elif isinstance(told, Failure):
            self._fail(f"says: {told.text}")
        elif told.because == "declined":
            self._text.forget()
            self._answer.clear()
            self._fail(f"declines to go on {told.detail}".strip())
        elif not self._answer.got:
            self._fail("answered with nothing")
        else:
            self._answer.finish(end=told.because == "end")
            self._over, self._falls, self._word_at = True, 0, self._now()
            if not (self._told_all or self._keeps_to_itself):
                self._keeps_to_itself = True
                if "logprobs" in self._dialect.can and not self._lost:
                    self._news.append(self._ready())

    def _refused(self, refused: Refused) -> None:
        """A status that is not 200: ask for less, or later."""
        said = complaint_of(refused.text)
        given_up = self._dialect.give_up(f"{said} {refused.text}") if refused.status in {400, 422} else []
        if given_up:
            self._end_answer(free=True)
            if not self._lost:
                detail = f"{self._model} at {self._host} does without {', '.join(given_up)}: {said}"
                self._news.append(replace(self._ready(), detail=detail))
            return
        passing = refused.status in {408, 409, 425, 429} or refused.status >= 500
        mend = not passing or "quota" in refused.text or "limit_exceeded" in refused.text
        self._end_answer(free=True)
        self._fail(f"refuses ({refused.status}: {said})", max(refused.wait or 0.0, MENDED if mend else 0.0))

    def _fail(self, how: str, least: float = 0.0) -> None:
        """Nothing more comes of this answer: the next is asked for after a wait that grows."""
        self._answer.break_off()
        self._end_answer()
        wait = self._pause(least)
        self._trouble = f"{self._model} at {self._host} {how}; it is asked again in {wait:.0f} s"

    def _pause(self, least: float, trouble: str = "") -> float:
        first, most = WAITS
        wait = min(most, first * 2.0 ** min(self._falls, 20)) * self._jitter.uniform(0.8, 1.2)
        wait = max(wait, min(least, LONGEST_WAIT))
        self._falls += 1
        self._not_before = self._now() + wait
        self._trouble = trouble or self._trouble
        return wait

    @property
    def _model(self) -> str:
        return str(self._settings["model"])

    @property
    def _host(self) -> str:
        return urlsplit(self._dialect.place).netloc.rpartition("@")[2]

    def _ready(self) -> VoiceNews:
        budget = f", {self._budget.a_day} tokens a day" if self._budget.a_day else ""
        detail = f"{self._model} at {self._host}{budget}"
        can = tuple(c for c in self._dialect.can if c != "logprobs" or not self._keeps_to_itself)
        return VoiceNews(self._name, "ready", detail, "hosted", can=can)


def _sound(told: Told) -> Told:
    """What an event says, if its text is a text and its numbers are numbers; else TypeError."""
    if isinstance(told, Piece) and not isinstance(told.text, str):
        raise TypeError("a piece is a text")
    if isinstance(told, Cost) and not all(
        n is None or isinstance(n, int) for n in (told.prompt, told.answer)
    ):
        raise TypeError("a cost is a whole number")
    return told
