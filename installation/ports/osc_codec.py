"""Bytes of an OSC packet become messages. No I/O, no clock, and only DatagramError comes out.

Open Sound Control 1.0 with the types `i f s b h d t T F N I c S r m` and arrays. Strict: sizes are
multiples of four, padding is zero, nothing is left over, addresses are printable ASCII, text is
UTF-8. Bounded: by the limits below. Atomic: one bad element refuses the whole bundle. A time tag is
data that goes with the message; nobody here waits for it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from struct import Struct
from typing import Any, NamedTuple, Union

from installation.errors import DatagramError

LARGEST_DATAGRAM = 65_507  # bytes: what one UDP datagram can carry
LONGEST_ADDRESS = 255  # characters
LONGEST_TEXT = 4_096  # bytes of one string
MOST_ARGUMENTS = 1_024  # of one message, those in arrays and the brackets counted
MOST_MESSAGES = 4_096  # of one datagram
DEEPEST = 8  # bundles in bundles, arrays in arrays


class TimeTag(NamedTuple):
    """NTP time: seconds since 1900 and 2**-32 parts of a second. (0, 1) means at once."""

    seconds: int
    fraction: int


class Colour(NamedTuple):
    """Each 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int


class Midi(NamedTuple):
    """Each 0 to 255."""

    port: int
    status: int
    data1: int
    data2: int


class Impulse(Enum):
    """OSC's argument `I`, which says only that it is there."""

    IMPULSE = "impulse"


Argument = Union[float, int, bool, str, bytes, None, TimeTag, Colour, Midi, Impulse, tuple["Argument", ...]]


class Message(NamedTuple):
    """`address` begins with `/` and may be a pattern. An array in `values` is a plain tuple.
    `timetag` is that of the innermost bundle, None outside any."""

    address: str
    values: tuple[Argument, ...]
    timetag: TimeTag | None = None


def decode(datagram: bytes) -> tuple[Message, ...]:
    """The messages of one packet in their order. Raises DatagramError."""
    single = decode_single(datagram)
    if single is not None:
        return (Message(*single),)
    if len(datagram) > LARGEST_DATAGRAM:
        raise DatagramError(f"a packet of {len(datagram)} bytes is longer than {LARGEST_DATAGRAM}")
    messages: list[Message] = []
    _element(datagram, None, 0, messages)
    return tuple(messages)


def decode_single(datagram: bytes) -> tuple[str, tuple[float | int]] | None:
    """(address, (number,)) where the packet is a plain address with one `f` or `i`, else None.

    Most packets of a room are that. All but their last four bytes repeat, so that part is looked up."""
    if datagram[-8:-4] in _SINGLE and datagram[0] == _SLASH:
        known = _opening(datagram[:-4])
        if known is not None:
            return known[0], known[1](datagram, -4)
    return None


def is_pattern(address: str) -> bool:
    """Whether the address stands for several: it holds one of `? * [ ] { }`."""
    return not _WILD.isdisjoint(address)


_Unpack = Callable[[bytes, int], tuple[Any, ...]]
_SLASH = ord("/")
_WILD = frozenset("?*[]{}")
_PRINTABLE = bytes(range(0x21, 0x7F))
_SINGLE: dict[bytes, _Unpack] = {
    b",f\0\0": Struct(">f").unpack_from,
    b",i\0\0": Struct(">i").unpack_from,
}
_LENGTH = Struct(">i").unpack_from
_TAG = Struct(">II").unpack_from


@lru_cache(maxsize=4096)
def _opening(head: bytes) -> tuple[str, _Unpack] | None:
    """Address and number format of a single-number packet less its number; None if it is not one."""
    try:
        address, at = _address(head)
    except DatagramError:
        return None
    return (address, _SINGLE[head[at:]]) if head[at:] in _SINGLE and not is_pattern(address) else None


def _element(data: bytes, timetag: TimeTag | None, depth: int, messages: list[Message]) -> None:
    if data[:8] == b"#bundle\0":
        _bundle(data, depth, messages)
        return
    if len(messages) >= MOST_MESSAGES:
        raise DatagramError(f"more than {MOST_MESSAGES} messages in one packet")
    address, values = decode_single(data) or _message(data)
    messages.append(Message(address, values, timetag))


def _bundle(data: bytes, depth: int, messages: list[Message]) -> None:
    if depth >= DEEPEST:
        raise DatagramError(f"bundles nested deeper than {DEEPEST}")
    if len(data) < 16:
        raise DatagramError("a bundle ends within its time tag")
    timetag = TimeTag(*_TAG(data, 8))
    at, end = 16, len(data)
    while at < end:
        if end - at < 4:
            raise DatagramError("a bundle ends within the size of an element")
        (size,) = _LENGTH(data, at)
        at += 4
        if size <= 0 or size % 4 or size > end - at:
            raise DatagramError(f"a bundle element says it has {size} bytes where {end - at} are left")
        _element(data[at : at + size], timetag, depth + 1, messages)
        at += size


def _message(data: bytes) -> tuple[str, tuple[Argument, ...]]:
    if len(data) % 4:
        raise DatagramError(f"{len(data)} bytes, not a multiple of four")
    address, at = _address(data)
    if at == len(data):
        return address, ()  # old senders leave the type tags out where there is no argument
    tags, at = _string(data, at, MOST_ARGUMENTS + 1)
    if tags[:1] != b",":
        raise DatagramError("type tags do not begin with a comma")
    plain = _numbers(tags)
    if plain is None:
        return address, _arguments(data, tags[1:], at)
    if len(data) - at != plain.size:
        raise DatagramError(f"{len(data) - at} bytes of arguments where the type tags say {plain.size}")
    return address, plain.unpack_from(data, at)


def _address(data: bytes) -> tuple[str, int]:
    if data[:1] != b"/":
        raise DatagramError("neither an address nor a bundle")
    raw, at = _string(data, 0, LONGEST_ADDRESS)
    if raw.translate(None, _PRINTABLE):
        raise DatagramError("an address with a character outside printable ASCII")
    return raw.decode("ascii"), at


def _string(data: bytes, at: int, longest: int) -> tuple[bytes, int]:
    """The bytes up to the next zero and where the padding after it ends."""
    stop = data.find(0, at)
    if stop < 0:
        raise DatagramError("a string without its end")
    if stop - at > longest:
        raise DatagramError(f"a string of {stop - at} bytes, longer than {longest}")
    after = (stop + 4) & ~3
    if after > len(data) or any(data[stop:after]):
        raise DatagramError("a string that is not padded with zeros to four bytes")
    return data[at:stop], after


@lru_cache(maxsize=256)
def _numbers(tags: bytes) -> Struct | None:
    """The format of arguments that are numbers only, read in one go; None where others are among them."""
    if tags[1:].translate(None, b"ifhd"):
        return None
    return Struct(">" + tags[1:].decode("ascii").replace("h", "q"))


def _arguments(data: bytes, tags: bytes, at: int) -> tuple[Argument, ...]:
    try:
        values, at = _values(data, tags.decode("latin-1"), at)
    except struct.error:
        raise DatagramError("the packet ends within an argument") from None
    except KeyError as error:
        raise DatagramError(f"an argument of unknown type {error}") from None
    if at != len(data):
        raise DatagramError(f"{len(data) - at} bytes left over after the last argument")
    return tuple(values)


def _values(data: bytes, tags: str, at: int) -> tuple[list[Argument], int]:
    """The arguments from `at` on and where they end. A KeyError names a type that OSC does not have."""
    values: list[Argument] = []
    outer: list[list[Argument]] = []
    for tag in tags:
        if tag in _CONSTANTS:
            values.append(_CONSTANTS[tag])
        elif tag == "[":
            if len(outer) >= DEEPEST:
                raise DatagramError(f"arrays nested deeper than {DEEPEST}")
            outer.append(values)
            values = []
        elif tag == "]":
            if not outer:
                raise DatagramError("an array ends that did not begin")
            outer[-1].append(tuple(values))
            values = outer.pop()
        else:
            value, at = _READ[tag](data, at)
            values.append(value)
    if outer:
        raise DatagramError("an array without its end")
    return values, at


def _fixed(layout: str, make: Callable[..., Argument]) -> Callable[[bytes, int], tuple[Argument, int]]:
    form = Struct(layout)

    def read(data: bytes, at: int) -> tuple[Argument, int]:
        return make(*form.unpack_from(data, at)), at + form.size

    return read


def _text(data: bytes, at: int) -> tuple[str, int]:
    raw, at = _string(data, at, LONGEST_TEXT)
    try:
        return raw.decode("utf-8"), at
    except UnicodeDecodeError:
        raise DatagramError("text that is not UTF-8") from None


def _blob(data: bytes, at: int) -> tuple[bytes, int]:
    (size,) = _LENGTH(data, at)
    stop = at + 4 + size
    after = (stop + 3) & ~3
    if size < 0 or after > len(data) or any(data[stop:after]):
        raise DatagramError(f"a blob says it has {size} bytes where {len(data) - at - 4} are left")
    return data[at + 4 : stop], after


def _character(code: int) -> str:
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise DatagramError(f"{code} is not a character")
    return chr(code)


_CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": Impulse.IMPULSE}
_READ: dict[str, Callable[[bytes, int], tuple[Argument, int]]] = {
    "i": _fixed(">i", int),
    "f": _fixed(">f", float),
    "h": _fixed(">q", int),
    "d": _fixed(">d", float),
    "t": _fixed(">II", TimeTag),
    "c": _fixed(">I", _character),
    "r": _fixed(">4B", Colour),
    "m": _fixed(">4B", Midi),
    "s": _text,
    "S": _text,
    "b": _blob,
}
