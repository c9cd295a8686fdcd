"""Words by class: what may stand in the same slot of a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "assets" / "corpus"

AN = re.compile(r"hour|honest|heir|8|11|18")
NOT_AN = re.compile(r"one\b|once|uni|use|ukul|euro|usual|ewe")
_ARTICLE = re.compile(r"\b([Aa])n? (?=([A-Za-z0-9]+))")


@dataclass(frozen=True)
class Noun:
    """One noun; `plural` is None where it cannot be counted."""

    singular: str
    plural: str | None
    kind: str


@dataclass(frozen=True)
class Lexicon:
    """All words. `nouns` by class; `forms` finds a noun by its singular or plural."""

    nouns: Mapping[str, tuple[Noun, ...]]
    forms: Mapping[str, Noun]
    adjectives: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    days: tuple[str, ...]
    months: tuple[str, ...]
    ambiguous: frozenset[str]
    """Nouns that are often something else (watch, fall), and every verb form."""
    verbs: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """First names of `women` and `men`, and `surnames`."""

    def words(self) -> list[str]:
        """Every form that ought to be a single token, in a stable order."""
        adjectives = [word for group in self.adjectives.values() for word in group]
        names = [name for group in self.names.values() for name in group]
        found = [*self.forms, *adjectives, *self.verbs, *self.numbers, *self.days, *self.months, *names]
        return list(dict.fromkeys(found))


def plural(word: str) -> str:
    """The regular plural."""
    if re.search(r"(s|x|ch|sh|z)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "s"


def articles(text: str) -> str:
    """`text` with every a and an as the next word wants it."""

    def right(match: re.Match[str]) -> str:
        word = match[2].lower()
        vowel = bool(AN.match(word)) or (word[0] in "aeiou" and not NOT_AN.match(word))
        return match[1] + ("n " if vowel else " ")

    return _ARTICLE.sub(right, text)


def _noun(entry: str, kind: str) -> Noun:
    """`leaf/leaves`, `rain/-` (uncountable) or `lamp` (regular)."""
    singular, _, other = entry.partition("/")
    return Noun(singular, None if other == "-" else other or plural(singular), kind)


def load(folder: Path = CORPUS) -> Lexicon:
    """The lexicon of `lexicon.json` in `folder`."""
    data = json.loads((folder / "lexicon.json").read_text(encoding="utf-8"))
    nouns = {kind: tuple(_noun(e, kind) for e in text.split()) for kind, text in data["nouns"].items()}
    forms: dict[str, Noun] = {}
    for group in nouns.values():
        for noun in group:
            forms.setdefault(noun.singular, noun)
            forms.setdefault(noun.plural or noun.singular, noun)
    return Lexicon(
        nouns=nouns,
        forms=forms,
        adjectives={kind: tuple(text.split()) for kind, text in data["adjectives"].items()},
        numbers=tuple(data["numbers"].split()),
        days=tuple(data["days"].split()),
        months=tuple(data["months"].split()),
        ambiguous=frozenset(data["ambiguous"].split()) | frozenset(data["verbs"].split()),
        verbs=tuple(data["verbs"].split()),
        names={group: tuple(data[group].split()) for group in ("women", "men", "surnames")},
    )
