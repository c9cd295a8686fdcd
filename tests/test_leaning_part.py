"""A steering vector, and an adapter, from the room to the Steering: who owns it, and what is kept of it."""

import hashlib
import json

import pytest

from installation.app import adapters
from installation.archive.log import from_line, to_line
from installation.catalogue import CATALOGUE
from installation.conductor import Conductor
from installation.errors import ShowErrors
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


ADAPTED = """\
title: Adapted
voice: {adapter: adapters/mine}
scenes:
  a: {prompt: the sea}
  b: {prompt: the lamp, voice: {adapter: adapters/other}}
  c: {prompt: the door, voice: {adapter: ''}}
"""


def adapter(folder, **config):
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"peft_type": "LORA", "r": 4, "lora_alpha": 8} | config
    (folder / "adapter_config.json").write_text(json.dumps(whole))
    (folder / "adapter_model.safetensors").write_bytes(b"weights")


def test_scenes_change_the_adapter_and_nobody_from_outside(tmp_path):
    for name in ("mine", "other"):
        adapter(tmp_path / "adapters" / name)
    room = Room(tmp_path, ADAPTED)
    room.until(0.1)
    worn = [room.steered[-1].adapter]
    for at, scene in enumerate("bca", 1):
        room.osc(at, "/installation/scene", scene)
        room.until(at + 0.1)
        worn.append(room.steered[-1].adapter)
    assert worn == ["adapters/mine", "adapters/other", "", "adapters/mine"]
    room.osc(5, "/installation/voice/voice/adapter", "adapters/other")
    room.until(5.1)
    assert room.steered[-1].adapter == "adapters/mine"
    settings = room.conductor.parts["voice"].settings
    assert (settings.adapter, settings.adapters) == ("adapters/mine", ("adapters/other",))
    weights = hashlib.sha256(b"weights").hexdigest()
    assert adapters(room.conductor.show) == (("adapters/mine", weights), ("adapters/other", weights))
    assert not any(p.address.endswith("adapter") for p in room.conductor.status().parameters)


def test_a_show_without_adapters_tells_nothing_of_them(room):
    room.until(0.1)
    told = [message.target for _, message in room.log if hasattr(message, "target")]
    assert "voice.voice.adapter" not in told


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "adapter_config.json").unlink(), "adapter_config.json is missing"),
        (
            lambda folder: (folder / "adapter_model.safetensors").unlink(),
            "adapter_model.safetensors is missing",
        ),
        (
            lambda folder: (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin"),
            "adapter_model.bin can run code and is not read",
        ),
        (lambda folder: adapter(folder, peft_type="IA3"), "peft_type is IA3; only LORA can be merged"),
        (lambda folder: adapter(folder, use_dora=True), "use_dora is set, and cannot be merged here"),
        (lambda folder: adapter(folder, r="many"), "gives no r and lora_alpha as numbers"),
        (lambda folder: folder.rename(folder.parent / "gone"), "there is no folder"),
    ],
)
def test_an_adapter_that_cannot_be_worn_is_told_at_its_line(tmp_path, spoil, told):
    for name in ("mine", "other"):
        adapter(tmp_path / "adapters" / name)
    spoil(tmp_path / "adapters" / "other")
    (tmp_path / "show.yaml").write_text(ADAPTED)
    with pytest.raises(ShowErrors) as wrong:
        check.read(tmp_path, CATALOGUE)
    assert "show.yaml:5: scenes.b.voice.adapter: " in str(wrong.value)
    assert told in str(wrong.value)


def test_a_voice_without_weights_of_its_own_takes_none(tmp_path):
    adapter(tmp_path / "adapters" / "mine")
    (tmp_path / "show.yaml").write_text(
        "title: T\nvoice: {model: 'openai:x', adapter: adapters/mine}\nscenes: {a: {prompt: x}}\n"
    )
    with pytest.raises(ShowErrors, match="openai:x takes no adapter"):
        check.read(tmp_path, CATALOGUE)
