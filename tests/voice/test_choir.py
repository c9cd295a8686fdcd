import numpy as np
import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st
from test_blend import DOOR, LAMP, SEA, Row
from test_engine import END, Letters
from tiny_models import steering

from installation.errors import VoiceError
from installation.voice.choir import SLICE, Choir
from installation.voice.engine import Engine

PROMPTS = (SEA, LAMP, DOOR)


class Rows(Row):
    """A Forward that reads a token into several memories at once, and counts how often."""

    steps = ()

    def together(self, memories, ids):
        self.rows[0].steps = (*self.rows[0].steps, len(ids))
        return np.stack([memory.run([token]) for memory, token in zip(memories, ids, strict=True)])


def engines(count, forward):
    first = Engine(forward, Letters(), "voice 0")
    return {0: first} | {n: first.another(f"voice {n}") for n in range(1, count)}


def plan(n, serial=0, **changes):
    """What the voice `n` is steered by: each has a seed, a mix, a ban and a temperature of its own."""
    ends = {"temperature": 0.5 + n % 7 / 5, "top_k": n % 3 * 10, "seed": n, "prompt": PROMPTS[n % 3]}
    if n % 4 == 1:
        ends |= {"prompts": (PROMPTS[n % 3], PROMPTS[(n + 1) % 3]), "weights": (0.4, 0.6)}
    if n % 5 == 2:
        ends["forbidden"] = ("e", "the")
    return steering(serial, **(ends | changes))


def sung(voices, count, choir=None):
    """The ids that each of these voices speaks, so many, in a choir."""
    choir, heard = choir or Choir(voices), {name: [] for name in voices}
    while due := [name for name in voices if len(heard[name]) < count]:
        for name, token in choir.step(due).items():
            heard[name].append(token.id)
    return heard


def alone(made, count):
    return [made.next().id for _ in range(count)]


def test_each_of_32_speaks_what_it_speaks_alone():
    forward = Rows(limit=120)
    voices = engines(32, forward)
    for n, voice in voices.items():
        voice.steer(plan(n))
    heard = sung(voices, 150)
    for n in voices:
        single = Engine(Rows(limit=120), Letters(), f"voice {n}")
        single.steer(plan(n))
        assert heard[n] == alone(single, 150), n
    assert max(forward.steps) == 32 + 8  # eight have two prompts


def test_one_that_is_read_in_slices_does_not_hold_up_the_others():
    forward = Rows(limit=900, lean={END: -99})
    voices = engines(3, forward)
    for n in (0, 1):
        voices[n].steer(plan(n, prompts=(), weights=()))
    choir = Choir(voices)
    sung({n: voices[n] for n in (0, 1)}, 1, choir)
    voices[2].steer(plan(2, prompt=DOOR * 20))
    told = [choir.step([0, 1, 2]) for _ in range(40)]
    first = next(at for at, each in enumerate(told) if 2 in each)
    assert first == -(-len(DOOR * 20) // SLICE) - 1
    assert all({0, 1} <= each.keys() for each in told)
    assert all({0, 1, 2} == each.keys() for each in told[first:])
    assert max(forward.rows[2].work) == SLICE


def test_when_their_contexts_roll_over_nobody_waits():
    forward = Rows(limit=120, lean={END: -99})
    voices = engines(8, forward)
    for n, voice in voices.items():
        voice.steer(plan(n, prompts=(), weights=()))
    choir = Choir(voices)
    sung(voices, 1, choir)
    assert all(len(choir.step(range(8))) == 8 for _ in range(300))
    assert len({voice.window for voice in voices.values()}) > 1


def test_what_is_late_is_read_first_come_first():
    voices = engines(4, Rows(limit=900, lean={END: -99}))
    choir = Choir(voices)
    voices[0].steer(plan(0))
    choir.step([0])
    for n, times in ((1, 4), (2, 20), (3, 2)):
        voices[n].steer(plan(n, prompt=DOOR * times, prompts=(), weights=()))
    order = {}
    for step in range(60):
        for name in choir.step([0, 1, 2, 3] if step else [0, 1, 2]):
            order.setdefault(name, step)
    assert sorted(order, key=order.get) == [0, 1, 2, 3]


def test_one_that_has_nothing_to_say_does_not_silence_the_others():
    voices = engines(3, Rows(limit=120))
    for n, voice in voices.items():
        voice.steer(plan(n))
    voices[1].steer(steering(1, prompt=SEA, refused=((0, tuple(range(END + 1))),)))
    choir = Choir(voices)
    told = choir.step([0, 1, 2])
    while len(told) < 3:
        told |= choir.step([name for name in voices if name not in told])
    assert isinstance(told[1], VoiceError)
    voices[1].steer(plan(1, 2))
    assert sorted(sung(voices, 20, choir)) == [0, 1, 2]


def test_a_broken_model_is_told():
    voices = engines(2, Rows(limit=120))
    for n, voice in voices.items():
        voice.steer(plan(n))
    choir = Choir(voices)
    sung(voices, 3, choir)

    def broken(memories, ids):  # noqa: ARG001
        raise VoiceError("no memory left")

    voices[0]._forward.together = broken
    with pytest.raises(VoiceError, match="no memory left"):
        choir.step([0, 1])


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_takes_and_credit_in_any_order_change_no_text(data):
    """Each voice has its own history of revocations; who steps with whom is of no account."""
    count = 3
    voices = engines(count, Rows(limit=90))
    histories = {n: [] for n in voices}
    choir, heard = Choir(voices), {n: {} for n in voices}
    for n, voice in voices.items():
        voice.steer(plan(n))
    for turn in range(1, data.draw(st.integers(2, 8)) + 1):
        who = data.draw(st.lists(st.sampled_from(range(count)), min_size=1, unique=True))
        until = {n: voices[n].n + data.draw(st.integers(1, 30)) for n in who}
        while due := [n for n in who if voices[n].n < until[n]]:
            for n, token in choir.step(due).items():
                heard[n][token.n] = token.id
        back = data.draw(st.sampled_from(range(count)))
        keep = max(0, voices[back].n - data.draw(st.integers(0, 6)))
        steer = plan(back, turn, take=turn, keep=keep, prompt=data.draw(st.sampled_from(PROMPTS)))
        histories[back].append((voices[back].n, steer))
        voices[back].steer(steer)
    for n in voices:
        single, said = Engine(Rows(limit=90), Letters(), f"voice {n}"), {}
        single.steer(plan(n))
        for at, steer in [*histories[n], (voices[n].n, None)]:
            while single.n < at:
                token = single.next()
                said[token.n] = token.id
            if steer:
                single.steer(steer)
        assert said == heard[n]


@pytest.fixture(scope="module", params=["gpt2", "llama", "library", "numpy"])
def loaded(request, tmp_path_factory):
    """How a model speaks here."""
    family = request.param if request.param == "llama" else "gpt2"
    folder = tiny_models.save(tmp_path_factory.mktemp("model"), family)

    def load(name):
        if request.param == "numpy":
            from installation.voice.numpy_model import NumpyVoice as Made
        else:
            from installation.voice.transformers_model import TransformersVoice as Made
        dtype = "bfloat16" if request.param == "library" else "float32"
        device = "numpy" if request.param == "numpy" else "cpu"
        made = Made({"model": str(folder), "device": device, "dtype": dtype}, name, folder)
        made.load()
        return made

    return load


def test_a_model_speaks_for_each_of_32_as_if_it_were_alone(loaded):
    first = loaded("voice 0")
    voices = {0: first} | {n: first.another({}, f"voice {n}") for n in range(1, 32)}
    for n, voice in voices.items():
        voice.begin("", 0)
        voice.steer(plan(n, temperature=1.0))
    heard = sung(voices, 24)
    for n in range(0, 32, 5):
        single = loaded(f"voice {n}")
        single.begin("", 0)
        single.steer(plan(n, temperature=1.0))
        assert heard[n] == alone(single, 24), n
        assert voices[n].n == 24
