"""Words that are spoken become sentences, which others may hear. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from installation.messages import Word
from installation.voice.pace import ends_sentence

LONGEST = 40
"""Words after which a sentence without an end counts as one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """White space is single spaces. `private`: a visitor's own words stand in it."""

    text: str
    private: bool = False


class Sentences:
    """The sentence that is being spoken; `count` says how many are finished."""

    def __init__(self) -> None:
        self.count = 0
        self._words: list[Word] = []
        self._finished: list[Sentence] = []

    def add(self, word: Word, *, paragraph: bool = False) -> None:
        """A word was spoken; `paragraph`: the text ends, or a paragraph does, behind it."""
        if self._words and word.before.count("\n") > 1:
            self._finish()
        self._words.append(word)
        if paragraph or ends_sentence(word.text) or len(self._words) >= LONGEST:
            self._finish()

    def withdraw(self, to: int) -> None:
        """The words from token `to` on are taken back; nobody hears them of a sentence under way."""
        self._words = [word for word in self._words if word.first < to]

    def take(self) -> list[Sentence]:
        """The sentences that were finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def _finish(self) -> None:
        text = "".join((" " if word.before else "") + word.text for word in self._words).strip()
        self._finished.append(Sentence(text, any(word.private for word in self._words)))
        self._words.clear()
        self.count += 1
