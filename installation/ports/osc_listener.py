"""A datagram becomes signals. Pure, given the word filter: no socket, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from installation.errors import DatagramError
from installation.messages import Signal, Value
from installation.ports.osc_codec import (
    MOST_MESSAGES,
    Argument,
    Colour,
    Impulse,
    Midi,
    TimeTag,
    decode,
    decode_single,
    is_pattern,
)
from installation.ports.osc_pattern import Addresses

MOST_PATTERNS = 32  # of one datagram that were not seen before
MOST_TEXTS = 64  # of one datagram
COMMANDS = "/installation/"
REMEMBERED = 256  # patterns whose meaning is kept

_NUMBERS = frozenset({float, int, bool})
_NTP_TO_UNIX = 2_208_988_800  # seconds from 1900 to 1970


class TextRefused(Exception):  # it never leaves this file
    """The word filter refused a text of a message."""


class Listener:
    """Knows the addresses that the show listens to and cleans every text.

    `clean` gives the text as it may be used, or None where the word filter refuses it. `strays`: a
    pattern that means no address is passed on as it is."""

    def __init__(
        self, clean: Callable[[str], str | None], addresses: Iterable[str] = (), *, strays: bool = False
    ) -> None:
        self._clean = clean
        self._strays = strays
        self._texts = self._patterns = 0  # in the datagram being heard
        self.listen_to(addresses)

    def listen_to(self, addresses: Iterable[str]) -> None:
        """From now on patterns mean some of these; a plain address is passed on as it is."""
        self.addresses = Addresses(addresses)
        self._meanings: dict[str, tuple[str, ...]] = {}

    def hear(self, datagram: bytes, now: float, sender: str, signals: list[Signal]) -> int:
        """Append what the datagram says, its bundles whole or not at all; a message with a refused text
        is left out. Returns how many were. Raises DatagramError, and then has appended nothing."""
        single = decode_single(datagram)
        if single is not None:
            signals.append(Signal(now, "osc", single[0], single[1], sender))
            return 0
        heard: list[Signal] = []
        refused = self._texts = self._patterns = 0
        for address, arguments, _ in decode(datagram):
            before = self._texts
            try:
                values = self._values(arguments)
            except TextRefused:
                refused += 1
                continue
            # A command names scenes and cues; what is said to the show's own signals is a visitor's.
            private = self._texts > before and not address.startswith(COMMANDS)
            if is_pattern(address):
                heard += [
                    Signal(now, "osc", each, values, sender, False, private)
                    for each in self._meaning(address)
                ]
            else:
                heard.append(Signal(now, "osc", address, values, sender, False, private))
            if len(heard) > MOST_MESSAGES:
                raise DatagramError(f"more than {MOST_MESSAGES} signals from one packet")
        signals += heard
        return refused

    def _meaning(self, pattern: str) -> tuple[str, ...]:
        meaning = self._meanings.get(pattern)
        if meaning is None:
            self._patterns += 1
            if self._patterns > MOST_PATTERNS:
                raise DatagramError(f"more than {MOST_PATTERNS} new patterns in one packet")
            if len(self._meanings) >= REMEMBERED:
                self._meanings.clear()
            meaning = self.addresses.matching(pattern)
            if not meaning and self._strays:
                meaning = (pattern,)
            self._meanings[pattern] = meaning
        return meaning

    def _values(self, arguments: tuple[Argument, ...]) -> tuple[Value, ...]:
        if _NUMBERS.issuperset(map(type, arguments)):
            return cast("tuple[Value, ...]", arguments)
        return tuple(self._flat(arguments))

    def _flat(self, arguments: tuple[Argument, ...]) -> Iterator[Value]:
        """The arguments as a Signal can hold them: numbers, switches and text, each in its place.

        An array stands as its elements, nil as False, an impulse as True, a blob as its length in
        bytes, a time tag as seconds since 1970, a colour as `#rrggbbaa`, and MIDI as its four bytes
        in one number, the port highest."""
        for argument in arguments:
            if isinstance(argument, (float, int)):
                yield argument
            elif isinstance(argument, str):
                yield self._cleaned(argument)
            elif isinstance(argument, TimeTag):
                yield argument.seconds - _NTP_TO_UNIX + argument.fraction / 2**32
            elif isinstance(argument, Colour):
                yield "#" + bytes(argument).hex()
            elif isinstance(argument, Midi):
                yield int.from_bytes(bytes(argument), "big")
            elif isinstance(argument, bytes):
                yield len(argument)
            elif isinstance(argument, tuple):
                yield from self._flat(argument)
            else:
                yield argument is Impulse.IMPULSE

    def _cleaned(self, text: str) -> str:
        self._texts += 1
        if self._texts > MOST_TEXTS:
            raise DatagramError(f"more than {MOST_TEXTS} texts in one packet")
        cleaned = self._clean(text)
        if cleaned is None:
            raise TextRefused
        return cleaned
