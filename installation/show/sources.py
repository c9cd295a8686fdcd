"""`signals:` of a show file: what the room tells us, and from where."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal, cast, get_args

from installation.show.corrections import listed
from installation.show.reading import Reader, name_fault
from installation.show.schema import AttackRelease, Curve, OneEuro, SignalSpec, Source
from installation.show.structure import Items, Table, Text, Told, Tree

APPLAUSE = SignalSpec(
    name="applause",
    sources=tuple(Source(protocol=p, address="/installation/applause") for p in ("osc", "mqtt")),
    kind="event",
)
"""The signal that every show has, unless it gives the name to another."""

KINDS = ("value", "event", "text")
CURVES: tuple[str, ...] = get_args(Curve)

_COMMON = ("from", "kind")
_VALUE = (*_COMMON, "range", "smooth", "curve", "dead", "rest", "ttl")
_PROTOCOLS = ("osc", "mqtt", "key", "keys", "mouse")
_OURS = "/installation"
_TAKEN = {"space": "GO", "escape": "panic"}


def signals(reader: Reader, tree: Tree | None) -> Mapping[str, SignalSpec]:
    """Every signal of the show by its name, `applause` among them."""
    found: dict[str, SignalSpec] = {}
    table = reader.table(tree, "signals")
    for name, entry in table.entries.items():
        if fault := name_fault(name):
            reader.corrections.add(table.keys[name], f"signals.{name}", fault)
        found[name] = _signal(reader, name, entry, f"signals.{name}")
    return {"applause": APPLAUSE, **found}


def _signal(reader: Reader, name: str, tree: Tree, path: str) -> SignalSpec:
    if isinstance(tree, Text) and not tree.empty:
        reader.wrong(tree, path, "a map belongs here", f"write {{from: {tree.text}}}")
        return SignalSpec(name=name, sources=())
    table = reader.table(tree, path, _VALUE)
    get = table.entries.get
    kind = reader.choice(given, f"{path}.kind", KINDS) if (given := get("kind")) else "value"
    if (origin := get("from")) is None:
        reader.wrong(tree, path, "nobody says where it comes from", "add from: osc /address")
        sources: tuple[Source, ...] = ()
    else:
        sources = tuple(s for item in reader.one_or_more(origin, f"{path}.from")
                        if (s := _source(reader, item, f"{path}.from")))  # fmt: skip
    if kind != "value":
        for key in set(table.entries) & set(_VALUE) - set(_COMMON):
            reader.corrections.add(
                table.keys[key],
                f"{path}.{key}",
                f"only a value has '{key}', and this is of kind {kind}",
                "take it away",
            )
        return SignalSpec(name=name, sources=sources, kind=cast(Literal["event", "text"], kind))
    if origin is not None and any(source.protocol == "keys" for source in sources):
        reader.wrong(origin, f"{path}.from", "keys are a line that somebody types", "add kind: text")
    return _value(reader, name, sources, table, path)


def _value(reader: Reader, name: str, sources: tuple[Source, ...], table: Table, path: str) -> SignalSpec:
    get = table.entries.get
    span = _range(reader, tree, f"{path}.range") if (tree := get("range")) else (0.0, 1.0)
    low, high = sorted(span)
    return SignalSpec(
        name=name,
        sources=sources,
        range=span,
        smooth=_smooth(reader, tree, f"{path}.smooth") if (tree := get("smooth")) else 0.0,
        curve=cast(
            Curve, reader.choice(tree, f"{path}.curve", CURVES) if (tree := get("curve")) else "linear"
        ),
        dead=reader.number(tree, f"{path}.dead", 0, 1) if (tree := get("dead")) else 0.0,
        rest=reader.number(tree, f"{path}.rest", low, high) if (tree := get("rest")) else span[0],
        ttl=reader.seconds(tree, f"{path}.ttl") if (tree := get("ttl")) else None,
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
    table = reader.table(tree, path, ("one_euro", "attack", "release"))
    get = table.entries.get
    if euro := get("one_euro"):
        inner = reader.table(euro, f"{path}.one_euro", ("min_cutoff", "beta"))
        cutoff, beta = inner.entries.get("min_cutoff"), inner.entries.get("beta")
        return OneEuro(
            min_cutoff=reader.number(cutoff, f"{path}.one_euro.min_cutoff", 0.001, 1000) if cutoff else 1.0,
            beta=reader.number(beta, f"{path}.one_euro.beta", 0, 1000) if beta else 0.0,
        )
    return AttackRelease(
        attack=reader.seconds(attack, f"{path}.attack") if (attack := get("attack")) else 0.0,
        release=reader.seconds(release, f"{path}.release") if (release := get("release")) else 0.0,
    )


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
