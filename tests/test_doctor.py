"""The doctor: what it finds of this machine, and what it says to do."""

import os
import socket
import subprocess
import sys

import pytest
from evening import free_port, write_show

from installation import cli, examination
from installation.ports import broker
from installation.show.schema import Venue
from installation.stage.fonts import Fonts
from installation.stage.specimen import specimen
from installation.stage.typesetter import Typesetter


def states(told):
    return {line.split()[1]: line.split()[0] for line in told.splitlines()}


def test_a_machine_that_can_play_the_show(tmp_path, capsys):
    port = write_show(tmp_path)
    assert cli.main(["doctor", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    found = states(told)
    assert list(found) == [
        "show", "python", "pygame", "fonts", "model", "osc", "broker", "display", "painter", "disk", "memory",
    ]  # fmt: skip
    assert "no" not in found.values()
    assert f"127.0.0.1:{port} is free" in told
    assert "script:texts/a.txt on scripted" in told


def test_a_port_that_is_taken_and_a_wrong_show_end_with_1(tmp_path, capsys):
    port = write_show(tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        assert cli.main(["doctor", str(tmp_path)]) == 1
    assert "is taken by another program" in capsys.readouterr().out
    (tmp_path / "show.yaml").write_text("title: 3\nscene: {}\n")
    assert cli.main(["doctor", str(tmp_path)]) == 1
    assert states(capsys.readouterr().out)["show"] == "no"


def test_a_broker_is_there_can_be_started_or_is_missed(monkeypatch):
    assert examination.broker(Venue()) == ("ok", "none is asked for")
    away = f"127.0.0.1:{broker.free_port()}"
    assert examination.broker(Venue(broker=away))[0] == "note"
    assert examination.broker(Venue(broker="mqtts://gallery"))[0] == "note"

    async def nobody(*_):
        return False

    monkeypatch.setattr("installation.ports.mqtt_guest.answers", nobody)
    monkeypatch.setattr(broker, "program", lambda _: None)
    state, told = examination.broker(Venue(broker="local"))
    assert state == "no"
    assert "install mosquitto" in told


def test_a_display_that_is_not_there_is_told_with_those_that_are(tmp_path):
    write_show(tmp_path, venue="display: the large one\n")
    command = [sys.executable, "-m", "installation", "doctor", str(tmp_path)]
    environment = {key: os.environ[key] for key in os.environ if "DISPLAY" not in key and key[:3] != "SDL"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert states(told.stdout)["display"] in {"note", "no"}, told.stdout + told.stderr


def test_room_for_recordings_and_memory_are_noted(monkeypatch, tmp_path):
    assert examination.disk(tmp_path / "not there yet")[0] in {"ok", "note"}
    monkeypatch.setattr(examination, "DISK", 1 << 60)
    monkeypatch.setattr(examination, "MEMORY", 1 << 60)
    assert examination.disk(tmp_path)[0] == "note"
    assert examination.memory()[0] in {"note", "ok"}


def test_a_specimen_says_what_is_set_how():
    found = specimen("the sea 海 e\u0301", typesetter=Typesetter(Fonts(folders=[])))
    assert {piece.font for piece in found.pieces} == {"EBGaramond[wght].ttf"}
    assert found.missing == ("海",)
    assert specimen("", typesetter=Typesetter(Fonts(folders=[]))) == ((), ())


@pytest.mark.parametrize(
    ("text", "says"),
    [("the sea", "ok    text"), ("\U000f0000", "U+F0000 (no name) becomes a middle dot; no")],
)
def test_a_text_is_looked_at(tmp_path, capsys, text, says):
    venue = tmp_path / "venue.yaml"
    venue.write_text(f"listen: 127.0.0.1:{free_port()}\n")
    assert cli.main(["doctor", str(venue), "--text", text]) == 0
    assert says in capsys.readouterr().out
