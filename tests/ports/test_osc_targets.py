import asyncio
import logging
import socket

import pytest

from installation.errors import PortError
from installation.ports.osc_codec import Message, decode
from installation.ports.osc_targets import Targets, build, place
from installation.ports.refusals import Refusals

NOBODY = "x" * 70  # longer than a name may be, so that no name server is asked


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("127.0.0.1:57251", ("127.0.0.1", 57251)),
        ("[::1]:0", ("::1", 0)),
        ("max.local:8000", ("max.local", 8000)),
    ],
)
def test_places(text, wanted):
    assert place(text, "listen") == wanted


@pytest.mark.parametrize(
    "text", ["", "57251", "127.0.0.1", ":57251", "a:-1", "a:65536", "a:1x", "::1:5", "a:"]
)
def test_what_is_not_a_place_is_told_with_what_would_be(text):
    with pytest.raises(PortError, match=r"send: max: .*such as"):
        place(text, "send: max")


def test_arguments_by_type():
    assert decode(build("/a", [0.5, 3, 2**40, True, False, "ä"])) == (
        Message("/a", (0.5, 3, 2**40, True, False, "ä")),
    )
    assert decode(build("/a", [])) == (Message("/a", ()),)


@pytest.mark.parametrize("argument", [2**63, 1e300, "a\0b", "\ud800"])
def test_what_osc_cannot_say(argument):
    with pytest.raises(ValueError, match=r"\w"):
        build("/a", [argument])


@pytest.mark.parametrize("address", ["", "a", "/ä"])
def test_what_is_no_address(address):
    with pytest.raises(ValueError, match="not an OSC address"):
        build(address, [1])


@pytest.fixture
def ears():
    opened = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for each in opened:
        each.bind(("127.0.0.1", 0))
        each.settimeout(10)
    yield opened
    for each in opened:
        each.close()


def test_to_one_to_all_and_past_the_broken_ones(ears, caplog):
    async def scene():
        a, b = (f"127.0.0.1:{each.getsockname()[1]}" for each in ears)
        targets = Targets({"a": a, "lost": f"{NOBODY}:9", "b": b, "none": "127.0.0.1:0"}, refusals)
        await targets.open(0.0)
        targets.send("b", "/only", ["b"], 1.0)
        targets.send(None, "/all", [1.0], 1.0)
        targets.send("c", "/nobody", [], 1.0)
        targets.send("a", "/bad", ["\0"], 1.0)
        targets.send("a", "/too/long", ["x" * 70_000], 1.0)
        targets.send("a", "/last", [], 1.0)
        targets.close()

    refusals = Refusals(logging.getLogger("installation.ports.osc"))
    with caplog.at_level(logging.WARNING):
        asyncio.run(scene())

    assert [decode(ears[0].recv(9999))[0].address for _ in range(2)] == ["/all", "/last"]
    assert [decode(ears[1].recv(9999))[0].address for _ in range(2)] == ["/only", "/all"]
    assert refusals.counts["not sent"] == 5
    assert len(caplog.records) == 1


def test_a_host_by_name_and_rather_by_ipv4(ears):
    async def scene():
        targets = Targets(
            {"a": f"localhost:{ears[0].getsockname()[1]}"},
            Refusals(logging.getLogger("installation.ports.osc")),
        )
        await targets.open(0.0)
        targets.send("a", "/named", [], 0.0)
        targets.close()

    asyncio.run(scene())
    assert decode(ears[0].recv(9999))[0].address == "/named"
