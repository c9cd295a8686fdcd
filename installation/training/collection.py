"""An artist's own texts, gathered to be learnt: cleaned, each once, each with its place and licence.

A folder is read with the folders in it, in the order of names: `.txt`, `.md`, and `.jsonl` with one object a line
(`text`, and where there are `prompt` or `topic`, `style`, `licence`). A LICENSE file or a `licence.txt` holds for
the texts of its folder and of the folders in it, as far as they do not tell their own.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from installation.errors import CorpusError
from installation.training import markdown
from installation.training.cleaning import clean, controls
from installation.training.duplicates import doubles

ENDINGS = (".txt", ".md", ".jsonl")
_LICENCE = re.compile(r"licen[cs]e|copying", re.IGNORECASE)
_NAMED = re.compile(
    r"CC0(?: 1\.0)?|CC[- ]BY(?:[- ](?:NC|SA|ND))*(?:[- ]\d\.\d)?|(?:Apache|MIT|GNU [\w ]*?General Public) License"
    r"|Creative Commons Attribution[\w -]*? \d\.\d",
    re.IGNORECASE,
)
_TITLE = 8
"""Most words of a first line that stands alone and is taken for a title."""


@dataclass(frozen=True)
class Work:
    """One text as it is learnt. `place`: its file, with the line where it is one of many; `prompt`: what was asked
    for, or its title, `` where it has none."""

    text: str
    place: str
    licence: str = ""
    prompt: str = ""
    style: str = ""
    source: str = ""


@dataclass(frozen=True)
class Collection:
    """The texts, and in a sentence each what was passed over, cleaned or dropped."""

    texts: tuple[Work, ...]
    told: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """Of all texts together."""
        return sum(len(work.text.split()) for work in self.texts)

    @property
    def licences(self) -> Mapping[str, int]:
        """Licence -> how many texts have it; `` for those that name none."""
        return Counter(work.licence for work in self.texts)


@dataclass
class _Seen:
    """What is told in the end."""

    others: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    cleaned: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    nearly: list[str] = field(default_factory=list)

    def sentences(self) -> Iterator[str]:
        """A sentence for each that happened."""
        for places, one, many in (
            (self.others, "is no text and was passed over", "files are no texts and were passed over"),
            (
                self.blank,
                "holds not a word and was passed over",
                "texts hold not a word and were passed over",
            ),
            (self.cleaned, "held control characters; they were removed", "texts held control characters"),
            (self.doubled, "stands twice and was taken once", "texts stand twice and were taken once"),
            (
                self.nearly,
                "is nearly another text and was dropped",
                "texts are nearly others and were dropped",
            ),
        ):
            if len(places) == 1:
                yield f"{places[0]} {one}"
            elif places:
                more = ", …" if len(places) > 3 else ""
                yield f"{len(places)} {many} ({', '.join(places[:3])}{more})"


def collect(place: Path) -> Collection:
    """The texts of a file, or of a folder with the folders in it, hidden ones not.

    Raises CorpusError where there is none, or one cannot be read, with what would be right."""
    seen, works = _Seen(), []
    licences: dict[Path, str] = {}
    for file in _files(place, seen):
        top = place if place.is_dir() else file.parent
        name = file.relative_to(top).as_posix()
        if file.parent not in licences:
            licences[file.parent] = _licence_of(file.parent, top)
        for work in _works(file, name, licences[file.parent], seen):
            if re.search(r"\w", work.text):
                works.append(work)
            else:
                seen.blank.append(work.place)
    if not works:
        raise CorpusError(f"not a word stands in {place}; write something there")
    kept = _once(works, seen)
    return Collection(tuple(kept), tuple(seen.sentences()))


def _files(place: Path, seen: _Seen) -> list[Path]:
    if place.is_file():
        if place.suffix.lower() not in ENDINGS:
            raise CorpusError(f"{place} is no text; save it as .txt, .md or .jsonl")
        return [place]
    if not place.is_dir():
        raise CorpusError(f"there is no folder or file {place}; look at its name")
    found = []
    for path in sorted(place.rglob("*"), key=lambda path: path.relative_to(place).parts):
        inside = path.relative_to(place)
        if not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        if _LICENCE.fullmatch(path.stem):
            continue
        if path.suffix.lower() in ENDINGS:
            found.append(path)
        else:
            seen.others.append(inside.as_posix())
    if not found:
        raise CorpusError(f"there is no text in {place}; put .txt, .md or .jsonl files there")
    return found


def read(file: Path) -> str:
    """What stands in a file in UTF-8. Raises CorpusError where it is no text, with the line."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CorpusError(f"{file} cannot be read ({error.strerror}); look at its permissions") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CorpusError(f"{file} is in UTF-16; save the file as UTF-8")
    if b"\0" in data:
        raise CorpusError(f"{file} is no text, whatever its name says; save it as text, in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(f"{file}:{line}: this line is not UTF-8; save the file as UTF-8") from None


def _works(file: Path, name: str, licence: str, seen: _Seen) -> Iterator[Work]:
    """The texts of a file, cleaned."""
    text = read(file)
    if controls(text):
        seen.cleaned.append(name)
    if file.suffix.lower() == ".jsonl":
        yield from _lines(text, file, name, licence)
    elif file.suffix.lower() == ".md":
        fields, text = markdown.front(text.replace("\r\n", "\n").replace("\r", "\n"))
        heading, body = markdown.title(text)
        named = fields.get("prompt") or fields.get("title") or heading
        own = fields.get("licence") or fields.get("license") or licence
        body = clean(markdown.plain(body if heading else text))
        yield Work(body, name, own, clean(named), fields.get("style", ""), fields.get("source", ""))
    else:
        title, text = _titled(clean(text))
        yield Work(text, name, licence, title)


def _titled(text: str) -> tuple[str, str]:
    """(title, text) where a short line without an end stands alone before the rest; (``, text) where not."""
    first, _, rest = text.partition("\n\n")
    short = "\n" not in first and len(first.split()) <= _TITLE and first[-1:] not in set(".!?…,;:")
    return (first, rest) if rest and short else ("", text)


def _lines(text: str, file: Path, name: str, licence: str) -> Iterator[Work]:
    right = 'write one object a line, as in {"text": "…", "prompt": "…"}'
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            found: Any = json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{where}: this line is no JSON ({error}); {right}") from None
        if not isinstance(found, dict) or not isinstance(found.get("text"), str):
            raise CorpusError(f'{where}: this line is no object with a "text"; {right}')
        fields: dict[str, str] = {}
        for key in ("prompt", "topic", "style", "licence", "license", "source"):
            value = found.get(key)
            if value is not None and not isinstance(value, str):
                raise CorpusError(f'{where}: "{key}" is no text; write it in quotation marks')
            fields[key] = clean(value or "")
        own = fields["licence"] or fields["license"] or licence
        prompt = fields["prompt"] or fields["topic"]
        yield Work(clean(found["text"]), f"{name}:{number}", own, prompt, fields["style"], fields["source"])


def _licence_of(folder: Path, top: Path) -> str:
    """The licence that holds in `folder`: what its LICENSE or licence.txt names, or its first line, or that of
    the folder above, as far as `top`."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and _LICENCE.fullmatch(path.stem) and path.suffix.lower() in {"", ".txt", ".md"}:
            text = clean(read(path))
            named = _NAMED.search(text[:2000])
            return named[0] if named else text.partition("\n")[0][:80]
    return _licence_of(folder.parent, top) if folder != top else ""


def _once(works: Sequence[Work], seen: _Seen) -> list[Work]:
    """The texts without those that repeat another, exactly or nearly."""
    repeated = doubles([work.text for work in works])
    kept = []
    for number, work in enumerate(works):
        if number not in repeated:
            kept.append(work)
        elif work.text == works[repeated[number]].text:
            seen.doubled.append(work.place)
        else:
            seen.nearly.append(work.place)
    return kept
