"""Markdown as plain text: what is read aloud of it.

As Markdown has it, lines of a paragraph flow together, and a line that ends in two spaces or a backslash is a
verse. Of front matter the fields are given apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][\w -]*):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DEFINED = re.compile(r"^ {0,3}\[[^\]^][^\]]*\]:[ \t]+\S+.*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)[^`\n]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_UNDER = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
_TABLE = re.compile(r"^[ \t|:-]*\|[ \t|:-]*$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|(?=\d{1,3}[.)][ \t]))")
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)?(?:[ \t]+(?:\"[^\"]*\"|'[^']*'))?\)"),
        r"\1",
    ),
    (re.compile(r"!?\[([^\]\[^]+)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"\[\^[^\]]+\]:?"), ""),
    (re.compile(r"<(?:https?|mailto):[^>\s]*>"), ""),
    (re.compile(r"<br[ \t]*/?>", re.IGNORECASE), "\n"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), ""),
    (re.compile(r"(`+)(.+?)\1"), r"\2"),
    (re.compile(r"(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_\n]+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"\1"),
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_HELD = "\ue000"
"""Stands before an escaped sign while the marks are taken away: a place that Unicode leaves to private use."""


def front(text: str) -> tuple[dict[str, str], str]:
    """(the fields of the front matter, small letters, without quotes; the text behind it)."""
    found = _FRONT.match(text)
    if not found:
        return {}, text
    fields = {name.lower(): value.strip("\"' ") for name, value in _FIELD.findall(found[1])}
    return fields, text[found.end() :]


def title(text: str) -> tuple[str, str]:
    """(the first heading where the text begins with it, else ``; the text without it)."""
    lines = text.lstrip("\n").split("\n")
    if found := _HEADING.match(lines[0]):
        return plain(found[2]), "\n".join(lines[1:])
    if len(lines) > 1 and lines[0].strip() and re.match(r"^ {0,3}=+[ \t]*$", lines[1]):
        return plain(lines[0]), "\n".join(lines[2:])
    return "", text


def plain(text: str) -> str:
    r"""`text` without Markdown's marks; line ends are `\n`."""
    text = _DEFINED.sub("", _COMMENT.sub("", text))
    text = _ESCAPED.sub(lambda found: f"{_HELD}{ord(found[1])};", text)
    for mark, instead in _INLINE:
        text = mark.sub(instead, text)
    text = re.sub(f"{_HELD}(\\d+);", lambda found: chr(int(found[1])), _flowing(text))
    return text.strip("\n")


def _flowing(text: str) -> str:
    """The lines of each paragraph as one, but where a verse, an item or a heading ends."""
    whole = ""
    for line, apart in _lines(text):
        said = " ".join(line.split())
        if not said:
            whole = whole.rstrip() + "\n\n"
        else:
            whole += ("\n" if apart and whole and whole[-1] != "\n" else "") + said
            whole += "\n" if line.endswith(("  ", "\\")) else " "
            if line.endswith("\\"):
                whole = whole.rstrip("\n").removesuffix("\\").rstrip() + "\n"
    return "\n".join(line.rstrip() for line in whole.split("\n"))


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """(line without the signs before it, whether it begins a line of its own); empty: a paragraph ends."""
    code, before = False, ""
    for line in text.split("\n"):
        if _FENCE.match(line):
            code = not code
            yield "", False
        elif code:
            yield line + "  ", True
        elif (_UNDER.match(line) and before.strip()) or _RULE.match(line) or _TABLE.match(line):
            yield "", False
        elif heading := _HEADING.match(line):
            yield "", False
            yield heading[2], True
            yield "", False
        else:
            bare = _QUOTE.sub("", line)
            item = _ITEM.match(bare)
            said = _ITEM.sub("", bare)
            cells = said.strip().startswith("|") and said.strip().endswith("|")
            yield said.replace("|", " ") + "  " if cells else said, bool(item) or cells
        before = line
