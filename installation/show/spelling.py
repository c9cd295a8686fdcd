"""What was meant by a word that nobody knows, and how a few words are told."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable


def nearest(word: str, known: Collection[str]) -> str:
    """The known word most like `word`, of equals the one with its first letter; `` where none is near."""
    lowered = word.lower()
    close = difflib.get_close_matches(lowered, sorted(known), 4, 0.6)

    def likeness(other: str) -> tuple[float, bool]:
        return difflib.SequenceMatcher(a=other, b=lowered).ratio(), other[:1] == lowered[:1]

    return max(close, key=likeness, default="")


def suggestion(word: str, known: Collection[str]) -> str:
    """What may have been meant by `word`, or what there is."""
    if not known:
        return "there is none yet"
    meant = nearest(word, known)
    return f"did you mean '{meant}'?" if meant else f"there {listed(known)}"


def listed(names: Iterable[str]) -> str:
    """`is only a`, `are a and b`, `are a, b and c`."""
    *most, last = names
    return f"are {', '.join(most)} and {last}" if most else f"is only {last}"


def either(names: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
