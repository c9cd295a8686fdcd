"""A steering vector, and an adapter, from the room to the Steering: who owns it, and what is kept of it."""

import pytest

from installation.archive.log import from_line, to_line
from installation.catalogue import CATALOGUE
from installation.conductor import Conductor
from installation.messages import Adopt, Signal, Steered, Steering, VoiceNews
from installation.promptbook import waits_for_a_start
from installation.show import check

SHOW = """\
title: Leaning
signals: {tide: {from: osc /tide}}
voice:
  vectors:
    storm: {towards: [Wind.], away: [Still.], weight: 2 * tide - 1}
    cold: {towards: [Ice.], away: [Sun.]}
scenes:
  a: {prompt: the sea}
  b: {prompt: the lamp, voice: {cold: 0.5}}
cues:
  - {cue: up, set: {storm: 9 + tide}, fade: 1}
  - {cue: on, go: b}
"""


class Room:
    """A conductor whose voice is ready; what it is steered by, and what was written down."""

    def __init__(self, folder, text=SHOW):
        (folder / "show.yaml").write_text(text)
        show = check.read(folder, CATALOGUE)
        self.log = []
        self.conductor = Conductor(show, CATALOGUE, 7, lambda at, message: self.log.append((at, message)))
        self.conductor.begin(Adopt(show.hash, show.text, str(folder), 7))
        self.conductor.news(0.0, VoiceNews("voice", "ready"))
        self.steered = []

    def until(self, now):
        self.conductor.until(now)
        self.steered += [message for message in self.conductor.take() if isinstance(message, Steering)]
        return dict(self.steered[-1].vectors)

    def osc(self, at, address, *values):
        self.conductor.signals(at, [Signal(at, "osc", address, values)])

    def parameter(self, name):
        status = self.conductor.status()
        return next(p for p in status.parameters if p.address == f"voice.voice.{name}")


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)


def test_the_room_moves_a_weight_and_nothing_is_leant_at_0(room):
    assert room.until(0.1) == {"storm": -1.0}
    room.osc(1, "/tide", 0.5)
    assert room.until(1.1) == {}
    room.osc(2, "/tide", 1.0)
    assert room.until(2.1) == {"storm": 1.0}
    assert room.parameter("storm").owner == "expression"


def test_a_cue_fades_it_the_range_holds_it_and_a_hand_owns_it(room):
    room.until(0.1)
    room.osc(1, "/installation/cue", "up")
    assert -1 < room.until(1.5)["storm"] < 4
    assert room.until(3)["storm"] == 4.0
    assert (room.parameter("storm").owner, room.parameter("storm").clamped) == ("cue", True)
    room.osc(4, "/installation/voice/voice/storm", -0.5)
    assert room.until(4.1) == {"storm": -0.5}
    assert room.parameter("storm").owner == "hand"


def test_a_scene_sets_it_otherwise(room):
    room.until(0.1)
    room.osc(1, "/installation/scene", "b")
    assert room.until(1.1) == {"storm": -1.0, "cold": 0.5}
    room.osc(2, "/installation/scene", "a")
    assert room.until(2.1) == {"storm": -1.0}


def test_what_was_leant_is_kept_in_the_recording(room):
    room.until(0.1)
    room.osc(1, "/tide", 1.0)
    room.until(1.1)
    kept = [message for _, message in room.log if isinstance(message, Steered)]
    assert dict(kept[-1].changed)["vectors"] == (("storm", 1.0),)
    assert from_line(to_line(1.0, kept[-1]))[1] == kept[-1]


def test_a_saved_show_moves_weights_at_once_and_sentences_at_the_next_start(room, tmp_path):
    room.until(0.1)
    begun = room.conductor.show
    for text, waits in (
        (SHOW.replace("2 * tide - 1", "3"), ""),
        (SHOW.replace("Wind.", "Gale."), "voice: vectors will change at the next start"),
    ):
        (tmp_path / "show.yaml").write_text(text)
        show = check.read(tmp_path, CATALOGUE)
        assert waits_for_a_start(begun, show) == waits
        room.conductor.adopt(1.0, show, Adopt(show.hash, show.text, str(tmp_path), 7))
        assert room.until(1.5) == {"storm": 3.0 if not waits else -1.0}
