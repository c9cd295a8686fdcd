"""The command that writes records."""

import io
import json

import pytest
import tiny_records

from installation import cli, records
from installation.errors import VoiceError
from installation.training import record

LAMP = "A painting of a red lamp on linen."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_records.write(tmp_path_factory.mktemp("records"))


def test_a_description_becomes_a_record(folder):
    text = records.describe(folder, LAMP, 3)
    assert tuple(json.loads(text)) == record.ORDER
    assert text == records.describe(folder, LAMP, 3)
    assert text != records.describe(folder, LAMP, 4)


def test_an_empty_one_does_not(folder):
    with pytest.raises(VoiceError, match="no description"):
        records.describe(folder, "")


def test_the_command_writes_a_line_for_each_try(folder, capsys):
    assert cli.main(["record", LAMP, "--model", str(folder), "--seed", "3", "--count", "2"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [records.describe(folder, LAMP, seed) for seed in (3, 4)]
    assert told.err == ""


def test_a_line_for_each_paragraph_of_a_file(folder, capsys, tmp_path):
    file = tmp_path / "all.txt"
    file.write_bytes(
        f"\r\n{LAMP}\r\n\r\n \r\n\ufeffA gull\nof wood.\r\n\r\n\x01\r\n\r\n{'lamp ' * 900}".encode()
    )
    assert cli.main(["record", "--from", str(file), "--model", str(folder)]) == 1
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[:2] == [records.describe(folder, text) for text in (LAMP, "A gull of wood.")]
    assert len(lines) == 3
    assert "description 3: there is no description" in told.err
    assert "description 4: the description is too long" in told.err


def test_what_comes_in_is_read(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LAMP.encode())))
    assert cli.main(["record", "--from", "-", "--model", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["kind"]


def test_what_is_wrong_is_told(folder, capsys, tmp_path):
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "empty").write_text(" \n\n ")
    (tmp_path / "other").mkdir()
    for call, told in (
        ([], "say what is described"),
        ([LAMP, "--from", "-"], "say what is described"),
        (["--from", str(tmp_path / "none")], "cannot be read"),
        (["--from", str(tmp_path / "latin")], "no text in UTF-8"),
        (["--from", str(tmp_path / "empty")], "there is no description in it"),
        ([LAMP, "--seed", "-1"], "0 or more"),
    ):
        assert cli.main(["record", *call, "--model", str(folder)]) == 1
        assert told in capsys.readouterr().err
    assert cli.main(["record", LAMP, "--model", str(tmp_path / "other")]) == 1
    assert "keeps no records" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        cli.main(["record", LAMP, "--count", "0"])
    assert left.value.code == 2


def test_paragraphs_stand_between_empty_lines():
    assert list(records.paragraphs("a\nb\n\n\n c \n \t\n\nd")) == ["a\nb", "c", "d"]
