"""The artist's own texts, as files: which of a folder are text, and what may be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ENDINGS = (".txt", ".md")
"""How the name of a text ends."""
LARGEST = 20_000_000
"""Bytes of all texts together: what an index of them takes up, and how long it takes, is bounded by that."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a folder, in the order of their names, and the names of what else lies there."""

    files: tuple[Path, ...]
    others: tuple[str, ...] = ()


def find(named: str, folder: Path) -> Texts:
    """The texts that a show in `folder` means by `named`: a file, or a folder with all that lies in it.

    ValueError says what is wrong and, behind `; `, what would be right. Hidden files are passed over."""
    place, home = folder / named, folder.resolve()
    if not place.resolve().is_relative_to(home):
        raise ValueError(f"{named} is not in the show's folder; put the texts beside the show file")
    if place.is_file():
        if place.suffix.lower() not in ENDINGS:
            raise ValueError(f"{named} is no text; save it as .txt or .md")
        found = Texts((place,))
    elif place.is_dir():
        found = _inside(place, home)
        if not found.files:
            raise ValueError(f"there is no text in {named}; put .txt or .md files there")
    else:
        raise ValueError(f"there is no folder or file {named}; look at its name")
    whole = sum(file.stat().st_size for file in found.files)
    if whole > LARGEST:
        raise ValueError(f"{named} holds {whole / 1e6:.0f} MB of text; at most {LARGEST / 1e6:.0f} are read")
    return found


def size(named: str, folder: Path) -> int:
    """Bytes of all these texts; 0 where they cannot be found."""
    try:
        return sum(file.stat().st_size for file in find(named, folder).files)
    except (ValueError, OSError):
        return 0


def read(file: Path) -> list[str]:
    """The lines of a text, however they end. ValueError where it is not one, with the line."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{file.name}:{line}: this line is not UTF-8; save the file as UTF-8") from None
    if "\0" in text:
        raise ValueError(f"{file.name} is no text, whatever its name says; save it as text, in UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def fault(named: str, folder: Path) -> tuple[str, str] | None:
    """What is wrong with the texts that a show names, and what would be right; None: nothing."""
    try:
        words = any(line.strip() for file in find(named, folder).files for line in read(file))
    except (ValueError, OSError) as error:
        what, _, right = str(error).partition("; ")
        return what, right
    return None if words else (f"not a word stands in {named}", "write something there")


def _inside(place: Path, home: Path) -> Texts:
    files = [
        path
        for path in sorted(place.rglob("*"), key=lambda path: path.relative_to(place).parts)
        if path.is_file()
        and path.resolve().is_relative_to(home)
        and not any(part.startswith(".") for part in path.relative_to(place).parts)
    ]
    texts = tuple(path for path in files if path.suffix.lower() in ENDINGS)
    return Texts(texts, tuple(path.name for path in files if path not in texts))
