"""What leans a voice, and by how much."""

from pathlib import Path

import numpy as np
import pytest
import tiny_models
from tiny_models import speak, steering, text_of

from installation.errors import VoiceError
from installation.voice import catalogue
from installation.voice.numpy_forward import NumpyForward
from installation.voice.numpy_model import NumpyVoice, read_config, read_weights
from installation.voice.vectors import UNIT, Direction, learn, pushes

VECTORS = {"storm": {"towards": ("The tide comes in.", "Sea, sea!"), "away": ("A lamp.",), "layer": "auto"}}


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def model(request, tmp_path_factory):
    """A folder with a random model of three layers."""
    more = {"n_layer": 3} if request.param == "gpt2" else {"num_hidden_layers": 3, "layer_types": None}
    return tiny_models.save(tmp_path_factory.mktemp("model"), request.param, **more)


def lean(folder, rows=2):
    from installation.voice.decoder import Decoder
    from installation.voice.lean_forward import LeanForward

    return LeanForward(Decoder(library(folder).float(), rows=rows, limit=200), 300)


def library(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder).eval()


def by_library(folder):
    from installation.voice.transformers_model import LibraryForward

    return LibraryForward(library(folder).float(), 300, "cpu")


def by_numpy(folder):
    config = read_config(str(folder))
    return NumpyForward(config, read_weights(str(folder)), 300)


def after(forward, ids):
    """The logits, in numpy, not overwritten by the next."""
    return np.array(np.asarray(forward.run(ids)))


def tokens(count, seed=1):
    return np.random.default_rng(seed).integers(0, 300, count).tolist()


def ways(folder):
    found = [lean(folder), by_library(folder)]
    return [*found, by_numpy(folder)] if "gpt2" in (folder / "config.json").read_text() else found


def test_the_stream_moves_by_exactly_what_is_given(model):
    push = np.linspace(-1, 1, 32).astype(np.float32)
    for forward in ways(model):
        ids = tokens(30)
        plain = forward.stream(ids, 1)
        forward.lean({1: 2.5 * push})
        assert np.allclose(forward.stream(ids, 1) - plain, 2.5 * push, atol=1e-4)
        forward.lean({})
        assert np.array_equal(forward.stream(ids, 1), plain)


def test_one_token_a_slice_and_several_rows_agree(model):
    push = {1: np.linspace(-2, 2, 32).astype(np.float32), 2: np.full(32, 0.3, np.float32)}
    ids, wanted = tokens(20), []
    for forward in ways(model):
        straight = after(forward, ids)
        forward.crop(0)
        forward.lean(push)
        wanted.append(after(forward, ids))
        assert not np.allclose(straight, wanted[-1], atol=1e-2)
        forward.crop(0)
        for token in ids:
            one = after(forward, [token])
        assert np.allclose(one, wanted[-1], atol=1e-3)
    assert all(np.allclose(wanted[0], other, atol=1e-3) for other in wanted[1:])
    leant = lean(model)
    plain = leant.another()
    leant.lean(push)
    for memory in (leant, plain):
        memory.fill(ids[:-1])
    found = leant.together([plain, leant], [ids[-1]] * 2)
    assert np.allclose(found[1], wanted[0], atol=1e-3)
    assert np.allclose(found[0], after(lean(model), ids), atol=1e-3)


def test_the_row_that_reads_ahead_leans_too(model):
    push = {0: np.linspace(-2, 2, 32).astype(np.float32)}
    ids = tuple(tokens(20))
    forward, other = lean(model), lean(model)
    for each in (forward, other):
        each.lean(push)
    forward.ahead(ids[:-1], (), 100)
    forward.swap(())
    assert np.allclose(after(forward, ids[-1:]), after(other, ids), atol=1e-3)


def test_a_weight_counts_from_the_next_token_and_older_ones_stay(model):
    """What was read is not read anew; what is read from then on is pushed."""
    ids, push = tokens(21), {1: np.full(32, 0.7, np.float32)}
    forward = lean(model)
    forward.run(ids[:20])
    forward.lean(push)
    late = after(forward, ids[20:])
    for each in ways(model):
        each.run(ids[:20])
        each.lean(push)
        assert np.allclose(after(each, ids[20:]), late, atol=1e-3)


def test_a_direction_is_the_difference_of_means_in_units_of_the_stream(model):
    tongue = tiny_models.voice(model)._loaded()._tongue
    forward = lean(model)
    direction = learn(forward, tongue, VECTORS)["storm"]
    beginning = tongue.prompt("", 8)
    sets = []
    for texts in (VECTORS["storm"]["towards"], VECTORS["storm"]["away"]):
        streams = [forward.stream((*beginning, *tongue.encode(text, "")), 0) for text in texts]
        sets.append(np.concatenate([stream[max(1, len(beginning)) :] for stream in streams]))
    along = sets[0].mean(0) - sets[1].mean(0)
    norm = np.linalg.norm(np.concatenate(sets), axis=1).mean()
    assert direction.layer == 0
    assert np.allclose(direction.along, along / np.linalg.norm(along) * UNIT * norm, atol=1e-4)


def test_the_same_sentences_both_ways_lean_nowhere(model):
    same = {"storm": {"towards": ("a", "The sea."), "away": ("a", "The sea."), "layer": 2}}
    direction = learn(lean(model), tiny_models.voice(model)._loaded()._tongue, same)["storm"]
    assert not direction.along.any()


def test_weights_sum_where_layers_meet_and_strangers_add_nothing():
    one, other = np.ones(3, np.float32), np.arange(3, dtype=np.float32)
    known = {"a": Direction(1, one), "b": Direction(1, other), "c": Direction(2, one)}
    found = pushes(known, [("a", 2.0), ("b", -1.0), ("c", 0.5), ("d", 4.0)])
    assert found[1].tolist() == [2.0, 1.0, 0.0]
    assert found[2].tolist() == [0.5, 0.5, 0.5]
    assert pushes(known, [("a", 0.0)]) == {}


def test_a_layer_that_is_not_there_is_told(model):
    wrong = {"storm": VECTORS["storm"] | {"layer": 4}}
    with pytest.raises(VoiceError, match="there is no layer 4; this model has 1 to 3"):
        tiny_models.voice(model, vectors=wrong)


def test_a_voice_with_vectors_at_0_speaks_as_one_without(model):
    plain, leant = tiny_models.voice(model), tiny_models.voice(model, vectors=VECTORS)
    for each in (plain, leant):
        each.steer(steering(temperature=1.0))
    ids = [token.id for token in speak(plain, 40)]
    assert [token.id for token in speak(leant, 40)] == ids
    leant.steer(steering(1, temperature=1.0, vectors=(("storm", 4.0),)))
    speak(leant, 5)
    leant.begin("", 0)  # another turn, in which nothing leans
    leant.steer(steering(2, temperature=1.0))
    assert [token.id for token in speak(leant, 40)] == ids


def test_two_voices_of_one_model_lean_each_for_itself(model):
    first = tiny_models.voice(model, vectors=VECTORS)
    second = first.another({**first._settings, "vectors": {}}, "voice")
    alone = tiny_models.voice(model)
    first.steer(steering(temperature=1.0, vectors=(("storm", 4.0),)))
    for each in (second, alone):
        each.begin("", 0)
        each.steer(steering(temperature=1.0))
    pairs = [(first.next().id, second.next().id) for _ in range(20)]
    assert [other for _, other in pairs] == [token.id for token in speak(alone, 20)]
    assert pairs != [(other, other) for _, other in pairs]


STORM = (
    "The storm breaks over the harbour.", "Wind tears the water and thunder rolls.",
    "Waves crash against the wall.", "Lightning strikes the mast.", "The gale howls in the rigging.",
    "Rain lashes the windows all night.", "Black clouds, thunder, a wild sea.",
    "The wind screams and the roof shakes.",
)  # fmt: skip
CALM = (
    "The sea is calm this morning.", "A quiet light lies on the water.", "The boats sleep in the harbour.",
    "Soft sand, a still pool, a gull.", "The evening is warm and slow.", "Nothing moves on the bay.",
    "The lamp burns gently in the window.", "The air is still and clear.",
)  # fmt: skip
LOUD = {
    "run", "loose", "throws", "tear", "tears", "crash", "crack", "cracks", "roars", "roaring", "breaks", "break",
    "storm", "wind", "thunder", "rain", "screams", "jumps", "bursts", "hits", "kicks", "wild", "boots", "teeth",
    "hold", "catch", "pull", "pulls", "fire", "burning", "flies", "smashes", "leaps", "snaps", "drags", "lightning",
}  # fmt: skip


def share(voice, weight):
    """The share of loud words in three texts."""
    words = []
    for seed in range(3):
        voice.begin("", 0)
        vectors = (("storm", weight),) if weight else ()
        voice.steer(steering(temperature=0.8, prompt="the sea at night", seed=seed, vectors=vectors))
        words += text_of(speak(voice, 80)).lower().split()
    return sum(word.strip(".,!?;:") in LOUD for word in words) / len(words)


def test_the_house_model_leans_towards_the_storm():
    if not catalogue.HOUSE.is_dir():
        pytest.skip("the house model is not here")
    vectors = {"storm": {"towards": STORM, "away": CALM, "layer": "auto"}}
    voice = NumpyVoice({"model": "house", "device": "numpy", "vectors": vectors}, "voice", Path())
    voice.load()
    calm, plain, storm = (share(voice, weight) for weight in (-1.25, 0.0, 1.25))
    assert storm > plain + 0.025
    assert storm > 2 * plain
    assert calm <= plain + 0.005
