import pytest
import tiny_models
from tiny_models import voice

from installation.errors import VoiceError
from installation.voice import weights


@pytest.mark.parametrize(
    ("breaking", "sentence"),
    [
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0nonsense"), "broken"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "safetensors"),
        (lambda folder: (folder / "config.json").unlink(), "cannot be loaded"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be loaded"),
        (lambda folder: (folder / "installation.json").write_text("[]"), "not a JSON object"),
        (
            lambda folder: (folder / "installation.json").write_text('{"prompt_format": "x"}'),
            "holds {prompt}",
        ),
    ],
)
def test_a_folder_that_is_wrong_is_a_sentence(tmp_path, breaking, sentence):
    breaking(tiny_models.save(tmp_path))
    with pytest.raises(VoiceError, match=sentence):
        voice(tmp_path)


def test_a_model_that_is_nowhere_is_a_sentence(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    for model, sentence in (
        ("./no/such/folder", "neither a folder"),
        ("nobody/no-such-model", "not on this"),
    ):
        with pytest.raises(VoiceError, match=sentence):
            voice(tmp_path, model=model)
    with pytest.raises(VoiceError, match="device"):
        voice(tiny_models.save(tmp_path), device="abacus")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("You are trying to access a gated repo.", "asks for permission"),
        ("x is not a local folder and is not a valid model identifier", "no such model"),
        ("We couldn't connect to 'https://huggingface.co'", "the network does not give it"),
        ("requires you to execute the configuration file; set trust_remote_code=True", "brings its own code"),
        ("CUDA out of memory. Tried to allocate", "too large"),
    ],
)
def test_what_a_library_says_becomes_what_to_do(said, sentence):
    told = weights._why("a/model", OSError(said))
    assert told.startswith("a/model: ")
    assert sentence in told


def test_a_large_file_is_named_by_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "WHOLE_FILE", 1000)
    monkeypatch.setattr(weights, "SAMPLE", 16)
    file = tmp_path / "model.safetensors"
    found = set()
    for last in (b"a", b"b"):
        file.write_bytes((8).to_bytes(8, "little") + b"{      }" + b"x" * 5000 + last)
        found.add(weights.model_hash(str(tmp_path)))
    assert len(found) == 2
    assert weights.model_hash("nobody/no-such-model") == ""
