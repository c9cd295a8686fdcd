"""The cast of one paragraph: what every slot of its frames stands for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from installation.training.lexicon import Lexicon, Noun

SUBJECTS = {
    "port": "smallobj tool container tableware garment device doc instr soft toy light pict fruit bakery "
    "footwear mirror rope",
    "big": "furn vehicle opening building way water land treekind boatplace tidal",
    "alive": "mammal bird insect seacreature",
    "mass": "weather mat_hard mat_soft foodmass emotion stuff groundmass",
    "person": "f_rel m_rel f_per m_per neut occ",
}
SLOTS = {
    "p": "f_rel m_rel",
    "k": "smallobj tableware tool fruit garment doc",
    "a": "mammal bird insect mammal bird",
    "f": "furn",
    "q": "container",
    "r": "room",
    "op": "opening",
    "b": "building",
    "way": "way",
    "wa": "water",
    "o2": "occ",
    "p2": "f_per m_per neut",
    "g": "garment",
    "d": "instr device",
    "w": "weather",
    "m": "mat_hard mat_soft",
    "m2": "mat_soft stuff foodmass",
    "t": "foodmass",
}
PLURALS = {"k": "ks", "a": "as"}
SEASONS = ("winter", "summer", "autumn", "spring")
_TIDE = "sea tide water wave flood harbour bay river shore beach lagoon current ocean"
TIDE = frozenset(_TIDE.split())

Company = Mapping[str, Mapping[str, tuple[Noun, ...]]]


@dataclass
class Cast:
    """Slot -> word. `group` is the subject's class of frames, `subject` the noun itself."""

    subject: Noun
    group: str
    feminine: bool
    slots: dict[str, str] = field(default_factory=dict)


def groups(lexicon: Lexicon) -> Mapping[str, str]:
    """Singular -> the class of frames it is a subject of."""
    found = dict.fromkeys(TIDE, "big")
    for group, kinds in SUBJECTS.items():
        for kind in kinds.split():
            for noun in lexicon.nouns[kind]:
                found.setdefault(noun.singular, group)
    return found


class Casting:
    """Draws casts. Things that keep company with the subject in the corpus are preferred."""

    def __init__(self, lexicon: Lexicon, company: Company, rng: random.Random) -> None:
        self._lexicon = lexicon
        self._company = company
        self._rng = rng
        self._groups = groups(lexicon)
        self._tide = [lexicon.forms[word] for word in sorted(TIDE)]
        self._known = [lexicon.forms[word] for word in sorted(company) if word in self._groups]

    def subject(self, allowed: tuple[str, ...]) -> tuple[Noun, str]:
        """A noun to write about and its class of frames, one of `allowed`."""
        rng = self._rng
        while True:
            chance = rng.random()
            if chance < 0.12:
                noun = rng.choice(self._tide)
            elif chance < 0.45:
                noun = rng.choice(self._known)
            else:
                group = rng.choices(tuple(SUBJECTS), (40, 28, 15, 8, 9))[0]
                kind = rng.choice(SUBJECTS[group].split())
                noun = rng.choice(self._lexicon.nouns[kind])
            if self._groups.get(noun.singular) in allowed:
                return noun, self._groups[noun.singular]

    def named(self, word: str) -> tuple[Noun, str] | None:
        """The noun `word` and its class of frames, None where there are no frames for it."""
        noun = self._lexicon.forms.get(word)
        return (noun, self._groups[noun.singular]) if noun and noun.singular in self._groups else None

    def cast(self, subject: Noun, group: str, before: Cast | None = None) -> Cast:
        """All slots for one paragraph about `subject`; half of those `before` stay."""
        rng = self._rng
        feminine = before.feminine if before else self._feminine(subject)
        cast = Cast(subject, group, feminine)
        taken = {subject.singular}
        for slot, kinds in SLOTS.items():
            noun = None
            if before and rng.random() < 0.5:
                noun = self._lexicon.forms.get(before.slots[slot])
                noun = None if noun and noun.singular in taken else noun
            noun = noun or self._draw(subject, kinds.split(), taken, slot in PLURALS)
            taken.add(noun.singular)
            cast.slots[slot] = noun.singular
            if slot in PLURALS:
                cast.slots[PLURALS[slot]] = noun.plural or noun.singular
        cast.slots.update(self._rest(subject, group, feminine))
        return cast

    def _feminine(self, subject: Noun) -> bool:
        if subject.kind in ("f_rel", "f_per", "m_rel", "m_per"):
            return subject.kind.startswith("f")
        return self._rng.random() < 0.5

    def _draw(self, subject: Noun, kinds: list[str], taken: set[str], countable: bool) -> Noun:
        """A noun of one of `kinds`, not yet `taken`, often one of the subject's company."""
        rng = self._rng
        friends = self._company.get(subject.singular, {})
        for _ in range(40):
            kind = rng.choice(kinds)
            known = friends.get(kind, ())
            noun = rng.choice(known if known and rng.random() < 0.65 else self._lexicon.nouns[kind])
            if noun.singular not in taken and (noun.plural or not countable):
                return noun
        return noun

    def _rest(self, subject: Noun, group: str, feminine: bool) -> dict[str, str]:
        """The words that are no things: colours, numbers, days."""
        rng, lexicon = self._rng, self._lexicon
        colour, second = rng.sample(lexicon.adjectives["colour"], 2)
        number, another = rng.sample(lexicon.numbers[:10], 2)
        moods = "mood" if group in ("alive", "person") else "clean"
        kind = rng.choice(("state", "size_s", "size_l", "eval", moods))
        return {
            "x": subject.singular,
            "xs": subject.plural or subject.singular,
            "c": colour,
            "c2": second,
            "C": colour.capitalize(),
            "num": number,
            "num2": another,
            "Num": number.capitalize(),
            "j": rng.choice(lexicon.adjectives[kind]),
            "day": rng.choice(lexicon.days),
            "month": rng.choice(lexicon.months),
            "season": rng.choice(SEASONS),
            "year": str(rng.randint(1880, 2020)),
            "hish": "her" if feminine else "his",
            "wp": "feet",
            "wire": "string",
        }
