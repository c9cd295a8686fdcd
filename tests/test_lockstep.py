"""A show that plays by itself: time waits for the voice, so the same seed gives the same pictures."""

import asyncio

import pytest
from evening import write_show

from installation.catalogue import CATALOGUE
from installation.errors import RecordingError, VoiceError
from installation.lockstep import Rehearsal, is_recording, still
from installation.show import check

SIZE = (320, 180)


def marks(folder, moments):
    """The mark of the stage at each moment, with its pixels."""

    async def play():
        rehearsal = Rehearsal(check.read(folder, CATALOGUE), 7, SIZE)
        try:
            await rehearsal.begin()
            return [(await rehearsal.frame(now)).mark(pixels=True) for now in moments]
        finally:
            await rehearsal.end()

    return asyncio.run(play())


def test_the_same_show_gives_the_same_pictures(tmp_path):
    write_show(tmp_path)
    moments = [n / 10 for n in range(12)]
    one = marks(tmp_path, moments)
    assert one == marks(tmp_path, moments)
    assert len({mark.rows for mark in one}) > 5
    assert [mark.now for mark in one] == moments


def test_a_voice_as_fast_as_it_can_still_ends(tmp_path):
    write_show(tmp_path, ("pace: 12", "pace: 1000"))
    assert marks(tmp_path, [0.0, 0.2])[-1].upto > 3


def test_a_silent_voice_is_waited_for_no_longer_than_it_takes(tmp_path):
    write_show(tmp_path, ("pace: 12", "pace: 0"))
    assert len(marks(tmp_path, [0.0, 2.0])) == 2


def test_cues_play_without_anybody(tmp_path):
    write_show(tmp_path, ("cue: back, go: a", "cue: back, after: 0.5, go: dark"))
    early, late = marks(tmp_path, [0.4, 3.0])
    assert early.rows != late.rows


def test_a_voice_that_cannot_load_is_told(tmp_path):
    write_show(tmp_path)
    (tmp_path / "texts" / "a.txt").write_text("\n")
    with pytest.raises(VoiceError, match="holds no words"):
        marks(tmp_path, [0.0])


def test_a_shows_folder_is_no_recording(tmp_path):
    write_show(tmp_path)
    assert not is_recording(tmp_path)
    (tmp_path / "header.json").write_text("{}")
    assert is_recording(tmp_path)
    with pytest.raises(RecordingError, match="is empty"):
        still(tmp_path, tmp_path / "out.png", SIZE, 1.0, None, None)
