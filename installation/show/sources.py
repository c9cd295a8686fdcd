"""`signals:` of a show file: what the room tells us, and from where."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal, TypeAlias, cast, get_args

from installation.show.reading import Fields, Reader, name_fault
from installation.show.schema import AttackRelease, Curve, OneEuro, SignalSpec, Source
from installation.show.spelling import listed
from installation.show.structure import Items, Table, Text, Told, Tree

APPLAUSE = SignalSpec(
    name="applause",
    sources=tuple(Source(protocol=p, address="/installation/applause") for p in ("osc", "mqtt")),
    kind="event",
)
"""A signal that every show has, unless it gives the name to another."""


def repeating(name: str = "repeating") -> SignalSpec:
    """The signal that says how much the voices repeat themselves, or one of them: `repeating_anna`."""
    return SignalSpec(name=name, sources=(Source(protocol="voice", address=name),))


Kind: TypeAlias = Literal["value", "event", "text"]
KINDS = ("value", "event", "text")
CURVES: tuple[str, ...] = get_args(Curve)

_COMMON = ("from", "kind")
_VALUE = (*_COMMON, "range", "smooth", "curve", "dead", "rest", "ttl")
_PROTOCOLS = ("osc", "mqtt", "key", "keys", "mouse")
_OURS = "/installation"
_TAKEN = {"space": "GO", "escape": "panic"}


def signals(reader: Reader, tree: Tree | None, voices: tuple[str, ...] = ()) -> Mapping[str, SignalSpec]:
    """Every signal of the show by its name, `applause` and `repeating` among them, and one for each of
    several `voices`."""
    found: dict[str, SignalSpec] = {}
    table = reader.table(tree, "signals")
    for name, entry in table.entries.items():
        if fault := name_fault(name):
            reader.corrections.add(table.keys[name], f"signals.{name}", fault)
        found[name] = _signal(reader, name, entry, f"signals.{name}")
    own = ["repeating", *(f"repeating_{voice}" for voice in voices if len(voices) > 1)]
    return {"applause": APPLAUSE, **{name: repeating(name) for name in own}, **found}


def _signal(reader: Reader, name: str, tree: Tree, path: str) -> SignalSpec:
    if isinstance(tree, Text) and not tree.empty:
        reader.wrong(tree, path, "a map belongs here", f"write {{from: {tree.text}}}")
        return SignalSpec(name=name, sources=())
    table = reader.table(tree, path, _VALUE)
    of = Fields(table, path)
    kind = cast(Kind, of("kind", reader.chosen(*KINDS), "value"))
    if "from" not in table.entries:
        reader.wrong(tree, path, "nobody says where it comes from", "add from: osc /address")
    sources = of("from", lambda tree, path: _sources(reader, tree, path), ())
    if kind == "value":
        if any(source.protocol == "keys" for source in sources):
            reader.wrong(
                table.entries["from"], f"{path}.from", "keys are a line that somebody types", "add kind: text"
            )
        if any(source.protocol == "key" or source.address == "click" for source in sources):
            reader.wrong(
                table.entries["from"], f"{path}.from", "a key or a click has no number", "add kind: event"
            )
        return _value(reader, name, sources, of)
    for key, where in table.keys.items():
        if key in _VALUE and key not in _COMMON:
            what = f"only a value has '{key}', and this is of kind {kind}"
            reader.corrections.add(where, f"{path}.{key}", what, "take it away")
    return SignalSpec(name=name, sources=sources, kind=kind)


def _value(reader: Reader, name: str, sources: tuple[Source, ...], of: Fields) -> SignalSpec:
    span = of("range", lambda tree, path: _range(reader, tree, path), (0.0, 1.0))
    return SignalSpec(
        name=name,
        sources=sources,
        range=span,
        smooth=of("smooth", lambda tree, path: _smooth(reader, tree, path), 0.0),
        curve=cast(Curve, of("curve", reader.chosen(*CURVES), "linear")),
        dead=of("dead", reader.between(0, 1), 0.0),
        rest=of("rest", reader.between(*sorted(span)), span[0]),
        ttl=of("ttl", reader.seconds, None),
    )


def _range(reader: Reader, tree: Tree, path: str) -> tuple[float, float]:
    if isinstance(tree, Items) and len(tree.items) == 2:
        low, high = (reader.number(item, path) for item in tree.items)
        if low != high or any(isinstance(item, Told) for item in tree.items):
            return low, high
        reader.wrong(tree, path, "the range is empty: both ends are the same", "write [lowest, highest]")
    else:
        reader.wrong(tree, path, "a range has two ends", "write [lowest, highest], as in [0, 4.2]")
    return -math.inf, math.inf


def _smooth(reader: Reader, tree: Tree, path: str) -> float | OneEuro | AttackRelease:
    if not isinstance(tree, Table):
        return reader.seconds(tree, path)
    of = Fields(reader.table(tree, path, ("one_euro", "attack", "release")), path)
    if euro := tree.entries.get("one_euro"):
        inner = f"{path}.one_euro"
        of = Fields(reader.table(euro, inner, ("min_cutoff", "beta")), inner)
        return OneEuro(
            min_cutoff=of("min_cutoff", reader.between(0.001, 1000), 1.0),
            beta=of("beta", reader.between(0, 1000), 0.0),
        )
    return AttackRelease(
        attack=of("attack", reader.seconds, 0.0),
        release=of("release", reader.seconds, 0.0),
    )


def _sources(reader: Reader, tree: Tree, path: str) -> tuple[Source, ...]:
    read = [_source(reader, item, path) for item in reader.one_or_more(tree, path)]
    return tuple(source for source in read if source is not None)


def _source(reader: Reader, tree: Tree, path: str) -> Source | None:
    """`osc /room/presence 2`, `mqtt harbour/tide level.now`, `key x`, `keys`, `mouse y`."""
    text = reader.text(tree, path)
    if not text:
        return None
    protocol, *rest = text.split()
    if protocol not in _PROTOCOLS:
        if protocol == "web":
            reader.wrong(tree, path, "the web is not heard in this version", f"there {listed(_PROTOCOLS)}")
        elif protocol.startswith("/"):
            reader.wrong(tree, path, f"'{text}' does not say how it comes", f"write osc {text}")
        else:
            reader.wrong_name(tree, path, protocol, _PROTOCOLS, "source")
        return None
    source, fault = _READERS[protocol](rest)
    if fault:
        reader.wrong(tree, path, fault)
    return source


Read = tuple[Source | None, str]


def _osc(rest: list[str]) -> Read:
    match rest:
        case [address] | [address, _] if not re.fullmatch(r"(/[^\s#*,?\[\]{}/]+)+", address):
            return (
                None,
                f"'{address}' is no OSC address; it begins with / and holds none of # * , ? [ ] {{ }}",
            )
        case [address] | [address, _] if address.startswith(f"{_OURS}/") or address == _OURS:
            return None, f"addresses under {_OURS} are the program's own; choose another"
        case [address]:
            return Source(protocol="osc", address=address), ""
        case [address, number] if re.fullmatch(r"[1-9][0-9]?", number):
            return Source(protocol="osc", address=address, argument=int(number)), ""
        case [_, number]:
            return None, f"'{number}' is no argument's number; they count from 1: osc /address 2"
    return None, "osc needs one address; write osc /address, or osc /address 2 for its second argument"


def _mqtt(rest: list[str]) -> Read:
    match rest:
        case [topic] | [topic, _] if re.search(r"[+#\x00]", topic):
            return None, f"'{topic}' stands for many topics; name one without + and #"
        case [topic]:
            return Source(protocol="mqtt", address=topic), ""
        case [topic, path] if all(path.split(".")):
            return Source(protocol="mqtt", address=f"{topic} {path}", path=path), ""
        case [_, path]:
            return None, f"'{path}' is no path into JSON; write it like level.now"
    return None, "mqtt needs one topic; write mqtt some/topic, or mqtt some/topic json.path"


def _key(rest: list[str]) -> Read:
    match rest:
        case [key] if key.lower() in _TAKEN:
            return None, f"the key {key} is {_TAKEN[key.lower()]} in every show; choose another"
        case [key]:
            return Source(protocol="key", address=key.lower()), ""
    return None, "key needs one key; write key x"


def _keys(rest: list[str]) -> Read:
    return (
        (None, "keys takes nothing after it; write keys")
        if rest
        else (Source(protocol="keys", address=""), "")
    )


def _mouse(rest: list[str]) -> Read:
    match rest:
        case [("x" | "y" | "click") as part]:
            return Source(protocol="mouse", address=part), ""
    return None, "mouse needs one of its parts; write mouse x, mouse y or mouse click"


_READERS = {"osc": _osc, "mqtt": _mqtt, "key": _key, "keys": _keys, "mouse": _mouse}
