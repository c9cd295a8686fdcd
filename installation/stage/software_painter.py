"""A frame becomes pixels on the processor: additive light by cached sprites, tone mapped when baked.

Light, opacity, blur and the fraction of a pixel are quantised, so that a word is baked once and then
only added. The glow is drawn at an eighth of the size, blurred by a box, and added last.
"""

from __future__ import annotations

import functools
import math
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from installation.stage.blur import LADDER, blurred, shifted
from installation.stage.frame import Frame, Sprite, Stroke
from installation.stage.ground import ground
from installation.stage.light import GROUND_FOCUS, Light, tone
from installation.stage.typesetter import Cover, Typesetter

if TYPE_CHECKING:
    import pygame
    from numpy.typing import NDArray

COVERS = 48 << 20
"""Bytes of coverage kept."""
BAKED = 192 << 20
"""Bytes of baked sprites kept."""
LEVELS = 44
"""Steps of light between 0 and 1, by its square root."""
RUNGS = 4
"""Steps of blur between two rungs of the ladder."""
PARTS = 2
FINE = 72
"""Below this em in pixels a sprite moves by parts of a pixel."""
GLOW = 8
"""The glow is drawn at one eighth."""
HUES = 24
"""Steps of a hue's weaker colours."""
Level: TypeAlias = tuple[int, int, int, int]
RGB: TypeAlias = tuple[int, int, int]
NONE: Level = (0, 0, 0, 0)


class Baked(NamedTuple):
    """A sprite ready to be added. `left`, `top`: from the left end of its baseline, in pixels."""

    surface: pygame.Surface
    left: int
    top: int


class _Store:
    """The most recently used within a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self._rows: OrderedDict[tuple[object, ...], tuple[object, int]] = OrderedDict()

    def get(self, key: tuple[object, ...]) -> object | None:
        row = self._rows.get(key)
        if row is None:
            return None
        self._rows.move_to_end(key)
        return row[0]

    def put(self, key: tuple[object, ...], value: object, size: int) -> None:
        self._rows[key] = (value, size)
        self.bytes += size
        while self.bytes > self.limit and len(self._rows) > 1:
            self.bytes -= self._rows.popitem(last=False)[1][1]


class SoftwarePainter:
    """Paints frames of one size in pixels. Needs no window."""

    def __init__(self, size: tuple[int, int], typesetter: Typesetter) -> None:
        import pygame

        self.size = size
        self.unit = size[1] / 100
        self._typesetter = typesetter
        self._covers = _Store(COVERS)
        self._baked = _Store(BAKED)
        self._ground = _surface(size)
        pygame.surfarray.blit_array(self._ground, ground(*size))
        self._segments = functools.lru_cache(32)(self._cut)
        self._tables: dict[tuple[int, int], NDArray[np.uint8]] = {}
        self._glow_key: tuple[object, ...] = ()
        self._glow: tuple[pygame.Surface, tuple[int, int]] | None = None

    def paint(self, frame: Frame, surface: pygame.Surface, level: int = 0) -> None:
        """Draw `frame` on `surface`, which has the painter's size. `level` 1 and above: no glow."""
        import pygame

        if frame.dark >= 1:
            surface.fill((0, 0, 0))
            return
        surface.blit(self._ground, (0, 0))
        for stroke in frame.strokes:
            self._stroke(surface, stroke)
        surface.fblits(self._blits(frame.sprites), pygame.BLEND_RGB_ADD)
        if level < 1:
            self._shine(surface, [s for s in frame.sprites if s.glow > 0])
        if frame.dark > 0:
            surface.fill((round(255 * (1 - frame.dark)),) * 3, special_flags=pygame.BLEND_RGB_MULT)

    def _blits(self, sprites: Iterable[Sprite]) -> list[tuple[pygame.Surface, tuple[int, int]]]:
        """Baked surfaces and where they go; a blur between two rungs is both of them in part."""
        blits = []
        unit, width, height = self.unit, *self.size
        for sprite in sprites:
            pixels = max(1, round(sprite.size * unit))
            x, y = round(sprite.x * unit), sprite.y * unit
            down = math.floor(y * PARTS + 0.5) if pixels < FINE else PARTS * math.floor(y + 0.5)
            rung, part = divmod(round(min(sprite.blur, 3.0) * RUNGS), RUNGS)
            for step, share in ((rung, 1 - part / RUNGS), (rung + 1, part / RUNGS)):
                level = quantised(sprite.light, share)
                if level == NONE:
                    continue
                baked = self._bake(sprite.text, sprite.face, pixels, step, level, down % PARTS)
                left, top = x + baked.left, down // PARTS + baked.top
                w, h = baked.surface.get_size()
                if left < width and top < height and left + w > 0 and top + h > 0:
                    blits.append((baked.surface, (left, top)))
        return blits

    def _bake(self, text: str, face: str, pixels: int, step: int, level: Level, phase: int) -> Baked:
        key = (text, face, pixels, step, level, phase)
        found = self._baked.get(key)
        if isinstance(found, Baked):
            return found
        cover = self._cover(text, face, pixels, step)
        if phase:
            cover = shifted(cover, phase / PARTS)
        baked = Baked(self._lit(cover, level), cover.left, cover.top)
        self._baked.put(key, baked, 4 * cover.grey.size + 256)
        return baked

    def _cover(self, text: str, face: str, pixels: int, step: int) -> Cover:
        key = (text, face, pixels, step)
        found = self._covers.get(key)
        if isinstance(found, Cover):
            return found
        if step:
            cover = blurred(self._cover(text, face, pixels, 0), LADDER[step] * pixels)
        else:
            cover = self._typesetter.cover(text, face, pixels)
        self._covers.put(key, cover, cover.grey.size + 256)
        return cover

    def _lit(self, cover: Cover, level: Level) -> pygame.Surface:
        """Coverage in this light, through the tone curve."""
        import pygame

        surface = _surface(cover.grey.shape)
        pixels = pygame.surfarray.pixels3d(surface)
        for channel in range(3):
            pixels[..., channel] = self._table(level[0], level[channel + 1])[cover.grey]
        del pixels
        return surface

    def _table(self, level: int, hue: int) -> NDArray[np.uint8]:
        """What the wall shows for each coverage, 0 to 255, in so much light."""
        if (level, hue) not in self._tables:
            linear = (level / LEVELS) ** 2 * hue / HUES * np.arange(256) / 255
            self._tables[level, hue] = (255 * (1 - np.exp(-1.7 * linear)) + 0.5).astype(np.uint8)
        return self._tables[level, hue]

    def _stroke(self, surface: pygame.Surface, stroke: Stroke) -> None:
        """A line by short straight pieces, over the ground and under the letters."""
        import pygame

        width, segments = self._segments(stroke)
        for colour, start, end in segments:
            pygame.draw.aaline(surface, colour, start, end, width)

    def _cut(self, stroke: Stroke) -> tuple[int, list[tuple[RGB, tuple[float, float], tuple[float, float]]]]:
        """The stroke's width in pixels, and its pieces that can be seen."""
        unit = self.unit
        wanted = stroke.width * unit
        width = max(1, round(wanted))
        share = min(1.3, wanted / width)
        points = [(x * unit, y * unit) for x, y in stroke.points]
        colours = [shown(light, share) for light in stroke.lights[:-1]]
        ends = zip(colours, points, points[1:], strict=False)
        return width, [(colour, start, end) for colour, start, end in ends if colour != _BARE]

    def _shine(self, surface: pygame.Surface, sprites: list[Sprite]) -> None:
        """Add the glow of these sprites; it is drawn anew only when one of them changed."""
        import pygame

        rows = []
        for s in sprites:
            level = quantised(s.light, s.glow)
            if level != NONE:
                place = (round(s.x * self.unit / 2), round(s.y * self.unit / 2))
                rows.append((s.text, s.face, max(1, round(s.size * self.unit / GLOW)), level, place))
        key = tuple(rows)
        if key != self._glow_key:
            self._glow_key = key
            self._glow = self._glowing(rows) if rows else None
        if self._glow is not None:
            surface.blit(*self._glow, special_flags=pygame.BLEND_RGB_ADD)

    def _glowing(
        self, rows: list[tuple[str, str, int, Level, tuple[int, int]]]
    ) -> tuple[pygame.Surface, tuple[int, int]]:
        """The glow of all rows in their common rectangle, and its upper left corner."""
        import pygame

        width, height = math.ceil(self.size[0] / GLOW), math.ceil(self.size[1] / GLOW)
        radius = max(1, round(self.unit * 0.26))
        blits, box = [], None
        for text, face, pixels, level, place in rows:
            baked = self._bake(text, face, pixels, 1, level, 0)
            at = (round(2 * place[0] / GLOW) + baked.left, round(2 * place[1] / GLOW) + baked.top)
            rect = pygame.Rect(at, baked.surface.get_size()).inflate(8 * radius, 8 * radius)
            box = rect if box is None else box.union(rect)
            blits.append((baked.surface, at))
        assert box is not None, "a glow needs a row"
        box = box.clip(pygame.Rect(0, 0, width, height))
        if not box.width or not box.height:
            return _surface((1, 1)), (0, 0)
        small = _surface(box.size)
        small.fblits([(s, (x - box.x, y - box.y)) for s, (x, y) in blits], pygame.BLEND_RGB_ADD)
        for _ in range(2):
            small = pygame.transform.box_blur(small, radius)
        large = pygame.transform.smoothscale(small, (box.width * GLOW, box.height * GLOW))
        return large, (box.x * GLOW, box.y * GLOW)


def quantised(light: Light, share: float = 1.0) -> Level:
    """Light as whole numbers: its strength by the square root, and its hue in parts of the strongest.

    Apart, so that a word that only dims is baked for a few strengths, not for every mixture."""
    most = max(light)
    level = round(LEVELS * math.sqrt(most * share)) if most > 0 else 0
    if level <= 0:
        return NONE
    r, g, b = light
    return level, round(HUES * r / most), round(HUES * g / most), round(HUES * b / most)


def shown(light: Light, share: float) -> RGB:
    """The colour of light on the ground, 0 to 255."""
    return (
        round(255 * tone(light[0] * share + GROUND_FOCUS[0] / 2)),
        round(255 * tone(light[1] * share + GROUND_FOCUS[1] / 2)),
        round(255 * tone(light[2] * share + GROUND_FOCUS[2] / 2)),
    )


_BARE = shown((0.0, 0.0, 0.0), 1.0)


def _surface(size: tuple[int, int]) -> pygame.Surface:
    """A black surface of 32 bits, so that adding takes the fast path."""
    import pygame

    return pygame.Surface(size, 0, 32)
