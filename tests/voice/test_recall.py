"""What is remembered, mixed in: against the whole vocabulary, and through a real small model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import save, speak, steering, text_of, voice

from installation.voice.numpy_model import NumpyVoice
from installation.voice.recall import Recall
from installation.voice.recollection import APART, Recollection, Texts
from installation.voice.sampling import Choice, Remembered, choose

MINE = """The harbour waits in the window.
A stone tide was lit in the season of the lamp.

Somebody knew the season of the lamp.
"""


def whole(logits, weight, shares):
    """The mixture over the whole vocabulary."""
    p = np.exp(logits - logits.max())
    m = np.zeros_like(p)
    m[list(shares)] = list(shares.values())
    return (1 - weight) * p / p.sum() + weight * m


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 999), st.floats(0.001, 1), st.sampled_from([0, 1, 5]), st.floats(0.5, 1),
    st.dictionaries(st.integers(0, 299), st.floats(0.1, 1), min_size=1, max_size=20),
)  # fmt: skip
def test_what_is_sampled_is_the_mixture_of_the_whole_vocabulary(seed, weight, top_k, top_p, counts):
    random = np.random.default_rng(seed)
    logits = (4 * random.standard_normal(300)).astype(np.float32)
    shares = {token: count / sum(counts.values()) for token, count in counts.items()}
    steered = steering(temperature=0.7, top_k=top_k, top_p=top_p)
    mixture = whole(logits.astype(float), weight, shares)
    # the same mixture as plain logits of a model that remembers nothing
    alone = np.log(np.maximum(mixture, 1e-300)).astype(np.float64)
    for noise in (0.013, 0.5, 0.987):
        mixed = choose(logits, steered, noise, remembered=Remembered(weight, shares))
        expected = choose(alone, steered, noise)
        near = abs(mixture[mixed.id] - mixture[expected.id]) <= 1e-6 * mixture[expected.id]
        assert mixed.id == expected.id or near
        told = weight * shares.get(mixed.id, 0) / mixture[mixed.id]
        assert mixed.remembered == pytest.approx(told, rel=1e-4, abs=1e-6)


def test_it_comes_before_penalties_and_bans_and_what_is_told_is_the_models_own():
    logits = np.linspace(0, 5, 100, dtype=np.float32)
    plain = choose(logits, steering(), 0.5)
    known = Remembered(0.9, {3: 0.6, 7: 0.4})
    assert choose(logits, steering(), 0.5, remembered=known).id == 3
    assert choose(logits, steering(), 0.5, remembered=known, leaning={3: -np.inf}).id == 7
    assert choose(logits, steering(repetition=2.0), 0.5, remembered=known, recent=[3]).id == 7
    mixed = choose(logits, steering(), 0.5, remembered=known)
    assert (mixed.rivals, mixed.entropy) == (plain.rivals, plain.entropy)
    assert mixed.surprise == choose(logits, steering(), 0.5, forced=3).surprise


def test_on_a_torch_tensor_it_is_the_same():
    import torch

    logits = np.random.default_rng(1).standard_normal(300).astype(np.float32)
    known = Remembered(0.5, {4: 0.5, 299: 0.5})
    steered = steering(temperature=1.0)
    for noise in (0.1, 0.4, 0.8):
        assert choose(torch.tensor(logits), steered, noise, remembered=known) == choose(
            logits, steered, noise, remembered=known
        )


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = save(tmp_path_factory.mktemp("model"))
    (folder / "mine").mkdir()
    (folder / "mine" / "one.txt").write_text(MINE, encoding="utf-8")
    (folder / "mine" / "two.md").write_text(
        "For a season nobody at all was\r\nwaiting for the sea.\r\n", encoding="utf-8"
    )
    return folder


BEGUN = "The harbour waits in the"


def spoken(model, count, memory="mine", history=BEGUN, **changes):
    made = voice(model, history, memory=memory)
    made.steer(steering(temperature=0.9, **changes))
    return speak(made, count)


def test_no_weight_is_no_memory(model):
    assert spoken(model, 40, remember=0.0) == spoken(model, 40, memory="")


def test_with_all_weight_the_text_is_quoted_and_names_its_lines(model):
    tokens = spoken(model, 60, remember=1.0)
    text = text_of(tokens)
    first = text.partition("\n\n")[0]
    assert first == " window.\nA stone tide was lit in the season of the lamp."
    sources = [(token.text, token.source) for token in tokens]
    assert sources[0] == (" win", "mine/one.txt:1")
    assert {source for piece, source in sources if "tide" in piece} == {"mine/one.txt:2"}
    # where a text may not end again at once, the next paragraph follows
    assert "Somebody knew the season of the lamp." in text


def test_a_text_in_a_md_runs_over_its_lines(model):
    tokens = spoken(model, 40, remember=1.0, history="For a season nobody at all was")
    assert text_of(tokens).startswith(" waiting for the sea.")
    assert tokens[0].source == "mine/two.md:2"


def test_what_is_forbidden_or_refused_is_never_remembered(model):
    tokens = spoken(model, 40, remember=1.0, forbidden=("window", "tide"))
    assert "window" not in text_of(tokens)
    assert "tide" not in text_of(tokens)
    first = spoken(model, 1, remember=1.0)[0]
    assert spoken(model, 1, remember=1.0, refused=((0, (first.id,)),))[0].id != first.id


def test_what_is_said_for_it_names_no_source(model):
    made = voice(model, memory="mine")
    made.steer(steering(say="A stone tide was lit.", remember=1.0))
    forced = [token for token in speak(made, 20) if token.forced]
    assert forced
    assert not any(token.source for token in forced)


def test_forgetting_and_speaking_again_gives_the_same(model):
    made = voice(model, memory="mine")
    made.steer(steering(temperature=1.0, remember=0.6))
    straight = speak(made, 60)
    made.steer(steering(1, temperature=1.0, remember=0.6, take=1, keep=20))
    again = speak(made, 40)
    assert [(t.id, t.source) for t in again] == [(t.id, t.source) for t in straight[20:]]


def test_in_numpy_it_is_the_same(model):
    made = NumpyVoice({"model": str(model), "memory": "mine"}, "voice", model)
    made.load()
    assert made.known.startswith("remembers ")
    made.begin(BEGUN, 0)
    made.steer(steering(temperature=0.9, remember=0.7))
    assert [(t.id, t.source) for t in speak(made, 40)] == [
        (t.id, t.source) for t in spoken(model, 40, remember=0.7)
    ]


def test_voices_over_one_model_may_share_a_memory_or_have_none(model):
    first = voice(model, memory="mine")
    second = first.another({"memory": "mine"}, "second")
    third = first.another({}, "third")
    assert second._engine.recall._memory is first._engine.recall._memory
    assert third._engine.recall._memory is None


def test_a_source_is_named_where_more_than_half_came_from_there():
    rows = np.array([5, 6, 7, 8, APART], np.int32), np.ones(5, np.int32), np.zeros(5, np.bool_)
    recall = Recall(Recollection(Texts(*rows, (("mine/a.txt", 0),))))
    for text, share, source in (
        ((5, 6, 7), 0.51, "mine/a.txt:1"),
        ((5, 6, 7), 0.5, ""),
        ((9, 6, 7), 0.9, ""),  # so short a run is anybody's
    ):
        recall.behind(text, {}, 1.0)
        assert recall.source(Choice(8, 1.0, 1.0, (), share)) == source
