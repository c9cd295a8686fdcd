"""An editor's corrections: everything wrong is written down, and told all at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from installation.errors import Fault, ShowErrors
from installation.show.schema import Place
from installation.show.spelling import suggestion


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

    def rename(self, file: str, old: str, new: str) -> None:
        """Call what stands at the path `old` of this file, and below it, `new`."""
        for n, (place, fault) in enumerate(self._found):
            rest = fault.path.removeprefix(old)
            if place.file == file and fault.path != rest and rest[:1] in {"", "."}:
                self._found[n] = (place, replace(fault, path=new + rest))

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
