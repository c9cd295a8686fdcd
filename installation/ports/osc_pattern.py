"""Which addresses a pattern of OSC 1.0 means, all of them matched at once.

The addresses stand in one row of text, and a Python integer has one bit for each place in it. A set
bit says: the pattern read so far has come to this place. Each element of the pattern moves all bits
with a few operations on whole integers, so the cost grows with the pattern's length and never
backtracks. The star is the MatchStar of Cameron et al., "Bitwise Data Parallelism in Regular
Expression Matching" (PACT 2014): adding a set to a run of allowed places carries it through the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import accumulate
from operator import or_

from installation.errors import DatagramError

_END = "\0"  # after each address; no address holds it


class Addresses:
    """The addresses that the show listens to. Patterns: `?` one character, `*` any number of them,
    `[a-z]` `[!a-z]` one of them or of the others, none of these a `/`; `{this,that}` either."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._addresses = tuple(dict.fromkeys(addresses))
        text = "".join(address + _END for address in self._addresses)
        self._places = {character: _places(text, character) for character in set(text)}
        self._ends = self._places.get(_END, 0)
        self._starts = ((self._ends << 1) | 1) & ((1 << len(text)) - 1)
        self._stops = tuple(accumulate((len(a) + 1 for a in self._addresses), initial=-1))[1:]
        self._free = ((1 << len(text)) - 1) & ~(self._ends | self._places.get("/", 0))

    def __iter__(self) -> Iterator[str]:
        return iter(self._addresses)

    def matching(self, pattern: str) -> tuple[str, ...]:
        """The addresses that the pattern means, in their order. Raises DatagramError where a
        bracket is not closed."""
        reached = self._starts
        at = 0
        while at < len(pattern):  # to its end, for a bracket left open further on
            reached, at = self._step(reached, pattern, at)
        ends = reached & self._ends
        if not ends:
            return ()
        return tuple(
            address for address, stop in zip(self._addresses, self._stops, strict=True) if ends >> stop & 1
        )

    def _step(self, reached: int, pattern: str, at: int) -> tuple[int, int]:
        """The places reached after the pattern's element at `at`, and where the next one begins."""
        character = pattern[at]
        if character == "*":
            free = self._free
            return ((((reached & free) + free) ^ free) | reached), at + 1
        if character == "?":
            return (reached & self._free) << 1, at + 1
        if character == "[":
            stop = _closing(pattern, "]", at)
            return (reached & self._one_of(pattern[at + 1 : stop])) << 1, stop + 1
        if character == "{":
            stop = _closing(pattern, "}", at)
            words = set(pattern[at + 1 : stop].split(","))
            return reduce(or_, (self._word(reached, word) for word in words)), stop + 1
        return self._word(reached, character), at + 1

    def _word(self, reached: int, word: str) -> int:
        for character in word:
            reached = (reached & self._places.get(character, 0)) << 1
        return reached

    def _one_of(self, inside: str) -> int:
        """The places of the characters of a bracket's `inside`; a dash at either end is itself."""
        others = inside.startswith("!")
        listed = inside[others:]
        allowed: set[str] = set()
        while listed:
            if len(listed) > 2 and listed[1] == "-":
                low, high, listed = listed[0], listed[2], listed[3:]
                allowed.update(c for c in self._places if low <= c <= high)
            else:
                allowed.add(listed[0])
                listed = listed[1:]
        places = reduce(or_, (self._places.get(c, 0) for c in allowed), 0) & self._free
        return self._free & ~places if others else places


def _places(text: str, character: str) -> int:
    """The integer with a set bit wherever the character stands; bit 0 is the first place."""
    return int("".join("1" if c == character else "0" for c in reversed(text)), 2)


def _closing(pattern: str, bracket: str, at: int) -> int:
    stop = pattern.find(bracket, at)
    if stop < 0:
        raise DatagramError(f"a pattern without its {bracket}")
    return stop
