"""What kind of line a visitor says: the kind of the nearest line that the model was trained on. Pure.

Lines are compared by their words and pairs of words, each weighing the more the fewer lines have it; nouns
that are pointed to are all alike. A line that is near to none, as an artist's prompt is, has no kind.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from installation.errors import VoiceError

NEAR = 0.58
"""The cosine from which on two lines are of one kind."""
NOISE = "nonsense"
_MARK = re.compile(r"<\^?a?P\d?s?>(?:<is:\w+>)?")
_NOISE = re.compile(
    r"^\W*$|^[\W\d]+$|^(\w)\1{2,}\W*$|^(\w{1,4})[ -]?\2(?:[ -]?\2)*\W*$|^[^aeiouy\W]{3,}\W*$", re.IGNORECASE
)
_KEYS = re.compile(
    r"^\W*\w{0,3}(?:qwe|wer[tz]|asdf|sdfg|dfgh|fghj|hjkl|jkl|zxcv|yxcv|xcvb)\w*\W*$", re.IGNORECASE
)
_SHORT = {
    "i'm": "i am",
    "im ": "i am ",
    "don't": "do not",
    "can't": "cannot",
    "it's": "it is",
    "you're": "you are",
    "isn't": "is not",
    "what's": "what is",
    "where's": "where is",
    "who's": "who is",
    "that's": "that is",
    "haven't": "have not",
    "won't": "will not",
}
_OTHER = re.compile(
    r"^\W*(?:describe|review|verses|label|wall text|sing to"
    r"|an? (?:\w+ )?(?:poem|picture|painting|sculpture|review|label)|a few lines|poem)\b",
    re.IGNORECASE,
)
"""What asks for another style than an answer."""
_NO_WORDS = frozenset(("nounx", "^ nounx", "nounx $"))
_FILLING = frozenset(
    ("so", "very", "really", "just", "please", "well", "then", "oh", "and", "too", "a", "an", "the", "wall")
)


def parts(line: str) -> Counter[str]:
    """The words of a line and their pairs. `line` is marked: its nouns are pointers."""
    line = _MARK.sub(" nounx ", line.replace("{x}", "nounx").replace("{xs}", "nounx")).lower() + " "
    line = re.sub(r"\{\w+\}", " nounx ", line)
    for short, long in _SHORT.items():
        line = line.replace(short, long)
    words = re.findall(r"[a-z]+", line)
    kept = [word for word in words if word not in _FILLING] or words
    ends = ["^", *kept, "$"]
    return Counter([*kept, *(f"{one} {two}" for one, two in itertools.pairwise(ends))])


@dataclass(frozen=True)
class Kinds:
    """Known lines by their kind."""

    lines: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, data: Mapping[str, object], file: Path) -> Kinds:
        """From the file's object. Raises VoiceError where it is not kind -> lines."""
        if not all(
            isinstance(lines, list) and all(isinstance(x, str) for x in lines) for lines in data.values()
        ):
            raise VoiceError(f"{file}: has to give a list of lines for each kind of them")
        return cls(
            {kind: [str(line) for line in lines] for kind, lines in data.items() if isinstance(lines, list)}
        )

    @cached_property
    def _known(self) -> list[tuple[str, Counter[str], float]]:
        found = [(kind, parts(line)) for kind, lines in self.lines.items() for line in lines]
        return [(kind, line, self._size(line)) for kind, line in found if line]

    @cached_property
    def _rare(self) -> Mapping[str, float]:
        every = [set(parts(line)) for lines in self.lines.values() for line in lines]
        seen = Counter(part for line in every for part in line)
        return {part: math.log(1 + len(every) / count) for part, count in seen.items()}

    def _weight(self, part: str) -> float:
        return self._rare.get(part, 3.0)

    def _size(self, line: Mapping[str, int]) -> float:
        return math.sqrt(sum((self._weight(part) * count) ** 2 for part, count in line.items()))

    def told(self, line: str) -> str:
        """The kind of a line whose nouns are pointers; `` where it has none."""
        bare = line.strip()
        return "" if not bare or _OTHER.match(bare) else self._nearest(bare) or self._noise(bare)

    def _noise(self, bare: str) -> str:
        """Whether a line that is near to none is no line at all."""
        found = bare and NOISE in self.lines and (_NOISE.match(bare) or _KEYS.match(bare))
        return NOISE if found else ""

    def _nearest(self, bare: str) -> str:
        told = parts(bare)
        size = self._size(told)
        if not size:
            return ""
        best, near = "", NEAR
        for kind, known, length in self._known:
            both = told.keys() & known.keys()
            if not both - _NO_WORDS:
                continue
            shared = sum(self._weight(part) ** 2 * told[part] * known[part] for part in both)
            if shared / (size * length) > near:
                best, near = kind, shared / (size * length)
        return best
