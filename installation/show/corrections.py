"""An editor's corrections: everything wrong is written down, and told all at once."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from installation.errors import Fault, ShowErrors
from installation.show.schema import Place


class Corrections:
    """Faults in the order of their places: the show's file first, then the venue's."""

    def __init__(self) -> None:
        self._found: list[tuple[Place, Fault]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: Place, path: str, what: str, right: str = "") -> None:
        """Note a fault. `what` may hold `what; right` in one, as an ExpressionError's sentence does."""
        if not right:
            what, _, right = what.partition("; ")
        fault = Fault(place.file, place.line, path, what, right)
        if all(fault != known for _, known in self._found):
            self._found.append((place, fault))

    def unknown(self, place: Place, path: str, key: str, known: Collection[str], what: str) -> None:
        """Note a name that does not exist, with the one that was meant or those that there are."""
        self.add(place, path, f"there is no {what} '{key}'", suggestion(key, known))

    def include(self, others: Corrections) -> None:
        """Take over what another pass has found."""
        for place, fault in others._found:
            if all(fault != known for _, known in self._found):
                self._found.append((place, fault))

    def settle(self, first: str) -> None:
        """Raise ShowErrors if anything was found; the faults of the file `first` come first."""
        if self._found:
            order = sorted(self._found, key=lambda found: (found[0].file != first, *found[0]))
            raise ShowErrors([fault for _, fault in order])


def suggestion(word: str, known: Collection[str]) -> str:
    """What may have been meant by `word`, or what there is."""
    if not known:
        return "there is none yet"
    close = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean '{close[0]}'?" if close else f"there {listed(known)}"


def listed(names: Iterable[str]) -> str:
    """`is only a`, `are a and b`, `are a, b and c`."""
    *most, last = names
    return f"are {', '.join(most)} and {last}" if most else f"is only {last}"
