import asyncio
import logging
import socket
import struct
import subprocess
import sys
import time

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import build_msg
from pythonosc.udp_client import SimpleUDPClient

from installation.clock import HandClock
from installation.errors import PortError
from installation.ports import osc_socket
from installation.ports.osc import TURN_DATAGRAMS, OscPort

PATIENCE = 20


class Stage:
    """An open port and what it gave. `turns` are the lists of signals as they were emitted."""

    def __init__(self, **options):
        self.clock = HandClock(3.0)
        self.turns = []
        self.port = OscPort(self._emit, self.clock, self._clean, **{"listen": "127.0.0.1:0", **options})
        self._news = asyncio.Event()

    def _emit(self, signals):
        self.turns.append(signals)
        self._news.set()

    @staticmethod
    def _clean(text):
        return None if text == "rude" else text

    @property
    def signals(self):
        return [signal for turn in self.turns for signal in turn]

    async def until(self, address):
        await self.until_true(lambda: any(signal.address == address for signal in self.signals))

    async def until_true(self, true):
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def __aenter__(self):
        await self.port.start()
        self.client = SimpleUDPClient(*self.port.where)
        return self

    async def __aexit__(self, *_):
        self.client._sock.close()
        await self.port.stop()


def play(scene, loop=asyncio.SelectorEventLoop):
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(scene())


class WithoutReaders(asyncio.SelectorEventLoop):
    """As the Proactor loop of Windows is: it watches no sockets of others."""

    def add_reader(self, *_):
        raise NotImplementedError


loops = pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, WithoutReaders])


@loops
def test_what_python_osc_sends_comes_in(loop):
    async def scene():
        async with Stage() as stage:
            stage.client.send_message("/room/presence", 0.5)
            stage.client.send_message("/say", ["hello", 3, True])
            stage.client.send_message("/say", ["rude"])
            stage.client.send_message("/end", [])
            await stage.until("/end")

            first, second, end = stage.signals
            assert (first.at, first.source, first.address, first.values) == (
                3.0,
                "osc",
                "/room/presence",
                (0.5,),
            )
            assert first.sender == f"127.0.0.1:{stage.client._sock.getsockname()[1]}"
            assert not first.private
            assert second.values == ("hello", 3, True)
            assert second.private
            assert end.values == ()
            assert stage.port.state().received == 3
            assert stage.port.counts == {"text": 1}

    play(scene, loop)


@loops
def test_a_bundle_is_never_divided_and_what_waits_comes_together(loop):
    builder = OscBundleBuilder(IMMEDIATELY)
    for k in range(1_000):
        builder.add_content(build_msg(f"/chan{k}", [float(k)]))

    async def scene():
        async with Stage() as stage:
            stage.client.send(builder.build())
            await stage.until("/chan999")

            assert [signal.values for signal in stage.turns[0]] == [(float(k),) for k in range(1_000)]

    play(scene, loop)


def test_oscsend_of_liblo_comes_in(program):
    oscsend = program("oscsend")

    async def scene():
        async with Stage(addresses=["/room/presence", "/room/touch"]) as stage:
            host, port = stage.port.where
            words = ["/room/*", "ifsTFNIhdc", "7", "0.25", "the tide", "99", "1.5", "x"]
            sending = await asyncio.create_subprocess_exec(oscsend, host, str(port), *words)
            assert await sending.wait() == 0
            await stage.until("/room/touch")

            values = (7, 0.25, "the tide", True, False, False, True, 99, 1.5, "x")
            assert [(each.address, each.values) for each in stage.signals] == [
                ("/room/presence", values),
                ("/room/touch", values),
            ]

    play(scene)


def test_ipv6():
    async def scene():
        async with Stage(listen="[::1]:0") as stage:
            stage.client.send_message("/six", 6)
            await stage.until("/six")

            assert stage.signals[0].sender.startswith("[::1]:")
            assert stage.port.state().detail.startswith("[::1]:")

    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    play(scene)


freezing = {
    "an element of negative size": b"#bundle\0" + struct.pack(">Qi", 1, -4) + build_msg("/a", [1]).dgram,
    "an element of no size": b"#bundle\0" + struct.pack(">Qi", 1, 0) + build_msg("/a", [1]).dgram,
    "stars": build_msg("/" + "*" * 60 + "x", [1]).dgram,
    "alternatives": build_msg("/" + "{a,a}" * 40 + "x", [1]).dgram,
    "a time tag in the future": b"#bundle\0"
    + struct.pack(">Qi", (2**32 - 1) << 32, 16)
    + build_msg("/far", [1]).dgram.ljust(16, b"\0"),
}


@pytest.mark.parametrize("name", freezing)
def test_packets_that_froze_the_default_server_of_python_osc(name):
    async def scene():
        async with Stage(addresses=["/" + "a" * 100, "/end"]) as stage:
            began = time.perf_counter()
            stage.client._sock.sendto(freezing[name], stage.port.where)
            stage.client.send_message("/end", 1)
            await stage.until("/end")
            assert time.perf_counter() - began < 5  # python-osc: for ever, or until 2036

    play(scene)


def test_hostile_packets_are_counted_and_logged_once(caplog):
    async def scene():
        async with Stage() as stage:
            for _ in range(50):
                stage.client._sock.sendto(b"GET / HTTP/1.1\r\n\r\n", stage.port.where)
            stage.client.send_message("/end", 1)
            await stage.until("/end")
            stage.clock.set(9.0)
            stage.client._sock.sendto(b"/\x1b]0;gotcha\x07\0\0\0\0", stage.port.where)
            stage.client.send_message("/after", 1)
            await stage.until("/after")

            assert stage.port.counts == {"malformed": 51}
            assert stage.port.state().dropped == 51
            assert "51 malformed" in stage.port.state().detail

    with caplog.at_level(logging.WARNING):
        play(scene)
    assert len(caplog.records) == 2
    assert "50 more" in caplog.text
    assert "gotcha" not in caplog.text


def test_a_flood_is_drained_in_turns_and_what_the_kernel_lost_is_counted():
    if sys.platform != "linux":
        pytest.skip("only Linux tells what it lost")

    async def scene():
        async with Stage() as stage:
            datagram = build_msg("/flood", [0.5]).dgram
            for _ in range(20_000):  # before the loop can take any of them
                stage.client._sock.sendto(datagram, stage.port.where)
            await stage.until_true(lambda: stage.port.state().received + stage.port.state().dropped == 20_000)
            stage.client.send_message("/end", 1)
            await stage.until("/end")

            state = stage.port.state()
            assert state.received + state.dropped == 20_001
            assert stage.port.counts["lost"] == state.dropped > 0
            assert max(map(len, stage.turns)) <= TURN_DATAGRAMS

    play(scene)


def test_the_kernel_was_asked_for_a_large_buffer():
    async def scene():
        async with Stage() as stage:
            detail = stage.port.state().detail
            granted = osc_socket.granted(stage.port._socket)

            assert f"{granted >> 10} KiB" in detail
            assert granted >= 64 << 10
            assert ("asked for" in detail) == (granted < osc_socket.BUFFER)

    play(scene)


def test_senders_not_on_the_list_are_counted():
    async def scene():
        async with Stage(allow=["10.0.0.7"]) as stage:
            heard = []
            for host in ("10.0.0.7", "10.0.0.8", "127.0.0.1"):
                stage.port.take(build_msg("/a", [1]).dgram, (host, 5), 0.0, heard)

            assert [signal.sender for signal in heard] == ["10.0.0.7:5", "127.0.0.1:5"]
            assert stage.port.counts == {"not allowed": 1}

    play(scene)


def test_a_sender_beyond_this_machine_is_slowed_to_its_rate_and_no_other():
    async def scene():
        async with Stage(rate=100) as stage:
            heard = []
            number, text = build_msg("/a", [1]).dgram, build_msg("/a", "x" * 1_000).dgram
            for where, datagram in (
                (("10.0.0.7", 5), number),
                (("10.0.0.8", 5), text),
                (("127.0.0.1", 5), number),
            ):
                for _ in range(1_000):
                    stage.port.take(datagram, where, 0.0, heard)

            count = [sum(each.sender == sender for each in heard) for sender in ("10.0.0.7:5", "10.0.0.8:5")]
            assert count == [100, 50]  # a packet of a thousand bytes costs two
            assert sum(each.sender == "127.0.0.1:5" for each in heard) == 1_000
            assert stage.port.counts == {"too fast": 900 + 950}

    play(scene)


def test_a_taken_port_is_told_with_what_to_do():
    async def scene():
        async with Stage() as stage:
            host, port = stage.port.where
            other = Stage(listen=f"{host}:{port}")
            with pytest.raises(PortError, match=rf"port {port} on {host} is taken.*{port + 1}"):
                await other.port.start()
            assert other.port.state().state == "closed"

    play(scene)


@pytest.mark.parametrize("host", ["203.0.113.7", "x" * 70])
def test_an_address_that_is_not_ours_is_told(host):
    async def scene():
        with pytest.raises(PortError, match=rf"on {host} .*127\.0\.0\.1 for itself"):
            await Stage(listen=f"{host}:57250").port.start()

    play(scene)


@loops
def test_closed_and_opened_again_on_the_same_port(loop):
    async def scene():
        async with Stage() as stage:
            host, port = stage.port.where
            assert stage.port.state().state == "open"
        await asyncio.sleep(0)
        assert stage.port.state().state == "closed"
        async with Stage(listen=f"{host}:{port}") as again:
            again.client.send_message("/again", 1)
            await again.until("/again")

    play(scene, loop)


def test_it_says_when_it_is_open_to_the_network():
    async def scene():
        async with Stage(listen="0.0.0.0:0") as stage:
            assert "open to the network" in stage.port.state().detail
        async with Stage() as stage:
            assert "this machine only" in stage.port.state().detail

    play(scene)


def test_what_we_send_is_read_by_oscdump_of_liblo(program):
    oscdump = program("oscdump")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def scene():
        async with Stage(targets={"max": f"127.0.0.1:{port}"}) as stage:
            reading = await asyncio.create_subprocess_exec(
                oscdump, "-L", str(port), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            line = b""
            while not line:  # until it listens
                stage.port.send("max", "/lamp/3", [0.5, 7, "on"])
                try:
                    line = await asyncio.wait_for(reading.stdout.readline(), 0.1)
                except TimeoutError:
                    assert reading.returncode is None
            reading.terminate()
            await reading.communicate()
            assert line.split(maxsplit=1)[1].strip() == b'/lamp/3 fis 0.500000 7 "on"'

    play(scene)
