"""Words that are favoured, shunned or forbidden, as rules on tokens.

A rule adds to the logit of one token while the tokens just before it are its prefix. A word is met in
every usual spelling: as it stands, lower case, capitalised, upper case, each within a line and at its
start. Forbidding a word of several tokens forbids its last one once the others stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from installation.messages import Steering
from installation.voice.sampling import NEVER

Encode = Callable[[str, str], tuple[int, ...]]
"""The tokens of a text as it follows another: encode(text, before)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Add `add` to the logit of `token` where `prefix` stands before it; a `start` only where no
    word is running before the prefix."""

    prefix: tuple[int, ...]
    token: int
    add: float
    start: bool


class Leaning:
    """All rules of a steering; `encode` as above, `ends_word(token)`: no word runs on after it."""

    def __init__(self, steering: Steering, encode: Encode, ends_word: Callable[[int], bool]) -> None:
        self._ends_word = ends_word
        self._always: list[Rule] = []
        self._after: dict[int, list[Rule]] = {}
        words = [*steering.bias, *((word, NEVER) for word in steering.forbidden)]
        for rule in (rule for word, add in words for rule in rules_of(word, add, encode)):
            (self._after.setdefault(rule.prefix[-1], []) if rule.prefix else self._always).append(rule)

    def at(self, recent: Sequence[int]) -> Mapping[int, float]:
        """What is added to which token's logit, `recent` being the last tokens of the text."""
        adds: dict[int, float] = {}
        for rule in (*self._always, *self._after.get(recent[-1], ())) if recent else self._always:
            if self._holds(rule, recent):
                adds[rule.token] = adds.get(rule.token, 0.0) + rule.add
        return adds

    def _holds(self, rule: Rule, recent: Sequence[int]) -> bool:
        before = len(recent) - len(rule.prefix)
        if before < 0 or tuple(recent[before:]) != rule.prefix:
            return False
        return not rule.start or before == 0 or self._ends_word(recent[before - 1])


def rules_of(word: str, add: float, encode: Encode) -> Iterable[Rule]:
    """The rules for one word. A bias that favours lifts each of its tokens, the first by its share
    only, since other words begin so too; one that shuns weighs on the last alone."""
    word = word.strip()
    rules: dict[tuple[tuple[int, ...], int], Rule] = {}
    for form in dict.fromkeys((word, word.lower(), word.capitalize(), word.upper())) if word else ():
        for ids, start in (
            (encode(" " + form, "a"), False),
            (encode(form, "("), True),
            (encode(form, ""), True),
        ):
            for at, token in enumerate(ids):
                last = at == len(ids) - 1
                if last or add > 0:
                    share = add / len(ids) if at == 0 else add
                    rules.setdefault((ids[:at], token), Rule(ids[:at], token, share, start))
    return rules.values()
