"""What kind of line a visitor says: the kind of the nearest line that the model was trained on. Pure.

Lines are compared by the stems of their words and pairs of words, each weighing the more the fewer lines have
it; nouns that are pointed to are all alike. Of a line with an aside each clause is looked at, and the weightier
kind is heard. A line that is near to none, as an artist's prompt is, has no kind.
"""

from __future__ import annotations

import heapq
import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from installation.errors import VoiceError
from installation.voice import spelling
from installation.voice.spelling import NOUN, Spelling

NEAR, NEARER, NEAREST = 0.57, 0.7, 0.82
"""How near a line has to be: one that speaks to somebody or of the one who says it, one that may do so, and
another."""
PAIR = 0.6
"""What a pair of words weighs beside a word."""
COMPANY = 0.4
"""How far the next three lines of a kind draw a line nearer."""
UNNAMED, UNFILLED, DENIED, TURNED = 0.7, 0.9, 0.7, 0.8
"""What remains of nearness where only the line names a noun, where only the known one does, where one of them
denies what the other says, and where one speaks of itself and one to another,
or only the line of a third."""
ASIDE = (0.0, 0.8, 0.85, 0.9, 0.95)
"""What a clause of so many words weighs beside the whole line."""
STRANGE = 5.5
"""What a word weighs that no known line has."""
NOISE = "nonsense"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOISE = re.compile(
    r"^\W*$|^[\W\d]+$|^(\w)\1{2,}\w?\W*$|^(\w{1,4})[ -]?\2(?:[ -]?\2)*\W*$|^[^aeiouy\W]{3,}\W*$",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"^\W*\w{0,3}(?:qwe|wer[tz]|asdf|sdfg|dfgh|fghj|hjkl|jkl|zxcv|yxcv|xcvb)\w*\W*$"
    r"|^(?:\w*?(?:jk|kj|jh|hj|hg|gf|fg|jf|fj|jd|js|sj|jl|lj|kd|dk|fh|hf|vb|bv|cv|vc|xz|zx|qw|wq|jg|gj)){2}\w*\W*$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"^\W*(?:describe\b(?!.* to (?:me|us)\b)|review|verses|label|wall text|sing to"
    r"|an? (?:\w+ )?(?:poem|picture|painting|sculpture|review|label)|a few lines|poem)\b(?!.*\b(?:please|pl[sz])\b)",
    re.IGNORECASE,
)
"""What asks for another style than an answer."""
_SPOKEN = _set("i you me we us myself yourself this am")
"""Who says one of these speaks to somebody, or of himself."""
_ALSO = frozenset(("my", "our", "your", "it"))
_MAYBE = _set(
    "hello hi thank thanks bye goodbye "
    "what who where why how when is are do does can did it that my your our please "
    "tell say give let so such not"
)
_FILLING = _set("so very really just please then oh too a an the")
_PROSE = re.compile(
    r"^\W*(?:what(?! an?\b)|where|why|how|when) (?:the|an?|my|his|her|our|their|we|they|to|<\S+)(?! hell)\b[^?]*$",
    re.IGNORECASE,
)
"""A title or a clause of one, no question: where the road ends."""
_NAMED = frozenset(("am the", "are the", "was the", "were the"))
"""Behind I, we or you a title goes on so: you are the tide."""
_DENYING = frozenset(("not", "cannot"))
_FIRST = _set("i me my myself we us our")
_THIRD = _set(f"the a an he she they his her its somebody someone {NOUN}")
_SECOND = _set("you your yourself")
_SLIGHT = {"greeting": 0.75, "yes_no": 0.7, "why": 0.85, "thanks": 0.85, NOISE: 0.5, "joke": 0.9}
"""Kinds that give way to another clause's."""
_STARTS = _set(
    "i you we he she it this that what who where why how when can do are is tell sing write thank thanks bye "
    "goodbye my nobody please hello hi"
)
"""Words with which a second sentence may begin where no pause is typed."""


def _none(_: str) -> bool:
    return False


Features = tuple[bool, bool, bool, bool, bool]


_ALIKE = {
    **dict.fromkeys(("am", "is", "are", "was", "were", "be"), "be"),
    **dict.fromkeys(("someone", "anyone", "anybody", "somebody"), "somebody"),
    "we": "i",
    "us": "me",
    "everyone": "everybody",
    "could": "can",
    "would": "will",
}


def stem(word: str) -> str:
    """`word` without its ending, as far as one can tell that without a dictionary; words that say the same of one
    or of more are one."""
    if word in _ALIKE:
        return _ALIKE[word]
    for ending in ("ing", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def parts(words: Sequence[str]) -> Counter[str]:
    """The stems of a line's words and their pairs, the ends of the line among them."""
    said = [word for at, word in enumerate(words) if word != "wall" or (at and words[at - 1] in ("the", "a"))]
    named = [word == NOUN for word in (*said[1:], "")]  # the sea is another than a sea
    kept = [stem(word) for word, noun in zip(said, named, strict=False) if noun or word not in _FILLING]
    kept = kept or [stem(word) for word in words]
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
    def _known(self) -> list[tuple[str, list[str]]]:
        """Each line's kind and words."""
        found = [(kind, _joined(line)) for kind, lines in self.lines.items() for line in lines]
        return [(kind, words) for kind, words in found if words]

    @cached_property
    def _rare(self) -> Mapping[str, float]:
        seen = Counter(part for _, words in self._known for part in set(parts(words)))
        return {
            part: math.log(1 + len(self._known) / count) * (PAIR if " " in part else 1)
            for part, count in seen.items()
        }

    @cached_property
    def _index(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Part -> the lines that hold it, each with what it adds to the cosine."""
        found = defaultdict(list)
        for at, (_, words) in enumerate(self._known):
            line = parts(words)
            size = self._size(line)
            for part, count in line.items():
                found[part].append((at, self._rare[part] ** 2 * count / size))
        return found

    @cached_property
    def _features(self) -> Sequence[Features]:
        return [_featured(words) for _, words in self._known]

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(word for _, words in self._known for word in words)

    def _size(self, line: Mapping[str, int]) -> float:
        strange = sum(count for part, count in line.items() if " " not in part and part not in self._rare)
        known = sum((self._rare.get(part, 0.0) * count) ** 2 for part, count in line.items())
        return math.sqrt(known + strange * STRANGE**2)

    def told(self, line: str) -> str:
        """The kind of a line whose nouns are pointers; `` where it has none."""
        return self.weighed(line)[1]

    def weighed(self, line: str, sure: Callable[[str], bool] = _none) -> tuple[float, str]:
        """(how much is to be said for it, the kind of a line); (0, ``) where it has none. A word that is `sure`
        is not mistyped."""
        bare = line.strip()
        if not bare or _OTHER.match(bare) or _PROSE.match(bare):
            return 0.0, ""
        said = [self._spelling.words(clause, sure) for clause in spelling.clauses(bare)]
        return max(self._heard(said), default=(0.0, self._noise(bare)))

    def _noise(self, bare: str) -> str:
        """Whether a line that is near to none is no line at all."""
        found = NOISE in self.lines and (_NOISE.match(bare) or _KEYS.match(bare))
        return NOISE if found else ""

    def _heard(self, said: Sequence[Sequence[str]]) -> Iterator[tuple[float, str]]:
        """(weight, kind) of the whole line and of its clauses, where all others are spoken too."""
        whole = list(itertools.chain.from_iterable(said))
        near, kind = self._nearest(whole)
        if kind:
            yield near * _SLIGHT.get(kind, 1), kind
        if len(said) < 2 and not kind:
            said = _sentences(whole)
        if len(said) < 2:
            return
        found = [self._nearest(words) for words in said]
        if all(kind or (_SPOKEN | _ALSO) & set(words) for (_, kind), words in zip(found, said, strict=True)):
            for words, (near, kind) in zip(said, found, strict=True):
                if kind:
                    yield ASIDE[min(len(words), 4)] * near * _SLIGHT.get(kind, 1), kind

    def _nearest(self, words: Sequence[str]) -> tuple[float, str]:
        """(cosine, kind) of the nearest line; (0, ``) where none is near enough."""
        told = parts(words)
        size = self._size(told)
        sums: dict[int, float] = defaultdict(float)
        for part, count in told.items():
            for at, adds in self._index.get(part, ()):
                sums[at] += adds * count
        if not sums or set(words) <= {NOUN}:
            return 0.0, ""
        features = _featured(words)
        near: dict[str, list[float]] = defaultdict(list)
        least = max(sums.values()) / 2  # what is half as near does not count
        for at, shared in sums.items():
            if shared < least:
                continue
            kind = self._known[at][0]
            near[kind].append(_alike(features, self._features[at]) * shared / size)
        most, kind = max((_together(found), kind) for kind, found in near.items())
        said = set(words)
        named = " ".join(words[1:3]) in _NAMED
        enough = NEAREST if named else NEAR if said & _SPOKEN else NEARER if said & _MAYBE else NEAREST
        return (most, kind) if most > enough else (0.0, "")


def _featured(words: Sequence[str]) -> Features:
    """Whether they name a noun, deny something, speak of oneself, speak to another, or begin with a third."""
    said = set(words)
    told = bool(words) and words[0] in _THIRD
    return NOUN in said, bool(said & _DENYING), bool(said & _FIRST), bool(said & _SECOND), told


def _alike(line: Features, known: Features) -> float:
    named = 1.0 if line[0] == known[0] else UNNAMED if line[0] else UNFILLED
    turned = (line[2:4], known[2:4]) in (((True, False), (False, True)), ((False, True), (True, False)))
    turned = turned or (line[4] and not known[4])
    return named * (1.0 if line[1] == known[1] else DENIED) * (TURNED if turned else 1.0)


def _together(near: list[float]) -> float:
    """How near the lines of one kind are: the nearest, and the next three in its company."""
    first, *others = heapq.nlargest(4, near)
    return first + COMPANY * (1 - first) * sum(others) / 3


def _joined(line: str) -> list[str]:
    return list(itertools.chain.from_iterable(spelling.clauses(line)))


def _sentences(words: Sequence[str]) -> list[list[str]]:
    """`words` parted before each that may begin a sentence."""
    found: list[list[str]] = [[]]
    for at, word in enumerate(words):
        if at and word in _STARTS and words[at - 1] not in _STARTS:
            found.append([])
        found[-1].append(word)
    return found
