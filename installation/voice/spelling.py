"""A line as somebody types it in a hurry, in plain words: capitals, contractions, abbreviations, emoji, letters
that were held down, and words that are one slip away from a known one. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

NOUN, NUMBER, DAY = "nounx", "numberx", "dayx"
"""What stands for every noun that is pointed to, every number and every day of the week."""
SLIP = 4
"""Letters from which on a word may be mistyped; shorter ones are too near to too many."""

_POINTER = re.compile(r"<\^?a?P\d?s?>(?:<is:\w+>)?")
_SLOT = re.compile(r"\{(\w+)\}")
_SLOTS = {"num": NUMBER, "day": DAY}
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+(?:[.,]\d+)*")
_PAUSE = re.compile(r"[.!?,;:\n()]+|\s[-–—]+\s|\s+(?:and|but|because|so|or|cause)\s+")
_HELD = re.compile(r"([a-z])\1{2,}")
_LAUGH = re.compile(r"\b(?:a?(?:ha){2,}h?|(?:he){2,}h?|(?:hi){2,}h?|l+o+l+|lmf?ao+|rofl|xd+)\b")
_SIGNS = {
    "i love you": r"[❤♥💕💖💗💘💙💚💛💜🧡🖤😍😘🥰💋]|<3",
    "haha": r"[😂🤣😆😹😄😁]|\bx'?d\b",
    "i am sad": r"[😢😭😞😔☹🙁😿💔😥]|[:;=]['’]?-?[(\[]+",
    "i am happy": r"[😊🙂😀😃☺🥳🎉]|[:;=]-?[)\]D]+",
    "thank you": r"[👏👍🙏🌹💐]",
    "hello": r"👋",
    "i am afraid": r"[😱😨😰👻]",
    "i am tired": r"[😴🥱💤]",
    "i do not like it": r"👎",
    "fuck you": r"[🖕💩🤬🤮]",
    "why": r"[🤔🤷]",
}
_MEANT = [(re.compile(pattern, re.IGNORECASE), f" {words} ") for words, pattern in _SIGNS.items()]
_MEANINGS = {
    "i am": "im i'm iam ima",
    "i have": "ive i've",
    "i would": "i'd",
    "i will": "i'll",
    "it is": "its it's",
    "you are": "youre you're yr ure",
    "we are": "we're",
    "they are": "they're theyre",
    "what is": "whats what's wats",
    "what is up": "wassup whatsup sup",
    "where is": "wheres where's",
    "who is": "whos who's",
    "how is": "hows how's",
    "that is": "thats that's",
    "there is": "theres there's",
    "cannot": "cant can't canot",
    "will not": "wont won't",
    "is not": "aint ain't",
    "i do not know": "dunno idk",
    "thanks": "ty thx tnx thanx tx thankyou thnx merci danke cheers",
    "what the hell": "wtf wth",
    "i love you": "ily",
    "see you": "cya cu",
    "shut up": "stfu",
    "going to": "gonna",
    "have to": "gotta",
    "want to": "wanna wana",
    "give me": "gimme",
    "let me": "lemme",
    "kind of": "kinda",
    "you": "u ya",
    "are": "r",
    "your": "ur",
    "why": "y",
    "and": "n",
    "though": "tho",
    "sorry": "sry",
    "night": "nite",
    "birthday": "bday",
    "love": "luv",
    "friend": "bff",
    "favourite": "favorite fav",
    "colour": "color",
    "doing": "doin",
    "going": "goin",
    "nobody": "noone",
    "yes": "yea yup yess ja",
    "no": "nah nop nein",
    "ok": "okey okay kk",
    "what": "wat wut wot",
    "hello": "hallo ello hola hullo",
    "please": "pls plz plis",
    "because": "bc cuz coz",
    "something": "smth sth",
    "afraid": "frightened terrified",
    "now": "rn",
    "oh": "omg",
    "": "btw tbh",
}
_WRITTEN = {word: meant for meant, words in _MEANINGS.items() for word in words.split()}
_NOT = re.compile(
    r"\b(do|does|did|is|are|was|were|have|has|had|could|would|should|can)(?:n't|nt|n t)\b(?!\w)"
)
_NUMBERS = re.compile(
    r"\d.*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
)
_DAYS = re.compile("(?:mon|tues|wednes|thurs|fri|satur|sun)day")


def clauses(line: str) -> list[list[str]]:
    """The words of each part of a marked line, between its pauses. What no letter tells, an emoji may."""
    text = _SLOT.sub(lambda slot: f" {_SLOTS.get(slot[1], NOUN)} ", _POINTER.sub(f" {NOUN} ", line))
    text = text.replace("’", "'").replace("`", "'")
    for sign, words in _MEANT:
        text = sign.sub(" " if re.search("[a-z]{2}", sign.sub("", text), re.IGNORECASE) else words, text)
    text = _LAUGH.sub("haha", text.lower())
    found = [_words(part) for part in _PAUSE.split(f" {text} ")]
    return [words for words in found if words]


def _words(part: str) -> list[str]:
    text = _NOT.sub(r"\1 not", part).replace("can not", "cannot").replace("no one", "nobody")
    words = [said for word in _WORD.findall(text) for said in _WRITTEN.get(word, word).split()]
    words = ["ok"] if words == ["k"] else words
    return [_classed(word.replace("'s", "").replace("'", "")) for word in words]


def _classed(word: str) -> str:
    return NUMBER if _NUMBERS.fullmatch(word) else DAY if _DAYS.fullmatch(word) else word


_DETERMINERS = frozenset(("the", "a", "an", "my", "your", "our", "about"))


class Spelling:
    """Finds the known word that a strange one was meant to be."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = Counter(known)

    def meant(self, word: str) -> str:
        """`word` where it is known; else, without letters that were held down or one slip away, a known one, the
        commonest; else `word` itself."""
        if word in self._known:
            return word
        for letters in (r"\1", r"\1\1"):
            short = _HELD.sub(letters, word)
            if short != word and (short := self._ended(short)):
                return short
        near = [one for one in _slips(word) if one in self._listed] if len(word) >= SLIP else []
        return max(near, key=lambda one: (self._known[one], one), default=word)

    def words(self, typed: Sequence[str], sure: Callable[[str], bool]) -> list[str]:
        """What was meant by each word, if it is not `sure` to be right as it is; one that is still strange is a
        noun where it stands as one."""
        meant = [word if sure(word) else self.meant(word) for word in typed]
        before = ("", *meant[:-1])
        return [
            NOUN if one in _DETERMINERS and word not in self._known else word
            for one, word in zip(before, meant, strict=True)
        ]

    def _ended(self, word: str) -> str:
        return word if word in self._known else ""

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(word for word in self._known if len(word) >= SLIP)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _slips(word: str) -> set[str]:
    """What is one letter more, less, other or in another place away; the first letter stays."""
    parts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    less = {a + b[1:] for a, b in parts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    other = {a + c + b[1:] for a, b in parts if b for c in _LETTERS}
    more = {a + c + b for a, b in parts for c in _LETTERS}
    return less | swapped | other | more
