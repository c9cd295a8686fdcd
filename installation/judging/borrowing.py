"""How much of what is said stands word for word in something read before.

Sentences and runs of words are compared as small words and numbers without punctuation, so that a capital or a
comma hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from installation.judging.ear import Heard
from installation.training import reading
from installation.training.corpus import Document

LEAST = 6
"""Words of a sentence that counts."""
WORD = re.compile(r"[a-z0-9#]+(?:['-][a-z0-9]+)*")
POINTER = "#"
"""What stands for a pointer, whatever it points to."""


def key(sentence: str) -> str:
    """The words of a sentence. `a` and `an` before a pointer are one."""
    return re.sub(r"\ban (?=#)", "a ", " ".join(WORD.findall(sentence.lower())))


def keys(text: str) -> Iterator[str]:
    """The keys of all sentences of six words or more."""
    return (key(sentence) for sentence in reading.sentences(text, LEAST))


def masked(text: str, named: Sequence[str]) -> str:
    """`text` with a pointer for each of the words `named`."""
    if not named:
        return text
    forms = "|".join(map(re.escape, sorted(named, key=len, reverse=True)))
    return re.sub(rf"(?<![\w'-])(?:{forms})(?![\w-])", POINTER, text, flags=re.IGNORECASE)


def said(heard: Iterable[Heard]) -> list[tuple[str, str]]:
    """(key, key with pointers) of every sentence of six words or more, labels' first lines left out."""
    found = []
    for each in heard:
        for sentence in reading.sentences(each.body(), LEAST):
            plain = key(sentence)
            found.append((plain, key(masked(sentence, each.named)) if each.named else plain))
    return found


def runs(text: str, size: int) -> list[tuple[str, ...]]:
    """All runs of `size` words."""
    words = WORD.findall(text.lower())
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


@dataclass(frozen=True)
class Known:
    """Texts that were read before."""

    sentences: frozenset[str]
    eights: frozenset[tuple[str, ...]]
    twelves: frozenset[tuple[str, ...]]

    def figures(self, heard: Sequence[Heard]) -> dict[str, float | None]:
        """`verbatim_sentences`, `overlap_8gram` and `overlap_12gram`, each a share of what was heard."""
        found = [plain in self.sentences for plain, _ in said(heard)]
        return {
            "verbatim_sentences": sum(found) / len(found) if found else None,
            "overlap_8gram": self._overlap(heard, 8, self.eights),
            "overlap_12gram": self._overlap(heard, 12, self.twelves),
        }

    @staticmethod
    def _overlap(heard: Sequence[Heard], size: int, known: frozenset[tuple[str, ...]]) -> float | None:
        found = [run in known for each in heard for run in runs(each.text, size)]
        return sum(found) / len(found) if found else None


def known(documents: Sequence[Document]) -> Known:
    """All sentences and runs of `documents`; a label's with and without its first line."""
    texts = [document.text for document in documents]
    short = [document.text.partition("\n")[2] for document in documents if document.style == "label"]
    return Known(
        frozenset(each for text in (*texts, *short) for each in keys(text)),
        frozenset(run for text in texts for run in runs(text, 8)),
        frozenset(run for text in texts for run in runs(text, 12)),
    )
