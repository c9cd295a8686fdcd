"""The prompt's nouns as pointer tokens: what a prompt names, a text keeps, also a word never trained on.

A noun of the prompt that recurs in the text becomes `<P1>` in both, the second such `<P2>`; `<P1s>` is its
plural, `<aP1>` it with its article, `<^P1>`, `<^P1s>`, `<^aP1>` the same with a capital. Where it first
stands in the prompt, a class follows: `<is:animal>`. `installation/voice/pointers.py` puts the visitor's own
word back; which words of a prompt are its nouns, both find by the rules of `pointers.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from installation.training.lexicon import AN, CORPUS, NOT_AN, Lexicon, Noun

MOST = 2
"""Nouns of a prompt that are pointed to."""
FORMS = ("P{0}", "P{0}s", "aP{0}", "^P{0}", "^P{0}s", "^aP{0}")
_WORD = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*")
_DETERMINED = re.compile(
    r"(?:^|\b(?:an?|the|my|your|his|her|its|our|their|this|that|these|those|every|each|no|some|any|about|of|with|to|"
    r"one|two|three|four|five|six|seven|eight|nine|ten)) (?:[a-z]+ )?$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?:^|\b(?:about|of|on|to|for|with|beside|describe|review|label:|poem:|text:|hello|tell me,) )"
    r"(?:(?:the|an?|my) )?([A-Za-z]+)[.!?]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rules:
    """`pointers.json`: the class of each kind of noun, and what is passed over."""

    classes: Mapping[str, str]
    other: str
    unknown: str
    passed_over: frozenset[str]
    asides: re.Pattern[str]
    """How lines begin that speak to the voice or of oneself: their nouns are not what an answer is about."""
    forms: re.Pattern[str]
    """A painting with, a poem about: the form that is asked for is not what is spoken of."""


@cache
def rules(folder: Path = CORPUS) -> Rules:
    """The rules of `folder`."""
    data = json.loads((folder / "pointers.json").read_text(encoding="utf-8"))
    classes = {kind: name for name, kinds in data["classes"].items() for kind in kinds.split()}
    forms = "|".join(data["forms"].split())
    asked = re.compile(
        rf"\b(?:{forms}) (?:about|of|with|on|for|to|from|beside)\b|\b(?:{forms}):", re.IGNORECASE
    )
    asides = re.compile(f"(?:{'|'.join(data['asides'])})", re.IGNORECASE)
    passed_over = frozenset(data["passed_over"].split())
    return Rules(classes, data["other"], data["unknown"], passed_over, asides, asked)


def tokens(folder: Path = CORPUS) -> tuple[str, ...]:
    """Every pointer and every class, as they are written."""
    known = rules(folder)
    names = [*dict.fromkeys(known.classes.values()), known.other, known.unknown]
    pointers = [form.format(number) for number in range(1, MOST + 1) for form in FORMS]
    return (*(f"<{name}>" for name in pointers), *(f"<is:{name}>" for name in names))


def nouns(prompt: str, lexicon: Lexicon) -> list[Noun]:
    """The lexicon's nouns that `prompt` speaks of, in order. A word that may be something else (watch, fall)
    counts where a determiner stands before it or where it is all there is."""
    known = rules()
    if known.asides.match(prompt.strip()):
        return []
    asked = [found.span() for found in known.forms.finditer(prompt)]
    found: list[Noun] = []
    for match in _WORD.finditer(prompt):
        word = match[0].lower()
        noun = lexicon.forms.get(word)
        if noun is None or word in known.passed_over:
            continue
        if any(start <= match.start() < end for start, end in asked):
            continue
        doubtful = word in lexicon.ambiguous and not _DETERMINED.search(prompt[: match.start()])
        if noun not in found and not doubtful:
            found.append(noun)
    return found or _last(prompt, lexicon)


def _last(prompt: str, lexicon: Lexicon) -> list[Noun]:
    """Where nothing else is named: the night, a poem about love."""
    match = _ALONE.search(prompt)
    noun = lexicon.forms.get(match[1].lower()) if match else None
    return [noun] if noun else []


def pointed(
    prompt: str, texts: Sequence[str], lexicon: Lexicon, *, unknown: bool = False
) -> tuple[str, list[str]]:
    """(prompt, texts) with pointers for those nouns of the prompt that recur in the texts.

    `unknown`: their classes are not told, as for a word that nobody knows."""
    number, texts = 1, list(texts)
    for noun in nouns(prompt, lexicon):
        where = pattern(noun)
        careful = {noun.singular, noun.plural} & lexicon.ambiguous
        replaced = [_replace(text, noun, where, number, careful=bool(careful)) for text in texts]
        if replaced == texts:
            continue
        texts = replaced
        name = "unknown" if unknown else "other"
        kind = getattr(rules(), name) if unknown else rules().classes.get(noun.kind, rules().other)
        prompt = _tagged(_replace(prompt, noun, where, number), number, kind)
        number += 1
        if number > MOST:
            break
    return prompt, texts


def pattern(noun: Noun) -> re.Pattern[str]:
    """Where `noun` stands, with the article before it if there is one."""
    forms = sorted({noun.singular, noun.plural or noun.singular}, key=len, reverse=True)
    return re.compile(rf"(?:\b(an?) )?(?<![\w'-])({'|'.join(forms)})(?![\w-])", re.IGNORECASE)


def _replace(text: str, noun: Noun, where: re.Pattern[str], number: int, *, careful: bool = False) -> str:
    """`text` with the pointers of `noun`; a `careful` one only behind a determiner."""

    def pointer(match: re.Match[str]) -> str:
        article, word = match[1], match[2]
        if careful and not article and not _DETERMINED.search(text[: match.start()]):
            return match[0]
        many = word.lower() == noun.plural and noun.plural != noun.singular
        capital = (article or word)[0].isupper()
        if article and many:
            return match[0]
        name = f"aP{number}" if article else f"P{number}{'s' if many else ''}"
        return f"<{'^' if capital else ''}{name}>"

    return where.sub(pointer, text)


def _tagged(prompt: str, number: int, kind: str) -> str:
    """`prompt` with the class behind the first of the pointers."""
    return re.sub(rf"<\^?a?P{number}s?>", rf"\g<0><is:{kind}>", prompt, count=1)


def table(lexicon: Lexicon) -> dict[str, object]:
    """What the voice needs to do the same: every noun with its plural and class, and the rules."""
    known = rules()
    data = json.loads((CORPUS / "pointers.json").read_text(encoding="utf-8"))
    listed: dict[str, list[str | None]] = {}
    for noun in _all(lexicon):
        listed.setdefault(noun.singular, [noun.plural, known.classes.get(noun.kind, known.other)])
    return {
        "nouns": listed,
        "doubtful": sorted(word for word in lexicon.forms if word in lexicon.ambiguous),
        "plain": sorted(_plain(lexicon) - set(lexicon.forms)),
        **{key: data[key] for key in ("other", "unknown", "passed_over", "asides", "forms")},
        "an": AN.pattern,
        "not_an": NOT_AN.pattern,
        "most": MOST,
    }


def _plain(lexicon: Lexicon) -> set[str]:
    """Words that are no nouns: other classes of the lexicon, and all that visitors' lines hold."""
    words = {word.lower() for word in lexicon.words() if word not in lexicon.forms}
    lines = json.loads((CORPUS / "lines.json").read_text(encoding="utf-8"))
    frames = json.loads((CORPUS / "frames" / "answer.json").read_text(encoding="utf-8"))["answer"]
    texts = [
        *chain.from_iterable(lines.values()),
        *chain.from_iterable(f["prompts"] for f in frames.values()),
    ]
    return words | {word.lower() for text in texts for word in _WORD.findall(re.sub(r"{\w+}", "", text))}


def _all(lexicon: Lexicon) -> Iterable[Noun]:
    return dict.fromkeys(noun for noun in lexicon.forms.values())
