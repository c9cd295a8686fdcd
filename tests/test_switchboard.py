"""The ports of one show, really open: what is heard, sent and told of them."""

import asyncio
import socket
from dataclasses import replace

import pytest
from evening import PATIENCE, free_port, tell, write_show
from pythonosc.osc_message import OscMessage

from installation.catalogue import CATALOGUE
from installation.clock import LiveClock
from installation.errors import PortError
from installation.messages import Action, Status
from installation.show import check
from installation.switchboard import Switchboard, osc_addresses, subscriptions


def read(folder, *changes, venue=""):
    return write_show(folder, *changes, venue=venue), check.read(folder, CATALOGUE)


def playing(show, play):
    """Run `play(switchboard, heard)` with the ports open; `heard` is a queue of lists of signals."""

    async def evening():
        heard = asyncio.Queue()
        switchboard = Switchboard(show, LiveClock(), heard.put_nowait, str)
        await switchboard.open()
        try:
            await asyncio.wait_for(play(switchboard, heard), PATIENCE)
        finally:
            await switchboard.close()
        return switchboard

    return asyncio.run(evening())


@pytest.fixture
def listener():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(PATIENCE)
        yield opened


def received(listener):
    message = OscMessage(listener.recv(4096))
    return message.address, *message.params


def test_a_datagram_is_heard_and_a_pattern_means_what_the_show_knows(tmp_path):
    port, show = read(tmp_path)

    async def play(_, heard):
        tell(port, "/x", 0.5)
        (signal,) = await heard.get()
        assert (signal.source, signal.address, signal.values) == ("osc", "/x", (0.5,))
        tell(port, "/installation/layer/*/rise", 1.0)
        assert [signal.address for signal in await heard.get()] == ["/installation/layer/ghosts/rise"]

    playing(show, play)


def test_an_edit_is_listened_to(tmp_path):
    port, show = read(tmp_path)
    _, edited = read(tmp_path, ("osc /x", "osc /room/x"))
    edited = edited.model_copy(update={"venue": show.venue})

    async def play(switchboard, heard):
        switchboard.retune(edited)
        tell(port, "/room/*", 0.5)
        assert [signal.address for signal in await heard.get()] == ["/room/x"]

    playing(show, play)


def test_actions_go_to_one_target_or_all_and_changes_are_echoed_once(tmp_path, listener):
    host, place = listener.getsockname()
    _, show = read(tmp_path, venue=f"send: {{light: '{host}:{place}'}}\n")

    async def play(switchboard, _):
        switchboard.send(Action(0.0, "osc:light:/dim", (0.5, "slow")))
        assert await asyncio.to_thread(received, listener) == ("/dim", 0.5, "slow")
        switchboard.send(Action(0.0, "osc:/all", (1.0,)))
        assert await asyncio.to_thread(received, listener) == ("/all", 1.0)
        status = Status(0.0, scene="a", standby="go")
        switchboard.echo(status)
        switchboard.echo(status)
        switchboard.echo(replace(status, scene="b"))
        echoed = [await asyncio.to_thread(received, listener) for _ in range(3)]
        assert echoed == [
            ("/installation/state/scene", "a"),
            ("/installation/state/standby", "go"),
            ("/installation/state/scene", "b"),
        ]
        switchboard.send(Action(0.0, "mqtt:wall/light", (1.0,)))  # no broker: it goes nowhere, quietly
        switchboard.send(Action(0.0, "osc:nobody:/dim", (1.0,)))

    assert [state.state for state in playing(show, play).states()] == ["closed"]


def test_a_taken_port_is_named(tmp_path):
    port, show = read(tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        with pytest.raises(PortError, match=str(port)):
            playing(show, None)


def test_a_broker_of_our_own_is_told_and_ended(tmp_path, program):
    program("mosquitto")
    port, show = read(
        tmp_path, ("[osc /x, mouse y]", "[osc /x, mqtt room/x level]"), venue="broker: local\nwall: east\n"
    )
    assert ("room/x", "level", "value") in subscriptions(show)

    async def play(switchboard, heard):
        await switchboard.mqtt.opened()
        switchboard.send(Action(0.0, "mqtt:room/x", ('{"level": 0.75}',)))
        (signal,) = await heard.get()
        assert (signal.source, signal.address, signal.values) == ("mqtt", "room/x level", (0.75,))
        switchboard.send(Action(0.0, "mqtt:installation/east/go", ("",)))
        (signal,) = await heard.get()
        assert signal.address == "/installation/go"
        assert [state.name for state in switchboard.states()] == ["osc", "broker", "mqtt"]
        assert {state.state for state in switchboard.states()} == {"open"}
        tell(port, "/x", 0.5)
        assert (await heard.get())[0].source == "osc"

    playing(show, play)


def test_a_broker_that_is_not_there_does_not_hold_up_the_show(tmp_path):
    port, show = read(tmp_path, venue=f"broker: 127.0.0.1:{free_port()}\n")

    async def play(switchboard, heard):
        assert switchboard.mqtt.state().state != "open"
        tell(port, "/x", 0.5)
        assert await heard.get()

    playing(show, play)


def test_only_what_is_live_has_an_address(tmp_path):
    _, show = read(tmp_path)
    addresses = osc_addresses(show)
    assert {"/x", "/say", "/installation/go", "/installation/layer/ghosts/rise"} <= set(addresses)
    assert "/installation/voice/voice/temperature" in addresses
    assert "/installation/voice/voice/model" not in addresses
