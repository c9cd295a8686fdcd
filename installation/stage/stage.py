"""The stage: it takes in what the score decided and the voice said, and draws one frame when asked.

It opens no window and asks no clock but the one it was given. The same messages before the same frames
give the same frames.
"""

from __future__ import annotations

import functools
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from installation.clock import Clock
from installation.messages import Action, FrameMark, StageMessage, Status
from installation.show.schema import DARK, Show
from installation.stage.disclosure import disclosure
from installation.stage.frame import Frame
from installation.stage.motion import mix, smooth
from installation.stage.page import Page
from installation.stage.pages import Pages
from installation.stage.painter import Painter
from installation.stage.sheet import Layer, Sheet, layer
from installation.stage.software_painter import SoftwarePainter
from installation.stage.typesetter import Typesetter, leftward

if TYPE_CHECKING:
    import numpy as np
    import pygame
    from numpy.typing import NDArray

CLEARING = 0.9
"""Seconds in which a cleared page leaves."""
ADOPTING = 0.8
"""Seconds in which a stack gives way to what its saved file says now."""
APART = 0.6
"""Part of a fade in which the old page goes, and part in which the new one comes."""
SHEETS = 4
"""Sheets that may fade at a time."""


class _Darkness:
    """A share from 0 lit to 1 dark that moves softly to where it is told."""

    def __init__(self) -> None:
        self._start = self._end = 0.0
        self._at = self._fade = 0.0

    def move(self, to: float, at: float, fade: float) -> None:
        self._start, self._end, self._at, self._fade = self.value(at), to, at, fade

    def value(self, now: float) -> float:
        share = smooth((now - self._at) / self._fade) if self._fade > 0 else 1.0
        return mix(self._start, self._end, share)


class Stage:
    """What visitors see of a show, `size` in pixels. `level` is the governor's: 0 everything,
    1 without glow. `told` keeps the newest sentences for the operator. `painter` makes one for a size."""

    def __init__(
        self,
        show: Show,
        size: tuple[int, int],
        clock: Clock,
        typesetter: Typesetter | None = None,
        painter: Callable[[tuple[int, int], Typesetter], Painter] = SoftwarePainter,
    ) -> None:
        self.show = show
        self.clock = clock
        self.typesetter = typesetter or Typesetter()
        self.told: deque[str] = deque(maxlen=16)
        self.scene = ""
        self.level = 0
        self._pages = Pages()
        self._sheets: list[Sheet] = []
        self._blank, self._night = _Darkness(), _Darkness()
        self._inbox: deque[StageMessage | Show] = deque()
        self._make_painter = painter
        self._taken = 0
        self._frames = 0
        self._frame = Frame(0.0)
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Draw in another size from now on; the page is set anew where the proportions changed."""
        import pygame

        self.size = size
        self.surface = pygame.Surface(size, 0, 32)
        self.__dict__.pop("_painter", None)
        for sheet in self._sheets:
            sheet.reset(self._width)

    def draw_on(self, surface: pygame.Surface) -> None:
        """From now on draw on this surface, where its pixels lie as on the stage's own: a frame need not be
        copied then, and its mark is the same."""
        if surface is not self.surface and _layout(surface) == _layout(self.surface):
            self.surface = surface

    @functools.cached_property
    def _painter(self) -> Painter:
        """Made when a picture is wanted: where a graphics card paints, none ever is."""
        return self._make_painter(self.size, self.typesetter)

    @property
    def _width(self) -> float:
        """The stage's width in hundredths of its height."""
        return 100 * self.size[0] / self.size[1]

    @property
    def _page(self) -> Page:
        """All that was said."""
        return self._pages.of(())

    @property
    def taken(self) -> int:
        """How many messages it was given so far."""
        return self._taken + len(self._inbox)

    def take(self, message: StageMessage | Show) -> None:
        """Take in a message; it shows from the next frame on. A Show is the show file as saved anew.
        Status is not for the stage."""
        if not isinstance(message, Status):
            self._inbox.append(message)

    def frame(self, now: float | None = None) -> pygame.Surface:
        """Draw what is on stage at `now`. The surface is the stage's own, or the one that it draws on: copy
        it to keep it."""
        self.compose(now)
        return self.paint()

    def compose(self, now: float | None = None) -> Frame:
        """What is on stage at `now`, not painted yet."""
        if now is None:
            now = self.clock.now()
        while self._inbox:
            self._follow(self._inbox.popleft(), now)
            self._taken += 1
        self._pages.settle(now)
        self._sheets = [sheet for sheet in self._sheets if not sheet.gone(now)][-SHEETS:]
        self._frame = self._compose(now)
        self._frames += 1
        return self._frame

    def paint(self) -> pygame.Surface:
        """Draw the frame that was composed last."""
        self._painter.paint(self._frame, self.surface, self.level)
        return self.surface

    def mark(self, *, pixels: bool = False) -> FrameMark:
        """The mark of the frame that was drawn last; with its pixels' CRC-32 on request."""
        width, height = self.size
        crc = zlib.crc32(self.surface.get_buffer().raw) if pixels else None
        rows = self._frame.crc()
        return FrameMark(self._frames - 1, self._frame.now, self._taken, self.level, width, height, rows, crc)

    def pixels(self) -> NDArray[np.uint8]:
        """The last frame as (height, width, 3) uint8 RGB."""
        import pygame

        return pygame.surfarray.array3d(self.surface).swapaxes(0, 1)

    def _compose(self, now: float) -> Frame:
        dark = 1 - (1 - self._blank.value(now)) * (1 - self._night.value(now))
        frame = Frame(now, dark=dark)
        for sheet in self._sheets:
            sheet.draw(frame, now, self.told.append)
        if self.show.disclosure == "corner" and self._sheets:
            frame.sprites.append(disclosure(self._sheets[-1].margin))
        return frame

    def _follow(self, message: StageMessage | Show, now: float) -> None:
        """Do what a message says."""
        if isinstance(message, Show):
            self._adopt(message, now)
        elif not isinstance(message, Action):
            assert not isinstance(message, Status), "take leaves Status out"
            self._pages.take(message, now)
        elif message.target == "scene":
            self._change(str(message.value), now, message.fade)
        elif message.target == "page":
            self._clear(now)
        elif message.target == "withdrawn" and isinstance(message.value, tuple):
            voice, first, after = message.value
            self._pages.withdraw(str(voice), int(first), int(after), now)
        elif message.target == "dark":
            self._blank.move(_number(message.value), now, message.fade)
        elif message.target.startswith("layer."):
            self._set(message)
        elif message.target.startswith("voice.") and isinstance(message.value, tuple):
            _, voice, what = message.target.split(".", 2)
            self._pages.sources.tell(voice, what, message.value)

    def _change(self, scene: str, now: float, fade: float) -> None:
        """The whole stack of the scene before goes while the new one comes."""
        if self._night.value(now) > 0.99:
            self._sheets.clear()
        self._night.move(float(scene == DARK), now, fade)
        self.scene = scene
        spec = self.show.scenes.get(scene)
        if spec is not None:
            self._pages.sources.enter(spec.prompts)
        if spec is None:
            # In the dark the last picture fades with the light.
            return
        self._replace([layer(x) for x in spec.layers], now, fade)

    def _adopt(self, show: Show, now: float) -> None:
        """Go on with the show as it reads now; a stack that changed is cross-faded."""
        old, new = self.show.scenes.get(self.scene), show.scenes.get(self.scene)
        self.show = show
        if new is not None and old is not None and new.layers != old.layers and self._sheets:
            before = {part.name: part for part in self._sheets[-1].layers}
            self._replace([layer(x, before.get(x.name)) for x in new.layers], now, ADOPTING)

    def _clear(self, now: float) -> None:
        """An empty page; what stood on the old one leaves softly."""
        self._pages = Pages(self._pages.sources)
        if self._sheets and self._sheets[-1].goes is None:
            layers = self._sheets[-1].layers
            self._replace([replace(x) for x in layers], now, CLEARING)
            self._sheets[-1].came = (now + CLEARING / 2, CLEARING / 2)

    def _replace(self, layers: list[Layer], now: float, fade: float) -> None:
        """These layers come while those before them go: through each other where every word keeps its
        place, else one after the other, as two texts at once cannot be read."""
        sheet = Sheet(self._pages, layers, self._width, self.typesetter.measure, leftward)
        going = [old for old in self._sheets if old.goes is None]
        alike = any(old.pages is self._pages and old.places == sheet.places for old in going)
        share = 1.0 if alike or not going else APART
        for old in going:
            old.goes = (now, share * fade)
        sheet.came = (now + (1 - share) * fade, share * fade)
        self._sheets.append(sheet)

    def _set(self, action: Action) -> None:
        name, _, parameter = action.target.removeprefix("layer.").rpartition(".")
        if not self._sheets or not self._sheets[-1].set(name, parameter, action.value):
            self.told.append(f"{action.target} cannot be set to {action.value!r}")


def _layout(surface: pygame.Surface) -> tuple[object, ...]:
    """How the pixels of a surface lie in memory."""
    return surface.get_size(), surface.get_masks(), surface.get_bytesize(), surface.get_pitch()


def _number(value: object) -> float:
    """The value as a number; what is none counts as 0."""
    return float(value) if isinstance(value, int | float) else 0.0
