"""Text becomes coverage: shaped runs, measured in ems and drawn as grey.

The unit is a word. HarfBuzz shapes it (through pygame.font); a word of several scripts is split into
runs by what each font can show. What no font shows becomes a middle dot, and is counted.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from installation.stage.cells import cells
from installation.stage.fonts import Fonts

if TYPE_CHECKING:
    import pygame
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

GAUGE = 200
"""Pixels of the em at which text is measured: widths do not depend on the stage's resolution."""
SMALL, FINE = 40, 96
"""Below the first, in pixels of the em, letters are drawn at a multiple of at least the second and averaged: a
small font fits its widths to whole pixels, a tenth off what is measured, and words run into each other."""
ALPHA = 3
"""The channel of coverage, after red, green and blue."""
COLOURED = ("coloremoji.ttf", "apple color emoji.ttc")
"""How the files of fonts end that are pictures in colours, of one size."""
BITMAP = 1.2
"""Height of a line of such a font, in ems, as it is drawn."""
LONGEST = 160
"""Graphemes of a run that are drawn; nothing longer is a word."""
DOT = "·"
SCRIPTS = {
    "ARABIC": "Arab", "HEBREW": "Hebr", "SYRIAC": "Syrc", "THAANA": "Thaa", "NKO": "Nkoo",
    "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr", "ORIYA": "Orya",
    "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym", "SINHALA": "Sinh",
    "THAI": "Thai", "LAO": "Laoo", "TIBETAN": "Tibt", "MYANMAR": "Mymr", "GEORGIAN": "Geor",
    "HANGUL": "Hang", "ETHIOPIC": "Ethi", "KHMER": "Khmr", "MONGOLIAN": "Mong", "HIRAGANA": "Hira",
    "KATAKANA": "Kana", "CJK": "Hani", "GREEK": "Grek", "CYRILLIC": "Cyrl", "ARMENIAN": "Armn",
}  # fmt: skip
"""First word of a character's Unicode name and its script (ISO 15924)."""


class Run(NamedTuple):
    """Neighbouring graphemes that one font draws in one script and direction."""

    text: str
    path: str
    script: str
    leftward: bool


class Cover(NamedTuple):
    """Coverage of a word, (width, height) uint8. Its upper left pixel lies at (`left`, `top`) from
    the left end of its baseline; `top` is negative above it."""

    grey: Grey
    left: int
    top: int


def leftward(text: str) -> bool | None:
    """Whether the first letter with a direction runs from right to left; None where none has one."""
    for c in text:
        direction = unicodedata.bidirectional(c)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return None


def visible(text: str) -> str:
    """`text` composed, without control characters and lone surrogates, no longer than is drawn."""
    kept = "".join(c for c in text[: 8 * LONGEST] if unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept)


class Typesetter:
    """Measures and draws words in a face. `missing` counts the graphemes no font could show.

    `measure(text, face)`: its width in ems. `runs(text, face)`: its runs as they stand, left to right."""

    def __init__(self, fonts: Fonts | None = None) -> None:
        import pygame

        pygame.font.init()
        self.fonts = fonts or Fonts()
        self.missing: Counter[str] = Counter()
        self.measure = functools.lru_cache(8192)(self._measure)
        self.runs = functools.lru_cache(4096)(self._split)
        self._font = functools.lru_cache(96)(self._open)

    def _measure(self, text: str, face: str) -> float:
        """Width of `text` in ems."""
        return sum(self._advance(run) for run in self.runs(text, face)) / GAUGE

    def _advance(self, run: Run) -> float:
        """Pixels that a run is wide at the gauge, as it will be drawn."""
        font = self._font(run.path, GAUGE, run.script, run.leftward)
        width = font.size(run.text)[0]
        return width * BITMAP * GAUGE / font.get_height() if _bitmaps(run) else width

    def cover(self, text: str, face: str, pixels: int) -> Cover:
        """Coverage of `text` at an em of so many pixels, cut to its ink."""
        return _cut(*self._composed(text, face, pixels, ALPHA))

    def colours(self, text: str, face: str, pixels: int) -> tuple[Cover, ...]:
        """Red, green and blue of a word that a font shows in colours of its own, cut as its cover is; its other
        letters are white. Empty where it has no colours."""
        if not any(_bitmaps(run) for run in self.runs(text, face)):
            return ()
        cover = self.cover(text, face, pixels)
        width, height = cover.grey.shape
        parts = []
        for channel in range(ALPHA):
            sheet, rise = self._composed(text, face, pixels, channel)
            top = cover.top + rise
            parts.append(cover._replace(grey=sheet[cover.left : cover.left + width, top : top + height]))
        return tuple(parts)

    def _composed(self, text: str, face: str, pixels: int, channel: int) -> tuple[Grey, int]:
        """A channel of the word's runs side by side, and how far down the baseline lies."""
        times = -(-FINE // pixels) if pixels < SMALL else 1
        drawn = [_finer(*self._draw(run, pixels * times, channel), times) for run in self.runs(text, face)]
        width = sum(grey.shape[0] for grey, _ in drawn)
        rise = max((ascent for _, ascent in drawn), default=0)
        fall = max((grey.shape[1] - ascent for grey, ascent in drawn), default=0)
        sheet = np.zeros((max(1, width), max(1, rise + fall)), np.uint8, order="F")
        x = 0
        for grey, ascent in drawn:
            sheet[x : x + grey.shape[0], rise - ascent : rise - ascent + grey.shape[1]] = grey
            x += grey.shape[0]
        return sheet, rise

    def _draw(self, run: Run, pixels: int, channel: int) -> tuple[Grey, int]:
        """A channel of a run, uncut, and how far its baseline lies below its upper edge."""
        import pygame

        font = self._font(run.path, pixels, run.script, run.leftward)
        try:
            surface = font.render(run.text, True, (255, 255, 255))
        except pygame.error:
            # A run of joiners alone has no width, and some bitmap fonts lack a glyph they promise.
            return np.zeros((0, 0), np.uint8), 0
        grey = _channel(surface, channel)
        ascent = font.get_ascent()
        if font.get_height() > 2.4 * pixels or _bitmaps(run):
            # A font of bitmaps has one size only: bring it to ours.
            share = BITMAP * pixels / font.get_height()
            size = (max(1, round(grey.shape[0] * share)), max(1, round(grey.shape[1] * share)))
            surface = pygame.transform.smoothscale(surface, size)
            grey, ascent = _channel(surface, channel), round(ascent * share)
        return grey, ascent

    def _split(self, text: str, face: str) -> tuple[Run, ...]:
        """The runs of `text` from left to right as they stand on the wall."""
        graphemes: list[str] = regex.findall(r"\X", visible(text))[:LONGEST]
        parts = [self._part(g, face) for g in graphemes]
        # A mark or digit between letters of a run stays in it when its font has it too.
        runs = [
            Run("".join(p.text for p in group), *key)
            for key, group in itertools.groupby(parts, key=lambda p: (p.path, p.script, p.leftward))
        ]
        return tuple(reversed(runs)) if leftward(text) else tuple(runs)

    def _part(self, grapheme: str, face: str) -> Run:
        path = self.fonts.file(face, grapheme)
        if path is None:
            if len(self.missing) < 1024 or grapheme in self.missing:
                self.missing[grapheme] += 1
            grapheme, path = DOT, self.fonts.file(face, DOT) or ""
        script = SCRIPTS.get(unicodedata.name(grapheme[0], "?").split()[0].split("-")[0], "Latn")
        return Run(grapheme, path, script, bool(leftward(grapheme)))

    def _open(self, path: str, pixels: int, script: str, leftward: bool) -> pygame.font.Font:
        """A font for one script; HarfBuzz joins Arabic only when it is told script and direction."""
        import pygame

        font = pygame.font.Font(path, pixels)
        font.set_script(script)
        font.set_direction(pygame.DIRECTION_RTL if leftward else pygame.DIRECTION_LTR)
        return font


def _finer(grey: Grey, ascent: int, times: int) -> tuple[Grey, int]:
    """Coverage so many times as large, averaged to its size; the baseline stays between two pixels."""
    if times == 1 or not grey.size:
        return grey, ascent
    above = -ascent % times
    total = cells(grey, times, above)
    return ((total + times * times // 2) // (times * times)).astype(np.uint8), (ascent + above) // times


def _bitmaps(run: Run) -> bool:
    """Whether a run's font is pictures of one size."""
    return run.path.lower().endswith(COLOURED)


def _channel(surface: pygame.Surface, channel: int) -> Grey:
    """What a rendered text covers, or a colour of it, dimmed by that; a view of its pixels is copied far sooner
    than pygame's own copy is made."""
    import pygame

    if not (surface.get_width() and surface.get_height()):
        return np.zeros(surface.get_size(), np.uint8)
    alpha = np.array(pygame.surfarray.pixels_alpha(surface), order="F")
    if channel == ALPHA:
        return alpha
    colour = pygame.surfarray.pixels3d(surface)[..., channel].astype(np.uint16)
    return np.asfortranarray((colour * alpha // 255).astype(np.uint8))


def _cut(sheet: Grey, rise: int) -> Cover:
    """The sheet cut to its ink; one empty pixel where there is none."""
    columns = np.flatnonzero(sheet.any(axis=1))
    rows = np.flatnonzero(sheet.any(axis=0))
    if not len(columns):
        return Cover(np.zeros((1, 1), np.uint8), 0, -1)
    left, top = int(columns[0]), int(rows[0])
    grey = np.asfortranarray(sheet[left : int(columns[-1]) + 1, top : int(rows[-1]) + 1])
    return Cover(grey, left, top - rise)
