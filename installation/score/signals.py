"""The show's named signals: what the room last said, calmed, with its sender, its age and its losses.

Pure: times are given. A value lies in 0..1 of its range; events and texts fire cues.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from installation.messages import Signal, SignalState, Value
from installation.score.fade import bend
from installation.score.smoothing import Lag, OneEuro, Smoother, steady, unscale
from installation.score.trigger import number, strikes
from installation.show import schema

MOST_EVENTS = 1024
"""Events of one name that one step counts; what comes on top is lost, and counted as lost."""

RATE_OVER = 1.0
"""Seconds over which the rate of a signal's messages is averaged."""


class NamedSignal:
    """One signal of the show file and what it remembers.

    `value` is 0..1 (an event or text: 1 in the step that it came in), `raw` in the file's units.
    `origin` says where the last message came from, `at` when, `lost` how many were too many."""

    def __init__(self, spec: schema.SignalSpec, now: float) -> None:
        self.spec = spec
        self.raw_name = f"raw({spec.name})"
        self.raw = spec.rest if spec.kind == "value" else 0.0
        self.position = unscale(self.raw, *spec.range)
        self.smoother = smoother(spec)
        self.smoother.leap(bend(self.position, spec.curve), now)
        self.values: tuple[Value, ...] = ()
        self.text = ""
        self.fired = 0
        self.lost = 0
        self.at: float | None = None
        self.origin = ""
        self.resting = True
        self._rate = 0.0

    @property
    def value(self) -> float:
        return self.smoother.value if self.spec.kind == "value" else float(self.fired > 0)

    def hear(self, signal: Signal, argument: int, now: float) -> tuple[bool, str]:
        """Take in a message that was meant for this name: whether it fires, and what was wrong with it."""
        if self.spec.kind == "value":
            fault = self._measure(signal, argument, now)
            if not fault:
                self._remember(signal, now)
            return False, fault
        if signal.retained:
            return False, ""
        return (self._read if self.spec.kind == "text" else self._strike)(signal, argument, now), ""

    def advance(self, now: float) -> None:
        """Move on to `now`: smoothing, and rest after too long a silence."""
        ttl = self.spec.ttl
        if ttl is not None and not self.resting and self.at is not None and now - self.at >= ttl:
            self.resting = True
            self._aim(self.spec.rest, self.at + ttl)
        self.smoother.advance(now)

    def tell(self) -> str:
        """What it is, from whom, since when; never what a visitor wrote."""
        shown = f"{self.spec.name} {self.raw:.4g}" if self.spec.kind == "value" else self.spec.name
        if self.at is None:
            return f"{shown} at rest"
        silent = f", silent for {self.spec.ttl:g} s" if self.resting and self.spec.ttl is not None else ""
        return f"{shown} from {self.origin} at {self.at:.2f} s{silent}"

    def state(self, now: float) -> SignalState:
        age = None if self.at is None else max(now - self.at, 0.0)
        return SignalState(self.spec.name, self.value, self.raw, age, self.rate(now), self.origin)

    def rate(self, now: float) -> float:
        """Messages a second, averaged over the last second or so."""
        silence = math.inf if self.at is None else max(now - self.at, 0.0)
        return self._rate * math.exp(-silence / RATE_OVER) if silence < 10 * RATE_OVER else 0.0

    def _remember(self, signal: Signal, now: float) -> None:
        self._rate = self.rate(now) + 1 / RATE_OVER
        self.at, self.resting, self.values = now, False, signal.values
        self.origin = f"{signal.source} {signal.address}".rstrip()
        if signal.sender:
            self.origin += f" ({signal.sender})"

    def _measure(self, signal: Signal, argument: int, now: float) -> str:
        came = f"{self.spec.name}: {signal.source} {signal.address}"
        if len(signal.values) < argument:
            return f"{came} came without argument {argument}; the last value is kept"
        raw = number(signal.values[argument - 1])
        if raw is None:
            return f"{came} brought text where a number was due; the last value is kept"
        if not math.isfinite(raw):
            return f"{came} brought {raw}; the last value is kept"
        low, high = self.spec.range
        self._aim(low + raw * (high - low) if signal.source == "mouse" else raw, now)
        return ""

    def _aim(self, raw: float, now: float) -> None:
        self.raw = raw
        self.position = steady(unscale(raw, *self.spec.range), self.position, self.spec.dead)
        self.smoother.aim(bend(self.position, self.spec.curve), now)

    def _read(self, signal: Signal, argument: int, now: float) -> bool:
        if len(signal.values) < argument or not str(signal.values[argument - 1]).strip():
            return False
        self._remember(signal, now)
        self.text = str(signal.values[argument - 1])
        return self._count()

    def _strike(self, signal: Signal, argument: int, now: float) -> bool:
        self._remember(signal, now)
        return strikes(signal.values, argument) and self._count()

    def _count(self) -> bool:
        if self.fired >= MOST_EVENTS:
            self.lost += 1
            return False
        self.fired += 1
        return True


class Signals:
    """All named signals of a show, found by what a message brings: source and address.

    `env` holds them as expressions ask for them; `changed` names what moved since it was cleared."""

    def __init__(
        self, specs: Mapping[str, schema.SignalSpec], now: float, old: Signals | None = None
    ) -> None:
        self.env: dict[str, float] = {}
        self.changed: set[str] = set()
        self.named = {name: _kept(old, spec) or NamedSignal(spec, now) for name, spec in specs.items()}
        self._ways: dict[tuple[str, str], list[tuple[NamedSignal, int]]] = {}
        for named in self.named.values():
            for source in named.spec.sources:
                ways = self._ways.setdefault((source.protocol, source.address), [])
                ways.append((named, source.argument))
        for named in self.named.values():
            self._arguments(named)
        self.advance(now)

    def meant(self, signal: Signal) -> Sequence[tuple[NamedSignal, int]]:
        """The names that listen to this message, each with the argument it listens to, in file order."""
        return self._ways.get((signal.source, signal.address), ())

    def hear(self, named: NamedSignal, signal: Signal, argument: int, now: float) -> tuple[bool, str]:
        """`NamedSignal.hear`, with what expressions see brought up to date."""
        fires, fault = named.hear(signal, argument, now)
        named.advance(now)
        self._arguments(named)
        self.look(named)
        return fires, fault

    def advance(self, now: float) -> None:
        """Move all on to `now`."""
        self.put("now", now)
        for named in self.named.values():
            named.advance(now)
            self.look(named)

    def look(self, named: NamedSignal) -> None:
        name = named.spec.name
        self.put(name, named.value)
        self.put(named.raw_name, named.raw)

    def put(self, name: str, value: float) -> None:
        if self.env.get(name) != value:
            self.env[name] = value
            self.changed.add(name)

    def settle(self) -> None:
        """A step is over: its events have been counted, its changes seen."""
        self.changed.clear()
        for named in self.named.values():
            if named.fired:
                named.fired = 0
                self.put(named.spec.name, named.value)

    def tell(self, names: Iterable[str]) -> str:
        """What these names last said, from whom and when; names that are no signals are passed over."""
        return "; ".join(self.named[name].tell() for name in sorted(names) if name in self.named)

    def fillings(self) -> dict[str, str]:
        """What stands for each name in a text: a visitor's text itself, a value with two digits."""
        return {
            name: named.text if named.spec.kind == "text" else f"{named.value:.2f}"
            for name, named in self.named.items()
        }

    def _arguments(self, named: NamedSignal) -> None:
        for n, value in enumerate(named.values[:32], 1):
            given = number(value)
            heard = given if given is not None and math.isfinite(given) else 0.0
            self.put(f"arg({named.spec.name}, {n})", heard)


def smoother(spec: schema.SignalSpec) -> Smoother:
    """The smoother that a signal's `smooth` asks for."""
    smooth = spec.smooth
    if isinstance(smooth, schema.OneEuro):
        return OneEuro(smooth.min_cutoff, smooth.beta)
    if isinstance(smooth, schema.AttackRelease):
        return Lag(smooth.attack, smooth.release)
    return Lag(smooth, smooth)


def _kept(old: Signals | None, spec: schema.SignalSpec) -> NamedSignal | None:
    """What an older show knew of a signal that is still declared the same way."""
    named = old.named.get(spec.name) if old is not None else None
    return named if named is not None and named.spec == spec else None
