"""What was made once is kept, up to a number of bytes; what was used longest ago goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


@dataclass(slots=True)
class _Row(Generic[Thing]):
    thing: Thing
    size: int
    used: int


class Store(Generic[Key, Thing]):
    """`make` gives a thing and its bytes. When `limit` is passed, a quarter of it is freed at once."""

    def __init__(self, limit: int, make: Callable[[Key], tuple[Thing, int]]) -> None:
        self.limit = limit
        self.bytes = 0
        self._make = make
        self._rows: dict[Key, _Row[Thing]] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: Key) -> Thing:
        row = self._rows.get(key)
        self._turn += 1
        if row is not None:
            row.used = self._turn
            return row.thing
        thing, size = self._make(key)
        self._rows[key] = _Row(thing, size, self._turn)
        self.bytes += size
        if self.bytes > self.limit:
            self._free(key)
        return thing

    def _free(self, keep: Key) -> None:
        for key, row in sorted(self._rows.items(), key=lambda pair: pair[1].used):
            if self.bytes <= 0.75 * self.limit:
                return
            if key != keep:
                del self._rows[key]
                self.bytes -= row.size
