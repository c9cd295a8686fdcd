"""Hand-written texts with some of their words exchanged, the same everywhere in prompt and text.

A text in which a lamp has become a kettle teaches that what the prompt names, the text keeps. Adjectives,
numbers, days and names change too: verbs do not, they do most harm."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace

from installation.training.corpus import Document
from installation.training.lexicon import Lexicon, Noun, articles

_KINDS = """
f_rel m_rel mammal bird insect seacreature treekind fruit veg flower bakery furn container tableware soft
garment footwear opening room building way vehicle tool smallobj rope light device instr doc pict toy mirror
mat_hard mat_soft foodmass occ water"""
_DETERMINERS = """
a an the this that these those my your his her its our their each every no some any another one two three four
five six seven eight nine ten both first last second other same whose many"""
KINDS = frozenset(_KINDS.split())
DETERMINERS = frozenset(_DETERMINERS.split())
FIXED = re.compile(
    r"\b(by heart|post office|street lamps?|hand in hand|at home|on foot|of course|an? abstract painting"
    r"|north star|by hand|wire wall|by name|tea ?spoon)\b",
    re.IGNORECASE,
)
_PLAIN = frozenset(
    (
        *("fine", "light", "kind", "second", "well", "still", "little", "long", "short"),
        *("ordinary", "empty", "cold", "warm", "hot"),
    )
)
"""Adjectives that are often something else, or in a fixed phrase."""
_MODAL = frozenset(("May", "may", "march"))
_TOKEN = re.compile(r"[A-Za-z]+|[^A-Za-z]+")


class Substitution:
    """Which nouns of a document may be exchanged, found once; `vary` draws a variant."""

    def __init__(self, document: Document, lexicon: Lexicon) -> None:
        self.document = document
        self._lexicon = lexicon
        self._tokens = _TOKEN.findall(f"{document.prompt}\n\n{document.text}")
        self._adjectives = {word for group in lexicon.adjectives.values() for word in group}
        self._others = self._find_others()
        self._places = self._find()

    def _find(self) -> Mapping[Noun, list[tuple[int, bool]]]:
        """Noun -> (token index, is plural), only where every occurrence is clearly that noun."""
        fixed = {word for match in FIXED.findall(" ".join(self._tokens)) for word in match.lower().split()}
        found: dict[Noun, list[tuple[int, bool]]] = {}
        doubtful = set()
        for index, token in enumerate(self._tokens):
            noun = self._lexicon.forms.get(token.lower())
            if noun is None or noun.kind not in KINDS:
                continue
            many = token.lower() == noun.plural and noun.plural != noun.singular
            clear = many or noun.plural is None or self._determined(index)
            if noun.plural is None and index >= 2 and self._tokens[index - 2].lower() in ("a", "an"):
                clear = False  # a brick is no brick as a material
            if not clear or token.lower() in self._lexicon.ambiguous or token.lower() in fixed:
                doubtful.add(noun)
            found.setdefault(noun, []).append((index, many))
        return {noun: places for noun, places in found.items() if noun not in doubtful}

    def _find_others(self) -> Mapping[str, tuple[tuple[str, ...], list[int]]]:
        """Word -> (the words that can stand for it, token indices), but for nouns."""
        lexicon = self._lexicon
        alike = {word: group for group in lexicon.adjectives.values() for word in group if word not in _PLAIN}
        lists = [lexicon.numbers, lexicon.days, lexicon.months, lexicon.names["women"], lexicon.names["men"]]
        firm = {word: group for group in lists for word in group}
        found: dict[str, tuple[tuple[str, ...], list[int]]] = {}
        for index, found_word in enumerate(self._tokens):
            word = found_word.lower()
            group = firm.get(found_word) or firm.get(word) if found_word not in _MODAL else None
            if group is None and word in alike and self._describes(index):
                group = alike[word]
            if group is not None:
                found.setdefault(word, (group, []))[1].append(index)
        return found

    def _describes(self, index: int) -> bool:
        """Whether the adjective at `index` stands before a noun or another adjective, or after a form of be."""
        after = self._tokens[index + 2].lower() if index + 2 < len(self._tokens) else ""
        before = self._tokens[index - 2].lower() if index >= 2 else ""
        near = index + 1 < len(self._tokens) and self._tokens[index + 1] == " "
        named = near and (after in self._lexicon.forms or after in self._adjectives)
        return named or before in ("is", "are", "was", "were", "very", "so", "too", "and")

    def nouns(self) -> Mapping[Noun, bool]:
        """Those that can be exchanged, each with whether it stands there in the plural too."""
        return {noun: any(many for _, many in places) for noun, places in self._places.items()}

    def _determined(self, index: int) -> bool:
        """Whether a determiner stands before the word at `index`, over at most two adjectives."""
        for step in range(2, 8, 2):
            if index < step:
                return True  # the prompt begins with the noun
            if self._tokens[index - step + 1] != " ":
                return "\n\n" in self._tokens[index - step + 1]
            word = self._tokens[index - step].lower()
            if word in DETERMINERS:
                return True
            if word not in self._adjectives:
                return False
        return False

    def vary(
        self, rng: random.Random, share: float, bound: Mapping[Noun, Noun] | None = None
    ) -> tuple[Document, Mapping[Noun, Noun]]:
        """The document with about `share` of its exchangeable nouns replaced by others of their class, and
        the nouns exchanged. `bound` says what some nouns become at any rate."""
        tokens = self._tokens[:]
        taken = {token.lower() for token in tokens}
        became: dict[Noun, Noun] = {}
        for noun, places in self._places.items():
            new = (bound or {}).get(noun)
            if new is None:
                if rng.random() > share:
                    continue
                new = rng.choice(self._lexicon.nouns[noun.kind])
                if new.singular in taken:
                    continue
            if (new.plural is None) != (noun.plural is None):
                continue
            taken.add(new.singular)
            became[noun] = new
            for index, many in places:
                _put(tokens, index, (new.plural or new.singular) if many else new.singular)
        self._vary_others(tokens, rng, share)
        prompt, text = articles("".join(tokens)).split("\n\n", 1)
        return replace(self.document, prompt=prompt, text=text), became

    def _vary_others(self, tokens: list[str], rng: random.Random, share: float) -> None:
        """Exchange adjectives, numbers, days and names in `tokens`."""
        for word, (group, places) in self._others.items():
            firm = word not in self._adjectives
            if rng.random() < (0.75 if firm else share * 0.8):
                new = rng.choice(group)
                for index in places:
                    _put(tokens, index, new)


def _put(tokens: list[str], index: int, word: str) -> None:
    """`word` at `index`, with the capital that stood there."""
    tokens[index] = word[0].upper() + word[1:] if tokens[index][0].isupper() else word
