"""What the graphics card shows in a window: the frame, what lies over it, and whether the card is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from installation.errors import StageError
from installation.stage import graphics
from installation.stage.frame import Frame
from installation.stage.gpu_painter import GpuPainter
from installation.stage.shader import program
from installation.stage.typesetter import Typesetter

if TYPE_CHECKING:
    import moderngl
    import pygame

BEAT = 60
"""Frames between two looks whether the card really draws: a lost one may take every command without a word."""


class GpuScreen:
    """Shows frames in the OpenGL window that stands open; it dies with that window.

    Raises StageError where the card is none, and while it shows whatever the driver raises.
    `fit` comes before the first frame."""

    def __init__(self, feedback: float = 0.0, *, software: bool = False) -> None:
        self.context = graphics.context(software=software)
        # Objects of a context that is lost must not be given back to it.
        self.context.gc_mode = "context_gc"
        self.name = graphics.renderer(self.context)
        self.size = (0, 0)
        self._feedback = feedback
        self._over = program(self.context, "quad", "over")
        self._quad = self.context.vertex_array(self._over, [])
        self._veil = self.context.texture((1, 1), 4)
        self._pulse = self.context.simple_framebuffer((1, 1))
        self._frames = 0

    def fit(self, size: tuple[int, int], typesetter: Typesetter) -> None:
        """From now on the window has this size in pixels."""
        import pygame

        if size == self.size:
            return
        self.size = size
        self.painter = GpuPainter(self.context, size, typesetter, self._feedback)
        self._sheet = pygame.Surface(size, pygame.SRCALPHA, 32)
        self._over_all = self.context.texture(size, 4)
        # As the bytes of such a surface lie in memory.
        self._over_all.swizzle = "BGRA"
        self.context.gc()

    def show(
        self, frame: Frame, level: int, over: Callable[[pygame.Surface], None] | None, left: float
    ) -> None:
        """Draw `frame`, then what `over` draws on a transparent sheet; `left`: 1 lit to 0 black. The window is
        not turned over yet."""
        import moderngl

        context = self.context
        screen = context.screen
        screen.viewport = (0, 0, *self.size)
        self.painter.paint(frame, screen, level)
        context.enable(moderngl.BLEND)
        context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        screen.use()
        if over is not None:
            self._sheet.fill((0, 0, 0, 0))
            over(self._sheet)
            self._over_all.write(self._sheet.get_view("0"))
            self._lay(self._over_all)
        if left < 1:
            self._veil.write(bytes((0, 0, 0, round(255 * (1 - max(0.0, left))))))
            self._lay(self._veil)
        self._listen()

    def _lay(self, sheet: moderngl.Texture) -> None:
        import moderngl

        sheet.use(0)
        self._quad.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def _listen(self) -> None:
        """Raise StageError where the card no longer draws."""
        if (error := self.context.error) != "GL_NO_ERROR":
            raise StageError(f"{self.name} says {error}")
        self._frames += 1
        if self._frames % BEAT == 1:
            beat = self._frames // BEAT % 200 + 20
            self._pulse.clear(beat / 255, 0.0, 0.0, 1.0)
            if self._pulse.read(components=1) != bytes((beat,)):
                raise StageError(f"{self.name} no longer draws")
