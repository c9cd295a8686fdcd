"""Hosted voices speak only while somebody is there, and need a budget."""

import pytest
from evening import write_show
from test_part import OWN, THEIRS, Room, both_ready

from installation.attendance import STAYS
from installation.catalogue import CATALOGUE
from installation.clock import TICK
from installation.conductor import Conductor
from installation.errors import ShowErrors
from installation.messages import Adopt, Signal, Steering, VoiceNews
from installation.part import HUNG_AFTER
from installation.replay import RECORDED
from installation.show import check

HOSTED = ("model: 'script:texts/a.txt'", "model: 'openai:x', budget: 1000")


def read(folder, *changes, catalogue=CATALOGUE):
    write_show(folder, *changes)
    return check.read(folder, catalogue)


class Hall:
    """A conductor whose voice is ready; the highest credit that it was given."""

    def __init__(self, show, **more):
        self.conductor = Conductor(show, CATALOGUE, 7, **more)
        self.conductor.begin(Adopt(show.hash, show.text, str(show.folder), 7))
        self.conductor.news(0.0, VoiceNews("voice", "ready", "openai:x, 1000 tokens a day"))

    @property
    def credit(self):
        return max((m.credit for m in self.conductor.take() if isinstance(m, Steering)), default=None)

    @property
    def state(self):
        (state,) = self.conductor.status().voices
        return state.state, state.detail

    def hear(self, at, address, *values, retained=False):
        self.conductor.signals(at, [Signal(at, "osc", address, values, retained=retained)])


def test_it_asks_for_nothing_before_somebody_is_there(tmp_path):
    hall = Hall(read(tmp_path, HOSTED))
    hall.conductor.until(1.0)
    assert hall.credit == 0
    assert hall.state == ("silent", "nobody is there")
    assert hall.conductor.filled()
    hall.hear(1.5, "/x", 0.2, retained=True)
    assert hall.credit is None
    hall.hear(2.0, "/x", 0.2)
    assert hall.credit == 8
    hall.conductor.until(2.1)
    assert hall.state == ("speaking", "openai:x, 1000 tokens a day")


def test_after_some_minutes_without_a_sign_it_is_silent_again(tmp_path):
    hall = Hall(read(tmp_path, HOSTED))
    hall.hear(1.0, "/x", 0.2)
    hall.conductor.ticks = round((STAYS - 2) / TICK)
    hall.conductor.until(STAYS)
    assert hall.state[0] == "speaking"
    assert hall.credit == 8
    hall.conductor.until(STAYS + 1.02)
    assert hall.state == ("silent", "nobody is there")
    assert hall.credit == 0


@pytest.mark.parametrize(
    ("model", "silent"),
    [
        ("model: 'openai:x', url: 'http://localhost:8000/v1'", False),
        ("model: 'openai:x', budget: 5, url: 'https://api.example.org/v1'", True),
        ("model: 'anthropic:x', budget: 5", True),
        ("model: house", False),
        ("model: house, attended_by: x", True),
    ],
)
def test_who_speaks_to_an_empty_room(tmp_path, model, silent):
    hall = Hall(read(tmp_path, (HOSTED[0], model)))
    hall.conductor.until(0.1)
    assert (hall.credit == 0) is silent


def test_a_signal_says_that_somebody_is_there(tmp_path):
    hall = Hall(read(tmp_path, (HOSTED[0], HOSTED[1] + ", attended_by: x")))
    hall.hear(1.0, "/say", "hello")
    assert hall.credit == 0
    hall.hear(2.0, "/x", 0.2)
    assert hall.credit == 8
    hall.hear(3.0, "/x", 0.01)
    assert hall.state == ("silent", "nobody is there")


def test_an_event_or_a_text_is_somebody_for_a_while(tmp_path):
    hall = Hall(read(tmp_path, (HOSTED[0], HOSTED[1] + ", attended_by: say")))
    hall.hear(1.0, "/x", 0.2)
    assert hall.credit == 0
    hall.hear(2.0, "/say", "hello")
    assert hall.credit == 8


def test_who_films_is_somebody(tmp_path):
    hall = Hall(read(tmp_path, HOSTED), watched=True)
    assert hall.credit == 8


@pytest.mark.parametrize(
    ("voice", "fault"),
    [
        (
            "model: 'openai:x'",
            "voice.budget: a hosted voice needs a budget: most tokens that it may use in a day",
        ),
        ("model: 'anthropic:x', budget: 0", "write budget: 200000, or with url: name a server of your own"),
        ("model: 'openai:x', url: 'https://example.org/v1'", "a hosted voice needs a budget"),
        ("model: 'openai:x', budget: 5, attended_by: y", "voice.attended_by: there is no signal 'y'"),
    ],
)
def test_what_is_missing_is_told(tmp_path, voice, fault):
    with pytest.raises(ShowErrors) as wrong:
        read(tmp_path, (HOSTED[0], voice))
    assert fault in str(wrong.value)


def test_an_older_recording_without_a_budget_is_read(tmp_path):
    show = read(tmp_path, (HOSTED[0], "model: 'openai:x'"), catalogue=RECORDED)
    assert show.voices["voice"].settings["model"] == "openai:x"


def attended(folder):
    room = Room(folder)
    write_show(folder, HOSTED, ("pace: 12", "pace: 10"))
    show = check.read(folder, CATALOGUE)
    room.conductor = Conductor(show, CATALOGUE, 7)
    room.conductor.begin(Adopt(show.hash, show.text, str(show.folder), 7))
    room.part = room.conductor.parts["voice"]
    both_ready(room)
    return room


def test_who_is_lost_gives_the_word_to_the_understudy_at_once(tmp_path):
    room = attended(tmp_path)
    room.conductor.signals(0.0, [Signal(0.0, "osc", "/x", (0.1,))])
    room.until(0.2)
    room.news(OWN, "lost", "openai:x: today's budget of 1000 tokens is spent")
    room.until(1.5)
    assert room.state.state == "understudy"
    assert "budget of 1000 tokens is spent" in room.state.detail
    assert "uno" in room.text


def test_who_says_nothing_for_two_seconds_gives_it_too_but_not_in_an_empty_room(tmp_path):
    room = attended(tmp_path)
    room.speakers[OWN].slow = True
    room.until(3 * HUNG_AFTER)
    assert (room.state.state, room.text) == ("silent", "")
    at = room.conductor.now
    room.conductor.signals(at, [Signal(at, "osc", "/x", (0.1,))])
    room.answer()
    room.until(at + HUNG_AFTER - 0.1)
    assert room.state.state == "speaking"
    room.until(at + HUNG_AFTER + 1.0)
    assert (room.state.state, room.state.detail) == ("understudy", "it says nothing")
    assert room.text.startswith("uno")
    assert room.speakers[THEIRS].told
