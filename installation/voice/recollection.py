"""What the artist's own texts say next: an unbounded n-gram over a model's tokens. Pure; numpy only.

The longest end of the context that stands anywhere in the texts is looked up in a suffix array (Liu and
others, infini-gram, 2024), here of the reversed texts: all places with one end stand together in it, and
one binary search finds the longest. What followed at those places is a distribution m, and the voice
speaks from (1 - w) p + w m, p being the model's (Khandelwal and others, kNN-LM, 2020). `trust` says how
much of the weight that was asked for a match deserves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]

LONGEST = 64
"""Tokens; a longer match counts as one of this length."""
FULL = 4
"""Tokens of a match that is trusted wholly: some three words, which seldom stand there by chance."""
PLACES = 4096
"""Of more places than this, as many are looked at, evenly spread."""
MOST = 256
"""Continuations of a match that count: those met most often."""
APART = -1
"""Stands between two files, and matches nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """The last `length` tokens of a context stand in the texts `count` times.

    `shares`: with which probability each token followed there (sum 1); `places`: where each stands first."""

    length: int
    count: int
    shares: Mapping[int, float]
    places: Mapping[int, int]

    @property
    def trust(self) -> float:
        """0 to 1: how much the match counts. A long one wholly, however rare it is. A short one by its
        length, and by how often it was met against how many ways it went on (Witten and Bell, 1991)."""
        long = min(1.0, self.length / FULL)
        known: float = self.count / (self.count + len(self.shares))
        return float(long * known ** (1 - long))


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as tokens: one row of numbers for all of them.

    `tokens`: ids, APART behind each file; `lines`: the line of each, from 1; `ends`: whether a paragraph
    ends behind it; `files`: each file's name and where it begins, in order."""

    tokens: Ids
    lines: Ids
    ends: NDArray[np.bool_]
    files: tuple[tuple[str, int], ...]


class Recollection:
    """The texts, to be looked up. `end` is the token that ends a text, APART where there is none: it
    follows where a paragraph ends, and where it may not, what the next paragraph begins with."""

    def __init__(self, texts: Texts, end: int = APART) -> None:
        self._texts, self._end = texts, end
        self._back = texts.tokens[::-1]
        self._order = ordered(self._back)

    @cached_property
    def size(self) -> int:
        """How many tokens the texts have."""
        return int((self._texts.tokens != APART).sum())

    def after(self, context: Sequence[int], banned: Collection[int] = ()) -> Match | None:
        """What follows the longest end of `context` that is followed by anything but what is `banned`;
        None: nothing does."""
        back = list(context[: -LONGEST - 1 : -1])
        at = self._place(back, upper=False)
        near = [i for i in (at - 1, at) if 0 <= i < len(self._order)]
        longest = max((self._common(int(self._order[i]), back) for i in near), default=0)
        for length in range(longest, 0, -1):
            low, high = (self._place(back[:length], upper=upper) for upper in (False, True))
            if match := self._match(length, low, high, banned):
                return match
        return None

    def source(self, place: int) -> str:
        """Where the token at a place stands: file and line."""
        files = self._texts.files
        name, _ = files[bisect_right(files, place, key=lambda file: file[1]) - 1]
        return f"{name}:{self._texts.lines[place]}"

    def _match(self, length: int, low: int, high: int, banned: Collection[int]) -> Match | None:
        """What followed at the places that stand from `low` to `high` in the order."""
        texts = self._texts
        step = -(-(high - low) // PLACES)
        places = np.sort(len(texts.tokens) - self._order[low:high:step])
        ids = texts.tokens[places]
        if self._end != APART and self._end not in banned:
            over = texts.ends[places - 1]
            ids, places = np.where(over, np.int32(self._end), ids), places - over
        found, first, counts = np.unique(ids, return_index=True, return_counts=True)
        rows = zip(found.tolist(), places[first].tolist(), counts.tolist(), strict=True)
        kept = [row for row in rows if row[0] != APART and row[0] not in banned]
        kept = sorted(kept, key=lambda row: (-row[2], row[0]))[:MOST]
        if not kept:
            return None
        whole = sum(count for _, _, count in kept)
        shares = {token: count / whole for token, _, count in kept}
        return Match(length, high - low, shares, {token: place for token, place, _ in kept})

    def _common(self, start: int, back: Sequence[int]) -> int:
        """How many tokens stand there as they stand in `back`."""
        count = 0
        for one, other in zip(self._back[start : start + len(back)].tolist(), back, strict=False):
            if one != other or one == APART:
                break
            count += 1
        return count

    def _place(self, back: Sequence[int], *, upper: bool) -> int:
        """Where `back` would stand in the order: before all that begins with it, or behind."""
        low, high, key = 0, len(self._order), list(back)
        while low < high:
            middle = (low + high) // 2
            start = int(self._order[middle])
            found = self._back[start : start + len(key)].tolist()
            if found < key or (upper and found == key):
                low = middle + 1
            else:
                high = middle
        return low


def ordered(tokens: Ids) -> Ids:
    """Where the suffixes of `tokens` begin, sorted by their first LONGEST tokens.

    Ranks double their reach (Manber and Myers, 1990), and those that are alone already stand where they
    will (Larsson and Sadakane, 2007): a rank is the first place of all suffixes that are alike so far."""
    size = len(tokens)
    order: NDArray[np.int64] = np.argsort(tokens)
    first = np.ones(size + 1, np.bool_)  # of those that are alike
    first[1:size] = tokens[order[1:]] != tokens[order[:-1]]
    rank = np.empty(size, np.int64)
    rank[order] = np.maximum.accumulate(np.where(first[:size], np.arange(size), 0))
    span = 1
    while span < LONGEST:
        at = np.flatnonzero(~(first[:size] & first[1:]))
        if not at.size:
            break
        alike = order[at]
        key = rank[alike] * (size + 1)
        key += np.where(alike + span < size, rank[np.minimum(alike + span, size - 1)] + 1, 0)
        turn = np.argsort(key)
        alike, key = alike[turn], key[turn]
        order[at] = alike
        begins = np.diff(key, prepend=-1) != 0
        first[at[begins]] = True
        rank[alike] = at[np.maximum.accumulate(np.where(begins, np.arange(at.size), 0))]
        span *= 2
    return order.astype(np.int32)
