from datetime import date

import pytest
from pydantic import ValidationError

from installation.errors import VoiceError
from installation.show.parameter import is_live, span
from installation.voice.catalogue import VOICES, companies, make, resolve
from installation.voice.settings import VoiceSettings, seed_of


def test_a_model_is_found_by_its_name(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "tide.txt").write_text("The tide.")
    assert resolve("mine", tmp_path) == ("transformers", str(tmp_path / "mine"))
    assert resolve("gpt2", tmp_path) == ("transformers", "gpt2")
    assert resolve("owner/Model-1.5B", tmp_path) == ("transformers", "owner/Model-1.5B")
    assert resolve("openai:owner/model", tmp_path) == ("openai", "owner/model")
    assert resolve("anthropic: claude-x", tmp_path) == ("anthropic", "claude-x")
    assert resolve("script:tide.txt", tmp_path) == ("scripted", str(tmp_path / "tide.txt"))


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("tide.gguf", "there is no file"),
        ("openai:", "neither a folder nor a Hugging Face id"),
        ("script:none.txt", "there is no file"),
        ("./nowhere", "neither a folder nor a Hugging Face id"),
        ("two words", "neither a folder nor a Hugging Face id"),
    ],
)
def test_a_model_that_is_not_there_is_a_sentence(model, sentence, tmp_path):
    with pytest.raises(VoiceError, match=sentence):
        resolve(model, tmp_path)


def test_a_voice_is_made_unloaded(tmp_path):
    (tmp_path / "tide.txt").write_text("The tide.")
    voice = make({"model": "script:tide.txt"}, "voice", tmp_path)
    assert voice.load().state == "ready"
    voice.begin("", 5)
    assert voice.n == 5


def test_every_live_number_has_a_range_and_every_field_a_description():
    for kind in VOICES.values():
        for name, field in kind.settings.model_fields.items():
            assert field.description, name
            assert not is_live(field) or span(field), name


@pytest.mark.parametrize("seed", ["day", "7", 7, " 12 "])
def test_seeds(seed):
    text = VoiceSettings(seed=seed).seed
    assert seed_of(text, date(2026, 3, 21)) == (20260321 if seed == "day" else int(seed))


@pytest.mark.parametrize("seed", ["night", -1, 1.5, "", "9" * 19])
def test_no_seeds(seed):
    with pytest.raises(ValidationError, match="a seed is a whole number"):
        VoiceSettings(seed=seed)


def test_voices_of_one_model_keep_company(tmp_path):
    (tmp_path / "a.txt").write_text("A.")
    house = {"model": "house", "device": "cpu", "temperature": 0.5}
    voices = {
        "sea": house,
        "lamp": house | {"seed": "4", "temperature": 1.0},
        "script": {"model": "script:a.txt"},
        "another": {"model": "script:a.txt"},
        "int8": house | {"dtype": "int8"},
        "plain": house | {"device": "numpy"},
        "hosted": {"model": "openai:x", "url": "http://localhost"},
        "wrong": {"model": "script:none.txt"},
        "door": house,
    }
    found = companies(voices, tmp_path)
    assert [tuple(company) for company in found] == [
        ("sea", "lamp", "door"), ("script",), ("another",), ("int8",), ("plain",), ("hosted",), ("wrong",)
    ]  # fmt: skip
    assert all(company[name] is voices[name] for company in found for name in company)


@pytest.mark.parametrize("far", ["nan", "-inf", "1e9", "-100.5"])
def test_a_bias_is_a_number_within_its_range(far):
    with pytest.raises(ValidationError, match="is out of range; a bias goes from -100 to 100") as wrong:
        VoiceSettings.model_validate({"bias": {"salt": "100", "sea": far}})
    assert [error["loc"] for error in wrong.value.errors()] == [("bias", "sea")]
