"""How dark it is, 0 lit to 1 dark: the scene `dark`, blanking, and panic above all."""

from __future__ import annotations

from installation.score.fade import Fade

LIT = Fade(0.0, 0.0, 0.0)


class Curtain:
    """Whether the wall is `panicked` or `blanked`, and how far the fades into and out of dark are."""

    def __init__(self) -> None:
        self.panicked = False
        self.blanked = False
        self._shade = LIT
        self._drawn = False
        self._night = LIT
        self._nightly = False

    @property
    def down(self) -> bool:
        return self.panicked or self.blanked

    def move(self, now: float, seconds: float) -> None:
        """Panic or blank has changed: go to where it belongs in `seconds`."""
        self._shade = Fade(self._shade.value(float(self._drawn), now), now, seconds)
        self._drawn = self.down

    def night(self, dark: bool, now: float, seconds: float) -> None:
        """The scene is `dark` from now on, or is not."""
        self._night = Fade(self._night.value(float(self._nightly), now), now, seconds)
        self._nightly = dark

    def level(self, now: float) -> float:
        """How dark it is at `now`."""
        return max(self._shade.value(float(self._drawn), now), self._night.value(float(self._nightly), now))
