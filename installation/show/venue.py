"""The place's part of a show: ports, broker, display. Mostly from venue.yaml."""

from __future__ import annotations

import ipaddress
import re
from typing import get_args

from installation.show.reading import Reader, name_fault
from installation.show.schema import Venue
from installation.show.structure import Items, Table, Tree

KEYS = tuple(Venue.model_fields)
PAINTERS = get_args(Venue.model_fields["painter"].annotation)

_PORTS = re.compile(r"(?:(?P<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):)?(?P<port>[0-9]{1,5})")


def venue(reader: Reader, table: Table) -> Venue:
    """What the merged file says of the place; the defaults where it says nothing."""
    found = {key: _READERS[key](reader, table.entries[key], key) for key in KEYS if key in table.entries}
    return Venue(**{key: value for key, value in found.items() if value is not None})  # type: ignore[arg-type]


def _listen(reader: Reader, tree: Tree, path: str) -> str | None:
    return _address(reader, tree, path, "127.0.0.1")


def _address(reader: Reader, tree: Tree, path: str, host: str = "") -> str | None:
    """`host:port`; a lone port is one on `host`."""
    text = reader.text(tree, path)
    found = _PORTS.fullmatch(text)
    if found and 0 < int(found["port"]) < 65536 and (found["host"] or host):
        return f"{found['host'] or host}:{found['port']}"
    if text:
        reader.wrong(tree, path, f"'{text}' is no address", "write host:port, as in 127.0.0.1:57250")
    return None


def _broker(reader: Reader, tree: Tree, path: str) -> str | None:
    text = reader.text(tree, path)
    if text in {"none", "local"}:
        return "" if text == "none" else text
    if "@" in text:
        reader.wrong(tree, path, "a user or password stands in the address",
                     "leave it out; they come from the environment")  # fmt: skip
        return None
    if not re.fullmatch(r"(mqtts?://)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?", text) and text:
        reader.wrong(
            tree, path, f"'{text}' is no broker", "write none, local, host:port or mqtts://host:port"
        )
        return None
    return text


def _allow(reader: Reader, tree: Tree, path: str) -> tuple[str, ...]:
    found = []
    for item in reader.one_or_more(tree, path):
        text = reader.text(item, path)
        try:
            found.append(
                str(ipaddress.ip_network(text, strict=False))
                if "/" in text
                else str(ipaddress.ip_address(text))
            )
        except ValueError:
            if text:
                reader.wrong(
                    item, path, f"'{text}' is no network address", "write 192.168.1.20 or 192.168.1.0/24"
                )
    return tuple(found)


def _send(reader: Reader, tree: Tree, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    table = reader.table(tree, path)
    for name, entry in table.entries.items():
        if fault := name_fault(name, spoken=False):
            reader.corrections.add(table.keys[name], f"{path}.{name}", fault)
        found[name] = _address(reader, entry, f"{path}.{name}") or ""
    return found


def _size(reader: Reader, tree: Tree, path: str) -> tuple[int, int] | None:
    if not isinstance(tree, Items) or len(tree.items) != 2:
        reader.wrong(tree, path, "a size is a width and a height", "write [1920, 1080]")
        return None
    width, height = (int(reader.number(item, path, 16, 16384)) for item in tree.items)
    return width, height


def _rate(reader: Reader, tree: Tree, path: str) -> float:
    return reader.number(tree, path, 1, 1e6)


def _painter(reader: Reader, tree: Tree, path: str) -> str | None:
    return reader.choice(tree, path, PAINTERS) or None


def _feedback(reader: Reader, tree: Tree, path: str) -> float:
    return reader.number(tree, path, 0, 0.95)


def _wall(reader: Reader, tree: Tree, path: str) -> str:
    text = reader.text(tree, path)
    if text and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        reader.wrong(
            tree,
            path,
            f"'{text}' cannot be a wall's name",
            "letters, digits, - and _ can; it stands in topics",
        )
    return text


_READERS = {
    "name": Reader.text,
    "wall": _wall,
    "listen": _listen,
    "allow": _allow,
    "rate": _rate,
    "send": _send,
    "broker": _broker,
    "display": Reader.text,
    "size": _size,
    "fullscreen": Reader.switch,
    "painter": _painter,
    "feedback": _feedback,
}
