"""One message by hand, received by programs that are not ours."""

import re
import select
import socket
import subprocess
import time

import pytest
from evening import PATIENCE, free_port

from installation import cli
from installation.errors import PortError
from installation.ports.broker import HERE
from installation.ports.broker import free_port as free_tcp_port
from installation.ports.osc_codec import decode
from installation.send import place, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("3.0", 3.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("3 metres", "3 metres"),
        ("12345678901234567890123", 12345678901234567890123.0),
        ("", ""),
        ("海", "海"),
    ],
)
def test_a_word_is_read_as_what_it_looks_like(text, value):
    found = read(text)
    assert found == value
    assert type(found) is type(value)


def test_a_number_may_be_forced_to_be_a_float():
    assert type(read("3", floats=True)) is float
    assert read("true", floats=True) is True


@pytest.fixture
def listening():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((HERE, 0))
        opened.settimeout(PATIENCE)
        yield opened


def test_a_datagram_holds_what_was_typed(listening, capsys):
    port = listening.getsockname()[1]
    assert cli.main(["send", "/room", "3", "0.5", "true", "the sea", "-2", "--to", str(port)]) == 0
    (message,) = decode(listening.recv(4096))
    assert (message.address, message.values) == ("/room", (3, 0.5, True, "the sea", -2))
    assert capsys.readouterr().out.startswith("/room 3 (whole number) 0.5 (float) true (switch)")
    assert cli.main(["send", "/room", "3", "--float", "--to", f"127.0.0.1:{port}"]) == 0
    (message,) = decode(listening.recv(4096))
    assert type(message.values[0]) is float


def line_of(process):
    """The next line that a program prints; a failure where none comes."""
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
    assert ready, "nothing came"
    return process.stdout.readline().decode().strip()


def test_oscdump_receives_it(program, capsys):
    port = free_port()
    command = ["stdbuf", "-oL", program("oscdump"), "-L", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as oscdump:
        try:
            end = time.monotonic() + PATIENCE
            while cli.main(["send", "/room/presence", "3", "0.5", "the sea", "--to", f"{HERE}:{port}"]):
                assert time.monotonic() < end, capsys.readouterr().err
            line = line_of(oscdump)
        finally:
            oscdump.kill()
    assert re.search(r'/room/presence ifs 3 0\.50* "the sea"$', line), line


def test_mosquitto_sub_receives_it(program, tmp_path):
    port = free_tcp_port()
    file = tmp_path / "mosquitto.conf"
    file.write_text(f"listener {port} {HERE}\nallow_anonymous true\npersistence false\n")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([program("mosquitto"), "-c", str(file)], **quiet) as broker:
        try:
            hear = [program("mosquitto_sub"), "-p", str(port), "-t", "#", "-F", "%t %p", "-C", "4"]
            end = time.monotonic() + PATIENCE
            while cli.main(["send", "mqtt:before", "0", "--to", f"{HERE}:{port}"]):
                assert time.monotonic() < end, "the broker does not answer"
            hear += ["-t", "$SYS/broker/version"]  # retained: its coming says that the rest is subscribed
            with subprocess.Popen(hear, stdout=subprocess.PIPE) as listener:
                assert line_of(listener).startswith("$SYS/broker/version")
                for values in (["3.10"], ["1", "2.5", "true"], []):
                    assert cli.main(["send", "mqtt:harbour/tide", *values, "--to", f"{HERE}:{port}"]) == 0
                said = [line_of(listener) for _ in range(3)]
        finally:
            broker.kill()
    assert said == ["harbour/tide 3.10", "harbour/tide [1,2.5,true]", "harbour/tide"]


def test_what_cannot_be_sent_says_why(capsys):
    nobody = f"{HERE}:{free_port()}"
    for arguments, says in (
        (["/room", "3", "--to", nobody], "nobody listens"),
        (["room", "3", "--to", nobody], "write /an/address for OSC, or mqtt:a/topic"),
        (["/room", "--to", "there"], "write host:port"),
        (["mqtt:a/+", "3", "--to", nobody], "is no topic"),
        (["mqtt:a", "3", "--to", f"{HERE}:{free_tcp_port()}"], "cannot be talked to"),
    ):
        assert cli.main(["send", *arguments]) == 1
        assert says in capsys.readouterr().err


def test_a_place_is_read():
    assert place("57251") == ("127.0.0.1", 57251)
    assert place("[::1]:9") == ("::1", 9)
    with pytest.raises(PortError, match="write host:port"):
        place("70000")
