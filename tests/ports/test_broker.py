"""Our own broker: found, started, shot, and gone when we are, against real programs."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from installation.errors import PortError
from installation.ports import broker
from installation.ports.broker import HERE, BrokerAddress, LocalBroker, answers, free_port


@pytest.mark.parametrize(
    ("text", "host", "port", "tls"),
    [
        ("gallery", "gallery", 1883, False),
        ("10.0.0.7:1884", "10.0.0.7", 1884, False),
        ("mqtt://gallery", "gallery", 1883, False),
        ("mqtts://gallery.example/", "gallery.example", 8883, True),
        ("mqtts://[::1]:9883", "::1", 9883, True),
    ],
)
def test_an_address_is_read(text, host, port, tls):
    assert BrokerAddress.parse(text, {}) == BrokerAddress(host, port, tls)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mqtt://me:secret@gallery", "password has no place"),
        ("http://gallery", "write local, host:port or mqtts://host:port"),
        ("gallery:70000", "write host:port"),
        ("gallery:port", "write host:port"),
        ("mqtt://gallery/topic", "write local, host:port"),
        ("", "write local, host:port"),
    ],
)
def test_a_wrong_address_says_what_is_right(text, says):
    with pytest.raises(PortError, match=says):
        BrokerAddress.parse(text, {})


def test_secrets_come_from_the_environment_and_are_not_shown():
    named = {"USERNAME": "wall", "PASSWORD": "tide", "CAFILE": "ca.pem"}
    address = BrokerAddress.parse("mqtts://gallery", {f"INSTALLATION_MQTT_{k}": v for k, v in named.items()})
    assert (address.username, address.password, address.cafile) == ("wall", "tide", "ca.pem")
    assert "tide" not in repr(address)
    assert "tide" not in str(address)
    assert not address.exposes_password
    assert BrokerAddress("gallery", password="tide").exposes_password  # noqa: S106
    assert not BrokerAddress("127.0.0.1", password="tide").exposes_password  # noqa: S106


def alive(pid):
    """Whether a process runs; a zombie that nobody has buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, within=10.0):
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


async def until(true, within=10.0):
    for _ in range(int(within / 0.005)):
        if true():
            return
        await asyncio.sleep(0.005)  # a foreign process tells nobody
    pytest.fail("it did not happen")


def ours(**options):
    return LocalBroker(existing=None, preferred=0, backoff=(0.01, 0.05), **options)


def test_mosquitto_is_started_restarted_when_shot_and_ended(program):
    program("mosquitto")

    async def play():
        local = ours(kinds=("mosquitto",))
        address = await local.start()
        first = local.pid
        assert address.host == HERE
        assert await answers(HERE, address.port)
        assert local.state().state == "open"
        os.kill(first, signal.SIGKILL)
        await until(lambda: local.pid not in {0, first} and local.state().state == "open")
        assert await answers(HERE, address.port)
        assert "restarted 1 times" in local.state().detail
        second = local.pid
        os.kill(second, signal.SIGSTOP)  # even one that does not hear us is ended
        await local.stop()
        assert not alive(second)
        assert not await answers(HERE, address.port)
        assert local.state().state == "closed"

    asyncio.run(play())


def test_a_broker_that_answers_is_taken_and_left_alone(program):
    program("mosquitto")

    async def play():
        first = ours(kinds=("mosquitto",))
        address = await first.start()
        second = LocalBroker(existing=(HERE, address.port), kinds=())
        assert await second.start() == address
        assert second.pid == 0
        assert second.state().detail == f"found on 127.0.0.1:{address.port}"
        await second.stop()
        assert await answers(HERE, address.port)
        await first.stop()

    asyncio.run(play())


def test_what_listens_but_is_no_broker_is_not_taken():
    async def play():
        server = await asyncio.start_server(lambda _, writer: writer.close(), HERE, 0)
        port = server.sockets[0].getsockname()[1]
        assert not await answers(HERE, port)
        with pytest.raises(PortError, match="install mosquitto"):
            await LocalBroker(existing=(HERE, port), kinds=()).start()
        server.close()
        await server.wait_closed()

    asyncio.run(play())


def test_a_taken_port_is_passed_over():
    async def play():
        server = await asyncio.start_server(lambda _, writer: writer.close(), HERE, 0)
        taken = server.sockets[0].getsockname()[1]
        assert free_port(taken) != taken
        server.close()
        await server.wait_closed()
        assert free_port(taken) == taken

    asyncio.run(play())


def test_system_folders_are_searched_too(tmp_path, monkeypatch):
    assert broker.program("no-such-program") is None
    tool = tmp_path / "sea-broker"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setattr(broker, "ELSEWHERE", (str(tmp_path),))
    assert broker.program("sea-broker") == str(tool)


SHOW = """
import asyncio, sys, threading
from installation.ports.broker import LocalBroker
async def play():
    local = LocalBroker(existing=None, preferred=0)
    address = await local.start()
    print(local.pid, address.port, flush=True)
    await asyncio.sleep(600)
thread = threading.Thread(target=asyncio.run, args=(play(),))
thread.start()
thread.join()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
def test_the_broker_ends_when_we_are_killed(program, tmp_path, stopped):
    program("mosquitto")
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", SHOW], stdout=subprocess.PIPE, env=environment) as show:
        pid, _ = map(int, show.stdout.readline().split())
        assert alive(pid)
        assert list(tmp_path.iterdir())
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        show.kill()
    wait_until(lambda: not alive(pid))
    wait_until(lambda: not list(tmp_path.iterdir()))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux ends the children of a guard")
def test_a_command_ends_when_its_guard_is_killed(tmp_path):
    command = [sys.executable, "-I", "-S", str(broker.GUARD), str(tmp_path / "none"), "sleep", "600"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guard:
        pid = int(guard.stdout.readline())
        assert alive(pid)
        guard.kill()
    wait_until(lambda: not alive(pid))


def test_amqtt_takes_its_place_in_a_process_of_its_own():
    if importlib.util.find_spec("amqtt") is None:
        pytest.skip("amqtt is not installed")

    async def play():
        local = ours(kinds=("amqtt",), patience=30)
        address = await local.start()
        pid = local.pid
        assert await answers(HERE, address.port)
        assert local.state().detail == f"amqtt on 127.0.0.1:{address.port}"
        assert "amqtt" not in sys.modules
        await local.stop()
        assert not alive(pid)

    asyncio.run(play())
