"""What was made once is kept, up to a number of bytes; what nobody asked for again goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")

ROW = 640
"""Bytes that a thing takes beside its pixels."""


class Store(dict[Key, Thing]):
    """`make` gives a thing and its bytes; at most about `limit` bytes are kept.

    The dictionary itself holds what is young. Once that is half of what may be kept, all of it grows old;
    what is asked for again is young again, and of the rest the oldest goes when room is needed. So a
    look-up of what is young costs no more than a dictionary's, and no single moment frees much."""

    def __init__(self, limit: int, make: Callable[[Key], tuple[Thing, int]]) -> None:
        super().__init__()
        self.limit = limit
        self.bytes = 0
        self._young = 0
        self._make = make
        self._sizes: dict[Key, int] = {}
        self._old: OrderedDict[Key, Thing] = OrderedDict()

    def __missing__(self, key: Key) -> Thing:
        if key in self._old:
            thing, size = self._old.pop(key), self._sizes[key]
        else:
            thing, size = self._make(key)
            self._room(size)
            self._sizes[key] = size
            self.bytes += size
        self[key] = thing
        self._young += size
        if 2 * self._young > self.limit:
            self._old.update(self)
            self.clear()
            self._young = 0
        return thing

    def _room(self, size: int) -> None:
        """Free the oldest things until so many bytes fit."""
        while self._old and self.bytes + size > self.limit:
            oldest, _ = self._old.popitem(last=False)
            self.bytes -= self._sizes.pop(oldest)
