"""How many OSC messages a second go from the socket to the show.

Method. A sender process fills a receiver's kernel buffer while that one does not read; then the
receiver runs until it has handed over the last message, and only this is timed. So the receiver alone
is measured, without the sender on the same cores, and nothing is lost. All receivers get the same
datagrams from the same sender and the same 4 MiB buffer (less where the system grants less; then a
turn is made of several fillings). Ours is the whole port: filter of senders, decoder, a Signal of
each message, the list of them given to a callback. The others call a Python function for each message;
they are not charged for a Signal.

Load: single floats to 500 addresses. The others serve these as their libraries mean it, with one
function registered for each address; python-osc by its asyncio and its blocking server (the one with
a thread for each datagram is slower than both), pyliblo by `recv` and in its own thread. The fastest
of each library then takes turns with ours; a figure is the median of the ratios. Beside it: both with
one function for whatever comes (no dispatch at all), and all of it with floats in bundles of ten.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import platform
import socket
import statistics
import threading
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_server import AsyncIOOSCUDPServer, BlockingOSCUDPServer

from installation.clock import LiveClock
from installation.messages import Signal
from installation.ports.osc import OscPort

liblo: Any = import_module("pyliblo3") if find_spec("pyliblo3") else None

ADDRESSES = tuple(f"/room/{k // 25}/sensor/{k % 25}" for k in range(500))
MESSAGES = 4_000  # in one turn
TURNS = 9
BUFFER = 4 << 20
SKB = 1_600  # bytes of the buffer that a small datagram takes at most, on Linux
PATIENCE = 30.0  # seconds after which a datagram must have been lost


class Receiver:
    """One server. `run` takes what waits in its socket until `count` reaches `goal`."""

    name = ""
    port = 0

    def __init__(self) -> None:
        self.count = 0
        self.goal = 0

    def run(self) -> None:
        raise NotImplementedError

    def rest(self) -> None:
        """Be as before `run`; not timed."""

    def finished(self) -> None:
        """The last message was handed over."""

    def heard(self, *_: Any) -> None:
        """The function that the other libraries call for each message."""
        self.count += 1
        if self.count == self.goal:
            self.finished()


class Ours(Receiver):
    """OscPort on an asyncio loop that runs only while it is timed."""

    name = "ours"

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        here = {"listen": "127.0.0.1:0", "addresses": ADDRESSES}
        opened = OscPort(self.emit, LiveClock(), lambda text: text, **here)  # type: ignore[arg-type]
        self.loop.run_until_complete(opened.start())
        self.port = opened.where[1]
        self.run, self.finished = self.loop.run_forever, self.loop.stop  # type: ignore[method-assign]

    def emit(self, signals: list[Signal]) -> None:
        self.count += len(signals)
        if self.count == self.goal:
            self.finished()


class PythonOscAsyncio(Receiver):
    """python-osc on an asyncio loop that runs only while it is timed."""

    name = "python-osc asyncio"

    def __init__(self, each: bool) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.run, self.finished = self.loop.run_forever, self.loop.stop  # type: ignore[method-assign]
        server = AsyncIOOSCUDPServer(("127.0.0.1", 0), dispatcher(self, each), self.loop)  # type: ignore[arg-type]
        transport, _ = self.loop.run_until_complete(server.create_serve_endpoint())
        self.port = enlarged(transport.get_extra_info("socket").fileno())


class PythonOscBlocking(Receiver):
    """python-osc's blocking server in a thread of its own."""

    name = "python-osc blocking"

    def __init__(self, each: bool) -> None:
        super().__init__()
        self.done = threading.Event()
        self.finished = self.done.set  # type: ignore[method-assign]
        self.server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher(self, each))
        self.port = enlarged(self.server.fileno())

    def run(self) -> None:
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.done.wait(PATIENCE)

    def rest(self) -> None:
        self.done.clear()
        self.server.shutdown()
        self.thread.join()


class LibloRecv(Receiver):
    """pyliblo's server, asked for one message after the other."""

    name = "pyliblo recv"

    def __init__(self, each: bool) -> None:
        super().__init__()
        self.server = liblo.Server(proto=liblo.UDP)
        self.port = enlarged(self.server.fileno())
        register(self.server, each, self.heard)

    def run(self) -> None:
        receive = self.server.recv
        while self.count < self.goal and receive(1000):
            pass


class LibloThread(Receiver):
    """pyliblo's server in its own thread."""

    name = "pyliblo thread"

    def __init__(self, each: bool) -> None:
        super().__init__()
        self.done = threading.Event()
        self.finished = self.done.set  # type: ignore[method-assign]
        self.server = liblo.ServerThread(proto=liblo.UDP)
        self.port = enlarged(self.server.fileno())
        register(self.server, each, self.heard)

    def run(self) -> None:
        self.server.start()
        self.done.wait(PATIENCE)

    def rest(self) -> None:
        self.done.clear()
        self.server.stop()


def dispatcher(receiver: Receiver, each: bool) -> Dispatcher:
    made = Dispatcher(strict_timing=False)
    for address in ADDRESSES if each else ():
        made.map(address, receiver.heard)
    if not each:
        made.set_default_handler(receiver.heard)
    return made


def register(server: Any, each: bool, function: Callable[..., None]) -> None:
    for address in ADDRESSES if each else (None,):
        server.add_method(address, "f" if each else None, function)


def enlarged(descriptor: int) -> int:
    """Ask for the large buffer; the port that the socket listens on."""
    with socket.socket(fileno=os.dup(descriptor)) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        port: int = opened.getsockname()[1]
        return port


def filling() -> int:
    """How many small datagrams surely fit into the buffer that this system grants."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        return min(MESSAGES, opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // SKB)


def datagrams(together: int) -> list[bytes]:
    """MESSAGES floats, alone or so many in a bundle."""
    floats = [build_msg(ADDRESSES[k % len(ADDRESSES)], [k / MESSAGES]) for k in range(MESSAGES)]
    if together == 1:
        return [each.dgram for each in floats]
    bundles = []
    for first in range(0, MESSAGES, together):
        builder = OscBundleBuilder(IMMEDIATELY)
        for each in floats[first : first + together]:
            builder.add_content(each)
        bundles.append(builder.build().dgram)
    return bundles


def send(orders: Connection) -> None:
    """The sender process: on (port, together, first, last) sends these datagrams as fast as it can."""
    loads = {1: datagrams(1), 10: datagrams(10)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        while (order := orders.recv()) is not None:
            port, together, first, last = order
            for datagram in loads[together][first:last]:
                opened.sendto(datagram, ("127.0.0.1", port))
            orders.send(None)


def turn(receiver: Receiver, orders: Connection, together: int, batch: int) -> float:
    """Messages a second of one receiver over MESSAGES messages."""
    took = 0.0
    for first in range(0, MESSAGES // together, batch):
        last = min(first + batch, MESSAGES // together)
        orders.send((receiver.port, together, first, last))
        orders.recv()
        receiver.count, receiver.goal = 0, (last - first) * together
        began = time.perf_counter()
        receiver.run()
        took += time.perf_counter() - began
        receiver.rest()
        if receiver.count < receiver.goal:
            raise SystemExit(f"{receiver.name} handed over {receiver.count} of {receiver.goal} messages")
    return MESSAGES / took


def best(kinds: list[type[Any]], each: bool, orders: Connection, batch: int) -> Receiver:
    """The fastest of a library's servers, by the best of three turns after one to warm up."""
    servers: list[Receiver] = [kind(each) for kind in kinds]
    rates = [max([turn(server, orders, 1, batch) for _ in range(4)][1:]) for server in servers]
    for server, rate in zip(servers, rates, strict=True):
        print(f"  {server.name:24} {'500 functions' if each else 'one function':16} {rate:10,.0f} /s")
    return max(zip(rates, servers, strict=True), key=lambda pair: pair[0])[1]


def compare(ours: Receiver, others: dict[str, Receiver], orders: Connection, batch: int) -> dict[str, float]:
    """Ratios ours / other for single floats, all in turns; prints them and the bundles beside."""
    ratios: dict[str, float] = {}
    for together, title in ((1, "single floats"), (10, "floats in bundles of ten")):
        rates: dict[str, list[float]] = {"ours": [], **{name: [] for name in others}}
        for _ in range(TURNS):
            for name, receiver in {"ours": ours, **others}.items():
                rates[name].append(turn(receiver, orders, together, batch))
        print(f"{title}, medians of {TURNS} turns:")
        for name, measured in rates.items():
            ratio = statistics.median(a / b for a, b in zip(rates["ours"], measured, strict=True))
            print(f"  {name:42} {statistics.median(measured):10,.0f} /s   ours is {ratio:.2f} times that")
            if together == 1:
                ratios[name] = ratio
    return ratios


def main() -> None:
    context = multiprocessing.get_context("spawn")
    orders, theirs = context.Pipe()
    sender = context.Process(target=send, args=(theirs,), daemon=True)
    sender.start()
    theirs.close()
    batch = filling()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {batch} datagrams a filling")
    print("single floats, each server:")
    others: dict[str, Receiver] = {}
    libraries: dict[str, list[type[Any]]] = {
        "python-osc": [PythonOscAsyncio, PythonOscBlocking],
        "pyliblo": [LibloRecv, LibloThread] if liblo is not None else [],
    }
    for library, kinds in libraries.items():
        for each in (True, False) if kinds else ():
            server = best(kinds, each, orders, batch)
            others[f"{library}{'' if each else ', no dispatch'}"] = server
    ratios = compare(Ours(), others, orders, batch)
    orders.send(None)
    sender.join()
    for library in libraries:
        measured = f"{ratios[library]:.2f}" if library in ratios else "not measured"
        print(f"figure osc_vs_{library.replace('-', '_')} {measured}")


if __name__ == "__main__":
    main()
