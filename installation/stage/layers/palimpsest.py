"""Palimpsest: the page itself. Roman is what was said; its colour is how surprising it was."""

from __future__ import annotations

from typing import Literal

from installation.show.parameter import Settings, fixed, live


class Palimpsest(Settings):
    """What an artist may set on the page. Sizes in hundredths of stage height."""

    size: float = fixed(9.0, "Height of the letters (their em)", ge=2, le=40, unit="stage height / 100")
    margin: float = fixed(8.0, "Empty space left and right", ge=0, le=30, unit="stage width / 100")
    leading: float = fixed(
        0.0, "From line to line, in sizes; 0: as much as the scene's layers need", ge=0, le=6, unit="sizes"
    )
    ink: Literal["surprise", "ivory", "slate", "amber", "sea", "rose"] = live(
        "surprise", "Resting colour of a word nobody wondered at; surprise comes on top as coloured light"
    )
    colour: float = live(1.0, "How far surprise colours a word, from not at all to fully", ge=0, le=1)
    glow: float = live(1.0, "How far surprising words light up their surroundings", ge=0, le=3)
    bloom: float = live(0.35, "How long a new word takes to come to light", ge=0, le=3, unit="s")
    dim: float = live(0.5, "How far older lines sink back towards slate", ge=0, le=1)
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)
    candidates: bool = live(True, "Show ahead of the last word what may come next")
    entropy_line: bool = live(True, "Show the model's uncertainty as a thin line below the page")
