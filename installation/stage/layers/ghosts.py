"""Ghosts: above each word what it nearly said. Italic is what was not said."""

from __future__ import annotations

from installation.show.parameter import Settings, live


class Ghosts(Settings):
    """What an artist may set on the unsaid words. Sizes in hundredths of stage height."""

    rise: float = live(
        1.0, "How high they rise: 0 they lie on their word, 1 a quiet column, 4 they fly", ge=0, le=4
    )
    count: float = live(4.0, "How many for each word; a fraction is one that is half there", ge=0, le=12)
    size: float = live(3.2, "Height of the letters (their em)", ge=1, le=12, unit="stage height / 100")
    fade: float = live(24.0, "How long they stay before they have dissolved", ge=1, le=300, unit="s")
    blur: float = live(1.0, "How much rank and age blur them", ge=0, le=3)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)
