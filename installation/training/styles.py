"""Which style a text sounds like: a linear classifier over words, pairs of words and the shape of the text.

Softmax regression with L2, fitted by L-BFGS from zero, so that the same texts give the same classifier.
Nouns of the lexicon count as one word: a style is how something is said, never what about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from installation.training.lexicon import Lexicon

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIECE = re.compile(r"[a-z']+|[.!?,:;]|\n|\d+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CENTIMETRES = re.compile(r"\d cm\b|\d x \d")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_YOU, _I = re.compile(r"\byour?\b"), re.compile(r"\b(?:i|my|me)\b")
OFTEN = 2
"""In how many texts a feature has to stand to count."""


def features(text: str, nouns: Iterable[str]) -> dict[str, float]:
    """What is seen of `text`: its words and pairs of words (1 where they stand), and its shape."""
    text = text.strip()
    low = text.lower()
    known = nouns if isinstance(nouns, (frozenset, set, dict)) else frozenset(nouns)
    words = ["N" if w in known else "0" if w.isdigit() else w for w in _PIECE.findall(low)]
    found = dict.fromkeys(words, 1.0) | {f"{a} {b}": 1.0 for a, b in pairwise(words)}
    said = [part for part in _SENTENCE.split(text.replace("\n", " ")) if part]
    length = max(1, len(text.split()))
    steps = (
        ("lines", text.count("\n"), 2.0, 3),
        ("sentence", length / max(1, len(said)), 2.0, 7),
        ("exclaims", text.count("!"), 1.0, 3),
        ("length", length, 15.0, 5),
        ("you", 100 * len(_YOU.findall(low)) / length, 2.0, 4),
        ("I", 100 * len(_I.findall(low)) / length, 2.0, 4),
    )
    found |= {
        f"{name}>{n}": 1.0
        for name, value, step, most in steps
        for n in range(1, most + 1)
        if value >= n * step
    }
    found |= {"first " + words[0]: 1.0} if words else {}
    marks = {"asks": "?" in text, "cm": bool(_CENTIMETRES.search(low)), "year": bool(_YEAR.search(low))}
    found |= {name: 1.0 for name, there in marks.items() if there}
    found["commas"] = min(1.0, text.count(",") / max(1, len(said)) / 2)
    return found


@dataclass(frozen=True)
class Styles:
    """A fitted classifier: `weights` holds a row for each feature, one column for each of `names`."""

    names: tuple[str, ...]
    weights: Mapping[str, NDArray[np.float32]]
    level: NDArray[np.float32]
    nouns: frozenset[str]

    def shares(self, text: str) -> dict[str, float]:
        """Style -> how probable it is, in all 1."""
        score = self.level.astype(np.float64)
        for name, value in features(text, self.nouns).items():
            row = self.weights.get(name)
            if row is not None:
                score = score + value * row
        grown = np.exp(score - score.max())
        return dict(zip(self.names, (grown / grown.sum()).tolist(), strict=True))

    def of(self, text: str) -> str:
        """The style that `text` sounds like most."""
        shares = self.shares(text)
        return max(shares, key=lambda name: shares[name])


def fit(texts: Sequence[tuple[str, str]], lexicon: Lexicon, penalty: float = 1.0) -> Styles:
    """A classifier of (text, style) pairs; `penalty` is the L2 weight for the sum over all texts."""
    import torch
    from torch.nn import functional

    nouns = frozenset(lexicon.forms)
    seen = [features(text, nouns) for text, _ in texts]
    counts = Counter(name for each in seen for name in each)
    place = {name: at for at, name in enumerate(sorted(n for n, count in counts.items() if count >= OFTEN))}
    names = tuple(sorted({style for _, style in texts}))
    known = [[(place[name], value) for name, value in each.items() if name in place] for each in seen]
    at = torch.tensor([feature for each in known for feature, _ in each], dtype=torch.long)
    much = torch.tensor([value for each in known for _, value in each])
    begin = torch.tensor([0, *accumulate(len(each) for each in known)][:-1])
    wanted = torch.tensor([names.index(style) for _, style in texts])
    weights = torch.zeros(len(place), len(names), requires_grad=True)
    level = torch.zeros(len(names), requires_grad=True)
    search = torch.optim.LBFGS([weights, level], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        search.zero_grad()
        score = functional.embedding_bag(at, weights, begin, mode="sum", per_sample_weights=much)
        found = functional.cross_entropy(score + level, wanted)
        found = found + penalty * (weights**2).sum() / len(texts)
        found.backward()  # type: ignore[no-untyped-call]
        return found

    search.step(loss)  # type: ignore[no-untyped-call]
    table = weights.detach().numpy()
    return Styles(names, {name: table[at] for name, at in place.items()}, level.detach().numpy(), nouns)
