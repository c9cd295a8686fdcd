"""One page of all that was said, and one for each voice, or group of voices, that is shown by itself."""

from __future__ import annotations

from collections.abc import Iterator

from installation.messages import Candidates, Token, Word
from installation.stage.floor import Floor
from installation.stage.page import Page, speaker
from installation.stage.sources import Sources


class Pages:
    """Keeps every page that a sheet has asked for up to date."""

    def __init__(self, sources: Sources | None = None) -> None:
        self.sources = sources or Sources()
        self._whole = Page()
        self._own: dict[tuple[str, ...], Page] = {}
        self._floors: dict[tuple[str, ...], Floor] = {(): Floor()}

    def of(self, voices: tuple[str, ...]) -> Page:
        """The page of these voices; of none in particular: of all, sentence by sentence."""
        if not voices:
            return self._whole
        if voices not in self._own:
            self._own[voices] = self._whole.of(voices)
            self._floors[voices] = self._floors[()].of(lambda voice: speaker(voice) in voices)
        return self._own[voices]

    def take(self, message: Token | Word | Candidates, now: float) -> None:
        """Take in what a voice said, or may say next."""
        for voices, page in self._shown_by(message.voice):
            for shown in self._floors[voices].take(message, now):
                page.take(shown, now)

    def settle(self, now: float) -> None:
        """Show what waited for somebody who fell silent."""
        for voices, floor in self._floors.items():
            page = self._own[voices] if voices else self._whole
            for shown in floor.settle(now):
                page.take(shown, now)

    def withdraw(self, voice: str, first: int, after: int, now: float) -> None:
        """A voice took words back; see Page.withdraw."""
        for voices, page in self._shown_by(voice):
            for shown in self._floors[voices].free(voice):
                page.take(shown, now)
            page.withdraw(voice, first, after, now)

    def _shown_by(self, voice: str) -> Iterator[tuple[tuple[str, ...], Page]]:
        """The pages that show a voice, each with the voices that it is of."""
        yield (), self._whole
        yield from ((voices, page) for voices, page in self._own.items() if speaker(voice) in voices)
