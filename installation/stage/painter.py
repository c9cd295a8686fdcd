"""What turns a frame into pixels on a surface, and one that only reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from installation.stage.frame import Frame

if TYPE_CHECKING:
    import pygame

    from installation.stage.typesetter import Typesetter


class Painter(Protocol):
    """Draws `frame` on a surface of the size that it was made for. `level`: what the governor gives up."""

    def paint(self, frame: Frame, surface: pygame.Surface, level: int = 0) -> None: ...


class NullPainter:
    """Takes frames as any painter does, reads their rows, and leaves every surface as it is: for what has to
    run a whole stage and looks at no picture. `frames` and `rows` count what it was given."""

    def __init__(self, size: tuple[int, int], typesetter: Typesetter) -> None:
        self.size, self.typesetter = size, typesetter
        self.frames = self.rows = 0

    def paint(self, frame: Frame, surface: pygame.Surface, level: int = 0) -> None:  # noqa: ARG002
        """Count `frame` and its sprites, strokes and fogs."""
        self.frames += 1
        self.rows += len(frame.table().texts) + len(frame.strokes) + len(frame.fogs)
