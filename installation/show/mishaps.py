"""Slips that YAML turns into something else, told in an artist's words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from installation.show.schema import Place

Sentence = tuple[str, str]
"""What is wrong, and what would be right."""

_NO_SPACE = re.compile(r"([A-Za-z_][\w.]*):([^\s:/].*)")
_NO_SPACE_LINE = re.compile(r"\s*(?:- +)*([A-Za-z_]\w*):([^\s:/]\S*)")
_BARE_COLOUR = re.compile(r"([\w.]+)\s*:\s+(#[0-9a-fA-F]{3,8}\b)")


def comma_in_braces(key: str, text: str, rest: Sequence[str]) -> tuple[int, Sentence]:
    """`{rise: clamp(tide, 0, 1)}`: how many of the empty keys `rest` belong to the value, and why."""
    whole, used = text, 0
    if text.count("(") <= text.count(")"):
        return 0, ("", "")
    for piece in rest:
        whole, used = f"{whole}, {piece}", used + 1
        if whole.count("(") <= whole.count(")"):
            break
    return used, ("an expression with a comma needs quotes inside { }", f'write {key}: "{whole}"')


def missing_space(key: str) -> Sentence | None:
    """`{size:9}`: a key with nothing after it that holds its own value."""
    found = _NO_SPACE.fullmatch(key)
    return found and ("a space is missing after the colon", f"write {found[1]}: {found[2]}")


def bare_colour(line: str, key: str) -> Sentence | None:
    """`ink: #fff`: the colour is a comment, and nothing stands after the key."""
    found = re.search(re.escape(key) + r"[\"']?\s*:\s+(#[0-9a-fA-F]{3,8}\b)", line)
    return found and ("a colour that begins with # needs quotes", f"write {key}: '{found[1]}'")


def syntax(error: yaml.YAMLError, text: str, file: str) -> tuple[Place, str, str, str]:
    """Where, the path (none), what and right for what the YAML parser cannot read."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        at = getattr(error, "position", 0)
        line = text.count("\n", 0, at) + 1 if isinstance(at, int) else 1
        return Place(file, line), "", "a character stands here that no text editor writes", "take it away"
    lines = text.splitlines() or [""]
    last = min(error.problem_mark.line, len(lines) - 1)
    first = min(error.context_mark.line, last) if error.context_mark is not None else last
    for n in range(max(0, first - 1), last + 1):
        if found := _BARE_COLOUR.search(lines[n]):
            return (
                Place(file, n + 1, found.start() + 1), "", "a colour that begins with # needs quotes",
                f"write {found[1]}: '{found[2]}'",
            )  # fmt: skip
        if found := _NO_SPACE_LINE.match(lines[n]):
            return (
                Place(file, n + 1, found.start(1) + 1), "", "a space is missing after the colon",
                f"write {found[1]}: {found[2]}",
            )  # fmt: skip
    place = Place(file, error.problem_mark.line + 1, error.problem_mark.column + 1)
    if lines[last][: place.column].lstrip(" ").startswith("\t"):
        return place, "", "a tab stands here", "indent with spaces"
    opened = f" (it began in line {first + 1})" if first < last else ""
    return place, "", *_explained(str(error.problem), str(error.context or ""), opened)


_PROBLEMS = (
    ("mapping values are not allowed", "a second ': ' stands in this line",
     "a text that holds ': ' needs quotes; also look at the indentation"),
    ("cannot start any token", "a text cannot begin with this character", "put quotes around it"),
    ("flow mapping", "a map in brackets goes wrong here{}", "look for a missing comma or a missing }"),
    ("flow sequence", "a list in brackets goes wrong here{}", "look for a missing comma or a missing ]"),
    ("expected node content", "a value is missing before this place",
     "look for a [ or { above that is never closed"),
    ("quoted scalar", "a quotation mark is never closed{}", "add it where the text ends"),
    ("block", "this line does not fit the lines around it{}", "look at its indentation and its colon"),
    ("simple key", "this line does not fit the lines around it{}", "look at its indentation and its colon"),
)  # fmt: skip
"""What libyaml says, and what an artist is told. The first that fits is told."""


def _explained(problem: str, context: str, opened: str) -> Sentence:
    for sign, what, right in _PROBLEMS:
        if sign in problem or sign in context:
            return what.replace("{}", opened), right
    return f"this cannot be read as YAML ({problem})", "look at the indentation, colons and quotes here"
