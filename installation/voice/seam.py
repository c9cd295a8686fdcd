"""Where a piece of text meets the text before it: whether a word begins there, runs on, or ends. Pure."""

from __future__ import annotations

import regex

LETTER = regex.compile(r"[\p{L}\p{N}\p{M}]")
SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def apart(tail: str, text: str) -> bool:
    """Whether `text` may begin a word as it is behind `tail`, the last character before it, if any."""
    return not tail or tail.isspace() or SPACELESS.match(text) is not None


def begins_word(tail: str, text: str) -> bool:
    """Whether `text` begins a word behind `tail`."""
    return bool(text) and (text[0].isspace() or apart(tail, text))


def runs_on(tail: str, text: str) -> bool:
    """Whether `text` goes on with the word that `tail` belongs to; half a character may do so."""
    return not begins_word(tail, text) and (not text or LETTER.match(text) is not None)


def ends_word(text: str) -> bool:
    """Whether a word is over with `text`."""
    return bool(text) and LETTER.match(text[-1]) is None
