"""An artist's texts as rows to learn from: a prompt that is read and a text that is learnt, and between them
rows of what the model knew already."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from installation.training import controls, pointing
from installation.training.collection import Work
from installation.training.lexicon import Lexicon
from installation.training.shapes import shaped
from installation.training.stream import POINTED, Stream, spaced

Row = tuple[list[int], list[bool]]
"""Tokens, and for each whether it is learnt."""

ROOM = 48
"""Tokens of a row that are left to its prompt."""
BARE = 0.1
"""How often a row has no prompt."""
ASKED = 0.5
"""How often the house model's prompt is one that a visitor might type for a noun of the text."""
BEHIND, BEFORE = 0.4, 192
"""How often the house model's passage stands behind texts of its own, as when a scene puts the adapter on in the
middle of a page, and how many tokens of that at most."""
_SENTENCE = re.compile(r"(?<=[.!?…])[ \t]+|\n+")


@dataclass(frozen=True)
class Passage:
    """A stretch of a text that fits a row. `end`: the text ends with it."""

    work: int
    prompt: str
    style: str
    text: str
    end: bool


class Manner(Protocol):
    """How a model is spoken to."""

    def row(self, passage: Passage, rng: random.Random | None) -> Row:
        """A passage as this model reads it; without `rng` in its plainest form."""


@dataclass(frozen=True)
class Plain:
    """Any model: `head` gives the tokens that the show puts before a text (a chat's turn, or a line),
    `body` those of a text behind them, `ends` its end."""

    head: Callable[[str], Sequence[int]]
    body: Callable[[str], Sequence[int]]
    ends: int

    def row(self, passage: Passage, rng: random.Random | None) -> Row:
        bare = rng is not None and rng.random() < BARE
        head = list(self.head("" if bare else passage.prompt))
        body = [*self.body(passage.text), *([self.ends] if passage.end else [])]
        return head + body, [False] * len(head) + [True] * len(body)


@dataclass(frozen=True)
class House:
    """The house model, and what was trained as it was: words with their spaces, pointers for the prompt's nouns,
    and before the prompt what was measured of the text, each `known` control as often as in its own training.
    `others` are texts of its own that may stand before a passage, read and not learnt."""

    encode: Callable[[str], list[int]]
    lexicon: Lexicon
    known: frozenset[str]
    ends: int = 0
    others: Sequence[str] = ()

    def row(self, passage: Passage, rng: random.Random | None) -> Row:
        prompt, named = passage.prompt, ""
        if rng is not None:
            measured = controls.measure(passage.style, [passage.text]).drawn(rng)
            named = "".join(token for token in re.findall(r"<\w*>", measured) if token in self.known)
            asked = rng.random() < (ASKED if prompt else 1 - BARE)
            prompt = (asked and self._asked(passage, rng)) or prompt
            prompt = "" if rng.random() < BARE else prompt
        text = passage.text
        if prompt and (rng is None or rng.random() < POINTED):
            prompt, (text,) = pointing.pointed(prompt, [text], self.lexicon)
        head = self.encode(named + (spaced(prompt) if prompt else "") + "\n")
        body: list[int] = []
        for paragraph in re.split(r"\n\s*\n", text):  # it ends a paragraph as it ends a text
            body += [*self.encode(spaced(paragraph)), self.ends]
        body = body if passage.end else body[:-1]
        if rng is not None and self.others and rng.random() < BEHIND:
            head += self._page(rng)
        return head + body, [False] * len(head) + [True] * len(body)

    def _page(self, rng: random.Random) -> list[int]:
        """The last tokens of a page of the model's own, which ends with a paragraph."""
        found: list[int] = []
        for text in rng.sample(self.others, min(len(self.others), rng.randrange(1, 5))):
            found += [*self.encode(spaced(text)), self.ends]
        return found[-BEFORE:]

    def _asked(self, passage: Passage, rng: random.Random) -> str:
        """A line that asks for a noun of the text; `` where the lexicon knows none."""
        words = dict.fromkeys(re.findall(r"[a-z]+", passage.text.lower()))
        found = [w for w in words if w in self.lexicon.forms and w not in self.lexicon.ambiguous]
        if not found:
            return ""
        word = rng.choice(found)
        style = passage.style if passage.style in controls.STYLES and passage.style != "meta" else "calm"
        return shaped(rng, style, self.lexicon.forms[word], word, rng.choice(found), "April")


def passages(works: Sequence[Work], count: Callable[[str], int], length: int) -> list[Passage]:
    """The texts in stretches of whole sentences that fit a row of `length` tokens; `count` counts a text's."""
    room = max(16, length - ROOM)
    found = []
    for number, work in enumerate(works):
        parts = list(_stretches(work.text, count, room))
        found += [
            Passage(number, work.prompt, work.style, part, at == len(parts))
            for at, part in enumerate(parts, 1)
        ]
    return found


def _stretches(text: str, count: Callable[[str], int], room: int) -> Iterator[str]:
    """`text` broken between sentences, as rarely as it can be; between words where a sentence is too long."""
    start, last = 0, 0
    held = 0
    for end in _breaks(text, count, room):
        more = count(text[last:end])
        if held and held + more > room:
            yield text[start:last].strip()
            start, held = last, 0
        held, last = held + more, end
    if text[start:].strip():
        yield text[start:].strip()


def _breaks(text: str, count: Callable[[str], int], room: int) -> Iterator[int]:
    """Where `text` may be broken."""
    last = 0
    for end in [*(match.end() for match in _SENTENCE.finditer(text)), len(text)]:
        if count(text[last:end]) > room:
            yield from (last + match.end() for match in re.finditer(r"\s+|\S{16}", text[last:end]))
        yield end
        last = end


def parted(found: Sequence[Passage], share: float, seed: int) -> tuple[list[Passage], list[Passage]]:
    """(to learn, held out): whole texts where there are ten and more, else passages; one at least is held."""
    works = sorted({passage.work for passage in found})
    rng = random.Random(seed)  # noqa: S311 - seeded, no cryptography
    if len(works) >= 10:
        held = set(rng.sample(works, min(len(works) - 1, max(1, round(len(works) * share)))))
        return [p for p in found if p.work not in held], [p for p in found if p.work in held]
    apart = set(rng.sample(range(len(found)), min(len(found) - 1, max(1, round(len(found) * share)))))
    return [p for n, p in enumerate(found) if n not in apart], [p for n, p in enumerate(found) if n in apart]


class Replay:
    """Visitors' lines with the house model's answers, numbered from 0: every other one is hand-written, as `manner`
    reads it, the rest its grammar's. Its other texts are not replayed: what is to be spoken of a prompt is hers."""

    def __init__(
        self,
        stream: Stream,
        encode: Callable[[str], list[int]],
        seed: int,
        answers: Sequence[Passage] = (),
        manner: Manner | None = None,
    ) -> None:
        self._stream, self._encode, self._seed = stream, encode, seed
        self._answers, self._manner = answers, manner

    def row(self, number: int) -> Row:
        """The same number gives the same row."""
        rng = self._stream.rng
        rng.seed(f"{self._seed} replay {number}")
        self._stream.begin()
        if self._manner and self._answers and number % 2:
            return self._manner.row(rng.choice(self._answers), None)
        tokens: list[int] = []
        learn: list[bool] = []
        for piece in self._stream.pieces(asked=True):
            ids = [*(self._encode(piece.text) if piece.text else []), *([0] if piece.end else [])]
            tokens += ids
            learn += [piece.learn > 0] * len(ids)
        return tokens, learn


class Rows:
    """All rows of a run in their order, `count` of them: row n is drawn from (seed, n) alone, so that a run goes on
    anywhere. In each round every passage stands once, in another guise each time, and so many rows of the
    `replay` that `share` of what is learnt is the model's own."""

    def __init__(
        self,
        found: Sequence[Passage],
        manner: Manner,
        length: int,
        seed: int,
        count: int = 1,
        replay: Replay | None = None,
        share: float = 0.0,
    ) -> None:
        self._passages, self._manner, self._replay = found, manner, replay
        self._length, self._seed, self._count = length, seed, count
        self.tokens = sum(sum(manner.row(passage, None)[1]) for passage in found)
        """Learnt of her texts in a round."""
        self._own = self._replayed(share) if replay else 0
        self.round = len(found) + self._own
        """Rows in a round."""

    def _replayed(self, share: float) -> int:
        assert self._replay is not None, "there is something to replay"
        sample = [sum(self._replay.row(number)[1][: self._length]) for number in range(16)]
        mean = max(1.0, sum(sample) / len(sample))
        return round(share / (1 - share) * self.tokens / mean)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, n: int) -> dict[str, list[int]]:
        number, at = divmod(n, self.round)
        order = list(range(self.round))
        random.Random(f"{self._seed} round {number}").shuffle(order)  # noqa: S311 - seeded, no cryptography
        which = order[at]
        if which < len(self._passages):
            rng = random.Random(f"{self._seed} row {n}")  # noqa: S311 - seeded, no cryptography
            return learnt(self._manner.row(self._passages[which], rng), self._length)
        assert self._replay is not None, "rows of hers are fewer"
        return learnt(self._replay.row(number * self._own + which - len(self._passages)), self._length)


IGNORED = -100
"""The label of a token that is not learnt."""


def learnt(row: Row, length: int) -> dict[str, list[int]]:
    """A row as the library takes it, `length` tokens at most."""
    tokens, learn = row[0][:length], row[1][:length]
    labels = [token if wanted else IGNORED for token, wanted in zip(tokens, learn, strict=True)]
    return {"input_ids": tokens, "labels": labels}


def together(rows: Sequence[dict[str, list[int]]]) -> dict[str, list[list[int]]]:
    """Rows filled up to the longest, (rows, longest) each: what is filled is neither read nor learnt."""
    most = max(len(row["input_ids"]) for row in rows)
    found: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "attention_mask": []}
    for row in rows:
        size = len(row["input_ids"])
        found["input_ids"].append(row["input_ids"] + [0] * (most - size))
        found["labels"].append(row["labels"] + [IGNORED] * (most - size))
        found["attention_mask"].append([1] * size + [0] * (most - size))
    return found
