"""Which font can really show what.

Ours come as packages; for other scripts the system's fonts are asked, the serif Notos first. Coverage
is read from each font's character map (OpenType `cmap`), once, when it is first needed.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import regex

from installation.errors import StageError

FACES = {
    "roman": ("fontpkg_eb_garamond", "EBGaramond[wght].ttf"),
    "italic": ("fontpkg_eb_garamond", "EBGaramond-Italic[wght].ttf"),
    "display": ("fontpkg_cormorant_garamond", "CormorantGaramond[wght].ttf"),
    "caption": ("font_hanken_grotesk", "HankenGrotesk-Light.otf"),
}
"""Face: the package it comes from and its file there. Roman is real, italic is unreal."""

EAST_ASIAN = ("NotoSerifCJK", "NotoSansCJK", "SourceHanSerif", "SourceHanSans", "Hiragino", "Songti", "YuMin",
              "msyh", "meiryo", "malgun", "wqy", "DroidSansFallback", "AppleSDGothic")  # fmt: skip
EMOJI = ("NotoEmoji", "Symbola", "NotoColorEmoji", "AppleColorEmoji", "seguiemj")
GENERAL = ("NotoSerif-", "DejaVuSerif", "NotoSans-", "DejaVuSans", "NotoSansSymbols2", "NotoSansSymbols-",
           "NotoSansMath", "NotoMusic", "FreeSerif", "FreeSans", "ArialUnicode", "seguisym", "times")  # fmt: skip
INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
"""Joiners, marks and selectors (Unicode, DerivedCoreProperties): they need no glyph of their own."""
EAST = frozenset(
    {"Cjk", "Hiragana", "Katakana", "Hangul", "Ideographic", "Fullwidth", "Halfwidth", "Bopomofo"}
)
"""First words of the names of characters that the East Asian fonts have."""
TRIES = 10
"""Fonts opened for one character before it is given up: opening all of them would stop the show."""


def face_path(face: str) -> str:
    """The file of one of our own faces. Raises StageError where its package is missing."""
    package, name = FACES[face]
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "files" / name
        if path.exists():
            return str(path)
    raise StageError(f"the font {name} is missing: `pip install {package.replace('_', '-')}` brings it")


def system_folders() -> list[Path]:
    """Where this system keeps its fonts."""
    home = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts"
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", local]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
    ]


class Fonts:
    """Finds for a face and a grapheme the file that shows it. Everything is looked up once."""

    def __init__(self, folders: list[Path] | None = None) -> None:
        self._folders = folders
        self._system: dict[str, str] | None = None
        self._maps: dict[str, frozenset[int]] = {}
        self._own = {face: face_path(face) for face in FACES}
        self._found: dict[str, str | None] = {}

    def own(self, face: str) -> str:
        """The file of one of our own faces."""
        return self._own[face]

    def file(self, face: str, grapheme: str) -> str | None:
        """The file for `grapheme`: the face's own, else a system font, else None."""
        own = self._own[face]
        if self.covers(own, grapheme):
            return own
        script = _key(grapheme)
        if script in self._found:
            path = self._found[script]
            if path is not None and self.covers(path, grapheme):
                return path
        if grapheme not in self._found:
            self._found[grapheme] = self._search(grapheme)
            if len(self._found) > 4096:
                self._found.pop(next(iter(self._found)))
            if self._found[grapheme] is not None:
                self._found[script] = self._found[grapheme]
        return self._found[grapheme]

    def covers(self, path: str, grapheme: str) -> bool:
        """Whether the font has a glyph for every visible character of `grapheme`."""
        shown = self._map(path)
        return all(ord(c) in shown or INVISIBLE.match(c) for c in grapheme)

    def _search(self, grapheme: str) -> str | None:
        likely = itertools.islice(self._candidates(grapheme), TRIES)
        return next((path for path in likely if self.covers(path, grapheme)), None)

    def _candidates(self, grapheme: str) -> Iterator[str]:
        """Fonts likely to show it, likeliest first."""
        script = _key(grapheme)
        names = [f"NotoSerif{script}", f"NotoNaskh{script}", f"NotoSans{script}"]
        if script in EAST:
            names = [*EAST_ASIAN, *names]
        elif _is_emoji(grapheme):
            names = [*EMOJI, *names]
        names += GENERAL
        files = self._files()
        for name in names:
            yield from (path for stem, path in files.items() if stem.startswith(name.casefold()))

    def _files(self) -> dict[str, str]:
        """The system's regular fonts by their name in small letters, the plainest first."""
        if self._system is None:
            found = {}
            for folder in system_folders() if self._folders is None else self._folders:
                for root, _, names in os.walk(folder):
                    for name in names:
                        if name.lower().endswith((".ttf", ".otf", ".ttc")):
                            found[Path(name).stem.casefold().replace(" ", "")] = str(Path(root) / name)
            heavy = ("bold", "italic", "oblique", "black", "condensed", "mono", "extra", "thin")
            plain = {stem: path for stem, path in found.items() if not any(h in stem for h in heavy)}
            self._system = dict(sorted(plain.items(), key=lambda row: ("regular" not in row[0], row[0])))
        return self._system

    def _map(self, path: str) -> frozenset[int]:
        """The characters a font has glyphs for; none where the file cannot be read."""
        if path not in self._maps:
            from fontTools.ttLib import TTFont, TTLibError

            try:
                with Path(path).open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as font:
                    self._maps[path] = frozenset(font.getBestCmap() or ())
            except (OSError, TTLibError, KeyError, AssertionError):
                self._maps[path] = frozenset()
        return self._maps[path]


def _key(grapheme: str) -> str:
    """A word for the script of the grapheme, from its Unicode name: `Arabic`, `Thai`, `Cjk` …"""
    return unicodedata.name(grapheme[0], "?").split()[0].split("-")[0].title()


def _is_emoji(grapheme: str) -> bool:
    return 0x1F000 <= ord(grapheme[0]) < 0x20000 or "\ufe0f" in grapheme


def package(grapheme: str) -> str:
    """The package (Debian's and Ubuntu's name) whose fonts would show it; `` where none is known, as for
    characters that Unicode gives nobody."""
    if any(unicodedata.category(c) in ("Cn", "Co", "Cs") for c in grapheme):
        return ""
    if _is_emoji(grapheme):
        return "fonts-noto-color-emoji"
    return "fonts-noto-cjk" if _key(grapheme) in EAST else "fonts-noto-core"


def advice(missing: Iterable[str]) -> str:
    """A sentence on graphemes that no font shows: which, and what to install; `` where there are none."""
    kept = list(dict.fromkeys(missing))
    if not kept:
        return ""
    names = " ".join(f"U+{ord(each[0]):04X}" for each in kept[:6]) + (" …" if len(kept) > 6 else "")
    packages = dict.fromkeys(filter(None, map(package, kept)))
    what = f"install {' '.join(packages)}" if packages else "no package is known that has them"
    return f"no font shows {len(kept)} characters ({names}), a dot stands for each; {what}"
