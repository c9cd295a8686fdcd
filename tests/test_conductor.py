"""Score and speech in step, without a process, a socket or a clock: what goes in, what comes out."""

import json

from evening import write_show
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from installation.archive.log import to_line
from installation.catalogue import CATALOGUE
from installation.clock import TICK
from installation.conductor import TOLD_FOR, Conductor, is_shown
from installation.messages import (
    Action,
    Adopt,
    Candidates,
    Signal,
    Steered,
    Steering,
    Token,
    VoiceNews,
    Word,
)
from installation.replay import Performance
from installation.score.telling import line
from installation.show import check
from installation.voice.scripted import ScriptedVoice

READY = VoiceNews("voice", "ready", model_hash="abc")


def read(folder, *changes):
    write_show(folder, *changes)
    return check.read(folder, CATALOGUE)


class Hall:
    """A conductor with a scripted voice on its credit: it answers every Steering at once."""

    def __init__(self, show, speaks=True):
        self.log = []
        self.conductor = Conductor(show, CATALOGUE, 7, lambda at, message: self.log.append((at, message)))
        self.out = []
        self.voice = None
        self.conductor.begin(adoption(show))
        if speaks:
            self.load(0.0)
        self.answer()

    def load(self, at):
        """The voice's process begins, and is ready at once."""
        show = self.conductor.show
        self.conductor.news(at, VoiceNews("voice", "loading"))
        settings = {"model": show.voices["voice"].settings["model"]}
        self.voice, self.turn = ScriptedVoice(settings, "voice", show.folder), -1
        self.conductor.news(at, self.voice.load())

    def until(self, seconds):
        while self.conductor.ticks * TICK <= seconds:
            self.conductor.until(self.conductor.ticks * TICK)
            self.answer()

    def hear(self, *signals):
        self.conductor.signals(signals[0].at, signals)
        self.answer()

    def answer(self):
        """Take what came out; speak what the newest Steering allows."""
        while new := self.conductor.take():
            self.out += new
            for steering in (message for message in new if isinstance(message, Steering) and self.voice):
                if steering.turn != self.turn:
                    self.voice.begin(steering.text, steering.first)
                    self.turn = steering.turn
                self.voice.steer(steering)
                while self.voice.n < steering.credit:
                    self.conductor.token(self.conductor.now, self.voice.next())

    def lines(self, *kinds):
        """What came out, readable, and emptied. Steering that only moves the credit is told once."""
        out, self.out = self.out, []
        lines, steered = [], ""
        for message in out:
            if isinstance(message, kinds or object) and (text := readable(message)) != steered:
                lines.append(text)
                steered = text if isinstance(message, Steering) else steered
        return lines


def adoption(show):
    return Adopt(show.hash, show.text, str(show.folder), 7)


def readable(message):
    match message:
        case Action():
            return line(message)
        case Word():
            return f"{message.voice}: {message.text}" + (" (forced)" if message.forced else "")
        case Steering():
            return f"steer: {message.prompt}" + (f", say {message.say!r}" if message.say else "")
        case _:
            return type(message).__name__


def osc(at, address, *values):
    return Signal(at, "osc", address, values, "10.0.0.7:9000")


def test_inputs_and_what_follows(tmp_path):
    hall = Hall(read(tmp_path, ("pace: 12", "pace: 4")))
    assert [text for text in hall.lines(Action, Steering) if "_" not in text] == [
        "0.00 scene a (the show begins)",
        "0.00 layer.ghosts.rise 0.4 (the show begins; 0.4 + x, x 0 at rest)",
        "0.00 voice.voice.temperature 0.8 (the show begins)",
        "0.00 voice.voice.repetition 1.1 (the show begins)",
        "0.00 voice.voice.pace 4 (the show begins)",
        "0.00 voice.voice.prompt hello (the show begins)",
        "steer: hello",
    ]
    hall.until(0.9)
    assert hall.lines(Word) == ["voice: sea", "voice: at", "voice: night"]
    hall.hear(osc(0.95, "/x", 0.25))
    assert hall.lines(Action, Steering) == [
        "0.95 layer.ghosts.rise 0.65 (0.4 + x, x 0.25 from osc /x (10.0.0.7:9000) at 0.95 s)"
    ]
    hall.hear(osc(0.99, "/x", 0.9))
    assert hall.lines(Action, Steering) == [
        "0.99 scene b over 0.2 s (cue up: x 0.9 > 0.5; x 0.9 from osc /x (10.0.0.7:9000) at 0.99 s)",
        "0.99 voice.voice.prompt there (cue up: x 0.9 > 0.5; x 0.9 from osc /x (10.0.0.7:9000) at 0.99 s)",
        "steer: there",
    ]


MIXED = ("prompt: there", "prompt: {hello: 1 - x, there: x}")
CROSSED = ("go: b, fade: 0.2", "go: b, fade: 1.2")


def test_mixed_prompts_steer_by_weights_and_take_nothing_back(tmp_path):
    hall = Hall(read(tmp_path, ("pace: 12", "pace: 4"), MIXED))
    hall.hear(osc(0.5, "/x", 0.75))
    (steering,) = {m.take: m for m in hall.out if isinstance(m, Steering) and m.prompts}.values()
    assert (steering.prompts, steering.weights, steering.prompt) == (
        ("hello", "there"),
        (0.25, 0.75),
        "there",
    )
    hall.hear(osc(0.6, "/x", 0.125))
    moved = [message for message in hall.out if isinstance(message, Steering)][-1]
    assert (moved.weights, moved.prompt, moved.take) == ((0.875, 0.125), "hello", steering.take)
    hall.hear(osc(0.7, "/x", 0.126))
    assert [message for message in hall.out if isinstance(message, Steering)][-1] == moved
    steered = [message for _, message in hall.log if isinstance(message, Steered)]
    assert dict(steered[-1].changed) == {"prompt": "hello", "weights": (0.875, 0.125)}
    hall.hear(osc(0.8, "/installation/cue", "back"))
    alone = [message for message in hall.out if isinstance(message, Steering)][-1]
    assert (alone.prompt, alone.prompts, alone.weights) == ("hello", (), ())
    assert alone.take > moved.take


def test_what_is_said_is_forced_and_goes_on(tmp_path):
    hall = Hall(read(tmp_path))
    hall.until(0.1)
    assert hall.lines(Word) == ["voice: The", "voice: sea"]
    hall.hear(Signal(0.1, "keys", "", ("so",), "keyboard", private=True))
    hall.until(0.8)
    assert hall.lines(Action, Word, Steering) == [
        "0.10 voice.voice.say … (cue whisper: say from keys (keyboard) at 0.10 s)",
        "steer: hello, say 'Someone says so.'",
        "steer: hello",
        "voice: Someone (forced)",
        "voice: says (forced)",
        "voice: so. (forced)",
        "voice: at",
        "voice: night",
        "voice: puts",
        "voice: away",
    ]


def test_a_fourth_saying_is_told(tmp_path):
    hall = Hall(read(tmp_path))
    hall.until(0.1)
    hall.lines()
    hall.hear(*(osc(0.1, "/say", str(n)) for n in range(4)))
    told = [text for text in hall.lines(Action) if " told " in text]
    assert len(told) == 1
    assert "not said, 3 others are waiting" in told[0]
    assert "others are waiting" in hall.conductor.status().last_error
    hall.until(0.2 + TOLD_FOR)
    assert hall.conductor.status().last_error == ""


def test_while_the_voice_loads_the_scene_speaks_for_it(tmp_path):
    hall = Hall(read(tmp_path), speaks=False)
    hall.until(1.4)
    assert hall.lines(Word) == []
    hall.until(2.2)
    assert hall.lines(Word) == [
        "meanwhile: Wait (forced)",
        "meanwhile: with (forced)",
        "meanwhile: me. (forced)",
    ]


def test_a_line_that_was_begun_is_finished_before_the_voice_goes_on(tmp_path):
    hall = Hall(read(tmp_path), speaks=False)
    hall.until(1.56)
    hall.load(1.56)
    hall.until(2.2)
    said = hall.lines(Word)
    assert said[:4] == [
        "meanwhile: Wait (forced)",
        "meanwhile: with (forced)",
        "meanwhile: me. (forced)",
        "voice: The",
    ]


def test_a_voice_that_is_lost_says_what_it_had_ready_and_comes_back_behind_it(tmp_path):
    hall = Hall(read(tmp_path))
    hall.until(0.2)
    hall.voice = None
    hall.conductor.news(0.2, VoiceNews("voice", "lost", "the voice voice was ended by SIGKILL"))
    hall.until(4.0)
    hall.load(4.0)
    hall.until(4.6)
    said = hall.lines(Word)
    own = " ".join(text.split(" ")[1] for text in said if text.startswith("voice: "))
    assert own.startswith("The sea at night puts away its colours. Only the sound stays out,")
    assert "meanwhile: Wait (forced)" in said


def test_in_the_dark_nobody_stands_in(tmp_path):
    hall = Hall(read(tmp_path, ("start: a", "start: dark")), speaks=False)
    hall.until(5.0)
    assert hall.lines(Word) == []


def test_a_voice_that_cannot_be_loaded_is_told(tmp_path):
    hall = Hall(read(tmp_path), speaks=False)
    hall.conductor.news(0.5, VoiceNews("voice", "error", "the weights are not here"))
    assert hall.conductor.status().last_error == "the weights are not here"
    assert hall.conductor.status().voices[0].state == "lost"


def test_ticks_are_exact_however_late_they_run(tmp_path):
    show = read(tmp_path, ("'Someone says {say}.'", "'{say}'"), ("x > 0.5", "t > 0.5"))
    at = []
    for steps in ([0.111, 3.0], [0.5, 0.51, 0.52, 0.53, 3.0], [3.0]):
        hall = Hall(show)
        for now in steps:
            hall.conductor.until(now)
        assert hall.conductor.ticks == 151
        assert hall.conductor.now == 150 * TICK
        at.append(
            [when for when, message in hall.log if isinstance(message, Action) and message.value == "b"]
        )
    assert at == [[26 * TICK]] * 3


def test_an_input_from_the_past_steps_now_and_two_inputs_never_share_a_time(tmp_path):
    hall = Hall(read(tmp_path))
    hall.until(1.0)
    for at in (0.5, 0.5, 1.0, 1.0):
        hall.hear(osc(at, "/x", 0.1))
    heard = [when for when, message in hall.log if isinstance(message, Signal)]
    assert heard == sorted(set(heard))
    assert heard[0] == 1.0
    assert heard[-1] < 1.0 + 1e-9


def test_an_edit_changes_what_is_wanted_of_the_voice(tmp_path):
    hall = Hall(read(tmp_path))
    hall.until(0.2)
    hall.lines()
    show = read(tmp_path, ("prompt: hello", "prompt: good evening"))
    hall.conductor.adopt(0.2, show, adoption(show))
    hall.answer()
    assert hall.lines(Steering) == ["steer: good evening"]


def test_a_voice_is_told_every_prompt_of_the_show_and_of_an_edited_one(tmp_path):
    hall = Hall(read(tmp_path, ("prompt: there", "prompt: {there: 1 - x, elsewhere: x}")))
    told = [message.repertoire for message in hall.out if isinstance(message, Steering)]
    assert told[-1] == ("hello", "there", "elsewhere")
    show = read(tmp_path, ("prompt: hello", "prompt: good evening"))
    hall.conductor.adopt(0.2, show, adoption(show))
    hall.answer()
    told = [message.repertoire for message in hall.out if isinstance(message, Steering)]
    assert told[-1] == ("good evening", "there")
    assert not any("there" in str(message) for _, message in hall.log if isinstance(message, Steered))


def test_tokens_of_another_take_are_not_spoken(tmp_path):
    hall = Hall(read(tmp_path))
    hall.conductor.token(0.0, Token("voice", 8, 1, " stale", take=0))
    hall.until(2.0)
    assert "voice: stale" not in hall.lines(Word)


# What is written down is enough: the same inputs conducted again give the same of everything.

AFTER = st.floats(0, 0.4)
INPUTS = st.one_of(
    st.tuples(st.just("x"), AFTER, st.floats(0, 1)),
    st.tuples(st.just("say"), AFTER, st.sampled_from(["ada", "an owl", "don't", "雨の夜", "a\nb"])),
    st.tuples(st.just("go"), AFTER, st.none()),
    st.tuples(st.just("panic"), AFTER, st.none()),
    st.tuples(st.just("both"), AFTER, st.floats(0, 1)),
    st.tuples(st.just("lost"), AFTER, st.none()),
    st.tuples(st.just("back"), AFTER, st.none()),
    st.tuples(st.just("edit"), AFTER, st.sampled_from(["hello", "another night"])),
    st.tuples(st.just("hand"), AFTER, st.tuples(st.floats(0, 3))),
    st.tuples(st.just("stray"), AFTER, st.integers(0, 30)),
    st.tuples(st.just("interrupt"), AFTER, st.just(())),
    st.tuples(st.just("rewind"), AFTER, st.sampled_from([(), (3,)])),
)


def play(hall, kind, at, value, folder):
    match kind:
        case "x":
            hall.hear(osc(at, "/x", value))
        case "say":
            hall.hear(Signal(at, "keys", "", (value,), "keyboard", private=True))
        case "go" | "panic":
            hall.hear(osc(at, f"/installation/{kind}"))
        case "both":
            hall.hear(osc(at, "/x", value), osc(at, "/say", "both"))
        case "interrupt" | "rewind" | "hand":
            address = "layer/ghosts/rise" if kind == "hand" else f"voice/voice/{kind}"
            hall.hear(osc(at, f"/installation/{address}", *value))
        case "lost":
            hall.voice = None
            hall.conductor.news(at, VoiceNews("voice", "lost", "shot"))
        case "back":
            hall.load(at)
        case "edit":
            show = read(folder, ("prompt: hello", f"prompt: {value}"))
            hall.conductor.adopt(at, show, adoption(show))
        case "stray":
            hall.conductor.token(at, Token("voice", value, 1, " stray"))
    hall.answer()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(INPUTS, min_size=1, max_size=12), st.sampled_from([(), (MIXED,), (CROSSED,)]))
def test_what_was_recorded_and_is_conducted_again_is_the_same(tmp_path, inputs, changes):
    hall = Hall(read(tmp_path, *changes))
    now = 0.0
    for kind, after, value in inputs:
        now += after
        play(hall, kind, now, value, tmp_path)
    hall.until(now + 1.0)
    recorded = tmp_path / "recorded"
    recorded.mkdir(exist_ok=True)
    (recorded / "header.json").write_text(json.dumps({"seed": "7"}))
    (recorded / "000001.jsonl").write_text("".join(to_line(*entry) + "\n" for entry in hall.log))

    again = Performance(recorded)
    for _ in again.entries():
        pass
    again.until(now + 1.0)
    decided = [message for _, message in hall.log if isinstance(message, Action | Steered | Word)]
    assert list(again.decided) == decided
    shown = [
        m for m in hall.out if not isinstance(m, Steering) and (not isinstance(m, Action) or is_shown(m))
    ]
    kinds = (Action, Word, Token, Candidates)
    assert [m for m in again.messages if isinstance(m, kinds)] == [m for m in shown if isinstance(m, kinds)]
    assert len(again.messages) == len(shown)
