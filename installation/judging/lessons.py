"""Every sentence of one epoch of all that a model of ours was trained on, known by eight bytes each.

The rows come from the same seeded stream as in training, as many as `training.json` says were seen. What was
trained with a pointer counts as said whatever the pointer became: it is one sign here, plural or not, with its
article before it; tokens of controls, classes and kinds are left out. Prompts count as read too. A sentence that
the row's end cut off counts whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from installation.judging import borrowing
from installation.judging.ear import Heard
from installation.training import pretrain, tokenizer
from installation.training.lexicon import CORPUS
from installation.training.plan import NEXT, Plan

KEPT = Path("state") / "judge"
"""Where the sentences of an epoch wait for the next time: to draw them takes minutes."""
CHECKED = 1500
"""Rows after the last, from which the training told its commonest tokens: `pretrain.Run.common`."""
_POINTER = re.compile(r"<\^?(a?)P\d(s?)>")
_SIGN = re.compile(r"<[a-z]\w*(?::\w+)?>")


def plain(text: str) -> str:
    """A trained text with one sign for every pointer, without all other tokens that are no text."""
    text = _POINTER.sub(lambda found: f" {'a ' if found[1] else ''}{borrowing.POINTER}", text)
    return _SIGN.sub(" ", text)


def sentences(text: str) -> Iterator[str]:
    """The keys of a trained text: as it is, and without its first line, which may be a prompt or a label's."""
    text = plain(text)
    yield from borrowing.keys(text)
    if "\n" in text.strip():
        yield from borrowing.keys(text.strip().partition("\n")[2])


def mark(sentence: str) -> int:
    """Eight bytes for a key: two sentences of a million are taken for one once in 37 million times."""
    return int.from_bytes(hashlib.blake2b(sentence.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Lessons:
    """`marks`: of every sentence. `same`: whether the rows are those of the training, shown by the commonest
    tokens that come after them; None where the model does not tell these."""

    marks: frozenset[int]
    rows: int
    same: bool | None

    def share(self, heard: Iterable[Heard]) -> float | None:
        """The share of what was heard, sentences of six words or more, that was trained on word for word."""
        found = [mark(key) in self.marks or mark(put) in self.marks for key, put in borrowing.said(heard)]
        return sum(found) / len(found) if found else None


def plan_of(folder: Path) -> tuple[Plan, int] | None:
    """The plan that `folder` was trained by and the rows it saw; None where it is no model of this training."""
    try:
        told = json.loads((folder / "training.json").read_text(encoding="utf-8"))
        known = {field.name: told[field.name] for field in fields(Plan) if field.name in told}
        plan = Plan(**known)
        if plan.texts or plan.objective != NEXT:
            return None
        return plan, int(told["steps_done"]) * int(told["batch"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lessons(
    folder: Path, follow: Callable[[Iterable[int]], Iterable[int]] = lambda rows: rows, kept: Path = KEPT
) -> Lessons | None:
    """All sentences of the rows that the model of `folder` has seen; None where it is not ours. `follow` goes
    through the numbers of the rows and tells how far it is. They are kept in `kept`."""
    found = plan_of(folder)
    if found is None or not (folder / "tokenizer.json").is_file():
        return None
    file = kept / f"lessons-{_name(folder)}.npz"
    if not file.is_file():
        kept.mkdir(parents=True, exist_ok=True)
        marks, same = _drawn(folder, *found, follow)
        fresh = file.with_suffix(".tmp.npz")
        numbers = np.array(sorted(marks), dtype=np.uint64)
        np.savez(fresh, marks=numbers, same=np.array([-1 if same is None else int(same)]))
        fresh.replace(file)
    with np.load(file) as told:
        same = {0: False, 1: True}.get(int(told["same"][0]))
        return Lessons(frozenset(told["marks"].tolist()), found[1], same)


def _name(folder: Path) -> str:
    """A name for the rows: of the plan, the tokens, the texts and the code that draws them."""
    whole = hashlib.blake2b(digest_size=8)
    drawing = sorted(Path(pretrain.__file__).parent.glob("*.py"))
    for path in (
        folder / "training.json",
        folder / "tokenizer.json",
        *sorted(CORPUS.rglob("*.json*")),
        *drawing,
    ):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _drawn(
    folder: Path, plan: Plan, rows: int, follow: Callable[[Iterable[int]], Iterable[int]]
) -> tuple[set[int], bool | None]:
    wrapped: Any = tokenizer.load(folder)
    encode = tokenizer.encoder(wrapped)
    marks: set[int] = set()
    reading = True

    def read(text: str) -> list[int]:
        if reading:
            marks.update(map(mark, sentences(text)))
        return encode(text)

    stream = pretrain.stream(plan, pretrain.sources(plan)[0], read)
    for _ in follow(range(rows)):
        stream.row()
    reading = False
    told = json.loads((folder / "installation.json").read_text(encoding="utf-8")).get("common")
    if not told:
        return marks, None
    counts: Counter[int] = Counter()
    for _ in range(CHECKED):
        counts.update(stream.row()[0])
    special = set(wrapped.added_tokens_decoder)
    common = sorted(counts.keys() - special, key=lambda token: (-counts[token], token))
    return marks, common == told
