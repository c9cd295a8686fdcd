"""Tokens to text as they come, never half a character.

A detokeniser is pure: it maps (state, token) to (state, text), so a voice that forgets tokens goes back
to an earlier state. All texts in order are what the tokenizer makes of all tokens at once (without its
clean-up of spaces, which could unsay what has been shown). The work per token is bounded.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from re import fullmatch
from typing import Any, Protocol

UNFINISHED = "\N{REPLACEMENT CHARACTER}"
WINDOW = 12
LONGEST = 64


@dataclass(frozen=True, slots=True)
class Held:
    """Where a text stands: tokens still needed to read the next one, characters of theirs already
    given, and bytes of a character that is not whole yet."""

    tokens: tuple[int, ...] = ()
    given: int = 0
    bytes: bytes = b""


class Detokeniser(Protocol):
    """What turns tokens into text, one at a time."""

    def step(self, held: Held, token: int) -> tuple[Held, str]:
        """The text that `token` completes, and what is held from then on."""


def after(detokeniser: Detokeniser, tokens: Iterable[int]) -> Held:
    """What is held after `tokens`."""
    held = Held()
    for token in tokens:
        held, _ = detokeniser.step(held, token)
    return held


class Bytes:
    """For vocabularies whose tokens are bytes, and text is UTF-8; `bytes_of` gives those of a token."""

    def __init__(self, bytes_of: Callable[[int], bytes]) -> None:
        self._bytes = cache(bytes_of)

    def step(self, held: Held, token: int) -> tuple[Held, str]:
        waiting = held.bytes + self._bytes(token)
        text, used = codecs.utf_8_decode(waiting, "replace", False)
        return Held(bytes=waiting[used:]), text


def byte_level(spelling: Callable[[int], str | None]) -> Bytes:
    """For byte-level BPE (GPT-2, Llama 3, Qwen); `spelling` gives a token as the vocabulary writes it, or
    None for what is not text."""
    return Bytes(lambda token: spelled(spelling(token)))


class Windowed:
    """For every other tokenizer: read a short window of tokens twice and give the difference.

    `decode` turns tokens into text. A window begins where a character begins; its first tokens only
    tell the decoder that it is in the middle of a text. `byte` gives the byte that a token of a
    byte-fallback vocabulary stands for, else None: those are read as UTF-8 here, because a decoder
    that sees an unfinished run of them gives up the whole run."""

    def __init__(
        self, decode: Callable[[Sequence[int]], str], byte: Callable[[int], bytes | None] = lambda _: None
    ) -> None:
        self._decode = decode
        self._byte = cache(byte)

    def step(self, held: Held, token: int) -> tuple[Held, str]:
        tokens, byte = (*held.tokens, token), self._byte(token)
        if byte is not None:
            waiting = held.bytes + byte
            new, used = codecs.utf_8_decode(waiting, "replace", False)
            waiting = waiting[used:]
            given = held.given + len(new) if waiting else len(self._decode(tokens))
        else:
            whole, waiting = self._decode(tokens), b""
            new, given = whole[held.given :], max(held.given, len(whole))
        if len(tokens) >= WINDOW and (not waiting or len(tokens) > LONGEST):
            tokens, given = self._shorter(tokens)
        return Held(tokens, given, waiting), new

    def _shorter(self, tokens: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        """The fewest last tokens that read like the end of them all, and how long their text is."""
        whole = self._decode(tokens)
        for count in range(2, WINDOW):
            text = self._decode(tokens[-count:])
            if text.strip() and whole.endswith(text) and not text.startswith(UNFINISHED):
                return tokens[-count:], len(text)
        if len(tokens) > LONGEST:
            tokens = tokens[-WINDOW:]
        return tokens, len(self._decode(tokens))


@cache
def alphabet() -> dict[str, int]:
    """The byte that each character of a byte-level vocabulary stands for (Radford et al., GPT-2, 2019):
    printable bytes are themselves, the others the characters from U+0100 on, in order."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(b): b for b in plain} | {chr(0x100 + at): b for at, b in enumerate(others)}


def spelled(spelling: str | None) -> bytes:
    """The bytes of a token of a byte-level vocabulary; an added token stands for its own text."""
    if spelling is None:
        return b""
    known = alphabet()
    if all(character in known for character in spelling):
        return bytes(known[character] for character in spelling)
    return spelling.encode()


def specials(tokenizer: Any) -> frozenset[int]:
    """The tokens that are no text: beginnings, ends, turns, padding, reserved places."""
    added = tokenizer.added_tokens_decoder
    return frozenset(tokenizer.all_special_ids) | {token for token, what in added.items() if what.special}


def detokeniser(tokenizer: Any) -> Detokeniser:
    """The detokeniser that fits a Hugging Face tokenizer, or its own; special tokens have no text."""
    from tokenizers import decoders

    own: Detokeniser | None = getattr(tokenizer, "detokeniser", None)
    if own is not None:
        return own
    quick = getattr(tokenizer, "backend_tokenizer", None)
    special = specials(tokenizer)
    if quick is not None and isinstance(quick.decoder, decoders.ByteLevel):
        return byte_level(lambda token: None if token in special else quick.id_to_token(token))

    def decode(tokens: Sequence[int]) -> str:
        text = tokenizer.decode([t for t in tokens if t not in special], clean_up_tokenization_spaces=False)
        assert isinstance(text, str), "one list of tokens decodes to one text"
        return text

    def byte(token: int) -> bytes | None:
        spelling = tokenizer.convert_ids_to_tokens(token) or ""
        found = fullmatch(r"<0x([0-9A-F]{2})>", spelling)
        return bytes.fromhex(found[1]) if found else None

    return Windowed(decode, byte)
