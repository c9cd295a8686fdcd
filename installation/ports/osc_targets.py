"""Where messages go out to, by name. One broken target never disturbs the others."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from installation.errors import PortError
from installation.messages import Value
from installation.ports.refusals import Refusals

PATIENCE = 5.0  # seconds between two look-ups of a host that is not known


def place(text: str, key: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[::1]:port`. Raises PortError naming the `key` of venue.yaml."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65_536):
        raise PortError(f"venue: {key}: {text!r} is not a place; write host:port, such as 127.0.0.1:57251")
    if ":" in host and not bracketed:
        raise PortError(f"venue: {key}: {text!r}: an IPv6 address stands in brackets, such as [::1]:57251")
    return (host[1:-1] if bracketed else host), int(port)


def build(address: str, arguments: Iterable[Value]) -> bytes:
    """One message: float as `f`, int as `i` or `h`, bool as `T` or `F`, text as `s`.

    Raises ValueError where OSC cannot say it."""
    if not address.startswith("/") or not address.isascii():
        raise ValueError(f"{address!r} is not an OSC address")
    builder = OscMessageBuilder(address)
    for argument in arguments:
        if isinstance(argument, str) and "\0" in argument:
            raise ValueError("text with a zero in it")
        builder.add_arg(argument)
    try:
        return builder.build().dgram
    except (BuildError, OverflowError) as error:
        raise ValueError(str(error)) from None


class Target:
    """One place. `where` is None until its host is known."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.host, self.port = place(text, f"send: {name}")
        self.family = socket.AF_INET
        self.where: Any = None
        self.looked_up = float("-inf")


class Targets:
    """All places by name. `open` within the loop, then `send`; `close` at the end."""

    def __init__(self, targets: Mapping[str, str], refusals: Refusals) -> None:
        self._targets = {name: Target(name, text) for name, text in targets.items()}
        self._refusals = refusals
        self._sockets: dict[socket.AddressFamily, socket.socket] = {}

    async def open(self, now: float) -> None:
        """Look all hosts up, at most a second long; those not found by then are looked up again later."""
        searches = [self._search(target, now) for target in self._targets.values()]
        if searches:
            await asyncio.wait(searches, timeout=1.0)

    def send(self, name: str | None, address: str, arguments: Sequence[Value], now: float) -> None:
        """Send to the one so named, or to all. Never raises and never waits: what cannot go is counted."""
        if name is not None and name not in self._targets:
            self._refusals.note("not sent", f"no target is named {name}", now)
            return
        try:
            datagram = build(address, arguments)
        except ValueError as error:
            self._refusals.note("not sent", f"{address}: {error}", now)
            return
        for target in self._targets.values() if name is None else (self._targets[name],):
            if target.where is None:
                if now - target.looked_up >= PATIENCE:
                    self._search(target, now)
                self._refusals.note("not sent", f"{target.name}: nobody knows the host {target.host}", now)
                continue
            try:
                self._socket(target.family).sendto(datagram, target.where)
            except OSError as error:  # unreachable, too long, or its buffer is full
                self._refusals.note("not sent", f"{target.name} at {target.text}: {error.strerror}", now)

    def _search(self, target: Target, now: float) -> asyncio.Future[None]:
        """Ask for the host's address, in a thread that nobody waits for: a name server may be silent
        for many seconds, and a show that ends must not wait for it either."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        target.looked_up = now

        def told(found: list[Any]) -> None:
            for family, *_, where in sorted(found, key=lambda each: each[0] != socket.AF_INET)[:1]:
                target.family, target.where = family, where  # most programs that speak OSC know only IPv4
            if not done.cancelled():
                done.set_result(None)

        def ask() -> None:
            found: list[Any] = []
            with suppress(OSError, UnicodeError):
                found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(told, found)

        threading.Thread(target=ask, daemon=True).start()
        return done

    def _socket(self, family: socket.AddressFamily) -> socket.socket:
        if family not in self._sockets:
            opened = self._sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return self._sockets[family]

    def close(self) -> None:
        for opened in self._sockets.values():
            opened.close()
        self._sockets.clear()
