"""What may be asked of the show from outside, on every wall alike: `/installation/...` and some keys."""

from __future__ import annotations

import math
from dataclasses import dataclass

from installation.messages import Signal, Value
from installation.score.trigger import number, strikes
from installation.show.breaks import MOST_WORDS

PREFIX = "/installation/"
KEYS = {"space": "go", "escape": "panic"}
SPARE = {"delete": "interrupt", "backspace": "rewind", "tab": "fork"}
"""Keys that break off all voices, unless the show listens to them itself."""
BREAKS = frozenset(SPARE.values())
PRESSED = frozenset({"go", "panic", "blank"})
NAMED = frozenset({"scene", "cue", "mark"})
MARKS = frozenset({"keep", "skip"})


@dataclass(frozen=True, slots=True)
class Command:
    """`verb`: go, panic, blank, scene, cue, mark, release, hand, interrupt, rewind or fork. `name`: of
    what; `value`: what it shall be, or how many words; `fault`: why not. `yields`: only where the show
    has no use of its own for the message."""

    verb: str
    name: str = ""
    value: Value = ""
    fault: str = ""
    yields: bool = False


def command(signal: Signal) -> Command | None:
    """What this message asks of the show, or None where it asks nothing.

    The release of a button (a lone 0) asks nothing, so panic is not lifted by letting go. What a
    broker retained from earlier asks nothing, except for values."""
    if signal.source == "key":
        return _key(signal)
    if not signal.address.startswith(PREFIX) or signal.source == "keys":
        return None
    verb, _, rest = signal.address.removeprefix(PREFIX).partition("/")
    name, _, asked = rest.rpartition("/")
    if verb == "voice" and asked in BREAKS:
        return _break(asked, name, signal)
    if verb in {"layer", "voice"}:
        return _hand(f"{verb}/{rest}", signal)
    if signal.retained:
        return None
    return _asked(verb if not rest else "", signal)


def _key(signal: Signal) -> Command | None:
    verb = KEYS.get(signal.address) or SPARE.get(signal.address)
    if verb is None or signal.retained or not strikes(signal.values):
        return None
    return Command(verb, value=0, yields=verb in BREAKS)


def _asked(verb: str, signal: Signal) -> Command | None:
    """What `/installation/VERB` asks, with its first value."""
    if verb in PRESSED:
        return Command(verb) if strikes(signal.values) else None
    first = str(signal.values[0]).strip() if signal.values else ""
    if verb == "release":
        return _release(first)
    if verb == "mark" and first and first not in MARKS:
        return Command(verb, fault=f"a mark is keep or skip, not {first[:80]}")
    if verb in NAMED:
        return Command(verb, first, fault="" if first else f"{signal.address} needs a name after it")
    return Command(verb, fault=f"nothing is called {signal.address[:80]}")


def _break(verb: str, name: str, signal: Signal) -> Command | None:
    """A voice is to break off or to go back: over so many words, 0: to the sentence's beginning."""
    if signal.retained or not strikes(signal.values):
        return None
    words = number(signal.values[0]) if signal.values and verb == "rewind" else 0
    if words is None or not math.isfinite(words) or words < 0:
        return Command(verb, name, fault=f"{signal.address} takes a number of words, or none: the sentence")
    return Command(verb, name, min(MOST_WORDS, round(words)))


def _hand(path: str, signal: Signal) -> Command:
    address = path.replace("/", ".")
    if not signal.values:
        return Command("hand", address, fault=f"{signal.address} needs a value after it")
    return Command("hand", address, signal.values[0])


def _release(first: str) -> Command | None:
    """`/installation/release` alone or with 1 gives everything back; a button's 0 nothing."""
    if not first or number(first) is not None:
        return None if first and number(first) == 0 else Command("release")
    return Command("release", first.removeprefix(PREFIX).strip("/").replace("/", "."))
