"""The MQTT port against a real mosquitto: killed, stopped, brought back, and lied to."""

import asyncio
import contextlib
import functools
import getpass
import logging
import os
import signal
import socket
import subprocess
from random import Random

import pytest

from installation.clock import LiveClock
from installation.errors import PortError
from installation.filter import Filter
from installation.ports.broker import HERE, BrokerAddress, answers, free_port
from installation.ports.mqtt import MqttPort
from installation.ports.mqtt_identity import identifier

CLEAN = Filter().clean


class Mosquitto:
    """A broker of the test's own on one port, to be treated badly."""

    def __init__(self, path, folder, more="allow_anonymous true", listener=""):
        self.port = free_port()
        self.path, self.process = path, None
        self.file = folder / f"mosquitto-{self.port}.conf"
        # started as root it would become somebody who cannot read the test's files
        more += f"\nuser {getpass.getuser()}"
        self.file.write_text(f"listener {self.port} {HERE}\n{listener}\n{more}\npersistence false\n")

    def start(self):
        out = subprocess.DEVNULL
        self.process = subprocess.Popen([self.path, "-c", str(self.file)], stdout=out, stderr=out)

    def send(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def mosquitto(program, tmp_path):
    made = []
    for name in ("mosquitto_pub", "mosquitto_sub"):
        program(name)

    def make(**options):
        made.append(Mosquitto(program("mosquitto"), tmp_path, **options))
        return made[-1]

    yield make
    for broker in made:
        broker.kill()


class Wall:
    """A port and what it emitted."""

    def __init__(self, broker, **options):
        self.signals, self.came = [], asyncio.Event()
        options = {"keepalive": 1, "backoff": (0.01, 0.1), "timeout": 1.0, "randomness": Random(1)} | options
        address = broker if isinstance(broker, BrokerAddress) else BrokerAddress(HERE, broker.port)
        self.port = MqttPort(
            self._emit, LiveClock(), CLEAN, broker=address, on_change=lambda _: self.came.set(), **options
        )

    def _emit(self, signals):
        assert signals
        self.signals += signals
        self.came.set()

    async def until(self, true):
        async with asyncio.timeout(15):
            while not true():
                self.came.clear()
                await self.came.wait()

    async def heard(self, address, count=1):
        await self.until(lambda: sum(s.address == address for s in self.signals) >= count)
        return [s for s in self.signals if s.address == address]


@contextlib.asynccontextmanager
async def wall(broker, **options):
    there = Wall(broker, **options)
    await there.port.start()
    try:
        yield there
    finally:
        await there.port.stop()


async def opened(there):
    async with asyncio.timeout(15):
        await there.port.opened()


async def lost(there):
    await there.until(lambda: there.port.state().state == "lost")


async def shell(*command, text=None):
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(15):
        out, _ = await process.communicate(text)
    assert process.returncode == 0
    return out.decode()


async def say(broker, topic, message, *more):
    """Somebody else's client publishes."""
    text = message if isinstance(message, bytes) else message.encode()
    read = "-s" if text else "-n"
    await shell("mosquitto_pub", "-h", HERE, "-p", broker.port, "-t", topic, read, *more, text=text)


async def hears(broker, topic, count=1, *more):
    """What somebody else's client is told."""
    return (
        await shell("mosquitto_sub", "-h", HERE, "-p", broker.port, "-t", topic, "-C", count, "-W", 10, *more)
    ).splitlines()


async def up(broker):
    broker.start()
    for _ in range(1500):
        if await answers(HERE, broker.port):
            return
        await asyncio.sleep(0.01)  # a foreign program tells nobody when it listens
    pytest.fail("mosquitto does not answer")


def played(scene):
    """A test that is a coroutine."""

    @functools.wraps(scene)
    def play(**fixtures):
        asyncio.run(asyncio.wait_for(scene(**fixtures), 60))

    return play


@played
async def test_signals_come_from_a_client_that_is_not_ours(mosquitto):
    broker = mosquitto()
    await up(broker)
    topics = [("harbour/tide", None), ("harbour/station", "level.now"), ("audience/say", None, "text")]
    async with wall(broker, subscriptions=topics, wall="north") as there:
        await opened(there)
        await say(broker, "harbour/tide", "2.5")
        await say(broker, "harbour/station", '{"level": {"now": 3}}')
        await say(broker, "audience/say", "I come from the sea\u200b")
        await say(broker, "installation/north/go", "")
        await say(broker, "installation/north/scene", "flood", "-q", "2")
        await there.heard("/installation/scene")
        told = [(s.source, s.address, s.values, s.private, s.retained) for s in there.signals]
        assert told == [
            ("mqtt", "harbour/tide", (2.5,), False, False),
            ("mqtt", "harbour/station level.now", (3.0,), False, False),
            ("mqtt", "audience/say", ("I come from the sea",), True, False),
            ("mqtt", "/installation/go", (), False, False),
            ("mqtt", "/installation/scene", ("flood",), False, False),
        ]
        assert there.signals[0].sender == f"{HERE}:{broker.port}"
        assert 0 < there.signals[0].at <= there.signals[-1].at
        state = there.port.state()
        assert (state.name, state.state, state.received, state.dropped) == ("mqtt", "open", 5, 0)
    assert there.port.state().state == "closed"


@played
async def test_the_shot_broker_comes_back_and_what_it_forgot_is_told_again(mosquitto):
    broker = mosquitto()
    await up(broker)
    async with wall(broker, subscriptions=[("tide", None)], wall="north") as there:
        await opened(there)
        there.port.publish("installation/north/status", {"scene": "ebb"}, retain=True)
        assert await hears(broker, "installation/north/status") == ['{"scene":"ebb"}']
        broker.send(signal.SIGKILL)
        await lost(there)
        assert "127.0.0.1" in there.port.state().detail
        broker.kill()
        await up(broker)
        await opened(there)
        await say(broker, "tide", "1.5")
        assert (await there.heard("tide"))[0].values == (1.5,)
        assert await hears(broker, "installation/north/status") == ['{"scene":"ebb"}']
        assert await hears(broker, "installation/north/online") == ["online"]


@played
async def test_a_half_open_connection_is_noticed_and_replaced(mosquitto):
    broker = mosquitto()
    await up(broker)
    async with wall(broker, subscriptions=[("tide", None)], wall="north", timeout=10) as there:
        await opened(there)
        assert await hears(broker, "installation/north/online") == ["online"]  # nothing is under way
        broker.send(signal.SIGSTOP)  # the kernel still holds the connection: only silence tells
        await lost(there)
        broker.send(signal.SIGCONT)
        await opened(there)
        await say(broker, "tide", "7")
        assert (await there.heard("tide"))[0].values == (7.0,)


@played
async def test_a_go_published_while_we_were_away_does_not_fire(mosquitto):
    broker = mosquitto()
    await up(broker)
    away = BrokerAddress(HERE, broker.port)
    async with wall(away, wall="north") as before:
        await opened(before)
        await say(broker, "installation/north/go", "before", "-q", "1")
        await before.heard("/installation/go")
    await say(broker, "installation/north/go", "away", "-q", "1")
    async with wall(away, wall="north") as after:
        await opened(after)
        await say(broker, "installation/north/go", "after", "-q", "1")
        assert [s.values for s in await after.heard("/installation/go")] == [("after",)]


@played
async def test_a_go_published_while_the_line_was_cut_does_not_fire(mosquitto):
    """The broker lives on and believes in us; only our line is cut, then joined again."""
    broker = mosquitto()
    await up(broker)
    line = Line(broker.port)
    await line.join()
    async with wall(BrokerAddress(HERE, line.port), wall="north") as there:
        await opened(there)
        await line.cut()
        await lost(there)
        await say(broker, "installation/north/go", "away", "-q", "1")
        await line.join()
        await opened(there)
        await say(broker, "installation/north/go", "back", "-q", "1")
        assert [s.values for s in await there.heard("/installation/go")] == [("back",)]
    await line.cut()


class Line:
    """A cable between us and the broker that can be cut: a small TCP relay."""

    def __init__(self, to):
        self.to, self.port = to, free_port()
        self.server, self.ends = None, set()

    async def join(self):
        self.server = await asyncio.start_server(self._relay, HERE, self.port)

    async def _relay(self, reader, writer):
        onward, back = await asyncio.open_connection(HERE, self.to)
        self.ends |= {writer, back}

        async def carry(source, sink):
            with contextlib.suppress(OSError):
                while data := await source.read(4096):
                    sink.write(data)
            sink.close()

        await asyncio.gather(carry(reader, back), carry(onward, writer))

    async def cut(self):
        self.server.close()
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()
        await self.server.wait_closed()


@played
async def test_what_was_retained_is_marked(mosquitto):
    broker = mosquitto()
    await up(broker)
    await say(broker, "tide", "1", "-r")
    await say(broker, "installation/north/go", "1", "-r")
    async with wall(broker, subscriptions=[("tide", None)], wall="north") as there:
        await there.heard("tide")
        await there.heard("/installation/go")
        assert all(s.retained for s in there.signals)
        await say(broker, "tide", "2", "-r")
        assert [s.retained for s in await there.heard("tide", 2)] == [True, False]


@played
async def test_the_last_will_and_the_farewell_say_offline(mosquitto):
    broker = mosquitto()
    await up(broker)
    await say(broker, "installation/north/online", "nobody yet", "-r")
    follower = await asyncio.create_subprocess_exec(
        "mosquitto_sub", "-h", HERE, "-p", str(broker.port), "-t", "installation/north/online", "-C", "5", "-W", "20",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    line = Line(broker.port)
    await line.join()

    async def told():
        return (await follower.stdout.readline()).decode().strip()

    assert await told() == "nobody yet"
    async with wall(BrokerAddress(HERE, line.port), wall="north"):
        assert await told() == "online"
        await line.cut()
        assert await told() == "offline"
        await line.join()
        assert await told() == "online"
    assert await told() == "offline"
    assert await hears(broker, "installation/north/online") == ["offline"]  # retained
    await follower.wait()
    await line.cut()


@played
async def test_two_walls_do_not_evict_each_other(mosquitto):
    broker = mosquitto()
    await up(broker)
    async with wall(broker, wall="north") as north, wall(broker, wall="south") as south:
        await opened(north)
        await opened(south)
        for n in range(3):
            await say(broker, "installation/north/go", str(n))
            await say(broker, "installation/south/go", str(n + 10))
        assert [s.values for s in await north.heard("/installation/go", 3)] == [(0.0,), (1.0,), (2.0,)]
        assert [s.values for s in await south.heard("/installation/go", 3)] == [(10.0,), (11.0,), (12.0,)]
        assert {north.port.state().state, south.port.state().state} == {"open"}


def test_every_wall_venue_and_machine_has_its_own_name():
    names = [
        ("", "n", "a"),
        ("v", "n", "a"),
        ("v", "s", "a"),
        ("v", "s", "b"),
        ("v s", "", "b"),
        ("v", "s b", ""),
    ]
    assert len({identifier(*name) for name in names}) == len(names)
    assert identifier("Halle 14", "Nordwand", "büro.local").startswith(
        "installation-halle-14-nordwand-b-ro-local-"
    )


@played
async def test_hostile_payloads_are_counted_and_told_once(mosquitto, caplog):
    broker = mosquitto()
    await up(broker)
    topics = [("tide", None, "value"), ("json", "a.b"), ("say", None, "text")]
    async with wall(broker, subscriptions=topics) as there:
        await opened(there)
        with caplog.at_level(logging.WARNING, "installation.ports.mqtt"):
            for _ in range(3):
                await say(broker, "say", b"\xff\xfe")
                await say(broker, "tide", "NaN")
            await say(broker, "say", b"a" * 1_000_000)
            await say(broker, "json", b"[" * 50_000)
            await say(broker, "say", "fuck the sea")
            await say(broker, "say", "the sea")
            await there.heard("say")
        assert [s.values for s in there.signals] == [("the sea",)]
        assert there.port.state().dropped == 9
        told = there.port.state().detail
        for kind in ("3 not text", "3 not a number", "1 too long", "1 malformed", "1 text"):
            assert kind in told
        kinds = [record.getMessage().split(",")[0] for record in caplog.records]
        assert sorted(kinds) == sorted(set(kinds))
        assert "fuck" not in caplog.text


@played
async def test_values_are_coalesced_and_events_are_not(mosquitto):
    broker = mosquitto()
    await up(broker)
    async with wall(broker, subscriptions=[("tide", None, "value"), ("touch", None, "event")]) as there:
        await opened(there)
        sender = Wall(broker, wall="sender")
        await sender.port.start()
        await opened(sender)
        for n in range(100):
            sender.port.publish("tide", (float(n),), qos=0)
            sender.port.publish("touch", (float(n),), qos=0)
        touches = await there.heard("touch", 100)
        assert [s.values[0] for s in touches] == list(range(100))
        await there.until(lambda: any(s.address == "tide" and s.values == (99.0,) for s in there.signals))
        tides = [s.values[0] for s in there.signals if s.address == "tide"]
        assert tides == sorted(set(tides))
        await sender.port.stop()


@played
async def test_sending_to_nobody_neither_waits_nor_fires_later(mosquitto):
    broker = mosquitto()
    async with wall(broker, wall="north") as there:
        for n in range(300):
            there.port.publish("light/cue", (n,))
        assert there.port.state().dropped == 300 - 256
        there.port.publish("light/+", (1,))
        there.port.publish("light", (float("nan"),))
        there.port.publish("x" * 70_000, (1,))
        assert there.port.state().dropped == 300 - 256 + 3
        assert "not sent" in there.port.state().detail


@played
async def test_a_saved_show_listens_to_other_topics(mosquitto):
    broker = mosquitto()
    await up(broker)
    async with wall(broker, subscriptions=[("old", None), ("both", None)]) as there:
        await opened(there)
        there.port.listen_to([("new", None), ("both", "a")])
        await say(broker, "new", "0", "-r")  # arrives now, or as retained when the subscription stands
        await there.heard("new")
        await say(broker, "old", "1")
        await say(broker, "both", '{"a": 2}')
        await there.heard("both a")
        assert {s.address for s in there.signals} == {"new", "both a"}


@played
async def test_a_broker_with_a_password(mosquitto, program, tmp_path):
    secret = tmp_path / "passwords"
    await shell(program("mosquitto_passwd"), "-b", "-c", secret, "wall", "tide")
    broker = mosquitto(more=f"allow_anonymous false\npassword_file {secret}")
    broker.start()
    async with wall(broker) as stranger:
        await stranger.until(lambda: "INSTALLATION_MQTT_USERNAME" in stranger.port.state().detail)
        assert stranger.port.state().state == "lost"
    environment = {"INSTALLATION_MQTT_USERNAME": "wall", "INSTALLATION_MQTT_PASSWORD": "tide"}
    async with wall(BrokerAddress.parse(f"{HERE}:{broker.port}", environment)) as known:
        await opened(known)


@played
async def test_tls_is_spoken_and_a_stranger_s_certificate_refused(mosquitto, program, tmp_path):
    openssl = program("openssl")
    pem, key = tmp_path / "broker.pem", tmp_path / "broker.key"
    subject = ["-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{HERE}"]
    await shell(
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 1,
        *subject, "-keyout", key, "-out", pem,
    )  # fmt: skip
    broker = mosquitto(listener=f"certfile {pem}\nkeyfile {key}")
    broker.start()
    address = f"mqtts://{HERE}:{broker.port}"
    async with wall(BrokerAddress.parse(address, {"INSTALLATION_MQTT_CAFILE": str(pem)}), wall="n") as there:
        await opened(there)
        there.port.publish("installation/n/go", ())
        await there.heard("/installation/go")
    async with wall(BrokerAddress.parse(address, {})) as stranger:
        await stranger.until(lambda: "certificate verify failed" in stranger.port.state().detail)


def test_settings_that_can_never_work_are_said_at_once(tmp_path):
    def make(**options):
        return MqttPort(lambda _: None, LiveClock(), CLEAN, **options)

    with pytest.raises(PortError, match="wall: 'a/b' cannot stand in a topic"):
        make(broker="gallery", wall="a/b")
    with pytest.raises(PortError, match="INSTALLATION_MQTT_CAFILE"):
        make(broker=BrokerAddress("gallery", tls=True, cafile=str(tmp_path / "none.pem")))
    with pytest.raises(PortError, match="is no address"):
        make(broker="http://gallery")


@played
async def test_nobody_there_is_said_once_and_tried_for_ever(caplog):
    with caplog.at_level(logging.WARNING, "installation.ports.mqtt"), socket.socket() as deaf:
        deaf.bind((HERE, 0))  # bound, not listening: every attempt is refused
        async with wall(BrokerAddress(HERE, deaf.getsockname()[1]), backoff=(0.001, 0.002)) as there:
            await lost(there)
            for _ in range(50):  # a server that is never asked sees every attempt
                with contextlib.suppress(OSError):
                    await asyncio.open_connection(*deaf.getsockname())
            assert there.port.state().state == "lost"
    assert len([r for r in caplog.records if "no connection" in r.getMessage()]) == 1


WELCOME = b"\x20\x02\x00\x00"


@pytest.mark.parametrize(
    ("answers_", "says"),
    [
        ([b""], "timed out"),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "timed out"),
        ([b"\x20\x02\x00\x03"], "unavailable"),
        ([WELCOME, b"\x90\x7f" + b"\xff" * 200], ""),
        ([WELCOME, b"\x30\xff\xff\xff\xff\xff"], ""),
        ([WELCOME], ""),
    ],
    ids=["silence", "another protocol", "not now", "a malformed packet", "an endless length", "hanging up"],
)
@played
async def test_whatever_answers_there_we_try_on(answers_, says, caplog):
    visits = asyncio.Semaphore(0)

    async def serve(reader, writer):
        with contextlib.suppress(OSError):
            for answer in answers_:
                if not await reader.read(100):
                    break
                visits.release()
                writer.write(answer)
            await reader.read(100)
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0)
    address = BrokerAddress(HERE, server.sockets[0].getsockname()[1])
    async with wall(address, timeout=0.1, backoff=(0.001, 0.01)) as there:
        for _ in range(3 * len(answers_)):
            async with asyncio.timeout(15):
                await visits.acquire()
        await there.until(lambda: says in there.port.state().detail.lower())
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    server.close()
    await server.wait_closed()
