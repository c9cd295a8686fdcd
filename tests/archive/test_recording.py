import json
import threading
import time

import pytest

from installation.archive import recording, visitors
from installation.errors import RecordingError
from installation.messages import Action, Inner, Rival, Signal, Token, Word

HEADER = {"title": "Tide", "show": "abc", "seed": "7"}


def recorded(folder, *messages, **options):
    recorder = recording.Recorder(folder, HEADER, **options)
    for at, message in enumerate(messages):
        recorder.write(float(at), message)
    recorder.close()
    return recorder


def test_what_was_written_is_read_in_order(tmp_path):
    messages = [
        Signal(0.1, "osc", "/a", (1.5,)),
        Token("voice", 0, 3, "sea"),
        Action(0.2, "scene", "flood", "rising"),
    ]
    recorded(tmp_path / "r", *messages)
    assert [entry.message for entry in recording.read(tmp_path / "r")] == messages
    assert recording.read_header(tmp_path / "r") == HEADER | {"visitors_hours": "24"}


def test_a_torn_last_line_is_read_over(tmp_path):
    recorded(tmp_path / "r", Token("voice", 0, 3, "sea"))
    with (tmp_path / "r" / "000001.jsonl").open("a") as file:
        file.write('{"at":2.0,"Tok')
    assert len(list(recording.read(tmp_path / "r"))) == 1


def test_a_torn_line_in_the_middle_is_told(tmp_path):
    recorded(tmp_path / "r", Token("voice", 0, 3, "sea"))
    path = tmp_path / "r" / "000001.jsonl"
    path.write_text('{"at":2.0,"Tok\n' + path.read_text())
    with pytest.raises(RecordingError, match="line 1 is torn"):
        list(recording.read(tmp_path / "r"))


def test_pieces_are_pressed_and_read_as_one(tmp_path):
    recorder = recording.Recorder(tmp_path / "r", HEADER, piece=2000)
    pressed = []
    n = 0
    while len(pressed) < 2:
        recorder.write(float(n), Token("voice", n, n, "sea"))
        n += 1
        if n % 50 == 0:
            threading.Event().wait(0.05)  # let the writer reach its next flush
        pressed = list((tmp_path / "r").glob("*.gz"))
    recorder.close()
    assert [entry.message.n for entry in recording.read(tmp_path / "r")] == list(range(n))


def test_a_piece_left_both_plain_and_pressed_is_read_once(tmp_path):
    import gzip

    recorded(tmp_path / "r", Token("voice", 0, 3, "sea"))
    plain = tmp_path / "r" / "000001.jsonl"
    (tmp_path / "r" / "000001.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert len(list(recording.read(tmp_path / "r"))) == 1


def test_a_visitors_words_lie_apart_and_are_forgotten(tmp_path):
    said = Action(1.0, "voice.voice.say", "Someone whispers: I am Ada", "whisper", "Ada wrote", private=True)
    rival = Inner(1.0, 2.0, (Rival(" Ada", 0.5),))
    recorded(tmp_path / "r", said, Token("voice", 0, 3141, " Ada", private=True, inner=rival))
    log = (tmp_path / "r" / "000001.jsonl").read_text()
    assert "Ada" not in log
    assert next(entry.message for entry in recording.read(tmp_path / "r")) == said
    assert "3141" not in log
    assert not visitors.forgotten(tmp_path / "r")
    assert visitors.forget(tmp_path / "r", before=4e9) == 2
    assert visitors.forgotten(tmp_path / "r")
    assert not {"Ada", "3141"} & set((tmp_path / "r" / visitors.FILE).read_text().replace('"', " ").split())
    forgotten = [entry.message for entry in recording.read(tmp_path / "r")]
    assert forgotten[0].value == "xxxxxxx xxxxxxxx: x xx xxx"
    assert forgotten[1] == Token("voice", 0, -1, " xxx", private=True)


def test_without_the_visitors_file_a_recording_can_still_be_read(tmp_path):
    word = Word("voice", 0, "Ada", " ", ("ada",), 0, 0, forced=True, private=True)
    recorded(tmp_path / "r", Signal(0.0, "osc", "/say", ("Ada",), private=True), word)
    (tmp_path / "r" / visitors.FILE).unlink()
    signal, blank = (entry.message for entry in recording.read(tmp_path / "r"))
    assert (signal.values, blank.text, blank.parts) == ((), "", ())


def test_older_recordings_forget_too_each_after_its_own_time(tmp_path):
    for name, hours in {"a": 1.0, "b": 48.0}.items():
        recorded(tmp_path / name, Token("voice", 0, 3, " Ada", private=True), keep_visitors=hours)
    (tmp_path / "no recording").mkdir()
    assert recording.forget_all(tmp_path, time.time() + 2 * 3600) == 1
    assert visitors.forgotten(tmp_path / "a")
    assert not visitors.forgotten(tmp_path / "b")


def test_what_is_young_is_kept(tmp_path):
    recorded(tmp_path / "r", Token("voice", 0, 3, " Ada", private=True))
    assert visitors.forget(tmp_path / "r", before=1.0) == 0
    assert "Ada" in (tmp_path / "r" / visitors.FILE).read_text()


def test_a_full_disk_stops_the_recorder_loudly_and_nothing_else(tmp_path):
    told = threading.Event()
    sentences = []

    def on_stop(sentence):
        sentences.append(sentence)
        told.set()

    recorder = recording.Recorder(tmp_path / "r", HEADER, on_stop)
    recorder._log.close()
    recorder._log = open("/dev/full", "w")  # noqa: PTH123, SIM115
    recorder.write(0.0, Token("voice", 0, 3, "sea"))
    assert told.wait(5)
    assert "No space left" in sentences[0]
    recorder._thread.join(5)
    recorder.write(1.0, Token("voice", 1, 3, "sea"))
    assert not recorder.running


def test_a_folder_that_is_no_recording_is_told(tmp_path):
    with pytest.raises(RecordingError, match=r"header\.json"):
        list(recording.read(tmp_path))
    (tmp_path / "header.json").write_text(json.dumps([1])[:1])
    with pytest.raises(RecordingError):
        recording.read_header(tmp_path)


def test_a_recording_is_never_written_over(tmp_path):
    recorded(tmp_path / "r")
    with pytest.raises(RecordingError, match="exist"):
        recording.Recorder(tmp_path / "r", HEADER)
