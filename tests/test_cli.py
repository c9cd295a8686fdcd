"""The command line, command by command: what it answers and with which exit code."""

import subprocess
import sys
from pathlib import Path

import av
import pytest
from evening import write_show

import installation
from installation import cli
from installation.catalogue import CATALOGUE
from installation.show import check

TIDE = Path(installation.__file__).parents[1] / "shows" / "tide"
WRONG = [
    [],
    ["sing"],
    ["check"],
    ["rehearse", "show", "--size", "10x10"],
    ["rehearse", "show", "--size", "large"],
    ["perform", "show", "--record", "x", "--no-record"],
    ["film", "show"],
    ["film", "show", "out.mp4", "--fps", "0"],
    ["film", "show", "out.mp4", "--fps", "30.5"],
    ["film", "show", "out.mp4", "--seconds", "-1"],
    ["film", "show", "out.mp4", "--seconds", "nan"],
    ["still", "show", "out.png", "--at", "soon"],
    ["rehearse", "show", "--seed", "today"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_wrong_call_ends_with_2_and_says_why(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code == 2
    assert "installation" in capsys.readouterr().err


def test_every_command_has_help(capsys):
    for command in ("perform", "rehearse", "check", "replay", "forget", "film", "still", "new"):
        with pytest.raises(SystemExit) as left:
            cli.main([command, "--help"])
        assert left.value.code == 0
        assert command in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"installation {installation.__version__}\n"


def test_the_default_show_is_right_and_checked_without_model_or_window():
    code = (
        "import sys; from installation.cli import main; "
        f"code = main(['check', {str(TIDE)!r}]); "
        "print(sorted({'torch', 'transformers', 'pygame', 'numpy', 'av'} & set(sys.modules))); sys.exit(code)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    right, modules = told.stdout.splitlines()
    assert right.startswith(str(TIDE / "show.yaml") + ": right (2 scenes, ")
    assert modules == "[]"


def test_every_fault_of_a_show_is_told_with_its_line(tmp_path, capsys):
    write_show(
        tmp_path,
        ("start: a", "start: c"),
        ("go: b", "go: nowhere"),
        ("rise: 0.4 + x", "rise: 0.4 + y"),
        ("pace: 12", "paze: 12"),
    )
    assert cli.main(["check", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    lines = told.err.splitlines()
    assert len(lines) == 4
    assert [line.partition("show.yaml:")[2].partition(":")[0] for line in lines] == ["3", "4", "9", "13"]
    assert "pace" in lines[1]


@pytest.mark.parametrize("command", ["check", "rehearse", "perform", "film", "still"])
def test_a_show_that_is_not_there_ends_with_1(command, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    out = [str(tmp_path / "out.mp4")] if command in {"film", "still"} else []
    assert cli.main([command, str(tmp_path / "none"), *out]) == 1
    assert "none:1: there is no such file" in capsys.readouterr().err


def test_a_venue_that_is_not_there_ends_with_1(tmp_path, capsys):
    write_show(tmp_path)
    assert cli.main(["check", str(tmp_path), "--venue", str(tmp_path / "hall.yaml")]) == 1
    assert "hall.yaml:1: there is no such file" in capsys.readouterr().err


def test_a_show_is_filmed_in_lockstep_and_names_its_source(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    write_show(tmp_path / "show")
    out = tmp_path / "out.mp4"
    arguments = [
        "film",
        str(tmp_path / "show"),
        str(out),
        "--seconds",
        "1",
        "--fps",
        "10",
        "--size",
        "320x180",
    ]
    assert cli.main(arguments) == 0
    show = check.read(tmp_path / "show", CATALOGUE)
    with av.open(str(out)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        source = dict(film.metadata)
    assert len(frames) == 10
    assert frames[0].shape == (180, 320, 3)
    assert int(frames[9].max()) > int(frames[0].max())  # words have come
    assert source["show"] == show.hash
    assert (source["title"], source["seed"], source["model"]) == ("Small", "7", "script:texts/a.txt")
    assert len(source["model_hash"]) == 12
    assert source["commit"]


def test_a_still_names_its_source_and_the_seed_that_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    write_show(tmp_path / "show")
    out = tmp_path / "out.png"
    asked = ["still", str(tmp_path / "show"), str(out), "--at", "0.5", "--size", "320x180", "--seed", "9"]
    assert cli.main(asked) == 0
    assert all(
        name in out.read_bytes() for name in (b"model_hash", b"commit", b"seed\0\0\0\0\x009", b"second")
    )


@pytest.mark.parametrize("out", ["nowhere/out.mp4", "out.song"])
def test_a_film_that_cannot_be_written_is_a_sentence(tmp_path, capsys, monkeypatch, out):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    write_show(tmp_path / "show")
    assert (
        cli.main(["film", str(tmp_path / "show"), str(tmp_path / out), "--seconds", "1", "--size", "320x180"])
        == 1
    )
    assert "cannot write a film to" in capsys.readouterr().err


def test_a_show_whose_voice_cannot_load_is_not_filmed(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    write_show(tmp_path / "show")
    (tmp_path / "show" / "texts" / "a.txt").write_text(" ")
    assert cli.main(["film", str(tmp_path / "show"), str(tmp_path / "out.mp4"), "--seconds", "1"]) == 1
    assert "holds no words to speak" in capsys.readouterr().err
