"""What is sent to a show, heard and told live: real datagrams, a real broker, a real terminal."""

import asyncio
import contextlib
import os
import re
import select
import socket
import subprocess
import sys
import time

import pytest
from evening import PATIENCE, free_port, tell, write_show

from installation import cli
from installation.catalogue import CATALOGUE
from installation.clock import HandClock, LiveClock
from installation.earshot import Earshot
from installation.errors import PortError, ShowErrors
from installation.filter import Filter
from installation.ledger import MOST, Ledger
from installation.listen import HEAD, Table, fit, heard_by, plain, row
from installation.messages import Signal
from installation.ports.broker import HERE
from installation.ports.broker import free_port as free_tcp_port
from installation.show import check
from installation.show.schema import Venue
from installation.wiring import Wiring

CLEAN = Filter().clean


@pytest.fixture
def show(tmp_path):
    change = ("  say: {from", "  lux: {from: mqtt room/station light.lux, range: [0, 9]}\n  say: {from")
    write_show(tmp_path, change, venue="wall: north\n")
    return check.read(tmp_path, CATALOGUE)


@pytest.mark.parametrize(
    ("protocol", "address", "moves"),
    [
        ("osc", "/x", "x [0 1] → ghosts.rise, cue up"),
        ("osc", "/say", "say → cue whisper"),
        ("osc", "/xs", "nothing; did you mean /x?"),
        ("osc", "/zzzzzzzzzz", "nothing"),
        ("osc", "/installation/go", "GO"),
        ("osc", "/installation/scene", "scene"),
        ("osc", "/installation/layer/ghosts/rise", "ghosts.rise by hand"),
        ("osc", "/installation/layer/gosts/rise", "nothing; did you mean /installation/layer/ghosts/rise?"),
        ("osc", "/installation/state/scene", "nothing; it is what a show tells"),
        ("mqtt", "room/station light.lux", "lux [0 9] → nothing uses it"),
        ("mqtt", "room/station light.lx", "nothing; did you mean room/station light.lux?"),
        ("mqtt", "installation/nort/go", "nothing; did you mean installation/north/go?"),
        ("osc", "/x" * 9000, "nothing"),
    ],
)
def test_an_address_says_what_it_moves(show, protocol, address, moves):
    assert Wiring(show).moves(protocol, address) == moves


def test_without_a_show_nothing_is_claimed():
    assert Wiring(None).moves("osc", "/x") == ""


def test_a_ledger_keeps_rate_range_and_last():
    ledger = Ledger()
    ledger.take(Signal(n / 50, "osc", "/x", (0.1 * n, "loud"), "me") for n in range(100))
    (entry,) = ledger.entries.values()
    assert 40 < entry.rate(2.0) < 50
    assert entry.rate(60.0) < 0.01
    cells = row(entry, "nothing", 2.0)
    assert cells[:2] == ("osc", "/x")
    assert cells[3:] == ("0..9.9 -", '9.9 "loud"', "me", "nothing")
    ledger.take(Signal(3.0, "osc", f"/{n}") for n in range(MOST + 5))
    assert (len(ledger.entries), ledger.beyond, ledger.heard) == (MOST, 6, 100 + MOST + 5)


def test_no_address_reaches_the_terminal_as_a_command():
    assert plain("/\x1b[2J\u202e") == "/\ufffd[2J\ufffd"
    assert [fit(text, 4) for text in ("海海", "海海海", "ab", "abcde")] == ["海海", "海…", "ab  ", "abc…"]


def listening(earshot, play):
    """Run `play(until)` while it listens; `until` waits for what is to come true."""

    async def evening():
        came = asyncio.Event()
        earshot._told = came.set

        async def until(true):
            while not true():
                await came.wait()
                came.clear()

        await earshot.open()
        try:
            await asyncio.wait_for(play(until), PATIENCE)
        finally:
            await earshot.close()

    asyncio.run(evening())


def test_datagrams_are_heard_and_hostile_ones_counted(show):
    earshot = Earshot(show, show.venue, LiveClock(), CLEAN)
    entries = earshot.ledger.entries

    async def play(until):
        port = earshot.where[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hostile:
            for junk in (b"", b"/x", b"\0" * 64, os.urandom(500), b"#bundle\0" + b"\xff" * 40):
                hostile.sendto(junk, (HERE, port))
        tell(port, "/x", 0.25)
        tell(port, "/x", 0.75)
        tell(port, "/xx/*", 1)
        tell(port, "/installation/layer/*/rise", 2.0)
        await until(lambda: len(entries) == 3)

    listening(earshot, play)
    x = entries["osc", "/x"]
    assert (x.count, x.spans, x.last) == (2, [(0.25, 0.75)], (0.75,))
    assert ("osc", "/xx/*") in entries
    assert ("osc", "/installation/layer/ghosts/rise") in entries
    assert re.search(r"[45] malformed", earshot.lost())


@contextlib.contextmanager
def mosquitto(program, folder):
    port = free_tcp_port()
    file = folder / "mosquitto.conf"
    file.write_text(f"listener {port} {HERE}\nallow_anonymous true\npersistence false\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([program("mosquitto"), "-c", str(file)], **quiet) as broker:
        try:
            end = time.monotonic() + PATIENCE
            while cli.main(["send", "mqtt:before", "0", "--to", f"{HERE}:{port}"]):
                assert time.monotonic() < end, "the broker does not answer"
            yield port
        finally:
            broker.kill()


def test_every_topic_of_a_broker_is_heard(show, program, tmp_path):
    published = [
        ("installation/north/go", ""),
        ("room/station", '{"light": {"lux": 3.5, "x y": 1}, "name": "a"}'),
        ("other/station", '{"light": {"lux": 4, "x y": 1}, "name": "a"}'),
        ("other/bad", "nan"),
        ("room/stations", "7"),
    ]
    with mosquitto(program, tmp_path) as port:
        earshot = Earshot(show, show.venue, LiveClock(), CLEAN, broker=f"{HERE}:{port}")
        entries = earshot.ledger.entries

        async def play(until):
            await until(lambda: earshot.mqtt == f"mqtt {HERE}:{port}")
            for topic, payload in published:
                command = [program("mosquitto_pub"), "-p", str(port), "-t", topic, "-m", payload]
                await (await asyncio.create_subprocess_exec(*command)).wait()
            await until(lambda: ("mqtt", "room/stations") in entries)

        listening(earshot, play)
    told = {address: (entry.last, entry.fault) for (_, address), entry in entries.items()}
    assert told == {
        "installation/north/go": ((), ""),
        "room/station light.lux": ((3.5,), ""),
        "other/station light.lux": ((4.0,), ""),
        "other/station name": (("a",), ""),
        "other/bad": ((), "nan on other/bad"),
        "room/stations": ((7.0,), ""),
    }
    moves = {a: earshot.wiring.moves("mqtt", e.moved) for (_, a), e in entries.items()}
    assert moves["installation/north/go"] == "GO"
    assert moves["room/station light.lux"].startswith("lux")
    assert "did you mean room/station light.lux?" in moves["other/station light.lux"]
    assert earshot.lost() == "1 not a number"


def test_a_guest_says_nothing_of_itself_on_the_broker(show, program, tmp_path):
    with mosquitto(program, tmp_path) as port:
        first, second = (
            Earshot(show, show.venue.model_copy(update={"listen": f"{HERE}:{p}"}), LiveClock(), CLEAN,
                    broker=f"{HERE}:{port}")
            for p in (free_port(), free_port())
        )  # fmt: skip

        async def play(until):
            await until(lambda: first.mqtt == f"mqtt {HERE}:{port}")
            await second.open()
            second._told = first._told
            await until(lambda: second.mqtt == f"mqtt {HERE}:{port}")
            await second.close()
            command = [program("mosquitto_pub"), "-p", str(port), "-t", "last", "-n"]
            await (await asyncio.create_subprocess_exec(*command)).wait()
            await until(lambda: ("mqtt", "last") in first.ledger.entries)

        listening(first, play)
    assert list(first.ledger.entries) == [("mqtt", "last")]


def test_a_broker_that_is_not_there_is_said(show):
    earshot = Earshot(show, show.venue, LiveClock(), CLEAN, broker=f"{HERE}:{free_tcp_port()}")

    async def play(until):
        await until(lambda: "cannot be talked to" in earshot.mqtt)

    listening(earshot, play)


def test_a_port_that_is_taken_says_how_to_choose_another(show, capsys):
    host, port = show.venue.listen.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as running:
        running.bind((host, int(port)))
        with pytest.raises(PortError, match="--port 57260"):
            listening(Earshot(show, show.venue, LiveClock(), CLEAN), None)
        assert cli.main(["listen", str(show.folder), "--seconds", "1"]) == 1
    assert "most likely the show is running" in capsys.readouterr().err


def test_the_table_fits_its_room(show):
    earshot = Earshot(show, show.venue, HandClock(), CLEAN)
    earshot.ledger.take(Signal(n, "osc", f"/{n}", (n,), "10.0.0.7:9000") for n in range(40))
    lines = Table(earshot, sys.stdout).lines(40.0, 72, 12)
    assert len(lines) == 11
    assert lines[1].split() == list(HEAD[1:])
    assert lines[-1].split()[:2] == ["osc", "/39"]
    assert max(map(len, lines)) <= 73


def test_a_pipe_gets_a_line_for_each_address(show):
    port = int(show.venue.listen.split(":")[1])
    command = [sys.executable, "-m", "installation", "listen", str(show.folder), "--broker", "none"]
    with subprocess.Popen([*command, "--seconds", "20"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().startswith(f"listening: osc 127.0.0.1:{port}")
            for _ in range(3):
                tell(port, "/x", 0.5)
            tell(port, "/y", 1)
            assert "moves x [0 1] → ghosts.rise" in process.stdout.readline()
            assert "moves nothing; did you mean" in process.stdout.readline()
            process.send_signal(2)
            assert "4 heard · 2 addresses" in process.stdout.read()
        finally:
            process.kill()
    assert process.returncode == 0


def test_a_terminal_is_drawn_again_in_place(show):
    port = int(show.venue.listen.split(":")[1])
    command = [sys.executable, "-m", "installation", "listen", str(show.folder), "--broker", "none"]
    ours, theirs = pytest.importorskip("pty").openpty()
    with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        seen = b""
        try:
            while b"/x" not in seen or seen.count(b"\x1b[") < 8:
                assert select.select([ours], [], [], PATIENCE)[0], seen
                seen += os.read(ours, 4096)
                tell(port, "/x", 0.5)
        finally:
            process.kill()
            os.close(ours)
    assert b"\x1b[2F" in seen


def test_a_venue_may_be_heard_by_itself(tmp_path):
    venue = tmp_path / "hall.yaml"
    venue.write_text("listen: 0.0.0.0:57300\n")
    assert heard_by(venue) == (None, Venue(listen="0.0.0.0:57300"))
    assert heard_by(None) == (None, Venue())
    port = write_show(tmp_path)
    assert heard_by(tmp_path / "venue.yaml")[1].listen == f"127.0.0.1:{port}"
    assert heard_by(tmp_path)[0].title == heard_by(tmp_path / "show.yaml")[0].title == "Small"
    assert heard_by(venue)[1].listen == "0.0.0.0:57300"
    (tmp_path / "wrong.yaml").write_text("listn: 3\n")
    (tmp_path / "show.yaml").unlink()
    with pytest.raises(ShowErrors, match="listen"):
        heard_by(tmp_path / "wrong.yaml")
