import json
import subprocess
import sys

import numpy as np
import pytest
import tiny_models
from tiny_models import speak, steering, text_of

from installation.errors import VoiceError
from installation.voice import catalogue
from installation.voice.numpy_forward import NumpyForward
from installation.voice.numpy_model import NumpyVoice, read_config, read_weights
from installation.voice.plain_tokenizer import PlainTokenizer

TEXTS = [
    "", "a", " the sea at night\n", "The tide goes out, and the harbour waits.", "naïve café, 東京 😀👩‍👩‍👧 Привет",
    "<|endoftext|>", "two  spaces\n\nand a paragraph\t", " leading", "trailing ", "don't 12345 -- well…",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_models.save(tmp_path_factory.mktemp("gpt2"))


def voice(folder, **settings):
    made = NumpyVoice({"model": str(folder), "device": "numpy", **settings}, "voice", folder)
    made.load()
    return made


def forward(folder):
    config = read_config(str(folder))
    return NumpyForward(config, read_weights(str(folder)), config["vocab_size"])


def library_logits(folder, ids):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids])).logits[0].numpy()


@pytest.fixture(params=["tiny", "half", "house"])
def any_folder(request, folder, tmp_path):
    """A tiny random model, the same saved in half precision, and the house model where it is here."""
    if request.param == "tiny":
        return folder
    if request.param == "half":
        import torch
        from transformers import AutoModelForCausalLM

        tiny_models.save(tmp_path, n_layer=3, n_head=4)
        AutoModelForCausalLM.from_pretrained(tmp_path).to(torch.float16).save_pretrained(tmp_path)
        return tmp_path
    if not catalogue.HOUSE.is_dir():
        pytest.skip("the house model is not here")
    return catalogue.HOUSE


def test_logits_are_the_library_s(any_folder):
    made = forward(any_folder)
    random = np.random.default_rng(3)
    ids = random.integers(0, 300, 200).tolist()
    wanted = library_logits(any_folder, ids)
    assert np.abs(made.run(ids[:1]) - wanted[0]).max() < 1e-3
    assert np.abs(made.run(ids[1:150]) - wanted[149]).max() < 1e-3
    for at in range(150, 200):
        assert np.abs(made.run(ids[at : at + 1]) - wanted[at]).max() < 1e-3
    assert made.crop(120) == 120
    assert np.abs(made.run(ids[120:123]) - wanted[122]).max() < 1e-3
    assert made.crop(500) == 123


def test_texts_are_read_as_the_library_reads_them(any_folder):
    from transformers import AutoTokenizer

    plain = PlainTokenizer(any_folder, read_config(str(any_folder)))
    library = AutoTokenizer.from_pretrained(any_folder)
    for text in TEXTS:
        ids = library.encode(text, add_special_tokens=False)
        assert plain.encode(text, add_special_tokens=False) == ids
        assert plain.encode(text) == library.encode(text)
        assert plain.decode(ids) == library.decode(ids, clean_up_tokenization_spaces=False)
        assert plain.convert_ids_to_tokens(ids) == library.convert_ids_to_tokens(ids)
    assert set(plain.all_special_ids) == set(library.all_special_ids)
    assert plain.bos_token_id == library.bos_token_id


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_it_says_what_the_same_model_says_by_torch(any_folder, temperature):
    here, there = voice(any_folder), tiny_models.voice(any_folder, dtype="float32")
    for made in (here, there):
        made.begin("The tide goes out. The harbour", 7)
        made.steer(steering(temperature=temperature, prompt="the sea at night"))
    for one, other in zip(speak(here, 80), speak(there, 80), strict=True):
        assert (one.n, one.id, one.text, one.end) == (other.n, other.id, other.text, other.end)
        assert one.inner.surprise == pytest.approx(other.inner.surprise, abs=0.01)


def test_a_context_rolls_over_and_a_new_turn_goes_on_behind_its_text(folder):
    made = voice(folder)
    made.steer(steering(temperature=1.0))
    assert [token.n for token in speak(made, 600)] == list(range(600))
    fresh = voice(folder)
    for each in (made, fresh):
        each.begin("A lamp was lit in the window", 700)
        each.steer(steering(9, take=4, temperature=1.0))
    assert made.n == 700
    assert text_of(speak(made, 60)) == text_of(speak(fresh, 60))


def test_the_device_chooses_it(folder):
    made = catalogue.make({"model": str(folder), "device": "numpy"}, "voice", folder)
    news = made.load()
    assert (news.state, news.device, news.context, len(news.model_hash)) == ("ready", "numpy", 256, 12)
    assert catalogue.resolve(str(folder), folder, "numpy") == ("numpy", str(folder))
    assert catalogue.resolve(str(folder), folder, "cpu") == ("transformers", str(folder))


def test_what_it_cannot_read_is_a_sentence(tmp_path):
    llama = tiny_models.save(tmp_path / "llama", "llama")
    with pytest.raises(VoiceError, match="GPT-2's own shape only"):
        voice(llama)
    with pytest.raises(VoiceError, match="fetches nothing"):
        catalogue.resolve("gpt2", tmp_path, "numpy")
    gpt2 = tiny_models.save(tmp_path / "gpt2")
    config = json.loads((gpt2 / "config.json").read_text())
    (gpt2 / "config.json").write_text(json.dumps(config | {"activation_function": "gelu"}))
    with pytest.raises(VoiceError, match="GPT-2's own shape only"):
        voice(gpt2)
    (gpt2 / "config.json").write_text(json.dumps(config))
    (gpt2 / "model.safetensors").write_bytes(b"1234567890")
    with pytest.raises(VoiceError, match="weights cannot be read"):
        voice(gpt2)
    (gpt2 / "model.safetensors").unlink()
    with pytest.raises(VoiceError, match="no weights of a GPT-2"):
        voice(gpt2)
    (gpt2 / "tokenizer.json").write_text("{")
    with pytest.raises(VoiceError, match="no tokenizer"):
        voice(gpt2)


def test_a_context_too_long_is_a_sentence(folder):
    with pytest.raises(VoiceError, match="cannot go on: it reads 256 tokens"):
        forward(folder).run([1] * 257)


def test_it_speaks_without_anything_heavy(folder):
    code = (
        "import sys; from installation.messages import Steering; from installation.voice import process, catalogue;"
        f"from pathlib import Path; it = catalogue.make({{'model': {str(folder)!r}, 'device': 'numpy'}}, 'v', Path());"
        "it.load(); it.begin('', 0); it.steer(Steering('v', 1, 8)); it.next();"
        "heavy = {'torch', 'transformers', 'pygame', 'huggingface_hub', 'pydantic', 'asyncio'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
