"""The OSC port: a UDP socket on one side, signals on the other."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from installation.clock import Clock
from installation.errors import DatagramError
from installation.messages import PortState, Signal, Value
from installation.ports import osc_socket
from installation.ports.osc_codec import LARGEST_DATAGRAM
from installation.ports.osc_listener import Listener
from installation.ports.osc_senders import SHARE, Senders
from installation.ports.osc_targets import Targets, place
from installation.ports.refusals import Refusals

log = logging.getLogger("installation.ports.osc")

LISTEN = "127.0.0.1:57250"
TURN_SECONDS = 0.002  # how long one turn may drain before the loop's other work
TURN_DATAGRAMS = 512


class OscPort:
    """Takes what arrives, gives signals to `emit`, and sends to named targets.

    `emit` gets the signals of one draining turn at once, in order, a bundle never divided; `clean`
    is the word filter (None: refused). `listen`: `host:port`, port 0 for any free one. `allow`,
    `rate`: see Senders. `targets`: name to `host:port`. `strays`: see Listener.
    Raises PortError where one of them is wrong."""

    def __init__(
        self,
        emit: Callable[[list[Signal]], None],
        clock: Clock,
        clean: Callable[[str], str | None],
        *,
        listen: str = LISTEN,
        allow: Iterable[str] = (),
        rate: float = 2000.0,
        targets: Mapping[str, str] | None = None,
        addresses: Iterable[str] = (),
        strays: bool = False,
    ) -> None:
        self._emit = emit
        self._clock = clock
        self._listen = place(listen, "listen")
        self._senders = Senders(allow, rate)
        self._listener = Listener(clean, addresses, strays=strays)
        self._refusals = Refusals(log)
        self._targets = Targets(targets or {}, self._refusals)
        self._socket: socket.socket | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._round: list[Signal] | None = None  # of a loop without readers
        self._received = self._lost = 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the show listens to; senders' patterns mean some of these."""
        return tuple(self._listener.addresses)

    @addresses.setter
    def addresses(self, addresses: Iterable[str]) -> None:
        self._listener.listen_to(addresses)

    @property
    def where(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        assert self._socket is not None, "the port is not open"
        host, port = self._socket.getsockname()[:2]
        return host, port

    async def start(self) -> None:
        """Open the socket and begin. Raises PortError with what to do about it."""
        assert self._socket is None, "the port is open already"
        loop = asyncio.get_running_loop()
        self._socket = await osc_socket.bound(*self._listen)
        self._lost = 0
        try:
            loop.add_reader(self._socket, self._drain, self._socket, loop.time)
        except NotImplementedError:  # the Proactor loop of Windows
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: _Receiver(self), sock=self._socket
            )
        await self._targets.open(self._clock.now())
        log.info("osc: listening on %s", self._place())

    async def stop(self) -> None:
        """Close everything; what the kernel still keeps is forgotten."""
        if self._socket is None:
            return
        if self._transport is not None:
            self._transport.close()
        else:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._socket = self._transport = None
        self._targets.close()

    def send(self, target: str | None, address: str, arguments: Sequence[Value]) -> None:
        """Send one message to a target by name, or to all. Never raises; what cannot go is counted."""
        self._targets.send(target, address, arguments, self._clock.now())

    def state(self) -> PortState:
        """`received` counts signals; `dropped` what was refused, not sent, or lost in the kernel."""
        if self._socket is None:
            return PortState("osc", "closed", "", self._received, self._refusals.counts.total())
        self._count_lost(self._clock.now())
        detail = self._place() + (f"; {self._refusals}" if self._refusals.counts else "")
        return PortState("osc", "open", detail, self._received, self._refusals.counts.total())

    @property
    def counts(self) -> Mapping[str, int]:
        """What was not taken, by kind: malformed, not allowed, too fast, text, not sent, lost."""
        return self._refusals.counts

    def _drain(self, opened: socket.socket, time: Callable[[], float]) -> None:
        """Take what waits: at most 512 datagrams or two milliseconds, then the loop's other work."""
        now = self._clock.now()
        signals: list[Signal] = []
        receive, take, stop = opened.recvfrom, self.take, time() + TURN_SECONDS
        for _ in range(TURN_DATAGRAMS):
            try:
                datagram, where = receive(LARGEST_DATAGRAM + 1)
            except BlockingIOError:
                break
            except OSError as error:  # the network went away; the socket stays and tries again
                self._refusals.note("lost", error.strerror, now)
                break
            take(datagram, where, now, signals)
            if time() >= stop:
                break
        self._count_lost(now)
        self._give(signals)

    def take(self, datagram: bytes, where: tuple[Any, ...], now: float, signals: list[Signal]) -> None:
        """Append to `signals` what one datagram from the socket address `where` says."""
        sender = self._senders.find(where, now)
        if not sender.allowed:
            self._refusals.note("not allowed", f"{sender.name} is not in venue: allow", now)
            return
        if sender.allowance is not None and not sender.allowance.spend(1 + len(datagram) // SHARE, now):
            self._refusals.note("too fast", f"{sender.name} sends more than venue: rate", now)
            return
        try:
            refused = self._listener.hear(datagram, now, sender.name, signals)
        except DatagramError as error:
            self._refusals.note("malformed", f"{error}; from {sender.name}", now)
            return
        if refused:
            self._refusals.note("text", f"the word filter refused a message from {sender.name}", now, refused)

    def take_later(self, datagram: bytes, where: tuple[Any, ...]) -> None:
        """Where the loop has no readers: take now, and emit together what this round of the loop brought."""
        if self._round is None:
            self._round = []
            asyncio.get_running_loop().call_soon(self._end_round)
        self.take(datagram, where, self._clock.now(), self._round)

    def _end_round(self) -> None:
        signals, self._round = self._round, None
        self._give(signals or [])

    def _give(self, signals: list[Signal]) -> None:
        if signals:
            self._received += len(signals)
            self._emit(signals)

    def _place(self) -> str:
        host, port = self.where
        name = f"[{host}]" if ":" in host else host
        reach = "this machine only" if Senders.is_ours(host) else "open to the network"
        granted = osc_socket.granted(self._socket) if self._socket is not None else 0
        asked = "" if granted >= osc_socket.BUFFER else f" of {osc_socket.BUFFER >> 10} asked for"
        return f"{name}:{port}, {reach}, receive buffer {granted >> 10} KiB{asked}"

    def _count_lost(self, now: float) -> None:
        """Note what the kernel threw away since we last asked."""
        lost = osc_socket.lost(self._socket) if self._socket is not None else 0
        if lost > self._lost:
            self._refusals.note("lost", "the kernel's buffer was full", now, lost - self._lost)
            self._lost = lost


class _Receiver(asyncio.DatagramProtocol):
    """Hands on to the port what a loop without readers received."""

    def __init__(self, port: OscPort) -> None:
        self._port = port

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._port.take_later(data, addr)
