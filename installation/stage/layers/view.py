"""What a layer is given to draw: the page as it stands at one `now`. Layers are pure functions of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from installation.show.parameter import Settings
from installation.stage.composition import Format, Measure, Placed, Tip
from installation.stage.frame import Fog, Post, Sprite, Stroke
from installation.stage.page import Ahead, Fallen, Item, Page, speaker
from installation.stage.sources import Sources


@dataclass(frozen=True, slots=True)
class View:
    """`words`: every visible word in its place, oldest first; `tip`: where the next will begin;
    `sources`: what the voices read before they write."""

    page: Page
    form: Format
    words: tuple[Placed, ...]
    tip: Tip
    measure: Measure
    sources: Sources = field(default_factory=Sources)

    def looked_back(self, word: Placed) -> tuple[tuple[Placed, float], ...]:
        """The visible words that the model looked at before it began this one, each with its share of the
        whole look, largest first. Empty where the back end cannot say."""
        placed = {other.item.key: other for other in self.words}
        found = ((placed.get(item.key), share) for item, share in self.page.looked_back(word.item))
        return tuple((other, share) for other, share in found if other is not None)

    def said(self, voices: tuple[str, ...], most: int) -> list[Item]:
        """The newest `most` words of these voices (none: of all), oldest first, whether they fit on a page
        or not; what was taken back is left out."""
        found: list[Item] = []
        for item in reversed(self.page.items.values()):
            if item.key in self.page.withdrawn or (voices and speaker(item.voice) not in voices):
                continue
            found.append(item)
            if len(found) >= most:
                break
        return found[::-1]

    def next(self, voices: tuple[str, ...]) -> Ahead | None:
        """What one of these voices (none: any) may say next."""
        ahead = self.page.ahead
        return None if ahead is None or (voices and speaker(ahead.voice) not in voices) else ahead

    def last_next(self, voices: tuple[str, ...]) -> Fallen | None:
        """What one of these voices (none: any) might have said when it last said a token."""
        fallen = self.page.fallen
        gone = fallen is None or (voices and speaker(fallen.ahead.voice) not in voices)
        return None if gone else fallen


class Drawing(NamedTuple):
    """What a layer adds to the frame. `post`: what it does to the picture as a whole."""

    sprites: list[Sprite]
    strokes: list[Stroke]
    fogs: tuple[Fog, ...] = ()
    post: Post | None = None


Draw: TypeAlias = Callable[[View, Settings, float], Drawing]
