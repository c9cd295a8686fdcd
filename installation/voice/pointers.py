"""The prompt's nouns as pointer tokens, and the visitor's own words put back for them. Pure.

A model that was trained with pointers reads `the <P1><is:place> at night` for `the sea at night`, and says
`<P1>` where it means the sea; so it keeps to nouns that it was never trained on, and they come out whole.
`<P1s>` is the plural, `<aP1>` the noun with its article; a capital is meant by `<^P1>`, `<^P1s>`, `<^aP1>`.
What is put back is text like every other: the word filter reads it before it is spoken.

Prompts that are mixed each have pointers of their own, and the logits of one and the same `<P1>` are mixed:
what is put back is the noun of the prompt that weighs most, and of the next heaviest where that has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from installation.errors import VoiceError

POINTER = re.compile(r"<(\^?)(a?)P(\d)(s?)>")
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_BEFORE = re.compile(
    r"(?:^|\b(?:an?|the|my|your|his|her|its|our|their|this|that|these|those|every|each|no|some|any|about|of|with|to|"
    r"one|two|three|four|five|six|seven|eight|nine|ten)) (?:[a-z]+ )?$",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"(?:an?|the|my|your|his|her|our|their|this|every|no|about|of|two|three) $", re.IGNORECASE
)
_ALONE = re.compile(
    r"(?:^|\b(?:about|of|on|to|for|with|beside|describe|review|label:|poem:|text:|hello|tell me,) )"
    r"(?:(?:the|an?|my) )?([A-Za-z]+)[.!?]*$",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"[^aeiouy]{5}|(.)\1\1|qwe|wer[tz]|asdf|sdf|dfg|hjk|jkl|zxc|yxc|xcv|cvb|^[^aeiouy]+$", re.IGNORECASE
)
"""What fingers do on a keyboard, and no word."""


@dataclass(frozen=True)
class Pointed:
    """A noun of a prompt. `plural` is None where it cannot be counted."""

    singular: str
    plural: str | None
    kind: str
    typed: str
    """As the prompt has it."""


@dataclass(frozen=True)
class Pointers:
    """`pointers.json` of a model's folder: the nouns that it was trained on, and which words are none."""

    nouns: Mapping[str, tuple[str | None, str]]
    singulars: Mapping[str, str]
    """Form -> singular."""
    doubtful: frozenset[str]
    passed_over: frozenset[str]
    plain: frozenset[str]
    """Words of the training's that are no nouns: where they stand alone, they stand for themselves."""
    asides: re.Pattern[str]
    """How lines begin that speak to the voice or of oneself."""
    forms: re.Pattern[str]
    """A painting with, a poem about: what is asked for, not what is spoken of."""
    an: re.Pattern[str]
    not_an: re.Pattern[str]
    other: str
    unknown: str
    most: int = 2
    names: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, data: Mapping[str, Any], file: Path) -> Pointers:
        """From the file's object. Raises VoiceError where it is not as `training` writes it."""
        try:
            nouns = {singular: (entry[0], entry[1]) for singular, entry in data["nouns"].items()}
            singulars = {plural: singular for singular, (plural, _) in nouns.items() if plural}
            forms = "|".join(data["forms"].split())
            asked = rf"\b(?:{forms}) (?:about|of|with|on|for|to|from|beside)\b|\b(?:{forms}):"
            return cls(
                nouns=nouns,
                singulars={**singulars, **{singular: singular for singular in nouns}},
                doubtful=frozenset(data["doubtful"]),
                passed_over=frozenset(data["passed_over"].split()),
                plain=frozenset(data["plain"]),
                asides=re.compile(f"(?:{'|'.join(data['asides'])})", re.IGNORECASE),
                forms=re.compile(asked, re.IGNORECASE),
                an=re.compile(data["an"]),
                not_an=re.compile(data["not_an"]),
                other=data["other"],
                unknown=data["unknown"],
                most=int(data["most"]),
            )
        except (KeyError, TypeError, IndexError, AttributeError, ValueError, re.error) as error:
            raise VoiceError(f"{file}: not a table of pointers ({error!r})") from error

    def find(self, prompt: str) -> list[Pointed]:
        """The nouns that `prompt` speaks of, in order, `most` at most; where there is none that the training
        knew, a word that nobody knows."""
        if self.asides.match(prompt.strip()):
            return []
        asked = [found.span() for found in self.forms.finditer(prompt)]
        found: list[Pointed] = []
        strange: list[Pointed] = []
        words = [m for m in _WORD.finditer(prompt) if not any(a <= m.start() < b for a, b in asked)]
        for at, match in enumerate(words):
            word = match[0].lower()
            if word in self.passed_over:
                continue
            singular = self.singulars.get(word)
            if singular is not None:
                clear = word not in self.doubtful or _BEFORE.search(prompt[: match.start()])
                if clear and singular not in {noun.singular for noun in found}:
                    plural, kind = self.nouns[singular]
                    found.append(Pointed(singular, plural, kind, match[0]))
            elif self._strange(prompt, words, at):
                strange.append(self._guessed(match))
        alone = _ALONE.search(prompt) if not found and not strange else None
        last = self.singulars.get(alone[1].lower()) if alone else None
        if alone and last is not None:
            found.append(Pointed(last, *self.nouns[last], alone[1]))
        both = sorted((*found, *strange), key=lambda noun: prompt.find(noun.typed))
        return both[: self.most]

    def knows(self, word: str) -> bool:
        """Whether the training knew `word`, in small letters."""
        return word in self.singulars or word in self.plain or word in self.passed_over

    def _strange(self, prompt: str, words: Sequence[re.Match[str]], at: int) -> bool:
        """Whether the word at `at`, which the training did not know as a noun, is meant as one: behind a
        determiner or alone, and not before a word that it may describe."""
        match = words[at]
        word, before = match[0].lower(), prompt[: match.start()]
        if len(word) < 3 or "'" in word or _KEYS.search(word):
            return False
        behind = words[at + 1] if at + 1 < len(words) else None
        if behind is not None and prompt[match.end() : behind.start()] == " ":
            after = behind[0].lower()
            if after not in self.passed_over and (after in self.singulars or after not in self.plain):
                return False
        if _DETERMINER.search(before):
            return word not in self.plain
        few = len(words) <= 2 and match is words[-1]
        described = _BEFORE.search(before) is not None and before.strip() != ""
        named = match[0][0].isupper() and before.strip() != "" and before.rstrip()[-1] not in ".!?"
        return word not in self.plain and (few or described or named)

    def _guessed(self, match: re.Match[str]) -> Pointed:
        """An unknown word as a noun: one in -s is a plural."""
        typed = match[0]
        word = typed if typed[0].isupper() and not typed.isupper() and match.start() else typed.lower()
        if len(word) > 3 and word.endswith("s") and not re.search(r"(ss|us|is|os)$", word):
            stem = re.sub(r"ies$", "y", word)
            stem = re.sub(r"(s|x|ch|sh|z)es$", r"\1", stem) if stem == word else stem
            return Pointed(stem[:-1] if stem == word else stem, word, self.unknown, typed)
        plural = re.sub(r"(?<=[^aeiou])y$", "ie", word)
        plural = f"{plural}es" if re.search(r"(s|x|ch|sh|z)$", word) else f"{plural}s"
        return Pointed(word, plural, self.unknown, typed)

    def mark(self, prompt: str, sure: bool = False) -> tuple[str, tuple[Pointed, ...]]:
        """`prompt` with pointers for its nouns, and those; where it has to be `sure`, no word that nobody knows."""
        nouns = tuple(noun for noun in self.find(prompt) if not sure or noun.kind != self.unknown)
        for number, noun in enumerate(nouns, 1):
            prompt = self._pointed(prompt, noun, number, told=True)
        return prompt, nouns

    def point(self, text: str, nouns: Sequence[Pointed]) -> str:
        """A text that speaks of a prompt's `nouns`, with pointers for them: what `put` would make of it again.
        A word that may be no noun counts behind a determiner only."""
        for number, noun in enumerate(nouns, 1):
            text = self._pointed(text, noun, number)
        return text

    def _pointed(self, text: str, noun: Pointed, number: int, *, told: bool = False) -> str:
        """`text` with pointers for a noun; `told`: its class stands behind the first of them."""
        forms = sorted({noun.singular, noun.plural or noun.singular}, key=len, reverse=True)
        where = re.compile(
            rf"(?:\b(an?) )?(?<![\w'-])({'|'.join(map(re.escape, forms))})(?![\w-])", re.IGNORECASE
        )
        doubtful = not told and not self.doubtful.isdisjoint(forms)
        tag = f"<is:{noun.kind}>" if told else ""

        def pointer(match: re.Match[str]) -> str:
            nonlocal tag
            article, word = match[1], match[2]
            many = word.lower() == (noun.plural or "").lower() and noun.plural != noun.singular
            if (article and many) or (doubtful and not article and not _BEFORE.search(text[: match.start()])):
                return match[0]
            capital = "^" if (article or word)[0].isupper() else ""
            name = f"<{capital}aP{number}>" if article else f"<{capital}P{number}{'s' if many else ''}>"
            behind, tag = tag, ""
            return name + behind

        return where.sub(pointer, text)

    def put(self, pointer: str, nouns: Sequence[Pointed | None]) -> str | None:
        """What stands for a pointer, with the space before it; None where it points to nothing: to no noun, or
        to the article or the plural of what cannot be counted."""
        match = POINTER.fullmatch(pointer)
        if match is None or int(match[3]) > len(nouns):
            return None
        noun = nouns[int(match[3]) - 1]
        if noun is None or (noun.plural is None and (match[2] or match[4])):
            return None
        word = (noun.plural or noun.singular) if match[4] else noun.singular
        if match[2]:
            word = ("an " if self._vowel(word) else "a ") + word
        return " " + (word[0].upper() + word[1:] if match[1] else word)

    def _vowel(self, word: str) -> bool:
        word = word.lower()
        return bool(self.an.match(word)) or (word[0] in "aeiou" and not self.not_an.match(word))


def heaviest(found: Iterable[tuple[float, Sequence[Pointed]]]) -> list[Pointed | None]:
    """What each number points to, of several prompts' (weight, nouns)."""
    ordered = [nouns for _, nouns in sorted(found, key=lambda pair: -pair[0])]
    most = max((len(nouns) for nouns in ordered), default=0)
    return [next((nouns[at] for nouns in ordered if len(nouns) > at), None) for at in range(most)]


SPACED = re.compile(r" (?=<\^?a?P\d)")
"""The space before a pointer, which the pointer stands for too."""


def parted(text: str, known: Mapping[str, int], encode: Callable[[str], Sequence[int]]) -> tuple[int, ...]:
    """The tokens of a text that holds `known` special tokens. A tokenizer may put a space before a text that
    has none: what follows a special token directly is read behind a letter."""
    text = SPACED.sub("", text)
    ids: list[int] = []
    marks = re.compile("(" + "|".join(map(re.escape, known)) + ")")
    alone = len(encode(" a"))
    for at, part in enumerate(marks.split(text)):
        if part in known:
            ids.append(known[part])
        elif part:
            ids += encode(part) if part[0] == " " or at == 0 else encode(" a" + part)[alone:]
    return tuple(ids)
