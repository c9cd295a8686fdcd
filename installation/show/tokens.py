"""The text of an expression, cut into numbers, names and signs before anything parses it.

What an artist is likely to type by mistake gets its own sentence here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator

from installation.errors import ExpressionError
from installation.show.functions import USAGES
from installation.show.spelling import nearest

LONGEST = 300
"""Characters of an expression, counted before it is looked at."""

NESTED = 32
"""Brackets inside brackets."""

OWN_NAMES = frozenset(("t", "now", "beat", "bar", "dark"))
"""Names that every expression knows: seconds in scene and show, beats, bars, 0 lit to 1 dark."""

_LOGIC = frozenset(("and", "or", "not"))
_PIECE = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|//|[<>=!]=|[-+*/%<>(),])"
    r"|(?P<space> )"
)
_INSTEAD = {
    "^": "for a power write **",
    "&": "write and",
    "|": "write or",
    "!": "write not, or != for unequal",
    "=": "to compare write ==",
    ";": "one expression is enough",
    ":": "a condition is written as a comparison: step(0.5, tide)",
    "?": "a choice is written mix(a, b, step(0.5, tide))",
    "×": "write *",
    "·": "write *",
    "÷": "write /",
    "−": "write - (the plain hyphen)",
    "–": "write - (the plain hyphen)",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "π": "write 3.14159",
    "{": "an expression stands without { }",
    "}": "an expression stands without { }",
    "[": "use round brackets ( )",
    "]": "use round brackets ( )",
    "'": "an expression holds no text",
    '"': "an expression holds no text",
    ".": "names in an expression have no dots; a signal is read by its name alone",
}

Piece = tuple[str, str]
"""What it is (`number`, `name`, `sign`) and its text."""


def tidied(text: str, names: Collection[str]) -> str:
    """`text` in a plain spelling that cannot surprise a parser. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression is {len(text)} characters long; it may have {LONGEST}")
    if not text.strip():
        raise ExpressionError("an expression is missing; a number will do")
    pieces: list[Piece] = []
    for piece in _pieces(" ".join(text.split())):
        if piece[0] == "name":
            _check_name(piece[1], names)
        if pieces:
            _check_neighbours(pieces[-1], piece)
        pieces.append(piece)
    _check_brackets(pieces)
    return " ".join(_plain(piece) for piece in pieces)


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            letter = text[at]
            shown = f"'{letter}'" if letter.isprintable() else f"the character U+{ord(letter):04X}"
            right = _INSTEAD.get(letter, "numbers, signals, signs and functions can")
            raise ExpressionError(f"{shown} cannot stand in an expression; {right}")
        at = found.end()
        kind = found.lastgroup
        if kind is not None and kind != "space":
            yield kind, found.group()


def _check_neighbours(left: Piece, right: Piece) -> None:
    """Two values need a sign between them: `2 tide`, `1.2.3`, `2 (tide)`."""
    ends = left[0] == "number" or left[1] == ")" or (left[0] == "name" and left[1] not in _LOGIC)
    begins = right[0] == "number" or (right[0] == "name" and right[1] not in {"and", "or"})
    opens = right[1] == "(" and left[0] != "name"
    if ends and (begins or opens):
        raise ExpressionError(f"a sign is missing between {left[1]} and {right[1]}; for a product write *")


def _check_name(name: str, names: Collection[str]) -> None:
    if name in names or name in OWN_NAMES or name in _LOGIC or name in USAGES:
        return
    if name in {"if", "else"}:
        raise ExpressionError("an expression knows no if; write mix(a, b, tide > 0.5): b where it is true")
    meant = nearest(name, {*names, *OWN_NAMES, *USAGES})
    if meant:
        raise ExpressionError(f"nothing is called {name}; did you mean {USAGES.get(meant, meant)}?")
    known = ", ".join(sorted(names)) or "none yet"
    raise ExpressionError(f"nothing is called {name}; the signals of this show are: {known}")


def _check_brackets(pieces: list[Piece]) -> None:
    depth = 0
    for _, text in pieces:
        depth += (text == "(") - (text == ")")
        if depth < 0:
            raise ExpressionError("a bracket ) closes nothing; take it away or open one before it")
        if depth > NESTED:
            raise ExpressionError(f"the brackets are nested too deeply; {NESTED} deep is the most")
        if text == "//":
            raise ExpressionError("'//' cannot stand in an expression; write /")
    if depth:
        raise ExpressionError("a bracket ( is never closed; add ) where it ends")


def _plain(piece: Piece) -> str:
    """Numbers as Python spells them: `010` is ten here."""
    if piece[0] != "number":
        return piece[1]
    value = float(piece[1])
    if not math.isfinite(value):
        raise ExpressionError(f"the number {piece[1][:12]} is too large; keep it below 1e308")
    return repr(value)
