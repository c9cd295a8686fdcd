"""Whole evenings, as an artist and a supervisor see them: the program is started, shot and ended."""

import json
import os
import re
import signal
import socket
import time

from evening import TEXT, Program, children, eventually, gone, screen, tell, voice_of, write_show

from installation import cli
from installation.archive import recording
from installation.messages import Adopt, Token, VoiceNews
from installation.replay import replay

SLACK = 3.0
"""Seconds more than promised that a busy machine may take."""


def words(text):
    """What was spoken in the terminal: without the banner and without lines in brackets."""
    return " ".join(re.sub(r"\[[^\]]*\]", " ", text.partition("\n\n")[2]).split())


def state_of(folder):
    file = folder / "state" / "show.json"
    return json.loads(file.read_text()) if file.exists() else {}


def test_a_performance_is_recorded_and_goes_on_after_a_kill_but_not_after_an_end(tmp_path):
    port = write_show(tmp_path / "show")
    with Program(tmp_path, "perform", "show", "--headless") as first:
        first.until("The sea at night")
        tell(port, "/installation/layer/ghosts/rise", 2.5)
        tell(port, "/x", 0.9)
        first.until(r"\[b\].*puts away")
        eventually(lambda: state_of(tmp_path)["score"]["scene"] == "b")
        voice = voice_of(first.pid)
        assert voice
        first.end(signal.SIGKILL)
        assert gone(voice)

    with Program(tmp_path, "perform", "show", "--headless") as second:
        assert second.until(r"\[b\]\s+(\S+) \w").group(1) != "The"
        under = children(second.pid)
        assert second.end() == 0
        assert all(map(gone, under))
        assert not state_of(tmp_path)

    before, after = sorted((tmp_path / "recordings").iterdir())
    adopted = [entry.message for entry in recording.read(after) if isinstance(entry.message, Adopt)]
    assert json.loads(adopted[0].resume)["hands"]["layer.ghosts.rise"] == 2.5
    assert replay(before).wrong == replay(after).wrong == 0
    assert {"title", "show", "seed", "model", "commit", "version"} <= recording.read_header(after).keys()

    score = {"format": 1, "scene": "b", "passed": "", "hands": {}, "panicked": False, "blanked": False}
    state = {"score": score, "text": {"voice": "secret"}, "wall": time.time()}
    (tmp_path / "state" / "show.json").write_text(json.dumps(state))
    with Program(tmp_path, "perform", "show", "--headless", "--no-record", "--fresh") as third:
        third.until(r"\[a\]\s+The sea")
        assert third.end(signal.SIGINT) == 0
    assert len(list((tmp_path / "recordings").iterdir())) == 2


def test_a_voice_shot_in_mid_sentence_goes_on_where_it_was_without_a_display(tmp_path):
    write_show(tmp_path / "show", (", meanwhile: [Wait with me.]", ""))
    with Program(tmp_path, "rehearse", "show", "--record", "tapes") as program:
        program.until("no display: .*the words stream here")
        program.until("puts away")
        os.kill(voice_of(program.pid), signal.SIGKILL)
        program.until("voice voice: lost.*SIGKILL.*voice voice: ready", "err")
        program.until(r"walking up the sand and back\.\s+The sea at night puts away")
        assert program.end() == 0
        spoken = words(program.out)
    assert spoken.startswith(TEXT.strip())
    assert (TEXT * 50).replace("\n", " ").startswith(spoken)
    (tape,) = (tmp_path / "tapes").iterdir()
    news = [e.message.state for e in recording.read(tape) if isinstance(e.message, VoiceNews)]
    assert news == ["loading", "ready", "lost", "loading", "ready"]
    assert [e.message.n for e in recording.read(tape) if isinstance(e.message, Token)]
    assert replay(tape).wrong == 0


def test_a_wrong_edit_changes_nothing_and_a_right_one_is_taken_up(tmp_path):
    port = write_show(tmp_path / "show")
    file = tmp_path / "show" / "show.yaml"
    with Program(tmp_path, "rehearse", "show", "--headless") as program:
        program.until("The sea")
        right = file.read_text()
        file.write_text(right.replace("rise: 0.4 + x", "rise: 0.4 + tied"))
        line = right[: right.index("rise: 0.4")].count("\n") + 1
        program.until(rf"\[[^\]]*show\.yaml:{line}: scenes\.a\.\S*rise: nothing is called tied")
        place = len(program.out)
        program.until(r"\w", after=place)
        file.write_text(right.replace("cue: up", "cue: go, say: 'So it is.', on: say}\n  - {cue: up"))
        program.until("taken up", "err")
        tell(port, "/say", "x")
        program.until(r"So it is\.", after=place)
        file.write_text(right)
        program.until("taken up.*taken up", "err")
        assert program.end() == 0


def test_an_edit_that_names_another_text_is_watched_too(tmp_path):
    write_show(tmp_path / "show")
    folder = tmp_path / "show"
    (folder / "more").mkdir()
    (folder / "more" / "b.txt").write_text("one")
    with Program(tmp_path, "rehearse", "show", "--headless") as program:
        program.until("The sea")
        (folder / "show.yaml").write_text(
            (folder / "show.yaml").read_text().replace("prompt: hello", "prompt: more/b.txt")
        )
        program.until("taken up", "err")

        def again():
            (folder / "more" / "b.txt").write_text(f"two {time.monotonic()}")
            return program.err.count("taken up") >= 2

        eventually(again)
        assert program.end() == 0


def test_a_taken_port_is_named_and_nothing_is_left_behind(tmp_path):
    port = write_show(tmp_path / "show")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        with Program(tmp_path, "perform", "show", "--headless") as program:
            assert program.code() == 1
            assert str(port) in program.err
            assert "Traceback" not in program.err
    assert not any((tmp_path / "recordings").iterdir())


def test_a_full_disk_stops_the_recorder_loudly_and_the_show_goes_on(tmp_path):
    write_show(tmp_path / "show", ("pace: 12", "pace: 60"))
    with Program(tmp_path, "perform", "show", "--headless", blocks=60) as program:
        program.until("the recording has stopped: File too large", "err")
        program.until(r"\[the recording has stopped[^\]]*\]")
        program.until("The sea at night", after=len(program.out))
        assert program.end() == 0


def test_a_performance_that_cannot_be_recorded_is_performed(tmp_path, capsys):
    write_show(tmp_path / "show")
    (tmp_path / "recordings").write_text("a file, no folder")
    with Program(tmp_path, "perform", "show", "--headless") as program:
        program.until("NOTHING IS RECORDED", "err")
        program.until("The sea at night")
        assert program.end() == 0
    asked = ["rehearse", str(tmp_path / "show"), "--headless", "--record", str(tmp_path / "recordings")]
    assert cli.main(asked) == 1
    assert "cannot record into" in capsys.readouterr().err


def test_a_window_fades_out_within_two_seconds(program, tmp_path):
    write_show(tmp_path / "show")
    with screen(program("Xvfb")) as display, Program(tmp_path, "perform", "show", DISPLAY=display) as show:
        show.until(r"display  640×480 full screen on \S.* \(x11\)")
        show.until("voice voice: ready", "err")
        under = children(show.pid)
        began = time.monotonic()
        assert show.end() == 0
        assert time.monotonic() - began < 2 + SLACK
        assert under
        assert all(map(gone, under))


def test_a_display_that_is_not_there_is_named_and_the_words_stream(program, tmp_path):
    write_show(tmp_path / "show", venue="display: north wall\n")
    with screen(program("Xvfb")) as display, Program(tmp_path, "rehearse", "show", DISPLAY=display) as show:
        show.until("no display is named 'north wall'; there are: 0 ")
        show.until("The sea")
        assert show.end() == 0
