"""A real evening, recorded under everything that may happen to it, and played again."""

import gzip
import json
import os
import shutil
import signal
import subprocess

import av
import pytest
from evening import PATIENCE, Program, eventually, screen, tell, voice_of, write_show

from installation import cli
from installation.archive import recording, visitors
from installation.archive.log import to_line
from installation.messages import Action, Adopt, FrameMark, Signal, Token, VoiceNews, Word
from installation.replay import replay

TAPES = {}
"""The evening is recorded once."""


@pytest.fixture
def tape(program, tmp_path_factory, tmp_path):
    """A copy of the recording, to do with as one likes."""
    if "one" not in TAPES:
        folder = tmp_path_factory.mktemp("evening")
        with screen(program("Xvfb")) as display:
            TAPES["one"] = evening(folder, display, program("xdotool"))
    return shutil.copytree(TAPES["one"], tmp_path / "tape")


def evening(folder, display, xdotool):
    """Rehearse in a window: datagrams, a typed line, the mouse, another size, a shot voice, two edits."""

    def do(*arguments):
        subprocess.run(
            [xdotool, *arguments], env=os.environ | {"DISPLAY": display}, check=True, timeout=PATIENCE
        )

    do("mousemove", "0", "0")
    port = write_show(folder / "show", ("pace: 12", "pace: 30"))
    with Program(folder, "rehearse", "show", "--record", "tapes", DISPLAY=display) as program:
        program.until("F11")
        program.until("voice voice: ready", "err")
        (tape,) = (folder / "tapes").iterdir()

        def written(text):
            return eventually(lambda: text in (tape / "000001.jsonl").read_text())

        tell(port, "/x", 0.2)
        tell(port, "/say", "it is raining")
        do("mousemove", "200", "300")
        written('"mouse"')
        do("key", "F1")
        do("key", "Return")
        do("type", "ada")
        do("key", "Return")
        written('"keys"')
        do("getwindowfocus", "windowsize", "400", "240")
        written('"width":400')
        os.kill(voice_of(program.pid), signal.SIGKILL)
        program.until("voice voice: lost.*voice voice: ready", "err")
        write_show(
            folder / "show", ("pace: 12", "pace: 20"), ("- {cue: back", "- {cue: back, in: [b]"), port=port
        )
        program.until("taken up", "err")
        write_show(
            folder / "show", ("pace: 12", "pace: 20"), ("palimpsest,", "palimpsest: {size: 12},"), port=port
        )
        program.until("taken up.*taken up", "err")
        tell(port, "/x", 0.9)
        program.until("scene b over 0.2 s", "err")
        tell(port, "/installation/go")
        program.until("scene a.*scene b.*scene a", "err")
        frames = (tape / "000001.jsonl").read_text().count("FrameMark")
        eventually(lambda: (tape / "000001.jsonl").read_text().count("FrameMark") > frames + 60)
        assert program.end() == 0
    return tape


def lines(tape):
    return (tape / "000001.jsonl").read_text().splitlines()


def write(tape, altered):
    (tape / "000001.jsonl").write_text("".join(line + "\n" for line in altered))


def test_an_evening_is_played_again_to_the_last_frame(tape, capsys):
    found = [entry.message for entry in recording.read(tape)]
    assert {type(message) for message in found} >= {Action, Adopt, FrameMark, Signal, Token, VoiceNews, Word}
    assert {signal.source for signal in found if isinstance(signal, Signal)} >= {"osc", "mouse", "keys"}
    assert {mark.width for mark in found if isinstance(mark, FrameMark)} == {320, 400}
    assert sum(isinstance(message, Adopt) for message in found) == 3
    assert cli.main(["replay", str(tape)]) == 0
    told = capsys.readouterr().out
    assert "all the same" in told
    report = replay(tape)
    assert report.pictures >= 3
    assert report.frames > 100
    assert report.decisions > 50


def test_a_film_and_a_still_of_it_name_their_source(tape, tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    asked = [
        "film",
        str(tape),
        str(tmp_path / "out.mp4"),
        "--seconds",
        "1",
        "--fps",
        "10",
        "--size",
        "320x180",
    ]
    assert cli.main(asked) == 0
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 10
        source = dict(film.metadata)
    header = recording.read_header(tape)
    assert {name: source[name] for name in ("title", "show", "seed", "model")} == {
        name: header[name] for name in ("title", "show", "seed", "model")
    }
    assert len(source["model_hash"]) == 12
    assert source["commit"]
    still = tmp_path / "out.png"
    assert (
        cli.main(["still", str(tape), str(still), "--at", "900", "--size", "320x180"]) == 1
    )  # it ends sooner
    assert not still.exists()
    assert cli.main(["still", str(tape), str(still), "--size", "320x180"]) == 0
    assert source["model_hash"].encode() in still.read_bytes()


def test_a_film_of_nothing_is_a_sentence(tmp_path, capsys):
    (tmp_path / "header.json").write_text("{}")
    assert cli.main(["film", str(tmp_path), str(tmp_path / "out.mp4")]) == 1
    assert "is empty" in capsys.readouterr().err


def test_one_altered_decision_is_found(tape, capsys):
    altered = [
        line.replace('"value":"b"', '"value":"dark"') if '"scene"' in line else line for line in lines(tape)
    ]
    assert altered != lines(tape)
    write(tape, altered)
    assert cli.main(["replay", str(tape)]) == 1
    told = capsys.readouterr().out
    assert "value='dark'" in told
    assert "1 differ" in told


def test_one_altered_pixel_hash_is_found(tape):
    at = next(n for n, line in enumerate(lines(tape)) if '"pixels"' in line)
    mark = json.loads(lines(tape)[at])
    mark["FrameMark"]["pixels"] ^= 1
    write(tape, [*lines(tape)[:at], json.dumps(mark), *lines(tape)[at + 1 :]])
    report = replay(tape)
    assert report.wrong == 1
    assert "other pixels" in report.differences[0]


def test_a_lost_input_is_found(tape):
    kept = [line for line in lines(tape) if '"/installation/go"' not in line]
    write(tape, kept)
    report = replay(tape)
    assert report.wrong > 1
    assert len(report.differences) <= 10


def test_what_visitors_said_may_be_forgotten(tape, capsys):
    assert visitors.forget(tape, before=4e9) > 3
    assert "ada" not in (tape / visitors.FILE).read_text()
    assert cli.main(["replay", str(tape)]) == 0
    assert "forgotten" in capsys.readouterr().out


def test_without_the_visitors_file_it_still_plays(tape):
    (tape / visitors.FILE).unlink()
    assert replay(tape).frames > 100


def test_without_the_show_on_disk_it_still_plays(tape):
    at = next(n for n, line in enumerate(lines(tape)) if '"Adopt"' in line)
    moved = [line.replace('"folder":"show"', '"folder":"/nowhere"') for line in lines(tape)]
    assert moved[at] != lines(tape)[at]
    write(tape, moved)
    assert replay(tape).wrong == 0


def test_a_recording_torn_by_a_loss_of_power_plays_up_to_there(tape):
    with (tape / "000001.jsonl").open("ab") as file:
        file.write(b'{"at":9.0,"Token":{"text":"\xe2\x82')
    assert replay(tape).wrong == 0


def test_a_pressed_piece_that_is_cut_off_is_a_sentence(tape, capsys):
    pressed = gzip.compress((tape / "000001.jsonl").read_bytes())
    (tape / "000001.jsonl").unlink()
    (tape / "000001.jsonl.gz").write_bytes(pressed[:-100])
    assert cli.main(["replay", str(tape)]) == 1
    assert "000001.jsonl.gz is damaged" in capsys.readouterr().err


def first_line(**fields):
    return to_line(0.0, Adopt(**{"hash": "a", "text": "{}", "folder": ".", "seed": 1} | fields))


TOKEN = to_line(0.0, Token("voice", 0, 0, "sea"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "empty"),
        (TOKEN + "\n", "does not begin with a show"),
        ("rubbish\n" + TOKEN + "\n", "line 1 is torn"),
        (first_line() + "\n", "title"),
        (first_line(text="[") + "\n", "cannot be read"),
    ],
)
def test_what_is_no_recording_is_a_sentence(tmp_path, capsys, content, sentence):
    (tmp_path / "header.json").write_text("{}")
    (tmp_path / "000001.jsonl").write_text(content)
    assert cli.main(["replay", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told


def test_a_voice_that_the_show_has_not_is_a_sentence(tape, capsys):
    write(tape, [*lines(tape)[:5], to_line(0.1, Token("alto", 0, 0, "sea")), *lines(tape)[5:]])
    assert cli.main(["replay", str(tape)]) == 1
    assert "'alto'" in capsys.readouterr().err


def test_no_recording_at_all_is_a_sentence(tmp_path, capsys):
    assert cli.main(["replay", str(tmp_path / "none")]) == 1
    assert "is not a recording" in capsys.readouterr().err
