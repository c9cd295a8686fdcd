"""What was made once is kept, up to a number of bytes; what nobody asked for again goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


@dataclass(slots=True)
class _Row(Generic[Thing]):
    thing: Thing
    size: int
    again: bool = False


class Store(Generic[Key, Thing]):
    """`make` gives a thing and its bytes; at most about `limit` bytes are kept.

    What was asked for again since its last turn gets another one (the clock algorithm), so that
    neither a look-up nor the freeing of a place costs more as the store fills."""

    def __init__(self, limit: int, make: Callable[[Key], tuple[Thing, int]]) -> None:
        self.limit = limit
        self.bytes = 0
        self._make = make
        self._rows: OrderedDict[Key, _Row[Thing]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: Key) -> Thing:
        row = self._rows.get(key)
        if row is not None:
            row.again = True
            return row.thing
        thing, size = self._make(key)
        while self._rows and self.bytes + size > self.limit:
            oldest, row = self._rows.popitem(last=False)
            if row.again:
                row.again = False
                self._rows[oldest] = row
            else:
                self.bytes -= row.size
        self._rows[key] = _Row(thing, size)
        self.bytes += size
        return thing
