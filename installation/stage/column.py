"""Columns: the areas of a stage in which the words of some voices stand, each laid out for itself.

A column is composed in its own coordinates, from its upper left corner; what is drawn in it is moved to
its place at the end. So no look has to know of areas, and two columns side by side never meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from installation.show.parameter import Settings
from installation.stage.composition import Composition, Format, Measure, plan
from installation.stage.frame import Fog, Sprite, Stroke
from installation.stage.layers.ghosts import Ghosts
from installation.stage.layers.palimpsest import Palimpsest
from installation.stage.layers.view import Drawing, View
from installation.stage.page import Page, speaker
from installation.stage.pages import Pages

GHOSTS = 4
"""Rows of ghosts that the lines make room for."""
ABREAST = 4
"""Columns that stand in one row; more stand in several."""


class Area(NamedTuple):
    """A part of the stage, in hundredths of its width and height."""

    left: float
    top: float
    width: float
    height: float


WHOLE = Area(0, 0, 100, 100)


@dataclass(frozen=True, slots=True)
class Place:
    """Where some voices' words stand (none: all voices'), and in what format. `given`: the area as the
    show says it, nothing where it does not."""

    voices: tuple[str, ...]
    given: tuple[float, ...]
    area: Area
    form: Format

    def shows(self, settings: Settings) -> bool:
        """Whether a look draws here: a palimpsest in its own place, any other wherever its voices speak."""
        if isinstance(settings, Palimpsest):
            return (settings.voice, settings.area) == (self.voices, self.given)
        wanted = getattr(settings, "voice", ())
        return not wanted or not self.voices or bool(set(wanted) & set(self.voices))


def places(looks: Sequence[Settings], width: float) -> list[Place]:
    """Where the words of a scene stand, on a stage of that width (its height is 100). Palimpsests of
    different voices that name no area share the stage."""
    pages = [look for look in looks if isinstance(look, Palimpsest)] or [Palimpsest()]
    free = list(dict.fromkeys(page.voice for page in pages if not page.area))
    margin = next((page.margin for page in pages if not page.area), 0.0)
    own = dict(zip(free, shared(len(free), margin), strict=True))
    found: list[Place] = []
    for page in pages:
        area = Area(*page.area) if page.area else own[page.voice]
        if not any(place.shows(page) for place in found):
            place = Place(page.voice, page.area, area, _form(page, [], area, width))
            ghosts = [look for look in looks if isinstance(look, Ghosts) and place.shows(look)]
            found.append(replace(place, form=_form(page, ghosts[:1], area, width)))
    return found


def shared(count: int, margin: float) -> list[Area]:
    """The stage shared by so many columns: in a row up to ABREAST, else in a grid as square as it goes.
    The outer margins stay as wide as one column's alone would be; the gaps are narrower."""
    if count < 2:
        return [WHOLE] * count
    across = count if count <= ABREAST else math.ceil(math.sqrt(count))
    down = math.ceil(count / across)
    edge = margin * (1 - 1 / across)
    wide, high = (100 - 2 * edge) / across, 100 / down
    return [Area(edge + n % across * wide, n // across * high, wide, high) for n in range(count)]


def _form(page: Palimpsest, ghosts: list[Ghosts], area: Area, width: float) -> Format:
    """The proportions of a palimpsest with the room that its ghosts need."""
    room = GHOSTS * 0.96 * ghosts[0].size if ghosts else 0.0
    pitch = page.leading * page.size if page.leading else 1.28 * page.size + 0.92 * room
    headroom = 0.75 * room if ghosts else 5.0
    wide = width * area.width / 100
    return plan(wide, page.size, page.margin * wide / 100, pitch, headroom, area.height)


class Column:
    """One place on a sheet, and the words in it."""

    def __init__(
        self,
        place: Place,
        pages: Pages,
        width: float,
        measure: Measure,
        leftward: Callable[[str], bool | None],
    ) -> None:
        self.place = place
        self.left, self.top = place.area.left * width / 100, place.area.top
        self._sources = pages.sources
        self._page: Page = pages.of(place.voices)
        self._measure = measure
        self.composition = Composition(place.form, measure, leftward)

    def view(self, now: float) -> View:
        """The column at `now`, in its own coordinates."""
        words = tuple(self.composition.placed(now))
        return View(
            self._page, self.place.form, words, self.composition.tip(now), self._measure, self._sources
        )

    def update(self, now: float) -> None:
        """Place what is new on its page."""
        self.composition.update(self._page, now)

    def seen_by(self, settings: Settings, view: View) -> View:
        """The view as a look sees it: only the words of its voices."""
        wanted = getattr(settings, "voice", ())
        if not wanted or set(self.place.voices or (None,)) <= set(wanted):
            return view
        return replace(view, words=tuple(word for word in view.words if speaker(word.item.voice) in wanted))

    def put(self, drawing: Drawing) -> Drawing:
        """A drawing moved to where the column stands."""
        x, y = self.left, self.top
        if not (x or y):
            return drawing
        return Drawing(
            [Sprite(s[0], s[1], s[2], s[3] + x, s[4] + y, *s[5:]) for s in drawing.sprites],
            [Stroke(tuple((a + x, b + y) for a, b in s.points), s.lights, s.width) for s in drawing.strokes],
            tuple(Fog(f.x + x, f.y + y, f.radius, f.light) for f in drawing.fogs),
            drawing.post,
        )
