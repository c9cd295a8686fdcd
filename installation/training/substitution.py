"""Hand-written texts with some of their nouns exchanged, the same everywhere in prompt and text.

A text in which a lamp has become a kettle teaches that what the prompt names, the text keeps."""

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
_TOKEN = re.compile(r"[A-Za-z]+|[^A-Za-z]+")


class Substitution:
    """Which nouns of a document may be exchanged, found once; `vary` draws a variant."""

    def __init__(self, document: Document, lexicon: Lexicon) -> None:
        self.document = document
        self._lexicon = lexicon
        self._tokens = _TOKEN.findall(f"{document.prompt}\n\n{document.text}")
        self._adjectives = {word for group in lexicon.adjectives.values() for word in group}
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
            if not clear or token.lower() in self._lexicon.ambiguous or token.lower() in fixed:
                doubtful.add(noun)
            found.setdefault(noun, []).append((index, many))
        return {noun: places for noun, places in found.items() if noun not in doubtful}

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

    def vary(self, rng: random.Random, share: float) -> Document:
        """The document with about `share` of its exchangeable nouns replaced by others of their class."""
        tokens = self._tokens[:]
        taken = {token.lower() for token in tokens}
        for noun, places in self._places.items():
            if rng.random() > share:
                continue
            new = rng.choice(self._lexicon.nouns[noun.kind])
            if new.singular in taken or (new.plural is None) != (noun.plural is None):
                continue
            taken.add(new.singular)
            for index, many in places:
                word = (new.plural or new.singular) if many else new.singular
                tokens[index] = word.capitalize() if tokens[index][0].isupper() else word
        prompt, text = articles("".join(tokens)).split("\n\n", 1)
        return replace(self.document, prompt=prompt, text=text)
