"""A frame becomes pixels on the processor: additive light by cached sprites, tone mapped when baked.

Light, opacity, blur and the fraction of a pixel are quantised, so that a word is baked once and then
only added. Its glow is a sprite too: made at an eighth of the size, blurred by a box, added last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from installation.stage.atmosphere import Atmosphere
from installation.stage.backdrop import Backdrop
from installation.stage.blur import LADDER, blurred, reduced, shifted, turned
from installation.stage.frame import Frame
from installation.stage.store import Store
from installation.stage.table import BLUR, RED, SIZE, TURN, Table, X, Y
from installation.stage.table import GLOW as GLOW_OF
from installation.stage.typesetter import Cover, Typesetter

if TYPE_CHECKING:
    import pygame
    from numpy.typing import NDArray

COVERS, BAKED = 6, 24
"""Coverage and baked sprites kept, in bytes for each byte of the picture: a full wall's and its past."""
LEVELS = 44
"""Steps of light between 0 and 1, by its square root."""
RUNGS = 4
"""Steps of blur between two rungs of the ladder."""
PARTS = 2
FINE = 72
"""Below this em in pixels a sprite moves by parts of a pixel."""
GLOW = 8
"""The glow is made at one eighth."""
HALO = 7
"""In place of a rung: the glow of the word."""
LOWER = 8
"""Added to a rung: the same, lower by a part of a pixel."""
HUES = 24
"""Steps of a hue's weaker colours."""
BRIGHTEST = (1 << 9) - 1
SHARES = np.sqrt(np.arange(RUNGS + 1) / RUNGS)
"""What is left of a light's square root, for so many parts of a rung."""
ROW = 640
"""Bytes that a thing takes beside its pixels."""

CoverKey: TypeAlias = tuple[str, str, int, int, int]
"""Text, face, em in pixels, step of the ladder, whole degrees clockwise."""
BakedKey: TypeAlias = tuple[str, str, int]
"""Text, face, and a look: what it takes to bake it, in one number (`_packed`)."""
Blit: TypeAlias = "tuple[pygame.Surface, tuple[int, int]]"
Whole: TypeAlias = "NDArray[np.int64]"


class Baked(NamedTuple):
    """A sprite ready to be added. `left`, `top`: from the left end of its baseline, in pixels."""

    surface: pygame.Surface
    left: int
    top: int


class SoftwarePainter:
    """Paints frames of one size in pixels. Needs no window."""

    def __init__(self, size: tuple[int, int], typesetter: Typesetter) -> None:
        self.size = size
        self.unit = size[1] / 100
        self._typesetter = typesetter
        picture = 4 * size[0] * size[1]
        self._covers: Store[CoverKey, Cover] = Store(COVERS * picture, self._cover)
        self._baked: Store[BakedKey, Baked] = Store(BAKED * picture, self._bake)
        self._tables: Store[tuple[int, int], NDArray[np.uint32]] = Store(4 << 20, self._table)
        self._shifts = _surface((1, 1)).get_shifts()[:3]
        self._backdrop = Backdrop(size)
        self._atmosphere = Atmosphere(size)

    def paint(self, frame: Frame, surface: pygame.Surface, level: int = 0) -> None:
        """Draw `frame` on `surface`, which has the painter's size. `level` 1 and above: no glow."""
        import pygame

        if frame.dark >= 1:
            surface.fill((0, 0, 0))
            return
        self._backdrop.draw(surface, frame.strokes, frame.post.grain if level < 1 else 0.0, frame.now)
        self._atmosphere.fog(surface, frame.fogs)
        shine = frame.post.glow if level < 1 else 0.0
        surface.fblits(self._blits(frame.table(), shine), pygame.BLEND_RGB_ADD)
        if frame.dark > 0:
            surface.fill((round(255 * (1 - frame.dark)),) * 3, special_flags=pygame.BLEND_RGB_MULT)

    def _blits(self, sprites: Table, shine: float = 1.0) -> list[Blit]:
        """Baked surfaces and where they go; a blur between two rungs is both of them in part. `shine`: how
        many times as strong all glow is."""
        numbers, unit = sprites.numbers, self.unit
        light = numbers[:, RED:BLUR]
        most = light.max(axis=1, initial=0.0)
        strength = LEVELS * np.sqrt(most)
        hues = np.rint(light * (HUES / np.maximum(most, 1e-9))[:, None]).astype(np.int64)
        pixels = np.maximum(1, np.rint(numbers[:, SIZE] * unit)).astype(np.int64)
        y = numbers[:, Y] * unit
        fine = np.floor(y * PARTS + 0.5)
        down = np.where(pixels < FINE, fine, PARTS * np.floor(y + 0.5)).astype(np.int64)
        left = np.rint(numbers[:, X] * unit).astype(np.int64)
        rung, part = np.divmod(np.rint(np.clip(numbers[:, BLUR], 0, 3) * RUNGS).astype(np.int64), RUNGS)
        places = (sprites, left, down // PARTS)
        phase, turn = down % PARTS, np.rint(numbers[:, TURN]).astype(np.int64) % 360
        blits: list[Blit] = []
        for step, share in ((rung, SHARES[RUNGS - part]), (rung + 1, SHARES[part])):
            level = np.rint(strength * share).astype(np.int64)
            self._put(blits, *places, _packed(pixels, step, level, hues, phase, turn), level > 0)
        if shine > 0 and numbers[:, GLOW_OF].any():
            level = np.rint(LEVELS * np.sqrt(most * numbers[:, GLOW_OF] * shine)).astype(np.int64)
            self._put(blits, *places, _packed(pixels, HALO, level, hues, 0, turn), level > 0)
        return blits

    def _put(
        self,
        blits: list[Blit],
        sprites: Table,
        left: Whole,
        top: Whole,
        looks: Whole,
        seen: NDArray[np.bool_],
    ) -> None:
        """Add those sprites that are seen, each in its look."""
        baked, (texts, faces, _) = self._baked, sprites
        chosen = np.flatnonzero(seen)
        rows = zip(
            chosen.tolist(), looks[chosen].tolist(), left[chosen].tolist(), top[chosen].tolist(), strict=True
        )
        for k, look, x, y in rows:
            surface, dx, dy = baked[texts[k], faces[k], look]
            blits.append((surface, (x + dx, y + dy)))

    def _bake(self, key: BakedKey) -> tuple[Baked, int]:
        """A sprite and its bytes."""
        text, face, look = key
        pixels, step, level, hue, phase, turn = _unpacked(look)
        if step == HALO:
            baked = self._halo(self._covers[text, face, pixels, HALO, turn], level, hue)
        else:
            cover = self._covers[text, face, pixels, step + LOWER * phase, turn]
            baked = Baked(self._lit(cover.grey, level, hue), cover.left, cover.top)
        width, height = baked.surface.get_size()
        return baked, 4 * width * height + ROW

    def _cover(self, key: CoverKey) -> tuple[Cover, int]:
        """Coverage on a rung of the ladder, and its bytes. On the rung HALO: of the first, at an eighth."""
        text, face, pixels, step, turn = key
        if step >= LOWER:
            cover = shifted(self._covers[text, face, pixels, step % LOWER, turn], step // LOWER / PARTS)
        elif step == HALO:
            cover = reduced(self._covers[text, face, pixels, 1, turn], GLOW)
        elif turn:
            cover = turned(self._covers[text, face, pixels, step, 0], turn)
        elif step:
            cover = blurred(self._covers[text, face, pixels, 0, 0], LADDER[step] * pixels)
        else:
            cover = self._typesetter.cover(text, face, pixels)
        return cover, cover.grey.size + ROW

    def _lit(self, grey: NDArray[np.uint8], level: int, hue: int) -> pygame.Surface:
        """Coverage in this light, through the tone curve."""
        import pygame

        surface = _surface(grey.shape)
        pixels = pygame.surfarray.pixels2d(surface)
        pixels[...] = self._tables[level, hue].take(grey)
        del pixels
        return surface

    def _table(self, key: tuple[int, int]) -> tuple[NDArray[np.uint32], int]:
        """The pixel for each coverage, 0 to 255, in so much light, and the table's bytes."""
        level, hue = key
        packed = np.zeros(256, np.uint32)
        for channel, shift in zip(_hues(hue), self._shifts, strict=True):
            linear = (level / LEVELS) ** 2 * channel / HUES * np.arange(256) / 255
            packed |= (255 * (1 - np.exp(-1.7 * linear)) + 0.5).astype(np.uint32) << np.uint32(shift)
        return packed, packed.nbytes + ROW

    def _halo(self, cover: Cover, level: int, hue: int) -> Baked:
        """What a word adds to its surroundings: made small, blurred by a box twice, made large, and cut to
        where it can be seen."""
        import pygame

        radius = max(1, round(self.unit * 0.26))
        pad = 2 * radius + 1
        width, height = cover.grey.shape
        small = _surface((width + 2 * pad, height + 2 * pad))
        small.blit(self._lit(cover.grey, level, hue), (pad, pad))
        for _ in range(2):
            small = pygame.transform.box_blur(small, radius)
        seen = pygame.mask.from_threshold(small, (0, 0, 0), (1, 1, 1, 255))
        seen.invert()
        boxes = seen.get_bounding_rects()
        box = boxes[0].unionall(boxes[1:]) if boxes else pygame.Rect(0, 0, 1, 1)
        box = box.inflate(2, 2).clip(small.get_rect())
        large = pygame.transform.smoothscale(small.subsurface(box), (box.width * GLOW, box.height * GLOW))
        return Baked(large, cover.left + GLOW * (box.x - pad), cover.top + GLOW * (box.y - pad))


def _packed(
    pixels: Whole, step: Whole | int, level: Whole, hues: Whole, phase: Whole | int, turn: Whole
) -> Whole:
    """Em, step of the ladder, strength, hue, part of a pixel and degrees in one number each."""
    colour = (hues[:, 0] << 10) | (hues[:, 1] << 5) | hues[:, 2]
    level = np.minimum(level, BRIGHTEST)
    packed: Whole = turn << 44 | pixels << 28 | step << 25 | level << 16 | colour << 1 | phase
    return packed


def _unpacked(look: int) -> tuple[int, int, int, int, int, int]:
    """Em, step of the ladder, strength, hue, part of a pixel and degrees."""
    pixels, turn = look >> 28 & 0xFFFF, look >> 44
    return pixels, look >> 25 & 7, look >> 16 & BRIGHTEST, look >> 1 & 0x7FFF, look & 1, turn


def _hues(hue: int) -> tuple[int, int, int]:
    """Red, green and blue in parts of the strongest. Strength is apart from it, so that a word that only
    dims is baked for a few strengths, not for every mixture."""
    return hue >> 10, hue >> 5 & 31, hue & 31


def _surface(size: tuple[int, int]) -> pygame.Surface:
    """A black surface of 32 bits, so that adding takes the fast path."""
    import pygame

    return pygame.Surface(size, 0, 32)
