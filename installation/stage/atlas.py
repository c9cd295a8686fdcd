"""The words that are on stage, drawn once and kept on the graphics card, within a fixed number of bytes.

A word is kept at its em and step of blur. One in the blur is drawn small, as nobody can tell; a large
one at the next of a few ems, and shown a little smaller. A slot is a word's number in the atlas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from installation.stage.blur import LADDER, blurred
from installation.stage.carrying import carried
from installation.stage.shelves import Shelves
from installation.stage.typesetter import Cover, Typesetter
from installation.stage.vocabulary import Vocabulary

if TYPE_CHECKING:
    import moderngl
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

SLOTS, ROW = 32768, 64
"""Words kept at most, and slots in a row of the texture that tells where they lie."""
MARGIN = 1
"""Empty texels around each word, so that no neighbour is seen at its edge."""
TIMES = 8
"""Texels of the atlas for each pixel of the stage, as far as that makes whole layers."""
LEAST, MOST = 2, 16
COLOURED = 1024
"""The side of a layer for words that have colours of their own."""
LARGEST = 512
"""Pixels of the em above which a word is drawn no larger, but enlarged."""
SOFT = (LARGEST, 64, 36, 20)
"""The largest em on each step of blur: then its blur is three texels or more."""
STEP, EM = 3, 10
"""Bits that a key has for the step of blur and for the em; above them stands the word's number."""


class Atlas:
    """A texture array of coverage, and `slots`, where each slot's word lies in it."""

    def __init__(self, context: moderngl.Context, size: tuple[int, int], typesetter: Typesetter) -> None:
        side = 1024 if size[1] <= 540 else 2048
        layers = min(max(-(-TIMES * size[0] * size[1] // side**2), LEAST), MOST)
        self.greys = context.texture_array((side, side, layers), 1, dtype="f1", alignment=1)
        self.greys.repeat_x = self.greys.repeat_y = False
        self.colours = context.texture_array((COLOURED, COLOURED, LEAST), 3, dtype="f1", alignment=1)
        self.colours.repeat_x = self.colours.repeat_y = False
        self.slots = context.texture((2 * ROW, SLOTS // ROW), 4, dtype="f4")
        self.side, self.lost = side, 0
        self.ems = np.ones(SLOTS)
        """The em at which each slot's word was drawn."""
        self.words = Vocabulary()
        self._typesetter = typesetter
        self._shelves = Shelves(side, layers), Shelves(COLOURED, LEAST)
        self._free = list(range(SLOTS - 1, 0, -1))
        self._found: dict[int, int] = {}
        self._keys = [0] * SLOTS
        self._used = np.zeros(SLOTS, np.int64)
        self._frame = 0
        self._last: tuple[Whole, Whole] = (np.empty(0, np.int64), np.empty(0, np.int64))

    @property
    def bytes(self) -> int:
        """What the atlas takes on the card, however much was shown."""
        width, height, layers = self.greys.size
        return int(width * height * layers + 3 * LEAST * COLOURED**2 + 4 * 4 * 2 * SLOTS)

    @property
    def kept(self) -> int:
        """How many words it holds."""
        return len(self._found)

    def use(self) -> None:
        """Bind the textures for the sprites' program."""
        self.colours.use(0)
        self.greys.use(1)
        self.slots.use(2)

    def find(self, keys: Whole) -> Whole:
        """The slot of each key, drawn where it is not there yet. 0, an empty one, where the words of this
        very frame have no room together; they are counted in `lost`."""
        self._frame += 1
        slots = self._known(keys)
        self._used[slots] = self._frame
        missing = np.flatnonzero(slots == 0)
        if len(missing):
            absent = keys[missing].tolist()
            if not all(self._draw(key) for key in dict.fromkeys(absent)):
                for shelves in self._shelves:
                    for layer in range(shelves.layers):
                        self._forget(shelves.wipe(layer))
                self.lost += sum(not self._draw(key) for key in dict.fromkeys(keys.tolist()))
                missing, absent = np.arange(len(keys)), keys.tolist()
            slots[missing] = [self._found.get(key, 0) for key in absent]
        self._last = keys, slots
        self.words.spare(key >> STEP + EM for key in self._found)
        return slots

    def _known(self, keys: Whole) -> Whole:
        """The slots of those keys that have one, else 0. Most stand where they stood a frame ago."""
        before, places = self._last
        shorter = min(len(keys), len(before))
        same = keys[:shorter] == before[:shorter]
        ends = keys[len(keys) - shorter :] == before[len(before) - shorter :]
        slots, anew = carried(places, same, ends, len(keys))
        slots[anew] = [self._found.get(key, 0) for key in keys[anew].tolist()]
        return slots

    def _draw(self, key: int) -> bool:
        """Draw the word of this key into a slot. False where there is no room for it."""
        word, em, rung = key >> STEP + EM, key >> STEP & (1 << EM) - 1, key & (1 << STEP) - 1
        em, parts = self._parts(*self.words.word(word), em, rung)
        kind = len(parts) > 1
        shelves = self._shelves[kind]
        width, height = (length + 2 * MARGIN for length in parts[0].grey.shape)
        while (spot := shelves.place(width, height) if self._free else None) is None:
            if not self._leave(shelves, height):
                return False
        slot = self._free.pop()
        spot.shelf.slots.append(slot)
        texels = np.zeros((height, width, len(parts)), np.uint8)
        for channel, part in enumerate(parts):
            texels[MARGIN:-MARGIN, MARGIN:-MARGIN, channel] = part.grey.T
        where = (spot.x, spot.y, spot.layer, width, height, 1)
        (self.colours if kind else self.greys).write(texels.tobytes(), viewport=where)
        left, top = parts[0].left - MARGIN, parts[0].top - MARGIN
        row = (left, top, width, height, spot.x, spot.y, spot.layer, kind)
        corner = (2 * (slot % ROW), slot // ROW, 2, 1)
        self.slots.write(np.array(row, np.float32).tobytes(), viewport=corner)
        self.ems[slot], self._keys[slot], self._found[key] = em, key, slot
        self._used[slot] = self._frame
        return True

    def _parts(self, text: str, face: str, em: int, rung: int) -> tuple[int, tuple[Cover, ...]]:
        """The em at which this word fits on a layer, and its coverage; where it has colours of its own, these."""
        parts = self._typesetter.colours(text, face, em) or (self._typesetter.cover(text, face, em),)
        side = COLOURED if len(parts) > 1 else self.side
        if rung:
            parts = tuple(blurred(part, LADDER[rung] * em) for part in parts)
        room = side - 2 * MARGIN
        if (longest := max(parts[0].grey.shape)) > room and em > 1:
            return self._parts(text, face, max(1, min(em - 1, em * room // longest)), rung)
        return em, tuple(part._replace(grey=part.grey[:room, :room]) for part in parts)

    def _leave(self, shelves: Shelves, height: int) -> bool:
        """Let go what has lain idle longest: a shelf of that height, else a layer. False where all is in use."""
        groups = [[shelf] for shelf in shelves.fitting(height)] if self._free else []
        for several in (groups, [shelves.on(layer) for layer in range(shelves.layers)]):
            asked = [
                max((int(self._used[shelf.slots].max()) for shelf in group if shelf.slots), default=0)
                for group in several
            ]
            if not asked or min(asked) >= self._frame:
                continue
            group = several[asked.index(min(asked))]
            if several is groups:
                self._forget(shelves.clear(group[0]))
            else:
                self._forget(shelves.wipe(asked.index(min(asked))))
            return True
        return False

    def _forget(self, slots: list[int]) -> None:
        """These slots are free again."""
        self._free.extend(slots)
        for slot in slots:
            del self._found[self._keys[slot]]
