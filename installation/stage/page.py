"""What has been said so far, as layers draw it: finished words and the one that is still growing.

Pure: it takes messages and `now`, and knows nothing of fonts or places. `at` of an item is the `now`
of the frame that took it in, so a replay with the same frames gives the same page.
"""

from __future__ import annotations

import math
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from installation.messages import Candidates, Inner, Rival, Token, Word

KEPT = 1500
"""Words kept: more than fit on a wall in the smallest type."""
STOPS = (".", "!", "?", "…", "。", "！", "？")
CLOSING = "\"'”’»)]"
TRACE = 64
"""Tokens whose entropy is kept."""


@dataclass(frozen=True, slots=True)
class Item:
    """A word on the page. `key` rises and never changes while the word grows.

    `before` is the white space it follows; `at` is when its first letters came, `grown` when its
    last ones did, and `prior` its text before that. `chosen`: its first token as it was
    sampled; `unsaid`: what could have stood in its place, likeliest first. Tokens `first` to `last`
    of its voice made it, so far."""

    key: int
    voice: str
    text: str
    before: str
    at: float
    inner: Inner = field(default_factory=Inner)
    forced: bool = False
    done: bool = False
    prior: str = ""
    grown: float = -math.inf
    chosen: str = ""
    unsaid: tuple[Rival, ...] = ()
    first: int = -1
    last: int = -1

    @property
    def formed(self) -> tuple[tuple[Rival, tuple[float, ...]], ...]:
        """How the guess formed: each rival with its share among them after each layer that was told of,
        the lowest first. Empty where the back end cannot say."""
        return tuple(zip(self.inner.rivals or (), self.inner.lens or (), strict=False))


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may come next, known since `at`."""

    voice: str
    n: int
    at: float
    rivals: tuple[Rival, ...]
    entropy: float | None = None


@dataclass(frozen=True, slots=True)
class Fallen:
    """What might have come: `ahead`, until at `at` `chosen` was spoken."""

    ahead: Ahead
    chosen: str
    at: float


@dataclass(frozen=True, slots=True)
class Trace:
    """How uncertain the voice was at one token, spoken at `at`."""

    at: float
    entropy: float


@dataclass(slots=True)
class _Unfinished:
    """Tokens of a voice that no word has taken up yet."""

    tokens: list[tuple[Token, float]]
    key: int | None = None
    gap: str = ""
    ended: bool = False


class Page:
    """The words on the wall, oldest first, in `items` by their key. Bounded."""

    def __init__(self, kept: int = KEPT) -> None:
        self.items: dict[int, Item] = {}
        self.withdrawn: dict[int, float] = {}
        """Words that the voice took back, by their key, and when."""
        self.ahead: Ahead | None = None
        self.fallen: Fallen | None = None
        self.trace: deque[Trace] = deque(maxlen=TRACE)
        self.words = 0
        self._kept = kept
        self._next = 0
        self._unfinished: dict[str, _Unfinished] = {}
        self._made: dict[tuple[str, int], int] = {}  # which item a voice's token went into

    @property
    def last(self) -> Item | None:
        """The newest word, finished or not."""
        return next(reversed(self.items.values()), None)

    def looked_back(self, item: Item) -> tuple[tuple[Item, float], ...]:
        """The words on the page that the model looked at before it began this one, each with its share of
        the whole look, largest first. Empty where the back end cannot say."""
        shares: dict[int, float] = {}
        for n, share in item.inner.attention or ():
            key = self._made.get((item.voice, n))
            if key is not None and key < item.key:
                shares[key] = shares.get(key, 0.0) + share
        found = sorted(shares.items(), key=lambda row: (-row[1], -row[0]))
        return tuple((self.items[key], share) for key, share in found)

    def of(self, voices: tuple[str, ...]) -> Page:
        """A page of these voices only, as it would be had it been kept from the beginning."""
        page = Page(self._kept)
        for item in self.items.values():
            if speaker(item.voice) in voices:
                page._put(item)
        page.withdrawn = {key: at for key, at in self.withdrawn.items() if key in page.items}
        page._next, page.words = self._next, sum(item.done for item in page.items.values())
        own = {voice: part for voice, part in self._unfinished.items() if speaker(voice) in voices}
        page._unfinished = {voice: replace(part, tokens=[*part.tokens]) for voice, part in own.items()}
        if self.ahead is not None and speaker(self.ahead.voice) in voices:
            page.ahead = self.ahead
        return page

    def take(self, message: Token | Word | Candidates, now: float) -> None:
        """Take in what a voice said, or may say next."""
        if isinstance(message, Token):
            self._token(message, now)
        elif isinstance(message, Word):
            self._word(message, now)
        else:
            self.ahead = Ahead(message.voice, message.n, now, message.rivals, message.entropy)
        while len(self.items) > self._kept:
            oldest = self.items.pop(next(iter(self.items)))
            self.withdrawn.pop(oldest.key, None)
            self._forget(oldest)

    def withdraw(self, voice: str, first: int, next_: int, now: float) -> None:
        """The voice took back what it said from token `first` on, up to the one that it says next."""
        for key, item in self.items.items():
            if item.voice == voice and first <= item.first < next_:
                self.withdrawn.setdefault(key, now)

    def _token(self, token: Token, now: float) -> None:
        if token.inner.entropy is not None:
            self.trace.append(Trace(now, token.inner.entropy))
        if self.ahead is not None and self.ahead.voice == token.voice:
            self.fallen = Fallen(self.ahead, token.text, now)
            self.ahead = None
        part = self._unfinished.setdefault(token.voice, _Unfinished([]))
        if part.ended and token.text.strip():
            # The next text begins; whatever the last one left unfinished stays as it is.
            part.tokens.clear()
            part.key, part.gap, part.ended = None, "\n\n", False
        if token.text:
            part.tokens.append((token, now))
        part.ended = part.ended or token.end
        self._grow(part, now)

    def _word(self, word: Word, now: float) -> None:
        part = self._unfinished.setdefault(word.voice, _Unfinished([]))
        old = self.items.get(part.key) if part.key is not None else None
        if old is None:
            before, part.gap = self._gap(word.voice, max(word.before, part.gap, key=_weight)), ""
            key = self._new_key()
            item = Item(key, word.voice, word.text, before, now, word.inner, word.forced, True)
        else:
            item = replace(old, text=word.text, inner=word.inner, forced=word.forced, done=True)
            if old.text != word.text:
                item = replace(item, prior=old.text, grown=now)
        self._put(replace(item, first=word.first, last=word.last))
        self.words += 1
        part.tokens = _after(part.tokens, word)
        part.key = None
        self._grow(part, now)

    def _grow(self, part: _Unfinished, now: float) -> None:
        """Bring the item of the unfinished word up to date with its tokens."""
        text = "".join(token.text for token, _ in part.tokens)
        shown = text.strip()
        if not shown:
            return
        voiced = [row for row in part.tokens if row[0].text.strip()]
        first, at = voiced[0]
        old = self.items.get(part.key) if part.key is not None else None
        # A token may already hold the next word's beginning; it shows when its word comes.
        shown = shown.split()[0]
        bits = [t.inner.surprise for t, _ in voiced]
        inner = replace(first.inner, surprise=None if None in bits else sum(b for b in bits if b is not None))
        if old is None:
            before = max(text[: len(text) - len(text.lstrip())], part.gap, key=_weight)
            before = self._gap(first.voice, before)
            part.key, part.gap = self._new_key(), ""
            item = Item(part.key, first.voice, shown, before, at, inner, first.forced, chosen=first.text)
            self._put(replace(item, first=first.n, last=first.n))
        elif old.text != shown or old.inner != inner:
            prior, grown = (old.text, now) if old.text != shown else (old.prior, old.grown)
            self._put(replace(old, text=shown, inner=inner, prior=prior, grown=grown))

    def _gap(self, voice: str, before: str) -> str:
        """The white space before a word: who speaks after another begins a line of their own, or at
        least a word, where that one is in the midst of a sentence."""
        last = self.last
        if last is None or speaker(last.voice) == speaker(voice) or "meanwhile" in (voice, last.voice):
            return before
        return max(before, "\n" if ends_sentence(last.text) else " ", key=_weight)

    def _put(self, item: Item) -> None:
        if (old := self.items.get(item.key)) is not None:
            self._forget(old)
        self.items[item.key] = replace(item, unsaid=tuple(_unsaid(item)))
        for n in range(max(0, item.first), item.last + 1):
            self._made.setdefault((item.voice, n), item.key)

    def _forget(self, item: Item) -> None:
        """Its tokens belong to no word for now."""
        for n in range(item.first, item.last + 1):
            if self._made.get((item.voice, n)) == item.key:
                del self._made[item.voice, n]

    def _new_key(self) -> int:
        self._next += 1
        return self._next


def speaker(voice: str) -> str:
    """The voice that somebody speaks for: itself, where nobody stands in for it."""
    return voice.partition("/")[0]


def ends_sentence(word: str) -> bool:
    """Whether a word is the last of its sentence."""
    return word.rstrip(CLOSING).endswith(STOPS)


def _weight(space: str) -> tuple[int, int]:
    """Line breaks weigh more than spaces."""
    return space.count("\n"), len(space)


def _after(tokens: Sequence[tuple[Token, float]], word: Word) -> list[tuple[Token, float]]:
    """The tokens with the text of `word` taken off their front."""
    left = [row for row in tokens if row[0].n >= word.first]
    if "".join(t.text for t, _ in left).lstrip().startswith(word.text):
        todo = len(word.text)
        rest = []
        for token, at in left:
            text = token.text
            if todo:
                text = text.lstrip() if todo == len(word.text) else text
                text, todo = text[todo:], max(0, todo - len(text))
            if text:
                rest.append((replace(token, text=text), at))
        return rest
    return [row for row in left if row[0].n > word.last]


def _unsaid(item: Item) -> Iterator[Rival]:
    """The rivals that could stand in its place: not the word itself, no mere marks, one of each."""
    rivals = item.inner.rivals or ()
    chosen = item.chosen or next((r.text for r in rivals if item.text.startswith(r.text.strip() or "\0")), "")
    spaced = chosen[:1].isspace()
    seen = {_bare(chosen), _bare(item.text)}
    for rival in rivals:
        text = rival.text.strip()
        bare = _bare(text)
        # A lone letter is nearly always the beginning of some word, not a word.
        whole = len(text) > 1 or text in "aAIOo" or ord(text) > 0x2FF
        if bare and bare not in seen and whole and not (spaced and not rival.text[:1].isspace()):
            seen.add(bare)
            yield rival


def _bare(text: str) -> str:
    """The letters and digits alone, case folded: `silent,` is no other word than `silent`."""
    return "".join(c for c in text if c.isalnum() or unicodedata.combining(c)).casefold()
