"""The window on the main thread: it waits for nothing but the display.

It empties its inbox at frame start, draws the stage, lays the operator's panel over it, and shows
it. F11 full screen, F1 the operator's panel, Ctrl+Q ends; every other key belongs to the show.
"""

from __future__ import annotations

import functools
import logging
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Union

from installation.clock import Clock
from installation.errors import StageError
from installation.messages import FrameMark, Signal, StageMessage, Status
from installation.show.schema import Show
from installation.stage import displays, graphics
from installation.stage.gpu_screen import GpuScreen
from installation.stage.hud import Hud
from installation.stage.keyboard import Keyboard
from installation.stage.pace import Pace

if TYPE_CHECKING:
    import pygame

    from installation.stage.frame import Frame
    from installation.stage.stage import Stage

log = logging.getLogger("installation")

FADE_OUT = 1.0
"""Seconds in which the picture goes dark before the window closes."""
PIXELS_EVERY = 60
"""Frames between two whose pixels are hashed too: it costs some milliseconds at 1080p."""

StageReply = Union[Signal, FrameMark, str]
"""What the stage tells: what was done at it, what it drew, a sentence for the operator."""
Inbox: TypeAlias = "deque[StageMessage | Show]"
"""What the stage is told, in order; a Show when the file was saved."""


@dataclass(frozen=True, slots=True)
class Display:
    """Where the window opens. `name` is (part of) a display's name, `` the first one; size in pixels.

    `painter`, `feedback`: as in Venue. `software_gl`: a card that is none may paint too, for tests."""

    size: tuple[int, int] = (1280, 720)
    name: str = ""
    full: bool = False
    errors: bool = True
    cursor: bool = True
    title: str = "installation"
    painter: str = "software"
    feedback: float = 0.0
    software_gl: bool = False


class Window:
    """One window showing one stage. `inbox` and `outbox` are the hand-over to the control thread."""

    def __init__(
        self,
        display: Display,
        inbox: Inbox,
        outbox: deque[StageReply],
        clock: Clock,
        clean: Callable[[str], str | None],
        make_stage: Callable[[tuple[int, int]], Stage],
    ) -> None:
        self.display, self.inbox, self.outbox, self.clock = display, inbox, outbox, clock
        self.keyboard = Keyboard(clean)
        self.pace = Pace()
        self.status = Status(0.0)
        self.full = display.full
        self.gpu: GpuScreen | None = None
        self._painter = display.painter
        self.surface = self._open()
        self.stage = make_stage(self.size)
        self.hud = Hud(errors=display.errors, typesetter=self.stage.typesetter)
        self._ending: float | None = None
        self._frames = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as the display gave them."""
        import pygame

        return self.surface.get_size() if self.gpu is None else pygame.display.get_window_size()

    def end(self) -> None:
        """Fade out and close; safe in a signal handler."""
        if self._ending is None:
            self._ending = self.clock.now()

    def __str__(self) -> str:
        import pygame

        kind = "full screen" if self.full else "window"
        name = displays.names()[displays.number(self.display.name)]
        by = "the processor" if self.gpu is None else self.gpu.name
        driver = pygame.display.get_driver()
        return f"{self.size[0]}×{self.size[1]} {kind} on {name} ({driver}), painted by {by}"

    def run(self) -> None:
        """Draw until the window is closed or `end` was called and the fade is over."""
        import pygame

        try:
            while self.frame():
                self.pace.wait(shown=self.gpu is not None)
        finally:
            pygame.display.quit()

    def frame(self) -> bool:
        """Take in what has come, draw one frame, show it. False once it is dark for good."""
        import pygame

        now, stage = self.clock.now(), self.stage
        self._events(now)
        if stage.size != self.size:
            stage.resize(self.size)
        while self.inbox:
            message = self.inbox.popleft()
            if isinstance(message, Status):
                self.status = message
            else:
                stage.take(message)
        left = 1.0 if self._ending is None else 1 - (now - self._ending) / FADE_OUT
        frame = stage.compose(now)
        if self.gpu is None or not self._shown(self.gpu, frame, left):
            self._paint(now, left)
        self.outbox.extend(stage.told)
        stage.told.clear()
        self._frames += 1
        if self.gpu is not None:
            self.pace.worked()
        pygame.display.flip()
        return left > 0

    def _paint(self, now: float, left: float) -> None:
        """The composed frame, by the processor."""
        import pygame

        self.stage.draw_on(self.surface)
        picture = self.stage.paint()
        self.outbox.append(self.stage.mark(pixels=self._frames % PIXELS_EVERY == 0))
        if picture is not self.surface:
            self.surface.blit(picture, (0, 0))
        self.hud.draw(self.surface, self.status, self.pace, self.keyboard.line, now)
        if left < 1:
            self.surface.fill((max(0, round(255 * left)),) * 3, special_flags=pygame.BLEND_RGB_MULT)

    def _shown(self, gpu: GpuScreen, frame: Frame, left: float) -> bool:
        """The composed frame, by the graphics card. False where that failed; from then on the processor paints."""
        status, line, draw = self.status, self.keyboard.line, self.hud.draw
        over = None
        if not self.hud.idle(status, line):
            over = functools.partial(draw, status=status, pace=self.pace, line=line, now=frame.now)
        try:
            gpu.fit(self.size, self.stage.typesetter)
            gpu.show(frame, self.stage.level, over, left)
        except Exception as error:  # noqa: BLE001  whatever the driver raises, the show goes on
            told = (
                f"the graphics card failed, the processor paints from now on: {type(error).__name__}: {error}"
            )
            log.error(told)
            self.outbox.append(told)
            self._painter = "software"
            self.surface = self._open()
            if self.stage.size != self.size:
                self.stage.resize(self.size)
            return False
        self.outbox.append(self.stage.mark())
        return True

    def _events(self, now: float) -> None:
        import pygame

        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self.end()
            elif self.keyboard.repeats(event):
                continue
            elif event.type != pygame.KEYDOWN or not self._ours(event):
                self.outbox.extend(self.keyboard.take(event, now, self.size))
                if self.keyboard.refused:
                    self.keyboard.refused = False
                    log.warning("keys: the word filter refused a line; nobody sees it")
        self.outbox.extend(self.keyboard.moved(now))

    def _ours(self, event: pygame.Event) -> bool:
        """Whether the key was the window's own; the others belong to the show."""
        import pygame

        if event.key == pygame.K_F11:
            self._toggle()
        elif event.key == pygame.K_F1:
            self.hud.shown = not self.hud.shown
        elif event.key == pygame.K_q and event.mod & pygame.KMOD_CTRL:
            self.end()
        else:
            return False
        return True

    def _toggle(self) -> None:
        """Full screen or not; where the display will not, the window stays as it was."""
        self.full = not self.full
        try:
            self.surface = self._open()
        except StageError as error:
            self.outbox.append(str(error))
            self.full = not self.full
            self.surface = self._open()

    def _open(self) -> pygame.Surface:
        import pygame

        displays.edition()
        os.environ.setdefault("SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS", "0")
        os.environ.setdefault("SDL_VIDEO_ALLOW_SCREENSAVER", "0")
        # Without a graphics card the accelerated window surface costs 16 ms a flip, the plain one 2.
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
        try:
            pygame.display.init()
            pygame.font.init()
            if pygame.display.get_driver() in displays.UNSEEN and not os.environ.get("SDL_VIDEODRIVER"):
                raise StageError("this machine has no screen that a program could draw on")
            number = displays.number(self.display.name)
            size = pygame.display.get_desktop_sizes()[number] if self.full else self.display.size
            flags = pygame.FULLSCREEN if self.full else pygame.RESIZABLE
            surface = self._by_card(size, flags, number) if self._painter != "software" else None
            if surface is None:
                self.gpu = None
                surface = pygame.display.set_mode(size, flags, display=number)
        except pygame.error as error:
            raise StageError(f"no window can be opened: {error}") from error
        pygame.display.set_caption(self.display.title)
        pygame.mouse.set_visible(self.display.cursor and not self.full)
        pygame.key.set_repeat(400, 40)
        return surface

    def _by_card(self, size: tuple[int, int], flags: int, number: int) -> pygame.Surface | None:
        """Open an OpenGL window. None where no graphics card would paint in it, which is said once."""
        import pygame

        try:
            graphics.ready()
            surface = graphics.opened(size, flags, number)
            self.gpu = GpuScreen(self.display.feedback, software=self.display.software_gl)
        except (StageError, pygame.error) as error:
            asked = self._painter == "gpu"
            log.log(logging.WARNING if asked else logging.INFO, "the processor paints: %s", error)
            self._painter = "software"
            return None
        return surface
