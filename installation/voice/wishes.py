"""What a request may ask for and a server may refuse: the wishes of a request, and which were granted. Pure.

No two servers that speak the same interface take the same fields, and which ones a model takes changes
with every model. So each wish is tried, and what a server complains of is not asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_MONEY = re.compile(r"billing|credit|quota|spend|balance", re.IGNORECASE)


class Wishes:
    """Fields by name, each with what to try, best first; what is refused gives way to the next, or is left out."""

    def __init__(self) -> None:
        self._refused: dict[str, int] = {}

    def granted(self, wishes: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """The fields to send."""
        at = self._refused
        return {
            name: tries[at.get(name, 0)] for name, tries in wishes.items() if at.get(name, 0) < len(tries)
        }

    def refuse(self, complaint: str, wishes: Mapping[str, Sequence[Any]]) -> list[str]:
        """Give up the first field that a complaint names, or all of them where it names none and is not
        about money; gives their names, none where nothing is left to give up."""
        sent = self.granted(wishes)
        found = {name: at for name, value in sent.items() if (at := _where(complaint, name, value)) >= 0}
        named = [min(found, key=lambda name: found[name])] if found else list(sent)
        if not found and _MONEY.search(complaint):
            return []
        for name in named:
            self._refused[name] = self._refused.get(name, 0) + 1
        return named


def _where(complaint: str, name: str, value: Any) -> int:
    """Where a complaint first names a field or what it holds, -1 where it does not."""
    inside = value if isinstance(value, dict | list) else ()
    words = [name, *(str(item).rpartition(".")[2] for item in inside)]
    found = (re.search(rf"(?<![a-z_]){re.escape(word)}(?![a-z_])", complaint) for word in words)
    return min((match.start() for match in found if match), default=-1)
