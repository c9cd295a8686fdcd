"""A real evening with two voices that hear one another, recorded and played again; and the same in lockstep."""

import asyncio
import os
import re
import signal
from pathlib import Path

from evening import Program, eventually, free_port, screen, tell, voice_of

from installation import cli
from installation.archive import recording
from installation.catalogue import CATALOGUE
from installation.lockstep import Rehearsal
from installation.messages import Signal, Token, Word
from installation.replay import replay
from installation.show import check

SHOW = """\
title: Duet
disclosure: off
voices:
  anna: {model: house, device: numpy, pace: 12, hears: ben, turns: 1, seed: 3}
  ben:  {model: house, device: numpy, pace: 14, hears: anna, turns: 1}
signals: {say: {from: [osc /say], kind: text}}
scenes:
  night:
    prompt: {anna: the sea at night, ben: the road}
    layers:
      - palimpsest: {name: left, voice: anna, ink: amber, size: 6}
      - palimpsest: {name: right, voice: ben, ink: sea, size: 6}
      - ghosts
    meanwhile: {anna: [Wait with me.]}
cues: [{cue: said, on: say, say: {ben: 'Someone says {say}.'}}]
"""
SCRIPTS = SHOW.replace("house, device: numpy", "'script:a.txt'", 1).replace(
    "house, device: numpy", "'script:b.txt'"
)


def write_show(folder, text=SHOW):
    folder.mkdir(exist_ok=True)
    port = free_port()
    (folder / "show.yaml").write_text(text)
    (folder / "a.txt").write_text("The sea is near. I hear it. It says little.\n")
    (folder / "b.txt").write_text("You hear nothing. There is a road. Go home.\n")
    (folder / "venue.yaml").write_text(f"listen: 127.0.0.1:{port}\nsize: [320, 180]\n")
    return port


def evening(folder, port, **environment):
    """Two voices in conversation; a visitor between them; one process shot and come back."""
    with Program(folder, "rehearse", "show", "--record", "tapes", **environment) as program:
        program.until("recording|keys")
        (tape,) = eventually(lambda: list((folder / "tapes").iterdir()))

        def log():
            return (tape / "000001.jsonl").read_text()

        eventually(lambda: log().count('"heard":') > 8)
        tell(port, "/say", "I am Ada")
        eventually(lambda: '"private":true' in log() and '"Word":{"voice":"ben"' in log())
        shot = voice_of(program.pid)
        os.kill(shot, signal.SIGKILL)
        program.until("(?s)lost.*: ready", "err")
        heard = log().count('"heard":')
        eventually(lambda: log().count('"heard":') > heard + 12)
        assert program.end() == 0
    return tape


def test_a_dialogue_of_real_processes_is_played_again_to_the_last_frame(program, tmp_path):
    port = write_show(tmp_path / "show")
    with screen(program("Xvfb")) as display:
        tape = evening(tmp_path, port, DISPLAY=display)
    report = replay(tape)
    assert report.wrong == 0, str(report)
    assert report.decisions > 40
    assert report.frames > 20
    entries = [entry.message for entry in recording.read(tape)]
    tokens = [message for message in entries if isinstance(message, Token)]
    assert {token.voice for token in tokens if token.heard} >= {"anna", "ben"}
    assert not any(token.text for token in tokens if token.heard)
    assert {word.voice for word in entries if isinstance(word, Word)} >= {"anna", "ben"}
    assert any(isinstance(message, Signal) and message.private for message in entries)
    assert "Ada" not in "".join(path.read_text() for path in tape.glob("0*.jsonl"))


def test_without_a_display_the_lines_name_their_speaker(tmp_path):
    write_show(tmp_path / "show", SCRIPTS)
    with Program(tmp_path, "rehearse", "show", "--headless") as program:
        program.until(
            r"anna: The sea is near.\nben: [^\n]*\nanna: I hear it.\nben: [^\n]*\nanna: It says little.\n"
        )
        assert re.search("voices  anna script:a.txt; ben script:b.txt; seed 3", program.out)
        more = SCRIPTS.replace("signals:", "  carl: {model: 'script:a.txt'}\nsignals:", 1)
        (tmp_path / "show" / "show.yaml").write_text(more)
        program.until("other voices come at the next start; until then the show goes on as it was", "err")
        program.until("anna: [^\n]*\nben: ", after=len(program.out))
        assert program.end() == 0
    assert "carl" not in program.out


def test_the_show_of_two_voices_is_right(capsys):
    assert cli.main(["check", str(Path(__file__).parents[1] / "shows" / "duet")]) == 0
    assert "right (2 voices, 2 scenes, " in capsys.readouterr().out


def test_the_check_counts_the_voices(tmp_path, capsys):
    write_show(tmp_path, SCRIPTS)
    assert cli.main(["check", str(tmp_path)]) == 0
    assert "right (2 voices, 1 scenes, " in capsys.readouterr().out


def test_a_film_of_two_voices_is_the_same_each_time(tmp_path):
    write_show(tmp_path, SCRIPTS)
    show = check.read(tmp_path, CATALOGUE)

    async def play():
        rehearsal = Rehearsal(show, 7, (320, 180))
        try:
            await rehearsal.begin()
            return [(await rehearsal.frame(n / 4)).mark(pixels=True) for n in range(16)]
        finally:
            await rehearsal.end()

    one = asyncio.run(play())
    assert one == asyncio.run(play())
    assert len({mark.rows for mark in one}) > 8
