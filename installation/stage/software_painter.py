"""A frame becomes pixels on the processor: additive light by cached sprites, tone mapped when baked.

Light, opacity, blur and the fraction of a pixel are quantised, so that a word is baked once and then
only added. The glow is drawn at an eighth of the size, blurred by a box, and added last.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from installation.stage.atmosphere import Atmosphere
from installation.stage.blur import LADDER, blurred, shifted, turned
from installation.stage.frame import Frame, Sprite, Stroke
from installation.stage.ground import ground
from installation.stage.light import GROUND_FOCUS, tone
from installation.stage.store import Store
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
SHARES = tuple(math.sqrt(part / RUNGS) for part in range(RUNGS + 1))
"""What is left of a light's square root, for so many parts of a rung."""

Hue: TypeAlias = tuple[int, int, int]
"""Red, green and blue in parts of the strongest. Strength is apart from it, so that a word that only
dims is baked for a few strengths, not for every mixture."""
CoverKey: TypeAlias = tuple[str, str, int, int, int]
"""Text, face, em in pixels, step of the ladder, whole degrees clockwise."""
BakedKey: TypeAlias = tuple[str, str, int, int, int, Hue, int, int]
"""The first four of them, then strength, hue, part of a pixel and degrees."""
GlowRow: TypeAlias = tuple[BakedKey, tuple[int, int]]
Segment: TypeAlias = tuple[list[int], tuple[float, float], tuple[float, float]]
"""A colour and the two ends, in pixels."""


class Baked(NamedTuple):
    """A sprite ready to be added. `left`, `top`: from the left end of its baseline, in pixels."""

    surface: pygame.Surface
    left: int
    top: int


class SoftwarePainter:
    """Paints frames of one size in pixels. Needs no window."""

    def __init__(self, size: tuple[int, int], typesetter: Typesetter) -> None:
        import pygame

        self.size = size
        self.unit = size[1] / 100
        self._typesetter = typesetter
        self._covers: Store[CoverKey, Cover] = Store(COVERS, self._cover)
        self._baked: Store[BakedKey, Baked] = Store(BAKED, self._bake)
        self._ground = _surface(size)
        pygame.surfarray.blit_array(self._ground, ground(*size))
        self._segments = functools.lru_cache(512)(self._cut)
        self._atmosphere = Atmosphere(size)
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
        self._atmosphere.fog(surface, frame.fogs)
        surface.fblits(self._blits(frame.sprites), pygame.BLEND_RGB_ADD)
        if level < 1:
            self._shine(surface, [s for s in frame.sprites if s.glow > 0], frame.post.glow)
            self._atmosphere.grain(surface, frame.post.grain, frame.now)
        if frame.dark > 0:
            surface.fill((round(255 * (1 - frame.dark)),) * 3, special_flags=pygame.BLEND_RGB_MULT)

    def _blits(self, sprites: Iterable[Sprite]) -> list[tuple[pygame.Surface, tuple[int, int]]]:
        """Baked surfaces and where they go; a blur between two rungs is both of them in part."""
        blits = []
        unit, baked = self.unit, self._baked
        for text, face, size, x, y, light, blur, _, turn in sprites:
            most = max(light)
            strength = LEVELS * math.sqrt(most)
            if strength < 0.5:
                continue
            hue = (
                round(HUES * light[0] / most),
                round(HUES * light[1] / most),
                round(HUES * light[2] / most),
            )
            pixels = round(size * unit) or 1
            down = math.floor(y * unit * PARTS + 0.5) if pixels < FINE else PARTS * math.floor(y * unit + 0.5)
            top, phase = divmod(down, PARTS)
            left = round(x * unit)
            degrees = round(turn) % 360
            rung, part = divmod(round(min(blur, 3.0) * RUNGS), RUNGS)
            level = round(strength * SHARES[RUNGS - part])
            if level:
                surface, dx, dy = baked[text, face, pixels, rung, level, hue, phase, degrees]
                blits.append((surface, (left + dx, top + dy)))
            level = round(strength * SHARES[part])
            if level:
                surface, dx, dy = baked[text, face, pixels, rung + 1, level, hue, phase, degrees]
                blits.append((surface, (left + dx, top + dy)))
        return blits

    def _bake(self, key: BakedKey) -> tuple[Baked, int]:
        """A sprite and its bytes."""
        text, face, pixels, step, level, hue, phase, degrees = key
        cover = self._covers[text, face, pixels, step, degrees]
        if phase:
            cover = shifted(cover, phase / PARTS)
        return Baked(self._lit(cover, level, hue), cover.left, cover.top), 4 * cover.grey.size + 256

    def _cover(self, key: CoverKey) -> tuple[Cover, int]:
        """Coverage on a rung of the ladder, and its bytes."""
        text, face, pixels, step, degrees = key
        if degrees:
            cover = turned(self._covers[text, face, pixels, step, 0], degrees)
        elif step:
            cover = blurred(self._covers[text, face, pixels, 0, 0], LADDER[step] * pixels)
        else:
            cover = self._typesetter.cover(text, face, pixels)
        return cover, cover.grey.size + 256

    def _lit(self, cover: Cover, level: int, hue: Hue) -> pygame.Surface:
        """Coverage in this light, through the tone curve."""
        import pygame

        surface = _surface(cover.grey.shape)
        pixels = pygame.surfarray.pixels3d(surface)
        for channel in range(3):
            pixels[..., channel] = self._table(level, hue[channel])[cover.grey]
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

    def _cut(self, stroke: Stroke) -> tuple[int, list[Segment]]:
        """The stroke's width in pixels, and its pieces that can be seen."""
        unit = self.unit
        wanted = stroke.width * unit
        width = max(1, round(wanted))
        share = min(1.3, wanted / width)
        points = [(x * unit, y * unit) for x, y in stroke.points]
        under = np.array(GROUND_FOCUS, np.float32) / 2
        linear = np.array(stroke.lights[:-1], np.float32).reshape(-1, 3) * share + under
        colours = (255 * (1 - np.exp(-1.7 * linear)) + 0.5).astype(int).tolist()
        bare = [int(255 * tone(glim) + 0.5) for glim in under.tolist()]
        ends = zip(colours, points, points[1:], strict=False)
        dark = sum(bare) + 2  # what is hardly there would be darker than the ground under it
        return width, [(colour, start, end) for colour, start, end in ends if sum(colour) > dark]

    def _shine(self, surface: pygame.Surface, sprites: list[Sprite], times: float) -> None:
        """Add the glow of these sprites, so many times as strong; it is drawn anew only when one of them changed."""
        import pygame

        rows: list[GlowRow] = []
        unit = self.unit
        for sprite in sprites:
            most = max(sprite.light)
            level = round(LEVELS * math.sqrt(most * sprite.glow * times))
            if level:
                red, green, blue = sprite.light
                hue = (round(HUES * red / most), round(HUES * green / most), round(HUES * blue / most))
                pixels = round(sprite.size * unit / GLOW) or 1
                at = (round(sprite.x * unit / GLOW), round(sprite.y * unit / GLOW))
                rows.append(
                    ((sprite.text, sprite.face, pixels, 1, level, hue, 0, round(sprite.turn) % 360), at)
                )
        key = tuple(rows)
        if key != self._glow_key:
            self._glow_key = key
            self._glow = self._glowing(rows) if rows else None
        if self._glow is not None:
            surface.blit(*self._glow, special_flags=pygame.BLEND_RGB_ADD)

    def _glowing(self, rows: list[GlowRow]) -> tuple[pygame.Surface, tuple[int, int]]:
        """The glow of all rows in their common rectangle, and its upper left corner."""
        import pygame

        width, height = math.ceil(self.size[0] / GLOW), math.ceil(self.size[1] / GLOW)
        radius = max(1, round(self.unit * 0.26))
        blits, box = [], None
        for key, (x, y) in rows:
            surface, dx, dy = self._baked[key]
            rect = pygame.Rect((x + dx, y + dy), surface.get_size()).inflate(8 * radius, 8 * radius)
            box = rect if box is None else box.union(rect)
            blits.append((surface, (x + dx, y + dy)))
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


def _surface(size: tuple[int, int]) -> pygame.Surface:
    """A black surface of 32 bits, so that adding takes the fast path."""
    import pygame

    return pygame.Surface(size, 0, 32)
