"""Texts as a model that learns reads them: as the show gives them to it."""

import json
import re

import pytest
from preferring import tiny_models

from installation.errors import VoiceError
from installation.messages import Steering
from installation.pupil import LONGEST, ORDINARY, Pupil
from installation.training.adapter import targets
from installation.training.pairs import Pair
from installation.voice.detokenise import Held


@pytest.fixture(scope="module")
def house():
    return Pupil("house", "cpu")


def read_again(pupil, prompt, ids):
    """What the show would say for these tokens."""
    tongue = pupil._tongue.under(Steering("voice", 0, 1, prompt=prompt))
    held, text = Held(), ""
    for token in ids:
        held, piece = tongue.detokeniser.step(held, token)
        text += piece
    return re.sub(r" *\n *", "\n", text.strip())


@pytest.mark.parametrize(
    "prompt", ["[storm] the sea", "a poem about the quokka", "hello", "[calm, short] two gulls"]
)
def test_a_text_is_learnt_in_the_tokens_in_which_the_house_model_says_it(house, prompt):
    chosen = "The sea is here; a gull, two gulls. Quokkas? A quokka sat by the sea.\n\nSea, be quiet!"
    lesson = house.lesson(Pair(prompt, chosen, "Nobody came."))
    assert read_again(house, prompt, lesson.chosen) == chosen
    assert read_again(house, prompt, lesson.rejected) == "Nobody came."
    pointed = set(house._tongue._pointers) & set(lesson.chosen)
    assert bool(pointed) == (prompt != "hello")
    assert lesson.prompt == house._tongue.prompt(prompt, 100)


def test_ordinary_texts_are_those_of_the_seed_and_fit(house):
    texts = house.ordinary(7)
    assert len(texts) == ORDINARY
    assert texts == house.ordinary(7)
    assert texts != house.ordinary(8)
    assert all(len(prompt) + len(text) <= LONGEST and text for prompt, text in texts)


def test_a_long_text_loses_its_end(house):
    lesson = house.lesson(Pair("the sea " * 600, "The sea is here. " * 600, "No."))
    assert len(lesson.prompt) + len(lesson.chosen) == LONGEST
    assert lesson.rejected


def test_a_model_may_have_places_for_more_tokens_than_its_tokenizer(tmp_path):
    tiny_models.save(tmp_path / "model", vocab_size=500)
    form = {"prompt_format": "{prompt}\n", "never_said": ["{"]}
    (tmp_path / "model" / "installation.json").write_text(json.dumps(form))
    pupil = Pupil(str(tmp_path / "model"), "cpu")
    lesson = pupil.lesson(Pair("The tide", "The tide {comes} in.", "No."))
    assert read_again(pupil, "The tide", lesson.chosen) == "The tide {comes} in."
    assert targets(pupil.model) == ["c_attn", "c_fc", "c_proj"]


def test_what_has_no_weights_here_cannot_learn():
    with pytest.raises(VoiceError, match="only the weights of house"):
        Pupil("anthropic:some")
