"""A voice that speaks from elsewhere: asks a server for more text, and is steered between sentences.

What it cannot do, nobody can who is not at the model's side: hear a number before the next token, ban
a token, say where else it might have gone. What it does: it goes on from the text so far, whatever
becomes of an answer; a new take hangs up and asks again; what it costs is counted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.messages import Steering, Token, VoiceNews
from installation.voice.budget import Budget
from installation.voice.dialect import Dialect, Piece
from installation.voice.hearing import slices
from installation.voice.inquiry import Inquiry
from installation.voice.manuscript import Manuscript, joined
from installation.voice.near import is_near
from installation.voice.pace import ends_sentence
from installation.voice.words import begins, pieces

TEXT = 2000
"""Characters of its own text that go with a question: enough to go on in tone, and each of them costs."""
PAUSE = 0.05
"""Seconds that `next` waits for a server before it hears the room again."""
BOUNDARY = 24
"""Pieces that `say` waits for a word's beginning."""


class HostedVoice:
    """The Voice protocol over a Dialect; see voice.Factory for the arguments.

    `next` gives None where nothing is there yet, after PAUSE, and VoiceNews where something has
    changed: `lost` when it cannot speak for now, `ready` when it can again."""

    _dialect: Dialect
    _inquiry: Inquiry

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
        self._steering = Steering(name, 0, 0)
        self._forced: deque[str] = deque()
        self._heard: deque[str] = deque()
        self._forcing = False
        self._unforced = 0  # pieces given since `say` waits
        self._sentence_over = False

    def speak_like(self) -> Dialect:
        """The dialect that the settings ask for. Raises VoiceError."""
        raise NotImplementedError

    def load(self) -> VoiceNews:
        """Nothing is asked yet: questions cost. Raises VoiceError for a key or a budget that is missing."""
        self._dialect = self.speak_like()
        model = self._settings["model"]
        if not self._budget.a_day and not is_near(self._dialect.place):
            raise VoiceError(f"{model}: a hosted voice needs a budget, tokens a day: budget: 200000")
        self._inquiry = Inquiry(self._settings, self._name, self._dialect, self._budget, self._now)
        return self._inquiry.ready()

    def close(self) -> None:
        """Hang up for good."""
        self._inquiry.close()

    def begin(self, history: str, first: int) -> None:
        """Go on behind `history` with token `first`; see Voice.begin."""
        self._inquiry.hang_up()
        self._text = Manuscript(history, first)
        self.n, self._first, self._fresh = first, first, True
        self._forced.clear()
        self._heard.clear()

    def steer(self, steering: Steering) -> None:
        """Obey from the next sentence on, in a new take at once; see Voice.steer."""
        if self._fresh or steering.take != self.take:
            self._fresh, self.take = False, steering.take
            self._inquiry.hang_up()
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
            self._inquiry.hang_up()
        self._listen(0.0)
        if self._forced and not self._forcing and self._may_force():
            self._inquiry.hang_up()
            self._forcing = True
        self._inquiry.ask(self._steering, self.n + len(self._forced), self._document)
        if self._forcing and self._forced:
            return self._give(Piece(joined(self._text.tail, self._forced.popleft())), forced=True)
        if not self._inquiry.answer.due():
            self._listen(PAUSE)
        if news := self._inquiry.news():
            return news
        return self._give(self._inquiry.answer.take()) if self._inquiry.answer.due() else None

    def _document(self, more: Sequence[tuple[str, bool]]) -> str:
        """The text so far, with what is being said and `more` behind it."""
        coming = [(text, False) for text in self._forced] if self._forcing else []
        return self._text.so_far(TEXT, [*coming, *more])

    def _listen(self, wait: float) -> None:
        inquiry = self._inquiry
        inquiry.listen(wait, self._forced[-1] if self._forced else self._text.tail)
        if inquiry.declined:
            inquiry.declined = False
            self._text.forget()

    def _give(self, piece: Piece, *, forced: bool = False) -> Token:
        self._text.add(piece.text, end=piece.end)
        self._sentence_over = piece.end or (bool(piece.text.strip()) and ends_sentence(piece.text))
        self._unforced += 1
        serial = self._steering.serial if forced else self._inquiry.asked.serial
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
        if not self._dialect.goes_on or self._unforced >= BOUNDARY or self._inquiry.trouble:
            return True
        tail, follower = self._text.tail, self._inquiry.answer.first()
        if not tail or tail[-1].isspace():
            return True
        return follower is not None and (follower.end or begins(tail, follower.text))

    def _turned(self) -> bool:
        """Whether a sentence is over and the next one is to be asked for under another Steering."""
        over, self._sentence_over = self._sentence_over, False  # asked once, else a number that never rests
        heeds = self._dialect.heeds  # would never let an answer come
        return over and any(
            getattr(self._inquiry.asked, name) != getattr(self._steering, name) for name in heeds
        )
