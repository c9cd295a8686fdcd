"""Deadlines that do not drift. What is asserted holds however slow the machine is."""

import time

import pytest

from installation.stage.pace import Pace


def test_frames_are_never_sooner_than_their_deadline():
    pace = Pace(fps=200)
    began = time.perf_counter()
    for _ in range(20):
        pace.wait()
    assert time.perf_counter() - began >= 19 / 200
    assert len(pace.intervals) == len(pace.busy) == 20


def test_a_missed_deadline_is_given_up_not_caught_up():
    pace = Pace(fps=50)
    pace.wait()
    stalled = time.perf_counter()
    while time.perf_counter() < stalled + 10 / 50:  # ten frames' work at once
        pass
    pace.wait()
    after = time.perf_counter()
    for _ in range(3):
        pace.wait()
    assert time.perf_counter() - after >= 2 / 50
    assert pace.busy[1] >= 10 / 50


def test_what_it_tells_of_the_last_frames():
    pace = Pace()
    assert (pace.fps, pace.late()) == (0.0, 0.0)
    pace.intervals.extend([0.1] * 30 + [1 / 60] * 60)
    assert pace.fps == pytest.approx(60)
    assert pace.late() == pytest.approx(30 / 90)
    pace.intervals.extend([1 / 60] * 10_000)
    assert len(pace.intervals) == 600
    assert pace.late() == 0


def test_a_display_with_a_beat_of_its_own_is_followed():
    pace = Pace(fps=50)
    for _ in range(5):
        pace.worked()
        shown = time.perf_counter()
        while time.perf_counter() < shown + 0.9 / 50:  # the display is a little quicker than we would be
            pass
        pace.wait(shown=True)
    assert len(pace.busy) == 5
    assert min(pace.busy) < 0.5 / 50, "waiting for the display is no work"
    pace.wait(shown=True)
    assert pace.intervals[-1] >= 0.9 / 50, "a display that does not wait is waited for"
