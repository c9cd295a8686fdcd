"""Keys and mouse as signals: in rehearsal they stand in for the room.

Enter opens a line; what is typed until the next Enter is a visitor's; Escape gives it up. Outside a
line every key is a signal `key NAME`. The mouse is `mouse x`, `mouse y` (0 to 1, y upwards) and
`mouse click`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from installation.messages import Signal

if TYPE_CHECKING:
    import pygame

LIMIT = 200
"""Characters in a visitor's line."""


class Keyboard:
    """Turns pygame's events into Signals. `line` is what is being typed, None outside a line.

    `clean` is the word filter: it gives the text back as it may be used, or None."""

    def __init__(self, clean: Callable[[str], str | None]) -> None:
        self.line: str | None = None
        self.refused = False
        self._clean = clean
        self._mouse: tuple[float, float] | None = None
        self._held: set[int] = set()

    def take(self, event: pygame.Event, now: float, size: tuple[int, int]) -> list[Signal]:
        """The signals of one event in a window of `size` pixels. Mouse moves wait for `moved`."""
        import pygame

        if event.type == pygame.MOUSEMOTION:
            if event.rel == (0, 0):  # a window has opened under it: nobody moved it
                return []
            self._mouse = (event.pos[0] / max(1, size[0] - 1), 1 - event.pos[1] / max(1, size[1] - 1))
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            return [Signal(now, "mouse", "click", sender="mouse")]
        elif event.type == pygame.TEXTINPUT and self.line is not None:
            self.line = (self.line + event.text)[:LIMIT]
        elif event.type == pygame.KEYDOWN:
            return self._key(event, now)
        return []

    def repeats(self, event: pygame.Event) -> bool:
        """Whether a key is only being held: that rubs out letters, but is no second GO. Asked of every
        event, in order."""
        import pygame

        if event.type == pygame.KEYUP:
            self._held.discard(event.key)
        if event.type != pygame.KEYDOWN:
            return False
        again = event.key in self._held
        self._held.add(event.key)
        return again and not (self.line is not None and event.key == pygame.K_BACKSPACE)

    def moved(self, now: float) -> list[Signal]:
        """Where the mouse has come to since the last call: once a frame, however often it moved."""
        if self._mouse is None:
            return []
        (x, y), self._mouse = self._mouse, None
        return [Signal(now, "mouse", "x", (x,), "mouse"), Signal(now, "mouse", "y", (y,), "mouse")]

    def _key(self, event: pygame.Event, now: float) -> list[Signal]:
        import pygame

        if self.line is None:
            if event.key in {pygame.K_RETURN, pygame.K_KP_ENTER}:
                self.line, self.refused = "", False
                return []
            name = pygame.key.name(event.key)
            return [Signal(now, "key", name, sender="keyboard")] if name else []
        if event.key == pygame.K_ESCAPE:
            self.line = None
        elif event.key == pygame.K_BACKSPACE:
            self.line = self.line[:-1]
        elif event.key in {pygame.K_RETURN, pygame.K_KP_ENTER}:
            said, self.line = self.line.strip(), None
            text = self._clean(said) if said else None
            self.refused = bool(said) and text is None
            return [Signal(now, "keys", "", (text,), "keyboard", private=True)] if text else []
        return []
