"""What a layer is given to draw: the page as it stands at one `now`. Layers are pure functions of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from installation.show.parameter import Settings
from installation.stage.composition import Format, Measure, Placed, Tip
from installation.stage.frame import Sprite, Stroke
from installation.stage.page import Page


@dataclass(frozen=True, slots=True)
class View:
    """`words`: every visible word in its place, oldest first; `tip`: where the next will begin."""

    page: Page
    form: Format
    words: tuple[Placed, ...]
    tip: Tip
    measure: Measure

    def looked_back(self, word: Placed) -> tuple[tuple[Placed, float], ...]:
        """The visible words that the model looked at before it began this one, each with its share of the
        whole look, largest first. Empty where the back end cannot say."""
        placed = {other.item.key: other for other in self.words}
        found = ((placed.get(item.key), share) for item, share in self.page.looked_back(word.item))
        return tuple((other, share) for other, share in found if other is not None)


class Drawing(NamedTuple):
    """What a layer adds to the frame."""

    sprites: list[Sprite]
    strokes: list[Stroke]


Draw: TypeAlias = Callable[[View, Settings, float], Drawing]
