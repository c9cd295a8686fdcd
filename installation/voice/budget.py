"""How many tokens a hosted voice may still spend today. Kept on disk: a new start is no new day."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path


class Budget:
    """Tokens a day, those of the prompt and those of the answer alike; 0 is no limit.

    What an answer may cost is set aside before it is asked for, and put right when its cost is known:
    who is killed in the middle has spent too much in the book, never too little."""

    def __init__(self, a_day: int, file: Path, today: Callable[[], date] = date.today) -> None:
        self.a_day = a_day
        self._file, self._today = file, today
        self._day = today()
        self._spent = 0
        self._aside = 0
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            book = json.loads(file.read_text(encoding="utf-8"))
            if book["day"] == self._day.isoformat():
                self._spent = max(0, int(book["spent"]))

    @property
    def spent(self) -> int:
        """Tokens spent today, with those that are set aside."""
        self._turn_page()
        return self._spent + self._aside

    @property
    def left(self) -> int | None:
        """Tokens that may still be spent today; None: as many as you like."""
        return max(0, self.a_day - self.spent) if self.a_day else None

    def set_aside(self, tokens: int) -> None:
        """An answer is asked for that may cost so much; another one set aside before is settled at its worst."""
        self.settle(self._aside)
        self._aside = tokens
        self._write()

    def settle(self, tokens: int) -> None:
        """What was set aside has cost so much."""
        self._turn_page()
        self._spent, self._aside = self._spent + tokens, 0
        self._write()

    def _turn_page(self) -> None:
        if (today := self._today()) != self._day:
            self._day, self._spent = today, 0

    def _write(self) -> None:
        if not self.a_day:
            return
        book = {"day": self._day.isoformat(), "spent": self._spent + self._aside}
        fresh = self._file.with_suffix(".new")
        with contextlib.suppress(OSError):  # then it counts for this run only
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(book), encoding="utf-8")
            fresh.replace(self._file)
