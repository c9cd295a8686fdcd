"""How varied texts are: distinct pairs of words, likeness to one another, and how small they pack."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from installation.judging.borrowing import WORD
from installation.judging.ear import Heard

WORDS = 3000
"""How many words of each voice are compared: all these measures fall with the length of a text."""
OPENING = 40
"""Words of a text that count in its likeness to the others."""
MOST = 64
"""Texts that are compared with each other."""
NOTHING = 0.1
"""What counts instead of no match at all, as in NLTK's smoothing method 1 (Chen and Cherry 2014)."""


def distinct(words: Sequence[str]) -> float | None:
    """distinct-2: different pairs of neighbouring words, of all pairs (Li et al. 2016)."""
    pairs = [*pairwise(words)]
    return len(set(pairs)) / len(pairs) if pairs else None


def compression(text: str) -> float | None:
    """Bytes before and after zlib: 2.5 means two fifths are left. What repeats itself packs small."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw, 9)) if raw else None


def bleu(text: Sequence[str], others: Sequence[Sequence[str]], most: int = 4) -> float:
    """BLEU-4 of `text` against `others` as its references (Papineni et al. 2002): the geometric mean of the
    clipped shares of its runs of one to four words, less for a text shorter than its nearest reference."""
    if not text:
        return 0.0
    total = 0.0
    for size in range(1, most + 1):
        mine = _runs(text, size)
        allowed: Counter[tuple[str, ...]] = Counter()
        for other in others:
            allowed |= _runs(other, size)
        clipped = sum(min(count, allowed[run]) for run, count in mine.items())
        total += math.log((clipped or NOTHING) / max(1, mine.total()))
    nearest = min((abs(len(other) - len(text)), len(other)) for other in others)[1]
    return min(1.0, math.exp(1 - nearest / len(text))) * math.exp(total / most)


def _runs(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def self_bleu(texts: Sequence[Sequence[str]]) -> float | None:
    """The mean BLEU of each text against all the others (Zhu et al. 2018): 1 where all are the same."""
    texts = [text for text in texts if text]
    if len(texts) < 2:
        return None
    return sum(bleu(text, [*texts[:at], *texts[at + 1 :]]) for at, text in enumerate(texts)) / len(texts)


def figures(heard: Sequence[Heard]) -> dict[str, float | None]:
    """`distinct_2` and `compression` of the first 3 000 words, `self_bleu` of the first 40 words of 64 texts."""
    words = [WORD.findall(each.text.lower()) for each in heard]
    flat = [word for text in words for word in text][:WORDS]
    plain = " ".join(" ".join(each.text.split()) for each in heard).split(" ")[:WORDS]
    return {
        "distinct_2": distinct(flat),
        "self_bleu": self_bleu([text[:OPENING] for text in words[:MOST]]),
        "compression": compression(" ".join(plain)),
    }
