"""What a voice has sampled is read by the word filter before it is spoken. Pure.

It is read word by word, as it would stand: behind the words before it, so that a word in two tokens, in
letters set apart or across the end of a line is seen. A word is read once it is whole. What was forced
has been read before it was forced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from installation.filter import Verdict
from installation.messages import Token
from installation.voice.words import runs

BEFORE = 120
"""Characters of text before a word that it is read with; the filter reads 200 in all."""
REFUSALS = 5
"""Times that a word is sampled anew at one place before the sentence is ended there."""

_TO_WORD = re.compile(r"^\S*\s+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The word that began with token `n` was not to be spoken; `because` says which entry of a word
    list. `ended`: so was every other word there, and the sentence was ended."""

    n: int
    because: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens numbered below `clear` may be spoken; the word that begins with `place` must not,
    `` as `because`: none was refused."""

    clear: int
    place: int = -1
    because: str = ""


class Moderation:
    """Reads with a filter's `verdict`, which has to give the same whenever it is asked the same."""

    def __init__(self, verdict: Callable[[str], Verdict]) -> None:
        self._verdict = verdict
        self.because = lru_cache(maxsize=4096)(self._because)

    def _because(self, text: str) -> str:
        """Why a text must not be shown, `` where it may."""
        verdict = self._verdict(text)
        return verdict.because if verdict.refused and verdict.text else ""

    def because_behind(self, before: str, word: str) -> str:
        """Why a word must not be shown behind `before`, `` where it may. A text that was wrong already
        is not the word's fault."""
        alone = self.because(word)
        if alone or not before:
            return alone
        found = self.because(before + word)
        return "" if found and self.because(before) else found

    def because_anywhere(self, text: str) -> str:
        """Why a text of any length must not be said, `` where it may."""
        found = (self.because_behind(_tail(text[:start]), text[start:end]) for start, end in runs(text))
        return next(filter(None, found), "")

    def read(self, before: str, held: Sequence[Token], clear: int, *, done: bool = False) -> Reading:
        """Read what is whole of the tokens `held`, which follow `before`, from number `clear` on.
        `done`: nothing more will come, and the last word is read as it stands."""
        starts, text = [], _tail(before)
        for token in held:
            starts.append(len(text))
            text += written(token)
        ends = [*starts[1:], len(text)]
        unread = next((at for at, token in enumerate(held) if token.n >= clear), len(held))
        if unread == len(held):
            return Reading(clear)
        found = runs(text)
        whole = found.pop()[0] if found and not done and found[-1][1] == len(text) else len(text)
        for start, end in found:
            if end <= starts[unread]:
                continue
            at = next(at for at, stop in enumerate(ends) if stop > start)
            because = "" if held[at].forced else self.because_behind(_tail(text[:start]), text[start:end])
            if because:
                while at > unread and not written(held[at - 1]):
                    at -= 1  # the first half of this character
                return Reading(min(clear, held[at].n), held[at].n, because)
        for token, end in zip(held, ends, strict=True):
            if end > whole or (end == whole and not written(token) and not done):
                break
            clear = max(clear, token.n + 1)
        return Reading(clear)

    def without_rivals(self, before: str, token: Token) -> Token:
        """The token without those rivals that must not be shown: they may be drawn too."""
        rivals, lens = token.inner.rivals, token.inner.lens
        if not rivals:
            return token
        last = runs(_tail(before))[-1:]
        run = _tail(before)[last[0][0] :] if last else ""
        fit = [at for at, rival in enumerate(rivals) if not self.because(run + rival.text)]
        if len(fit) == len(rivals):
            return token
        kept = tuple(rivals[at] for at in fit)
        formed = tuple(lens[at] for at in fit) if lens else lens
        return replace(token, inner=replace(token.inner, rivals=kept, lens=formed))


def written(token: Token) -> str:
    """A token as it stands in the text; an end of text is a paragraph."""
    if token.heard:
        return token.heard
    return token.text.rstrip("\n") + "\n\n" if token.end else token.text


def _tail(text: str) -> str:
    """The last words of a text."""
    return text if len(text) <= BEFORE else _TO_WORD.sub("", text[-BEFORE:])
