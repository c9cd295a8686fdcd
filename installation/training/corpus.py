"""The hand-written texts: documents, and which nouns keep company in them."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from installation.training.lexicon import CORPUS, Lexicon, Noun

PROSE = ("calm", "storm", "poem", "describe", "critic", "wall", "label", "answer")
JUDGE = "judge.json"
"""What a model is asked when it is judged; never trained on."""
WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Document:
    """One text and the prompt it answers."""

    topic: str
    style: str
    prompt: str
    text: str


def load(folder: Path = CORPUS, styles: tuple[str, ...] = PROSE) -> list[Document]:
    """The documents in `styles` of every `*.jsonl` in `folder`, in file order; prose, where not told otherwise."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["style"] in styles:
                found.append(Document(*(record[key] for key in ("topic", "style", "prompt", "text"))))
    return found


def fingerprint(folder: Path = CORPUS) -> str:
    """SHA-256 over the names and contents of all that is trained on, in the order of their names."""
    whole = hashlib.sha256()
    for path in sorted([*folder.glob("*.json*"), *folder.glob("frames/*.json")]):
        if path.name != JUDGE:
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def split(documents: list[Document], held: int, seed: int) -> tuple[list[Document], list[Document]]:
    """(training, held out): documents drawn with `seed` that are never trained on, `held` of each topic and
    style, or all but one where there are no more."""
    order = documents[:]
    random.Random(seed).shuffle(order)  # noqa: S311 - seeded, no cryptography
    groups: dict[tuple[str, str], list[Document]] = {}
    for document in order:
        groups.setdefault((document.topic, document.style), []).append(document)
    kept = [document for group in groups.values() for document in group[:-1][:held]]
    apart = set(map(id, kept))
    return [document for document in order if id(document) not in apart], kept


def company(documents: Iterable[Document], lexicon: Lexicon) -> Mapping[str, Mapping[str, tuple[Noun, ...]]]:
    """For each noun (singular): class -> the nouns of that class that stand in the same documents.

    A gull keeps company with the sea; the grammar draws a document's things from here, so that
    they belong together."""
    together: dict[str, Counter[str]] = {}
    for document in documents:
        words = WORD.findall(f"{document.topic} {document.prompt} {document.text}".lower())
        nouns = {lexicon.forms[word].singular for word in words if word in lexicon.forms}
        for noun in nouns:
            together.setdefault(noun, Counter()).update(nouns - {noun})
    result: dict[str, dict[str, tuple[Noun, ...]]] = {}
    for noun, counts in together.items():
        by_kind: dict[str, list[Noun]] = {}
        for other, _ in sorted(counts.items()):
            friend = lexicon.forms[other]
            by_kind.setdefault(friend.kind, []).append(friend)
        result[noun] = {kind: tuple(group) for kind, group in by_kind.items()}
    return result
