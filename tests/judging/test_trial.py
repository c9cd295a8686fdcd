import math
from dataclasses import replace

import pytest

from installation.judging import questions
from installation.judging.ear import Ear
from installation.judging.trial import Trial
from tests.voice import tiny_models


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_models.save(tmp_path_factory.mktemp("models") / "tiny")


def test_a_strange_model_is_judged_as_far_as_it_can_be(folder, tmp_path):
    asks = replace(
        questions.asked().quick(), topics=("sea", "lamp"), others=("fox",), unseen=("otter",), stream=300
    )
    trial = Trial(folder, asks, "tiny", tmp_path)
    verdict = trial.run()
    assert verdict.figures["topic_obedience"] is not None
    assert verdict.figures["repeats"] is not None
    assert math.isclose(verdict.figures["held_loss"], math.log(400), rel_tol=0.5)
    for name in (
        "style_obedience",
        "answer_fit",
        "energy_follows",
        "verbatim_trained",
        "repeats_20k",
        "meta_valid",
    ):
        assert verdict.figures[name] is None
        assert verdict.missing[name]
    assert verdict.told()["style_obedience"] is None


def test_another_seed_hears_another_text(folder):
    ear = Ear(folder)
    assert ear.hear("the sea", 8, seed=1) == ear.hear("the sea", 8, seed=1) != ear.hear("the sea", 8, seed=2)
    assert not ear.obeys("<storm>")
    assert ear.pointed("the sea") == ()


def test_a_shape_that_numpy_does_not_know_is_heard_too(tmp_path):
    ear = Ear(tiny_models.save(tmp_path / "llama", "llama"))
    assert len(ear.heard("the sea", 5, 1, noun="sea").text) > 0
