"""Which graphics card there is, and whether it is one: OpenGL that the processor plays is refused."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

from installation.errors import StageError
from installation.stage.displays import UNSEEN

if TYPE_CHECKING:
    import moderngl
    import pygame

SOFTWARE = re.compile(
    r"llvmpipe|softpipe|swrast|swiftshader|software|gdi generic|basic render", re.IGNORECASE
)
VERSION = 330
"""The OpenGL that is needed, 3.3 core: any card since 2010."""


def ready() -> None:
    """Raises StageError where the extra is missing."""
    if importlib.util.find_spec("moderngl") is None:
        raise StageError("the extra gpu is not installed: pip install 'installation[gpu]'")


def context(*, software: bool = False) -> moderngl.Context:
    """The context of the OpenGL window that stands open. `software`: also one that the processor plays.

    Raises StageError where there is none that would do."""
    import moderngl

    try:
        made = moderngl.create_context(require=VERSION)
    except Exception as error:  # moderngl raises a bare Exception
        raise StageError(f"OpenGL 3.3 is not to be had: {error}") from error
    name = renderer(made)
    if SOFTWARE.search(name) and not software:
        raise StageError(
            f"{name} is no graphics card: it would paint on the processor, and slower than we do"
        )
    return made


def renderer(made: moderngl.Context) -> str:
    """What the driver calls itself."""
    return str(made.info["GL_RENDERER"])


def tried() -> str:
    """The name of the card that would paint. Raises StageError where none would."""
    import pygame

    ready()
    try:
        pygame.display.init()
        if pygame.display.get_driver() in UNSEEN:
            raise StageError("there is no screen")
        opened((64, 64), pygame.HIDDEN, 0)
        return renderer(context())
    except pygame.error as error:
        raise StageError(f"no OpenGL window can be opened: {error}") from error
    finally:
        pygame.display.quit()


def opened(size: tuple[int, int], flags: int, display: int) -> pygame.Surface:
    """Open an OpenGL window that waits for the display's beat where it can. Raises pygame.error."""
    import pygame

    attribute = pygame.display.gl_set_attribute
    attribute(pygame.GL_CONTEXT_MAJOR_VERSION, VERSION // 100)
    attribute(pygame.GL_CONTEXT_MINOR_VERSION, VERSION // 10 % 10)
    attribute(pygame.GL_CONTEXT_PROFILE_MASK, pygame.GL_CONTEXT_PROFILE_CORE)
    attribute(pygame.GL_CONTEXT_FLAGS, pygame.GL_CONTEXT_FORWARD_COMPATIBLE_FLAG)
    flags |= pygame.OPENGL | pygame.DOUBLEBUF
    try:
        return pygame.display.set_mode(size, flags, display=display, vsync=1)
    except pygame.error:
        return pygame.display.set_mode(size, flags, display=display)
