"""The word filter: what a visitor sends is made fit to show, or refused with a reason.

`normalise` makes text fit to *show*: living scripts and emoji stay, what can only break a page goes.
`fold` makes a harder form that is only *compared*: marks, look-alike letters, digits that stand for
letters and letters set apart are undone there. Neither does I/O; `Filter` reads its lists once.

A word list is UTF-8 text, one entry a line: `word` (a whole word), `word*` (its beginning), `*word*`
(anywhere in a word), or a phrase. `#` begins a comment; `!word` allows what a list forbids. Letters
may be repeated at will in what is compared. It is a word filter and not a judge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import regex

WORDS = Path(__file__).parent / "words"
LANGUAGES = ("en", "de", "fr", "es", "it")
LIMIT = 200
"""Characters (code points) that a visitor's text may have."""

_GENERAL_MARKS = r"\u0300-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE20-\uFE2F"
_JOINED = r"\p{Arab}\p{Syrc}\p{Mong}\p{Deva}\p{Beng}\p{Guru}\p{Gujr}\p{Orya}\p{Taml}\p{Telu}\p{Knda}"
_JOINED += r"\p{Mlym}\p{Sinh}\p{Khmr}\p{Mymr}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}"
_SPACE = regex.compile(r"[\s\u115F\u1160\u2800\u3164\uFFA0]+")
_DELICATE = regex.compile(r"[\p{C}\p{M}]")
_UNSEEN = regex.compile(
    r"[\p{C}--[\u200C\u200D\U000E0020-\U000E007F]]"
    rf"|(?<![{_JOINED}])[\u200C\u200D]|[\u200C\u200D](?![{_JOINED}])"  # joiners only where they join
    r"|(?<![\U0001F3F4\U000E0020-\U000E007F])[\U000E0020-\U000E007F]+",  # tags only in a flag
    regex.V1,
)
_STRAY_MARKS = regex.compile(
    r"(?<![\p{L}\p{M}\p{N}\p{S}\p{Extended_Pictographic}#*\u200C\u200D])\p{M}+"  # on nothing
    rf"|(?<=[{_GENERAL_MARKS}]{{2}})[{_GENERAL_MARKS}]+|(?<=\p{{M}}{{4}})\p{{M}}+"  # piled up
)


def normalise(text: str, limit: int = LIMIT) -> str:
    """`text` fit to show: NFKC, one line, single spaces, no control or stray characters, no piled-up
    marks, at most `limit` characters, cut where a grapheme ends. May be empty."""
    text = text[: 10 * limit]  # whatever follows cannot be shown, and must not cost anything
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = _SPACE.sub(" ", text).strip()
    if not text.isprintable() or not text.isascii():
        text = _without_stray(text)
    return text if len(text) <= limit else _cut(text, limit)


def _without_stray(text: str) -> str:
    if _DELICATE.search(text):
        text = unicodedata.normalize("NFKC", _STRAY_MARKS.sub("", _UNSEEN.sub("", text)))
        text = _SPACE.sub(" ", text).strip()
    return text


def _cut(text: str, limit: int) -> str:
    end = 0
    for grapheme in regex.finditer(r"\X", text):
        if grapheme.end() > limit:
            break
        end = grapheme.end()
    return text[:end].rstrip()


def _alphabet(first: int, letters: str = "abcdefghijklmnopqrstuvwxyz") -> dict[int, str]:
    return {first + i: letter for i, letter in enumerate(letters)}


_LOOK_ALIKES = str.maketrans(
    dict(
        zip(
            "аеорсухкмтвнгіїјѕԁӏԛԝһьαβγεηικνορτυχωƒøłđħıŧʀɴɢɪʟʏʙʜᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱ¢£€¥",
            "aeopcyxkmtbhriijsdlqwhbabyeniknoptuxwfoldhitrngilybhacdejkmoptuvwzfscley",
            strict=True,
        )
    )
    | {"æ": "ae", "œ": "oe", "ß": "ss"}
)
_LOOK_ALIKES |= (
    _alphabet(0x1F150) | _alphabet(0x1F170) | _alphabet(0x1F1E6)
)  # letters in discs, squares, flags
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_MARKS = regex.compile(rf"[{_GENERAL_MARKS}\uFE00-\uFE0F\u200C\u200D]+|(?<=[a-z])\p{{M}}+")
_ELISION = re.compile(r"\b([cdjlmnst]|qu)['’](?=\w)")
_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=\w)")
_TOKEN = re.compile(r"[a-zñ]+|[^\W_a-zñ]+")
_LEET_SIGN = re.compile(r"[0-9@$!|+]")
_LEET_TOKEN = re.compile(r"\S*[0-9@$!|+]\S*")
_LEET = str.maketrans("0123456789@$!|+", "oizeasgtbgasiit")
_MASKED = re.compile(r"[a-z]+[*#%?]+[a-z]+")
_PAUSE = re.compile(r"(?<=\w\w)[,;:!?]+\s")  # `Sh, it is late` is not set apart
_SET_APART = re.compile(r"(?<= )(?:[a-zñ]{1,2} ){3,}")
_CONSONANTS = re.compile(r"(?<= )[b-df-hj-np-tv-z]{1,2}(?= )")


def fold(text: str) -> str:
    """`text` as it is compared: lower case letters in words with one space around each.

    Marks are gone (but for ñ, which is a letter), look-alike letters have become Latin ones."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("ñ", "\0")).translate(_LOOK_ALIKES)
        text = _MARKS.sub("", text).replace("\0", "ñ")
    if "'" in text or "’" in text:
        text = _APOSTROPHE.sub("", _ELISION.sub(r"\1 ", text))
    return f" {' '.join(_TOKEN.findall(text))} "


def _readings(lower: str) -> str:
    """Folded readings of a text: as it stands, and with digits as letters (1 as i, 1 as l)."""
    folded = fold(lower)
    if _LEET_SIGN.search(lower):
        read = _LEET_TOKEN.sub(_as_letters, lower)
        if read != lower:
            folded += fold(read) + fold(_LEET_TOKEN.sub(_as_letters, lower.replace("1", "l")))
    return folded


def _as_letters(token: re.Match[str]) -> str:
    word = token.group().strip("!?.,;:+|()'\"")
    if sum(c.isalpha() or c in "@$" for c in word) * 2 < len(word):
        return token.group()  # a number, a time, a road: more digits than letters
    return word.translate(_LEET)


def _joined(folded: str, lower: str, whole: Mapping[str, object]) -> str:
    """The text with letters that are set apart put together: `f u c k`, `sh i t`, `f uck`."""
    if not _CONSONANTS.search(folded):
        return ""  # nothing that is no word by itself
    folded = _readings(_PAUSE.sub(" 0 ", lower))
    joined = _SET_APART.sub(_join_run, folded)
    for first, second in pairwise(folded.split()):
        if (_is_scrap(first) or _is_scrap(second)) and first + second in whole:
            joined += f" {first}{second} "
    return joined


def _is_scrap(word: str) -> bool:
    return len(word) <= 2 and not any(letter in "aeiou" for letter in word)


def _join_run(run: re.Match[str]) -> str:
    return run.group().replace(" ", "") + " " if _CONSONANTS.search(" " + run.group()) else run.group()


_Trie = dict[str, "_Trie"]
"""A letter repeated as often as a word needs it -> what may follow; `` ends a word, `*` a beginning."""


def _grow(trie: _Trie, word: str, end: str) -> None:
    for run in re.finditer(r"(.)\1*", word):
        trie = trie.setdefault(run.group(), {})
    trie[end] = {}


def _source(trie: _Trie) -> str:
    """The trie as a regular expression in which every letter may be repeated further."""
    ways = []
    for run, rest in sorted(trie.items(), reverse=True):
        if run in {"", "*"}:
            ways.append("(?= )" if run == "" else "")
        else:
            ways.append(run + ("" if run == " " else run[0] + "*") + _source(rest))
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def _squeeze(text: str) -> str:
    return re.sub(r"(.)\1+", r"\1", text.strip())


@dataclass(frozen=True, slots=True)
class Verdict:
    """`text` as it may be shown; whether it is `refused`; `because` says why, for the operator only."""

    text: str
    refused: bool = False
    because: str = ""


class Filter:
    """Word lists of `languages`, and `extra` list files of a show or a venue.

    A list that does not exist is an OSError or, for a language, a ValueError that says which exist.
    Safe to use from any thread: nothing in it changes after it is made."""

    def __init__(self, languages: Sequence[str] = LANGUAGES, extra: Iterable[Path | str] = ()) -> None:
        unknown = [name for name in languages if name not in LANGUAGES]
        if unknown:
            raise ValueError(f"no word list for {', '.join(unknown)}; there is {', '.join(LANGUAGES)}")
        lists = [(name, WORDS / f"{name}.txt") for name in languages]
        lists += [(Path(path).name, Path(path)) for path in extra]
        start: _Trie = {}
        anywhere: _Trie = {}
        allowed: _Trie = {}
        self._whole: dict[str, str] = {}
        self._named: dict[str, str] = {}
        for entry in _entries(WORDS / "allow.txt"):
            _grow(allowed, fold(entry.strip("*")).strip(), "*" if entry.endswith("*") else "")
        for name, path in lists:
            for entry in _entries(path):
                end = "*" if entry.endswith("*") else ""
                for word in _spellings(entry.strip("!*")):
                    if entry.startswith("!"):
                        _grow(allowed, word, end)
                        continue
                    _grow(anywhere if entry.startswith("*") else start, word, end)
                    self._named.setdefault(_squeeze(word), f"“{entry}” in the list {name}")
                    if len(word) >= 3:
                        self._whole.setdefault(word, entry)
        self._start = _compiled(" ", start)
        self._anywhere = _compiled("", anywhere)
        self._allowed = _compiled(" ", allowed, r"[^ ]*(?= )")
        self._by_length: dict[tuple[int, str], list[str]] = {}
        for word in self._whole:
            self._by_length.setdefault((len(word), word[0]), []).append(word)

    def verdict(self, text: str) -> Verdict:
        """The text normalised, and whether a list forbids it. Text of which nothing is left is refused."""
        text = normalise(text)
        if not text:
            return Verdict("", True, "nothing is left to show")
        found = self._found(text)
        return Verdict(text, bool(found), found)

    def clean(self, text: str) -> str | None:
        """The text fit to show, or None where it is refused."""
        verdict = self.verdict(text)
        return None if verdict.refused else verdict.text

    def _found(self, text: str) -> str:
        lower = text.casefold()
        folded = _readings(lower)
        folded += _joined(folded, lower, self._whole)
        hit = self._start.search(folded) or self._anywhere.search(folded)
        if hit:  # rare: only now is it worth asking whether it is innocent
            innocent = self._allowed.sub(" ~", folded)
            hit = self._start.search(innocent) or self._anywhere.search(innocent)
        if hit:
            return self._named.get(_squeeze(hit.group()), "a word list")
        return self._masked(lower) if "*" in lower or "#" in lower or "%" in lower else ""

    def _masked(self, lower: str) -> str:
        """A listed word with letters crossed out: `f**k`."""
        for token in _MASKED.findall(lower):
            pattern = re.compile(re.sub(r"[*#%?]", ".", token))
            for word in self._by_length.get((len(token), token[0]), ()):
                if pattern.fullmatch(word):
                    return self._named[_squeeze(word)]
        return ""


def _entries(path: Path) -> list[str]:
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def _spellings(entry: str) -> list[str]:
    """An entry as it is compared; one with umlauts also without them: ä as ae."""
    spelt = {fold(entry).strip(), fold(entry.casefold().translate(_UMLAUTS)).strip()}
    return sorted(spelt - {""})


def _compiled(before: str, trie: _Trie, after: str = "") -> re.Pattern[str]:
    """An empty trie matches nothing."""
    return re.compile(before + _source(trie) + after if trie else r"(?!)")
