"""The displays of this machine by name. pygame tells their sizes; their names only SDL itself does."""

from __future__ import annotations

import ctypes
from pathlib import Path

from installation.errors import StageError

PLACES = ("../pygame_ce.libs/libSDL2-2*.so*", ".dylibs/libSDL2-2*.dylib", "SDL2.dll")
"""Where pygame-ce's wheels keep SDL on Linux, macOS and Windows, beside the package."""

UNSEEN = {"offscreen", "dummy"}
"""What SDL falls back on where there is no display: nobody sees it, so it counts only when asked for."""


def names() -> list[str]:
    """Each display's name, `display 0` and so on where SDL cannot be asked. Needs `pygame.display.init`."""
    import pygame

    count = len(pygame.display.get_desktop_sizes())
    folder = Path(pygame.__file__).parent
    for place in PLACES:
        for library in folder.glob(place) if not place.startswith("..") else folder.parent.glob(place[3:]):
            ask = ctypes.CDLL(str(library)).SDL_GetDisplayName
            ask.restype = ctypes.c_char_p
            return [(ask(n) or f"display {n}".encode()).decode("utf-8", "replace") for n in range(count)]
    return [f"display {n}" for n in range(count)]


def number(wanted: str) -> int:
    """The number of the display named `wanted`: its number, or part of its name. `` is the first."""
    known = names()
    if not wanted:
        return 0
    if wanted.isdigit() and int(wanted) < len(known):
        return int(wanted)
    for n, name in enumerate(known):
        if wanted.casefold() in name.casefold():
            return n
    there = ", ".join(f"{n} ({name})" for n, name in enumerate(known))
    raise StageError(f"no display is named {wanted!r}; there are: {there}")


def edition() -> str:
    """pygame-ce and its version. Raises StageError where it is the other pygame."""
    import pygame

    if not getattr(pygame, "IS_CE", False):
        raise StageError(
            "this is pygame, not pygame-ce: uninstall pygame, then `pip install --force-reinstall pygame-ce`"
        )
    return f"pygame-ce {pygame.version.ver}"


def screens(wanted: str) -> str:
    """Every display with its size, `` where there is none. Raises StageError where `wanted` is not there."""
    import pygame

    try:
        pygame.display.init()
        if pygame.display.get_driver() in UNSEEN:
            return ""
        number(wanted)
        sizes = pygame.display.get_desktop_sizes()
        return ", ".join(f"{name} {w}×{h}" for name, (w, h) in zip(names(), sizes, strict=True))
    except pygame.error:
        return ""
    finally:
        pygame.display.quit()
