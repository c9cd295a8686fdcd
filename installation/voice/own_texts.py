"""The artist's own texts, read as a model's tokens, each with its file and line.

In a .txt a line break stands as it is, for it may be a poem; in a .md it is a space, as Markdown has it.
A blank line ends a paragraph in both. Each paragraph is cut into tokens by itself, as a text that begins.
"""

from __future__ import annotations

import time
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from installation.errors import VoiceError
from installation.show import texts
from installation.voice.context import Tokens
from installation.voice.recollection import APART, Recollection, Texts

LONG = 1.0
"""Seconds after which reading tells how far it is."""

Tell = Callable[[str], None]


class Reader(Protocol):
    """What a Tongue needs to read texts."""

    ends: frozenset[int]

    def clean(self, text: str) -> str:
        """The text without anything that reads as a special token."""

    def placed(self, text: str) -> tuple[Tokens, Sequence[int]]:
        """The tokens of a text, and behind which character of it each ends; -1 is a token that the
        model does not know."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's text, and of each of its lines the number in its file and where it begins here."""

    text: str
    numbers: tuple[int, ...]
    starts: tuple[int, ...]

    def lines(self, behind: Sequence[int]) -> list[int]:
        """The number of the line in which what ends behind each of these characters stands."""
        if len(self.numbers) == 1:
            return [self.numbers[0]] * len(behind)
        return [self.numbers[max(0, bisect_left(self.starts, place) - 1)] for place in behind]


def recollection(named: str, folder: Path, tongue: Reader, tell: Tell) -> Recollection:
    """What a show in `folder` remembers: the texts of the file or folder `named`. `tell` is given how far
    it is, where that takes more than LONG seconds. Raises VoiceError."""
    began = told = time.monotonic()
    tokens, lines, ends = array("i"), array("i"), array("b")
    files: list[tuple[str, int]] = []
    try:
        found = texts.find(named, folder)
        for n, file in enumerate(found.files, 1):
            files.append((file.relative_to(folder).as_posix(), len(tokens)))
            for paragraph in paragraphs(texts.read(file), tongue.clean, verse=file.suffix.lower() == ".txt"):
                ids, behind = tongue.placed(paragraph.text)
                tokens.extend(ids)
                lines.extend(paragraph.lines(behind))
                ends.extend(bytes(max(0, len(ids) - 1)) + b"\1" * bool(ids))
                if time.monotonic() - told > LONG:
                    told = time.monotonic()
                    tell(f"reads {named}: {n} of {len(found.files)} texts, {len(tokens)} tokens")
            tokens.append(APART)
            lines.append(0)
            ends.append(1)
    except (ValueError, OSError) as error:
        raise VoiceError(f"memory: {error}") from error
    if time.monotonic() - began > LONG:
        tell(f"puts {len(tokens)} tokens of {named} in order")
    rows = (np.array(tokens, np.int32), np.array(lines, np.int32), np.array(ends, np.bool_))
    return Recollection(Texts(*rows, tuple(files)), min(tongue.ends, default=APART))


def paragraphs(lines: Sequence[str], clean: Callable[[str], str], *, verse: bool) -> Iterator[Paragraph]:
    """The paragraphs of a text. White space is one space; letters are composed (NFC), as models know them."""
    lines = unicodedata.normalize("NFC", clean("\n".join(lines))).split("\n")
    text, numbers, starts = "", [], []
    for number, line in enumerate((" ".join(line.split()) for line in [*lines, ""]), 1):
        if line:
            text += ("\n" if verse else " ") if text else ""
            numbers.append(number)
            starts.append(len(text))
            text += line
        elif text:
            yield Paragraph(text, tuple(numbers), tuple(starts))
            text, numbers, starts = "", [], []


def summary(named: str, folder: Path, memory: Recollection) -> str:
    """What is remembered, in a few words, and what of the folder is not."""
    found = texts.find(named, folder)
    left = f"; {', '.join(found.others[:3])} is no text" if found.others else ""
    return f"remembers {memory.size} tokens of {len(found.files)} texts{left}"
