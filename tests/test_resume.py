"""Where a show goes on after a crash."""

import json
import logging
import time

import pytest

from installation.resume import FRESH, ResumePoint

STATE = {"score": {"scene": "b"}, "text": {"voice": "the sea — 海"}}


@pytest.fixture
def point(tmp_path):
    return ResumePoint(tmp_path / "state" / "tide.json")


def test_what_was_written_is_read_until_it_is_forgotten(point):
    assert point.read() is None
    point.write(STATE)
    assert STATE.items() <= point.read().items()
    assert [path.name for path in point.path.parent.iterdir()] == ["tide.json"]
    point.forget()
    point.forget()
    assert point.read() is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"score": {}',
        '{"score": {}, "text": {}}',
        '{"score": 3, "text": {}, "wall": %s}',
        '{"score": {}, "text": "", "wall": %s}',
        '{"score": {}, "text": {}, "wall": "noon"}',
        "\udcff",
    ],
)
def test_what_is_not_whole_is_no_resume_point_and_is_forgotten(point, content):
    point.path.parent.mkdir()
    point.path.write_bytes(content.replace("%s", str(time.time())).encode("utf-8", "surrogateescape"))
    assert point.read() is None
    assert not point.path.exists()


@pytest.mark.parametrize("age", [FRESH + 1, -100])
def test_what_is_old_or_from_tomorrow_is_forgotten_with_what_visitors_said(point, age):
    point.write(STATE)
    state = json.loads(point.path.read_text())
    point.path.write_text(json.dumps(state | {"wall": time.time() - age}))
    assert point.read() is None
    assert not point.path.exists()


def test_a_disk_that_takes_nothing_is_told_of_once(point, caplog):
    point.path.parent.write_text("a file")
    with caplog.at_level(logging.WARNING):
        point.write(STATE)
        point.write(STATE)
    assert len(caplog.records) == 1
    assert "no resume point can be kept" in caplog.text
