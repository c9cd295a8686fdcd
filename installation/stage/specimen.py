"""A specimen of a text: with which font each piece of it will be set, and what no font can show."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

from installation.stage.typesetter import Run, Typesetter


class Piece(NamedTuple):
    """Neighbouring characters that one font shows, in the order of the page. `font` is its file's name."""

    text: str
    font: str


class Specimen(NamedTuple):
    """`missing`: the graphemes that become a middle dot, each once."""

    pieces: tuple[Piece, ...]
    missing: tuple[str, ...]


def specimen(text: str, face: str = "roman", typesetter: Typesetter | None = None) -> Specimen:
    """How `text` will be set in a face, by the fonts of this machine."""
    setter = typesetter or Typesetter()
    before = dict(setter.missing)
    runs: list[Run] = []
    for word in text.split():
        runs += setter.runs(word, face)
    pieces = tuple(
        Piece(" ".join(run.text for run in group), Path(path).name)
        for path, group in itertools.groupby(runs, key=lambda run: run.path)
    )
    return Specimen(pieces, tuple(g for g, times in setter.missing.items() if times > before.get(g, 0)))
