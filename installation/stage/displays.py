"""The displays of this machine by name. pygame tells their sizes; their names only SDL itself does."""

from __future__ import annotations

import ctypes
from pathlib import Path

from installation.errors import StageError

PLACES = ("../pygame_ce.libs/libSDL2-2*.so*", ".dylibs/libSDL2-2*.dylib", "SDL2.dll")
"""Where pygame-ce's wheels keep SDL on Linux, macOS and Windows, beside the package."""


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
