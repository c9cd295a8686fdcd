"""What one frame is made of, before anybody paints it: fogs, strokes and sprites.

All lengths and places are hundredths of stage height from the upper left corner, so a frame is the
same at every resolution. Light is linear and already holds its opacity: less is darker.
"""

from __future__ import annotations

import zlib
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from installation.stage.light import Light

if TYPE_CHECKING:
    from installation.stage.table import Table


class Sprite(NamedTuple):
    """A shaped run of text. `x`: its left end, `y`: its baseline, `size`: its em.

    `blur`: 0 sharp to 3, steps of the ladder. `glow`: how strongly it lights its surroundings.
    `turn`: how far it is turned clockwise about that left end, in degrees."""

    text: str
    face: str
    size: float
    x: float
    y: float
    light: Light
    blur: float = 0.0
    glow: float = 0.0
    turn: float = 0.0


class Stroke(NamedTuple):
    """A thin line through `points`, its light given at each of them."""

    points: tuple[tuple[float, float], ...]
    lights: tuple[Light, ...]
    width: float


class Fog(NamedTuple):
    """Soft light on the ground around (`x`, `y`): a Gaussian that falls to 0.6 at `radius`."""

    x: float
    y: float
    radius: float
    light: Light


class Post(NamedTuple):
    """What is done to the picture as a whole. `glow`: how many times all glow; `grain`: coarse grain
    that is added, from 0, none, to 1."""

    glow: float = 1.0
    grain: float = 0.0


PLAIN = Post()


@dataclass(slots=True)
class Frame:
    """Everything on stage at one `now`, in the order it is drawn. `dark`: 0 lit to 1 black."""

    now: float
    sprites: list[Sprite] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    dark: float = 0.0
    fogs: list[Fog] = field(default_factory=list)
    post: Post = PLAIN
    _table: Table | None = None

    def table(self) -> Table:
        """The sprites as columns of numbers. Ask for it when the last one has been added."""
        if self._table is None or len(self._table.texts) != len(self.sprites):
            # Looks import this module and must not bring numpy with them: `check` reads their settings.
            from installation.stage.table import table

            self._table = table(self.sprites)
        return self._table

    def crc(self) -> int:
        """CRC-32 of all rows: two frames with the same one show the same thing."""
        texts, faces, rows = self.table()
        numbers = array("d", (self.dark,))
        numbers.frombytes(rows.tobytes())
        for stroke in self.strokes:
            numbers.append(stroke.width)
            for point in stroke.points:
                numbers.extend(point)
            for light in stroke.lights:
                numbers.extend(light)
        for fog in self.fogs:
            numbers.extend((fog.x, fog.y, fog.radius, *fog.light))
        if self.post != PLAIN:
            numbers.extend(self.post)
        named = "\0".join([f"{face}\1{text}" for face, text in zip(faces, texts, strict=True)])
        return zlib.crc32(numbers.tobytes(), zlib.crc32(named.encode("utf-8", "replace")))
