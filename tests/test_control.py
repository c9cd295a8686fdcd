"""The background thread when something in it breaks."""

import threading
from collections import deque

import pytest
from evening import PATIENCE, tell, write_show

from installation.catalogue import CATALOGUE
from installation.clock import LiveClock
from installation.control import Control
from installation.evening import Evening
from installation.messages import Adopt, Signal, Status, Word
from installation.show import check


class Stage(deque):
    """An inbox that tells when something has come."""

    def __init__(self):
        super().__init__()
        self.news = threading.Condition()

    def append(self, message):
        with self.news:
            super().append(message)
            self.news.notify_all()

    def until(self, true):
        with self.news:
            assert self.news.wait_for(lambda: any(map(true, self)), PATIENCE)


@pytest.fixture
def running(tmp_path):
    port = write_show(tmp_path)
    ended = threading.Event()
    evening = Evening(check.read(tmp_path, CATALOGUE), 7, watch=False)
    control = Control(evening, LiveClock(), Stage(), deque(), str, on_end=ended.set)
    control.port, control.ended = port, ended
    control.start()
    yield control
    control.stop()


def test_an_error_in_a_ports_callback_ends_the_evening(running):
    running.conductor.score = None
    tell(running.port, "/x", 0.3)
    assert running.ended.wait(PATIENCE)
    assert isinstance(running.failure, AttributeError)
    running.stop()
    assert not running.running


def test_an_error_at_a_voices_token_ends_the_evening(running):
    running.inbox.until(lambda message: isinstance(message, Word))
    running.conductor.parts["voice"].arrive = None
    assert running.ended.wait(PATIENCE)
    assert isinstance(running.failure, TypeError)


def test_what_the_stage_has_to_tell_is_in_status_for_a_while(running):
    running.outbox.append("layer ghosts could not be drawn")
    running.inbox.until(lambda m: isinstance(m, Status) and m.last_error == "layer ghosts could not be drawn")
    running.tell("stage", "", 0)
    running.inbox.clear()
    running.inbox.until(lambda m: isinstance(m, Status) and m.last_error == "")


def test_a_thread_that_is_stopped_twice_ends_once(running):
    running.stop()
    running.stop()
    assert running.failure is None
    assert running.ended.is_set()


def test_a_save_that_fails_does_not_end_the_evening(tmp_path):
    write_show(tmp_path)
    asked = threading.Event()

    def save(_):
        asked.set()
        raise OSError

    control = Control(
        Evening(check.read(tmp_path, CATALOGUE), 7, watch=False, save=save),
        LiveClock(),
        Stage(),
        deque(),
        str,
    )
    control.start()
    assert asked.wait(PATIENCE)
    control.inbox.clear()
    control.inbox.until(lambda message: isinstance(message, Word))
    control.stop()
    assert control.failure is None


def test_what_is_heard_while_ports_still_open_is_heard_by_the_show(tmp_path):
    write_show(tmp_path)
    lines = []
    control = Control(
        Evening(check.read(tmp_path, CATALOGUE), 7, watch=False), LiveClock(), Stage(), deque(), str
    )
    control.conductor._log = lambda _, message: lines.append(message)
    control._signals([Signal(0.0, "osc", "/x", (0.3,))])
    control.start()

    def heard(message):
        found = message.signals if isinstance(message, Status) else ()
        return any(signal.name == "x" and signal.raw == 0.3 for signal in found)

    control.inbox.until(heard)
    control.stop()
    assert isinstance(lines[0], Adopt)
    assert control.failure is None
