"""A sheet: one scene's layers over one page, and when it came and goes. Sheets cross-fade whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from installation.show.parameter import Settings
from installation.show.schema import LayerSpec
from installation.stage.column import Column, places
from installation.stage.composition import Measure
from installation.stage.frame import Fog, Frame, Post, Sprite, Stroke
from installation.stage.layers.catalogue import LOOKS
from installation.stage.layers.view import Drawing, View
from installation.stage.light import times
from installation.stage.motion import mix, smooth
from installation.stage.pages import Pages

PATIENCE = 3
"""Times a layer may fail before it is left out for good."""


@dataclass(slots=True)
class Layer:
    """One look on this sheet. `name` is its address; `failed` counts frames it could not draw."""

    kind: str
    name: str
    settings: Settings
    failed: int = 0


def layer(spec: LayerSpec, before: Layer | None = None) -> Layer:
    """The layer as its scene begins: what is constant is set, what an expression drives rests, or
    stays as it was on `before`."""
    kind = LOOKS[spec.kind].settings
    driven = [k for k, v in spec.settings.items() if getattr(v, "constant", v) is None]
    values: dict[str, Any] = {}
    if before is not None and before.kind == spec.kind:
        values.update((key, getattr(before.settings, key)) for key in driven)
    for key, setting in spec.settings.items():
        value = (
            setting if isinstance(setting, str | int | float | tuple) else getattr(setting, "constant", None)
        )
        if value is not None:
            values[key] = value
    return Layer(spec.kind, spec.name, kind.model_validate(values))


class Sheet:
    """`came`, `goes`: when, and in how many seconds; `goes` None: it stays."""

    def __init__(
        self,
        pages: Pages,
        layers: list[Layer],
        width: float,
        measure: Measure,
        leftward: Callable[[str], bool | None],
    ) -> None:
        self.pages = pages
        self.layers = layers
        self.came = (0.0, 0.0)
        self.goes: tuple[float, float] | None = None
        self._measure = measure
        self._leftward = leftward
        self.reset(width)

    def reset(self, width: float) -> None:
        """Lay the page out anew for a stage of that width."""
        self.places = places([part.settings for part in self.layers], width)
        self.columns = [
            Column(place, self.pages, width, self._measure, self._leftward) for place in self.places
        ]

    @property
    def margin(self) -> float:
        """How far in the first column's text begins."""
        first = self.columns[0]
        return first.left + first.place.form.margin

    def strength(self, now: float) -> float:
        """0 not here to 1 wholly here."""
        share = _passed(self.came, now)
        return share if self.goes is None else share * (1 - _passed(self.goes, now))

    def gone(self, now: float) -> bool:
        """Whether it has faded for good."""
        return self.goes is not None and now >= self.goes[0] + self.goes[1]

    def set(self, name: str, parameter: str, value: Any) -> bool:
        """Set a parameter of the layer of that name. False where there is none or the value is wrong."""
        found = next((x for x in self.layers if x.name == name), None)
        if found is None or parameter not in type(found.settings).model_fields:
            return False
        try:
            found.settings = type(found.settings).model_validate({**dict(found.settings), parameter: value})
        except ValidationError:
            return False
        return True

    def draw(self, frame: Frame, now: float, told: Callable[[str], None]) -> None:
        """Add what this sheet shows at `now`. A layer that fails is left out, and told of."""
        for column in self.columns:
            column.update(now)
        strength = self.strength(now)
        if strength <= 0:
            return
        views = [(column, column.view(now)) for column in self.columns]
        for part in self.layers:
            for column, view in views:
                if part.failed < PATIENCE and column.place.shows(part.settings):
                    seen = column.seen_by(part.settings, view)
                    _extend(frame, column.put(_drawn(part, seen, now, told)), strength)


def _drawn(part: Layer, view: View, now: float, told: Callable[[str], None]) -> Drawing:
    try:
        return LOOKS[part.kind].draw(view, part.settings, now)
    except Exception as error:  # noqa: BLE001  a broken look must not end the show
        part.failed += 1
        off = "; it is off now" if part.failed == PATIENCE else ""
        told(f"layer {part.name} could not be drawn: {type(error).__name__}: {error}{off}")
        return Drawing([], [])


def _extend(frame: Frame, drawing: Drawing, strength: float) -> None:
    """Add a drawing so bright."""
    if drawing.post is not None:
        glow, grain = frame.post
        frame.post = Post(glow * mix(1, drawing.post.glow, strength), grain + drawing.post.grain * strength)
    frame.fogs.extend(Fog(f.x, f.y, f.radius, times(f.light, strength)) for f in drawing.fogs)
    if strength >= 1:
        frame.sprites.extend(drawing.sprites)
        frame.strokes.extend(drawing.strokes)
        return
    frame.sprites.extend(Sprite(*s[:5], times(s.light, strength), *s[6:]) for s in drawing.sprites)
    frame.strokes.extend(
        Stroke(s.points, tuple(times(x, strength) for x in s.lights), s.width) for s in drawing.strokes
    )


def _passed(span: tuple[float, float], now: float) -> float:
    at, seconds = span
    return smooth((now - at) / seconds) if seconds > 0 else float(now >= at)
