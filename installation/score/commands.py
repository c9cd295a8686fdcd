"""What may be asked of the show from outside, on every wall alike: `/installation/...` and two keys."""

from __future__ import annotations

from dataclasses import dataclass

from installation.messages import Signal, Value
from installation.score.trigger import number, strikes

PREFIX = "/installation/"
KEYS = {"space": "go", "escape": "panic"}
PRESSED = frozenset({"go", "panic", "blank"})
NAMED = frozenset({"scene", "cue", "mark"})
MARKS = frozenset({"keep", "skip"})


@dataclass(frozen=True, slots=True)
class Command:
    """`verb`: go, panic, blank, scene, cue, mark, release or hand. `name`: of what; `fault`: why not."""

    verb: str
    name: str = ""
    value: Value = ""
    fault: str = ""


def command(signal: Signal) -> Command | None:
    """What this message asks of the show, or None where it asks nothing.

    The release of a button (a lone 0) asks nothing, so panic is not lifted by letting go. What a
    broker retained from earlier asks nothing, except for values."""
    if signal.source == "key":
        verb = KEYS.get(signal.address)
        return Command(verb) if verb and strikes(signal.values) and not signal.retained else None
    if not signal.address.startswith(PREFIX) or signal.source == "keys":
        return None
    verb, _, rest = signal.address.removeprefix(PREFIX).partition("/")
    if verb in {"layer", "voice"}:
        return _hand(f"{verb}/{rest}", signal)
    if signal.retained:
        return None
    return _asked(verb if not rest else "", signal)


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
