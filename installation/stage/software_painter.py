"""A frame becomes pixels on the processor: additive light by cached sprites, tone mapped when baked.

Light, opacity, blur and the fraction of a pixel are quantised, so that a word is baked once and then
only added. What is soft, and every glow, is baked at a quarter of the size and added to the haze.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from installation.stage.backdrop import Backdrop
from installation.stage.blur import LADDER, blurred, shifted, softened, turned
from installation.stage.frame import Frame
from installation.stage.gel import DENSE, HUES, LEVELS, Gels
from installation.stage.haze import CELL, Blit, Haze
from installation.stage.store import ROW, Store
from installation.stage.table import BLUR, RED, SIZE, TURN, Table, X, Y
from installation.stage.table import GLOW as GLOW_OF
from installation.stage.typesetter import Cover, Typesetter

if TYPE_CHECKING:
    import pygame
    from numpy.typing import NDArray

COVERS, BAKED = 6, 24
"""Coverage and baked sprites kept, in bytes for each byte of the picture: a full wall's and its past."""
RUNGS = 4
"""Steps of blur between two rungs of the ladder."""
PARTS = 2
FINE = 72
"""Below this em in pixels a sprite moves by parts of a pixel."""
SOFT = 4.5
"""Pixels of blur from which a sprite goes into the haze."""
HALO = 4
"""In place of a rung: the glow of the word. Above it: the rungs of what is soft."""
REACH = 2.1
"""How far a glow reaches, its Gaussian's deviation in hundredths of stage height."""
COARSE = 2
"""Pixels by which a glow moves; the rest of what is soft moves by one."""
BRIGHTEST = (1 << 9) - 1
SHARES = np.sqrt(np.arange(RUNGS + 1) / RUNGS)
"""What is left of a light's square root, for so many parts of a rung."""

CoverKey: TypeAlias = tuple[str, str, int, int, int, int]
"""Text, face, em in pixels, step of the ladder, phase, whole degrees clockwise."""
BakedKey: TypeAlias = tuple[str, str, int]
"""Text, face, and a look: what it takes to bake it, in one number (`_packed`)."""
Whole: TypeAlias = "NDArray[np.int64]"


class Baked(NamedTuple):
    """A sprite ready to be added. `left`, `top`: from the left end of its baseline, in pixels; in cells
    where it is soft."""

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
        self._gels = Gels()
        self._backdrop = Backdrop(size)
        self._haze = Haze(size)

    def paint(self, frame: Frame, surface: pygame.Surface, level: int = 0) -> None:
        """Draw `frame` on `surface`, which has the painter's size. `level` 1 and above: no glow."""
        import pygame

        if frame.dark >= 1:
            surface.fill((0, 0, 0))
            return
        sharp, soft = self._blits(frame.table(), frame.post.glow if level < 1 else 0.0)
        self._backdrop.draw(surface, frame.strokes, frame.post.grain if level < 1 else 0.0, frame.now)
        self._haze.draw(surface, frame.fogs, soft)
        surface.fblits(sharp, pygame.BLEND_RGB_ADD)
        if frame.dark > 0:
            surface.fill((round(255 * (1 - frame.dark)),) * 3, special_flags=pygame.BLEND_RGB_MULT)

    def _blits(self, sprites: Table, shine: float = 1.0) -> tuple[list[Blit], list[Blit]]:
        """Baked surfaces and where they go, sharp ones in pixels and soft ones in cells; a blur between two
        rungs is both of them in part. `shine`: how many times as strong all glow is."""
        numbers, unit = sprites.numbers, self.unit
        light = numbers[:, RED:BLUR]
        most = light.max(axis=1, initial=0.0)
        strength = LEVELS * np.sqrt(most)
        hues = np.rint(light * (HUES / np.maximum(most, 1e-9))[:, None]).astype(np.int64)
        pixels = np.maximum(1, np.rint(numbers[:, SIZE] * unit)).astype(np.int64)
        left, y = np.rint(numbers[:, X] * unit).astype(np.int64), numbers[:, Y] * unit
        top = np.floor(y + 0.5).astype(np.int64)
        fine = np.where(pixels < FINE, np.floor(y * PARTS + 0.5).astype(np.int64), PARTS * top)
        rung, part = np.divmod(np.rint(np.clip(numbers[:, BLUR], 0, 3) * RUNGS).astype(np.int64), RUNGS)
        look = _look(pixels, hues, np.rint(numbers[:, TURN]).astype(np.int64) % 360)
        sharp: list[Blit] = []
        soft: list[Blit] = []
        cells = (sprites, left // CELL, top // CELL)
        phase = left % CELL * CELL + top % CELL
        for step, share in ((rung, SHARES[RUNGS - part]), (rung + 1, SHARES[part])):
            level = np.rint(strength * share).astype(np.int64)
            large = np.take(LADDER, step, mode="clip") * pixels >= SOFT
            full = look | _at(step, level, fine % PARTS)
            self._put(sharp, sprites, left, fine // PARTS, full, (level > 0) & ~large)
            self._put(soft, *cells, look | _at(step + HALO, level, phase), (level > 0) & large)
        if shine > 0 and numbers[:, GLOW_OF].any():
            level = np.rint(LEVELS * np.sqrt(most * numbers[:, GLOW_OF] * shine)).astype(np.int64)
            phase = left % CELL // COARSE * COARSE * CELL + top % CELL // COARSE * COARSE
            self._put(soft, *cells, look | _at(HALO, level, phase), level > 0)
        return sharp, soft

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
        mask, (texts, faces, _) = seen.tolist(), sprites
        keys = zip(compress(texts, mask), compress(faces, mask), looks[seen].tolist(), strict=True)
        # Without a loop of Python's: this is done for every sprite of every frame.
        found = map(self._baked.__getitem__, keys)
        places = zip(found, left[seen].tolist(), top[seen].tolist(), strict=True)
        blits += [(surface, (x + dx, y + dy)) for (surface, dx, dy), x, y in places]

    def _bake(self, key: BakedKey) -> tuple[Baked, int]:
        """A sprite and its bytes."""
        text, face, look = key
        step, level, phase = look >> 28 & 7, look >> 19 & BRIGHTEST, look & 15
        cover = self._covers[text, face, look >> 31 & 0xFFFF, step, phase, look >> 47]
        surface = self._gels.lit(cover.grey, level, look >> 4 & 0x7FFF, halo=step == HALO)
        return Baked(surface, cover.left, cover.top), 4 * cover.grey.size + ROW

    def _cover(self, key: CoverKey) -> tuple[Cover, int]:
        """Coverage on a rung of the ladder, and its bytes. From the rung HALO on: in cells."""
        text, face, pixels, step, phase, turn = key
        if step >= HALO:
            sigma = REACH * self.unit if step == HALO else LADDER[step - HALO] * pixels
            plain = self._covers[text, face, pixels, 0, 0, turn]
            dense = DENSE if step == HALO else 1
            cover = softened(plain, sigma, CELL, (phase // CELL, phase % CELL), dense)
        elif phase:
            cover = shifted(self._covers[text, face, pixels, step, 0, turn], phase / PARTS)
        elif turn:
            cover = turned(self._covers[text, face, pixels, step, 0, 0], turn)
        elif step:
            cover = blurred(self._covers[text, face, pixels, 0, 0, 0], LADDER[step] * pixels)
        else:
            cover = self._typesetter.cover(text, face, pixels)
        # As the rows of a surface lie in memory.
        return cover._replace(grey=np.asfortranarray(cover.grey)), cover.grey.size + ROW


def _look(pixels: Whole, hues: Whole, turn: Whole) -> Whole:
    """Degrees, em and hue in one number, with room for `_at`."""
    colour = (hues[:, 0] << 10) | (hues[:, 1] << 5) | hues[:, 2]
    look: Whole = turn << 47 | pixels << 31 | colour << 4
    return look


def _at(step: Whole | int, level: Whole, phase: Whole) -> Whole:
    """The rest of a look: step of the ladder, strength and phase."""
    rest: Whole = step << 28 | np.minimum(level, BRIGHTEST) << 19 | phase
    return rest
