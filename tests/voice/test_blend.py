import numpy as np
import pytest
import tiny_models
from test_engine import END, LETTERS, Letters, Table, steer
from tiny_models import speak, steering, text_of

from installation.errors import VoiceError
from installation.voice.blend import PIECE, SLICE, Blend
from installation.voice.engine import Engine

SEA, LAMP, DOOR = "the sea at night", "a lamp", "somebody at the door"


class Row(Table):
    """A Forward of which there can be another, with a memory that reads ahead; all count what they read."""

    def __init__(self, *given, rows=None, **more):
        super().__init__(*given, **more)
        self.made, self.waiting, self.work = (given, more), (), []
        self.rows = [self] if rows is None else rows

    def run(self, ids):
        self.work.append(len(ids))
        # what stands far back moves it too, so that another prompt makes another text
        return super().run(ids) + sum(self._mix[0][token] for token in self.read[:3])

    def fill(self, ids):
        self.run(ids)

    def another(self):
        given, more = self.made
        self.rows.append(type(self)(*given, rows=self.rows, **more))
        return self.rows[-1]

    def ahead(self, ids, read, most):  # noqa: ARG002
        known = next((n for n in range(len(ids)) if self.waiting[: n + 1] != ids[: n + 1]), len(ids))
        self.waiting = ids[: known + most]
        self.work.append(min(most, len(ids) - known))

    def swap(self, read):
        held, self.waiting, self.read = self.waiting, read, list(self.waiting)
        return held


def engine(forward=None, **changes):
    made = Engine(forward or Row(limit=120), Letters(), "voice")
    made.steer(steering(temperature=1.0, top_k=0, prompt=SEA, **changes))
    return made


def mixed(made, serial, **prompts):
    """Steer by these prompts, of which the engine knows the text by its first word."""
    texts = {"sea": SEA, "lamp": LAMP, "door": DOOR}
    names, weights = tuple(texts[name] for name in prompts), tuple(prompts.values())
    made.steer(steering(serial, temperature=1.0, top_k=0, prompts=names, weights=weights, prompt=names[0]))


def test_what_counts_alone_speaks_as_if_it_were_alone():
    """For ever, if none of the others is longer: the longest leaves the text its room."""
    alone, made = engine(), engine()
    mixed(made, 1, sea=1.0, lamp=0.0)
    assert text_of(speak(made, 400)) == text_of(speak(alone, 400))


def test_logits_are_the_weighted_mean():
    forward = Row(limit=120)
    blend, prompts = Blend(forward), [Letters().encode(text, "") for text in (SEA, LAMP)]
    text = Letters().encode("nobody", "")
    blend.read(dict.fromkeys(prompts, 0.5))
    parts = [Row(limit=120).run([*prompt, *text]) for prompt in prompts]
    assert np.allclose(blend.after(text), sum(parts) / 2)
    blend.read(dict(zip(prompts, (0.25, 0.75), strict=True)))
    assert np.allclose(blend.after(text), 0.25 * parts[0] + 0.75 * parts[1])
    assert blend.after(text) is blend.after(text)


def test_both_read_one_token_a_step():
    forward = Row(limit=500, lean={END: -99})
    made = engine(forward)
    mixed(made, 1, sea=0.5, lamp=0.5)
    speak(made, 30)
    assert forward.rows[0].work == [len(SEA), *[1] * 29]
    assert forward.rows[1].work == [len(LAMP), *[1] * 29]


def test_a_prompt_that_does_not_count_is_kept_near_and_comes_back_at_the_next_token():
    forward = Row(limit=500, lean={END: -99})
    made = engine(forward)
    speak(made, 60)
    mixed(made, 1, sea=1.0, lamp=0.0)
    speak(made, 60)
    lamp = forward.rows[1]
    assert max(lamp.work) <= SLICE
    assert lamp.work[-5:] == [PIECE] * 5
    mixed(made, 2, sea=0.0, lamp=1.0)
    before = sum(lamp.work)
    made.next()
    assert sum(lamp.work) - before <= PIECE
    assert lamp.read == [*Letters().encode(LAMP, ""), *made._scroll.ids[:-1]]


def test_a_new_prompt_is_read_in_slices_while_the_one_that_stays_speaks():
    forward = Row(limit=500, lean={END: -99})
    made, alone = engine(forward), engine(Row(limit=500, lean={END: -99}))
    said = speak(made, 100)
    mixed(made, 1, sea=0.5, door=0.5)
    said += speak(made, 5)
    assert text_of(said) == text_of(speak(alone, 105))
    assert forward.rows[1].work == [SLICE] * 5
    speak(made, 20)
    assert max(forward.rows[1].work) == SLICE
    assert forward.rows[1].work[-10:] == [1] * 10
    assert forward.rows[0].work == [len(SEA), *[1] * 124]


def test_a_prompt_that_stays_alone_goes_on_without_reading():
    forward = Row(limit=500, lean={END: -99})
    made = engine(forward)
    mixed(made, 1, sea=0.5, door=0.5)
    speak(made, 50)
    made.steer(steering(2, temperature=1.0, top_k=0, prompt=DOOR))
    speak(made, 2)
    assert forward.rows[1].work == [len(DOOR), *[1] * 51]
    mixed(made, 3, door=0.5, lamp=0.5)
    speak(made, 20)
    assert len(forward.rows) == 2


def contexts(made):
    scroll, window = made._scroll, made._scroll.window
    text = [*window.head, *scroll.ids[window.at - scroll.windows[0].at : -1]]
    return [[*prompt, *text] for prompt in made._blend.shares]


def test_it_rolls_over_without_a_long_reading_and_every_row_holds_its_prompt():
    forward = Row(limit=120, lean={END: -99})
    made = engine(forward)
    mixed(made, 1, sea=0.4, lamp=0.6, door=0.0)
    speak(made, 20)
    forwards = [memory.forward for memory in made._blend._memories.values()]
    for row in forwards:
        row.work.clear()
    rolls, at = 0, made.window
    for _ in range(600):
        made.next()
        assert [row.read for row in forwards][:2] == contexts(made)[:2]
        rolls, at = rolls + (made.window != at), made.window
    assert rolls > 5
    assert max(max(row.work) for row in forwards[:2]) <= PIECE + 1
    assert max(forwards[2].work) <= SLICE


def test_what_was_revoked_leaves_no_trace():
    straight, made = engine(), engine()
    for each in (straight, made):
        mixed(each, 1, sea=0.5, lamp=0.5)
        speak(each, 40)
    said = speak(made, 30)[:10]
    steer(made, 2, take=1, keep=50, prompt="elsewhere")
    speak(made, 9)
    made.steer(
        steering(3, temperature=1.0, top_k=0, take=2, keep=50, prompts=(SEA, LAMP), weights=(0.5, 0.5))
    )
    said += speak(made, 40)
    assert text_of(said)[:10] == text_of(speak(straight, 50))[:10]


def test_twice_the_same_text_counts_twice():
    made, alone = engine(), engine()
    made.steer(
        steering(1, temperature=1.0, top_k=0, prompts=(SEA, SEA + "!"), weights=(0.5, 0.5), prompt=SEA)
    )
    assert text_of(speak(made, 50)) == text_of(speak(alone, 50))


@pytest.fixture(scope="module", params=["lean", "library", "numpy"])
def loaded(request, tmp_path_factory):
    """How a model speaks here: by our own decoder, by the library's forward, in plain numpy."""
    folder = tiny_models.save(tmp_path_factory.mktemp("model"))

    def load():
        if request.param != "numpy":
            dtype = "float32" if request.param == "lean" else "bfloat16"
            return tiny_models.voice(folder, dtype=dtype)
        from installation.voice.numpy_model import NumpyVoice

        made = NumpyVoice({"model": str(folder), "device": "numpy"}, "voice", folder)
        made.load()
        made.begin("", 0)
        return made

    return load


def steered(made, serial, *weights, **changes):
    texts = ("A lamp was lit in the window; somebody", "The tide goes out.", "Sea and stone")[: len(weights)]
    more = {"prompts": texts, "weights": weights} if len(weights) > 1 else {}
    made.steer(steering(serial, prompt=texts[0], **more, **changes))
    return made


def test_every_model_here_mixes(loaded):
    alone, one, made = (loaded() for _ in range(3))
    text = text_of(speak(steered(alone, 0, 1.0), 300))
    assert text_of(speak(steered(one, 0, 1.0, 0.0), 300)) == text
    speak(steered(made, 0, 0.2, 0.5, 0.3), 300)
    blend = made._engine._blend
    known = blend._known[0]
    parts = []
    for prompt, share in blend.shares.items():
        fresh = loaded()._engine._forward
        parts.append(np.asarray(fresh.run([*prompt, *known]), np.float32) * share)
    assert np.allclose(
        np.asarray(blend.after(known)),
        sum(parts),
        atol=0.1 if made._settings.get("dtype") == "bfloat16" else 1e-3,
    )


def test_the_same_steering_gives_the_same_text(loaded):
    def run():
        made, said = loaded(), []
        for serial, weights in enumerate([(1.0,), (0.7, 0.3), (0.0, 1.0), (0.2, 0.3, 0.5), (0.0, 0.0, 1.0)]):
            said += speak(steered(made, serial, *weights, temperature=1.0), 40)
        return [token.id for token in said]

    assert run() == run()


def test_a_crossing_reads_the_new_prompt_once_and_speaks_on_alone_when_the_old_one_leaves():
    made = engine(Row(limit=200, lean={END: -99}))
    speak(made, 20)
    for serial in range(1, 11):
        mixed(made, serial, lamp=serial / 10, sea=1 - serial / 10)
        speak(made, 2)
    lamp = next(row for row in made._blend._forward.rows if "".join(LETTERS[i] for i in row.read[:6]) == LAMP)
    before = len(lamp.work)
    made.steer(steering(11, temperature=1.0, top_k=0, prompt=LAMP))
    speak(made, 3)
    assert set(lamp.work[before:]) == {1}
    assert len(lamp.read) == len(LAMP) + 20 + 20 + 2


class Narrow(Row):
    """A device that has room for two."""

    def another(self):
        if len(self.rows) == 2:
            raise VoiceError("there is room for 2 prompts")
        return super().another()


def test_where_there_is_no_room_for_all_the_heaviest_speak_and_nothing_breaks_off():
    made, wide = engine(Narrow(limit=120)), engine()
    said = []
    for each in (made, wide):
        speak(each, 20)
        if each is made:
            mixed(each, 1, sea=0.5, lamp=0.2, door=0.3)
        else:
            mixed(each, 1, sea=0.5, door=0.3)
        said.append([token.id for token in speak(each, 60)])
    assert said[0] == said[1]
    mixed(made, 2, lamp=0.9, door=0.1)  # the scene is over, and its place is free
    speak(made, 40)
    assert {len(prompt): share for prompt, share in made._blend.shares.items()} == {
        len(LAMP): 0.9,
        len(DOOR): 0.1,
    }


def test_where_there_is_room_for_none_that_counts_it_is_told():
    blend, (sea, lamp, door) = Blend(Narrow(limit=120)), (Letters().encode(t, "") for t in (SEA, LAMP, DOOR))
    blend.read({sea: 0.0, lamp: 0.0})
    with pytest.raises(VoiceError, match="room for 2"):
        blend.read({sea: 0.0, lamp: 0.0, door: 1.0})
