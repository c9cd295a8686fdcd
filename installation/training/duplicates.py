"""Texts that stand twice, or nearly so: MinHash over shingles of words (Broder, 1997), in bands.

What the bands bring together is compared exactly, so nothing is dropped by chance; of two texts that are alike to
0.8, fewer than one pair in a thousand is overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHINGLE = 3
"""Words in a shingle."""
ALIKE = 0.8
"""The share of shingles that two texts have in common (Jaccard) from which they are the same text."""
BANDS, ROWS = 16, 4
_WORD = re.compile(r"\w+")
_ODD = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_SEEDS = np.array([[_ODD[0] * (n + 1) % 2**64] for n in range(BANDS * ROWS)], np.uint64)
_AT_ONCE = 4096


def doubles(texts: Sequence[str], alike: float = ALIKE) -> dict[int, int]:
    """Number of a text -> number of the first text that it repeats, exactly or to `alike`."""
    words: dict[str, int] = {}
    kept: dict[int, NDArray[np.uint64]] = {}
    bands: dict[tuple[int, bytes], list[int]] = {}
    found: dict[int, int] = {}
    for number, text in enumerate(texts):
        shingles = _shingles(text, words)
        keys = [(band, part.tobytes()) for band, part in enumerate(_signature(shingles))]
        near = dict.fromkeys(other for key in keys for other in bands.get(key, ()))
        same = next((other for other in sorted(near) if _jaccard(shingles, kept[other]) >= alike), None)
        if same is not None:
            found[number] = same
            continue
        kept[number] = shingles
        for key in keys:
            bands.setdefault(key, []).append(number)
    return found


def _shingles(text: str, words: dict[str, int]) -> NDArray[np.uint64]:
    """The different shingles of a text, in order, each as a number; of a short text its one shingle. `words`
    numbers every word seen; a text without a word is one of its signs."""
    said = _WORD.findall(text.casefold()) or [text.strip()]
    ids = np.array([words.setdefault(word, len(words) + 1) for word in said], np.uint64)
    size = min(SHINGLE, len(ids))
    whole = np.zeros(len(ids) - size + 1, np.uint64)
    for place in range(size):
        whole = _mixed(whole + ids[place : place + len(whole)] * np.uint64(_ODD[0]))
    return np.unique(whole)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers spread over all 64 bits (the last steps of SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(_ODD[1])
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(_ODD[2])
    mixed: NDArray[np.uint64] = numbers ^ (numbers >> np.uint64(31))
    return mixed


def _signature(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """(BANDS, ROWS): the least of all shingles under so many hashes."""
    parts = np.array_split(shingles, -(-len(shingles) // _AT_ONCE))
    least = np.min([_mixed(part ^ _SEEDS).min(axis=1) for part in parts], axis=0)
    signature: NDArray[np.uint64] = least.reshape(BANDS, ROWS)
    return signature


def _jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
