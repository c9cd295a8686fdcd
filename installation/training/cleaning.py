"""A text as it is learnt: composed letters, plain spaces, no control characters, no runs of blank lines."""

from __future__ import annotations

import re
import unicodedata

import regex

_ENDS = re.compile("\r\n?|[\u0085\u2028\x0b]")
_PAGES = re.compile("[\x0c\u2029]")
_UNSEEN = regex.compile(r"[[\p{Cc}\p{Cf}\p{Co}\p{Cs}]--[\n\u200c\u200d]]", regex.V1)
"""All that is not seen, but a line's end and what joins or parts letters and signs."""
_CONTROL = regex.compile(r"[\p{Cc}--[\n\r\t\x0b\x0c]]", regex.V1)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    r"""`text` in Unicode's NFC with `\n` for line ends, one space for white space within a line, none at a line's
    beginning and end, at most one blank line in a row; marks of order and control characters are gone."""
    text = _PAGES.sub("\n\n", _ENDS.sub("\n", text)).replace("\t", " ")
    text = _UNSEEN.sub("", text)
    lines = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).split("\n")
    return _BLANK.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()


def controls(text: str) -> bool:
    """Whether control characters stand in `text`, line ends and tabs apart."""
    return _CONTROL.search(text) is not None
