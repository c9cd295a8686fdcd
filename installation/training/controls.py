"""What can be asked of the model before the prompt, each as one token, and how a text is measured for it.

Energy, 0 to 4, is pace: exclamations and short sentences. Warmth, 0 to 4, is the surplus of warm words
over cold ones (`controls.json`) in a hundred. Short is under 34 words, long is 50 and more; what lies
between is neither. A style is that of the corpus.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from installation.training import grammar
from installation.training.lexicon import CORPUS

STYLES = ("calm", "storm", "poem", "describe", "critic", "wall", "label", "meta", "answer")
LEVELS = 5
SHORT, LONG = 34, 50
"""Words: fewer than the first are short, no fewer than the second long."""
DROPPED = 0.1
"""How often each control is left out of a row that has controls."""
RAW = 0.25
"""How often a row has none at all: a plain prompt has to work, as everybody's own code gives it."""
ALONE = 0.45
"""How often a row has only one, two times in three its style: whoever asks asks for one thing."""

TOKENS = (
    *(f"<{style}>" for style in STYLES),
    *(f"<energy{level}>" for level in range(LEVELS)),
    *(f"<warmth{level}>" for level in range(LEVELS)),
    "<short>",
    "<long>",
)

UNTOLD = "one_word_x"
"""The kind of line that has no token: a lone word may want any style."""
TOLD = 0.8
"""How often the kind of a visitor's line stands behind it, where the answer is near."""


def kinds(folder: Path = CORPUS) -> dict[str, list[str]]:
    """Kind -> its lines, of all that have a token."""
    _, intents = grammar.load(folder)
    return {name: list(parts["prompts"]) for name, parts in sorted(intents.items()) if name != UNTOLD}


def kind_token(kind: str) -> str:
    """The token of a kind of line; `` where it has none."""
    return "" if kind in ("", UNTOLD) else f"<to:{kind}>"


_WORD = re.compile(r"[a-z']+")
_SENTENCE = re.compile(r"(?<=[.!?])[\"']?\s+")


@dataclass(frozen=True)
class Controls:
    """What a text is: its style, its energy and warmth, and `short`, `long` or ``."""

    style: str
    energy: int
    warmth: int
    size: str

    def tokens(self) -> tuple[str, ...]:
        """All of them, as they are written."""
        size = (f"<{self.size}>",) if self.size else ()
        return (f"<{self.style}>", f"<energy{self.energy}>", f"<warmth{self.warmth}>", *size)

    def drawn(self, rng: random.Random) -> str:
        """What stands before the prompt of a row to learn from: each token but one in ten, only one, or none."""
        chance = rng.random()
        if chance < RAW:
            return ""
        if chance < RAW + ALONE:
            style, *others = self.tokens()
            return style if rng.random() < 0.67 else rng.choice(others)
        return "".join(token for token in self.tokens() if rng.random() >= DROPPED)


@cache
def _words(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    data = json.loads((folder / "controls.json").read_text(encoding="utf-8"))
    return frozenset(data["warm"].split()), frozenset(data["cold"].split())


def pace(text: str) -> tuple[float, float]:
    """(words in a sentence, share of sentences that exclaim)."""
    parts = [part for part in _SENTENCE.split(text.strip().replace("\n", " ")) if part]
    exclaimed = sum(part.rstrip("\"'").endswith("!") for part in parts)
    return len(text.split()) / max(1, len(parts)), exclaimed / max(1, len(parts))


def energy(text: str) -> int:
    """0 where sentences are long and quiet, 4 where at least one in five exclaims."""
    words, exclaimed = pace(text)
    if exclaimed >= 0.2:
        return 4
    if exclaimed > 0 or words < 6.5:
        return 3
    return 2 if words < 8.5 else 1 if words < 10.5 else 0


def warmth(text: str, folder: Path = CORPUS) -> int:
    """0 where cold words prevail by four in a hundred, 2 about level, 4 where warm ones do by six."""
    warm, cold = _words(folder)
    words = _WORD.findall(text.lower())
    surplus = 100 * sum((word in warm) - (word in cold) for word in words) / max(1, len(words))
    bounds = (-4.0, -0.01, 2.5, 6.0)
    return sum(surplus > bound for bound in bounds)


def measure(style: str, paragraphs: Sequence[str]) -> Controls:
    """The controls of a row of one style; its size is that of its paragraphs in the mean."""
    text = "\n".join(paragraphs)
    words = len(text.split()) / max(1, len(paragraphs))
    size = "short" if words < SHORT else "long" if words >= LONG else ""
    return Controls(style, energy(text), warmth(text), size)
