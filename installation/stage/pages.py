"""One page of all that was said, and one for each voice, or group of voices, that is shown by itself."""

from __future__ import annotations

from installation.messages import Candidates, Token, Word
from installation.stage.page import Page, speaker
from installation.stage.sources import Sources


class Pages:
    """Keeps every page that a sheet has asked for up to date."""

    def __init__(self, sources: Sources | None = None) -> None:
        self.sources = sources or Sources()
        self._whole = Page()
        self._own: dict[tuple[str, ...], Page] = {}

    def of(self, voices: tuple[str, ...]) -> Page:
        """The page of these voices; of none in particular: of all, in the order spoken."""
        if not voices:
            return self._whole
        if voices not in self._own:
            self._own[voices] = self._whole.of(voices)
        return self._own[voices]

    def take(self, message: Token | Word | Candidates, now: float) -> None:
        """Take in what a voice said, or may say next."""
        self._whole.take(message, now)
        for voices, page in self._own.items():
            if speaker(message.voice) in voices:
                page.take(message, now)

    def withdraw(self, voice: str, first: int, after: int, now: float) -> None:
        """A voice took words back; see Page.withdraw."""
        for page in (self._whole, *(page for voices, page in self._own.items() if voice in voices)):
            page.withdraw(voice, first, after, now)
