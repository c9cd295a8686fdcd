"""The house model as .gguf through a real llama.cpp; outside CI, for that has to be built first."""

import numpy as np
import pytest
import tiny_models

from installation.cli import main
from installation.errors import VoiceError
from installation.messages import Steering
from installation.voice.catalogue import HOUSE, make

llama_cpp = pytest.importorskip("llama_cpp", reason="the extra [llama] is not installed")
pytest.importorskip("gguf", reason="the extra [llama] is not installed")

from installation.training.gguf_file import export  # noqa: E402
from installation.voice.llama_cpp_library import LENT, GgufMemory, GgufModel  # noqa: E402
from installation.voice.llama_cpp_model import GgufTokenizer  # noqa: E402

TEXT = " The sea at night\n The tide came in; naïve café, 東京 and somebody."


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The house model in every format that is written."""
    folder = tmp_path_factory.mktemp("gguf")
    made = {numbers: folder / f"house-{numbers}.gguf" for numbers in ("f32", "f16", "q8_0")}
    for numbers, file in made.items():
        export(HOUSE, file, numbers)
    return made


@pytest.fixture(scope="module")
def library():
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoTokenizer.from_pretrained(HOUSE), AutoModelForCausalLM.from_pretrained(
        HOUSE, dtype=torch.float32
    ).eval()


def logits_of(model, ids):
    import torch

    with torch.inference_mode():
        return model(torch.tensor([ids])).logits[0, -1].numpy()


@pytest.mark.parametrize(("numbers", "tolerance"), [("f32", 1e-2), ("f16", 1e-2), ("q8_0", 0.6)])
def test_tokens_and_logits_are_the_librarys(files, library, numbers, tolerance):
    tokenizer, model = library
    gguf = GgufModel(files[numbers])
    ids = tokenizer.encode(TEXT)
    assert GgufTokenizer(gguf).encode(TEXT) == ids
    assert gguf.ends() == {0}
    memory = GgufMemory(gguf, 2, 256, 1)
    expected = logits_of(model, ids)
    # keys and values are float16 in llama.cpp, whatever the weights are
    assert np.abs(memory.read(0, ids) - expected).max() < tolerance
    memory.close()
    gguf.close()


def test_texts_are_cropped_shared_and_stepped_together(files, library):
    tokenizer, model = library
    ids = tokenizer.encode(TEXT)
    gguf = GgufModel(files["f32"])
    memory = GgufMemory(gguf, 3, 256, 1)
    memory.read(0, ids)
    memory.copy(0, 1, 6)
    memory.crop(0, 9)
    one, other = memory.step([0, 1], [ids[3], ids[4]])
    assert np.abs(one - logits_of(model, [*ids[:9], ids[3]])).max() < 1e-2
    assert np.abs(other - logits_of(model, [*ids[:6], ids[4]])).max() < 1e-2
    kept = memory.lend(0, 7)
    memory.crop(0, 0)
    memory.borrow(2, kept)
    assert np.abs(memory.read(2, [ids[5]]) - logits_of(model, [*ids[:7], ids[5]])).max() < 1e-2
    for _ in range(3 * LENT):
        kept = memory.lend(2, 5)  # the one before goes
    with pytest.raises(VoiceError, match="256 tokens"):
        memory.read(2, ids * 20)
    memory.close()
    gguf.close()


def spoken(settings, folder, prompts, count=60):
    voice = make({"device": "cpu", **settings}, "voice", folder)
    voice.load()
    voice.begin("", 0)
    voice.steer(Steering("voice", 1, 1 << 30, seed=3, temperature=0.6, **prompts))
    return [voice.next() for _ in range(count)]


@pytest.mark.parametrize(
    "prompts",
    [
        {"prompt": "the sea at night"},
        {"prompts": ("the sea at night", "a letter from home"), "weights": (0.5, 0.5)},
        {"prompt": "the sea", "say": "Listen", "take": 1, "forbidden": ("water",)},
    ],
)
def test_it_speaks_and_is_steered_as_the_same_model_in_torch(files, tmp_path, prompts):
    ours = spoken({"model": str(HOUSE), "dtype": "float32"}, tmp_path, prompts)
    theirs = spoken({"model": str(files["f32"])}, tmp_path, prompts)
    assert tiny_models.text_of(theirs) == tiny_models.text_of(ours)
    assert [token.forced for token in theirs] == [token.forced for token in ours]


def test_it_rolls_over_without_end(files, tmp_path):
    tokens = spoken({"model": str(files["q8_0"])}, tmp_path, {"prompt": "the sea"}, count=600)
    assert [token.n for token in tokens] == list(range(600))


def test_the_command_writes_the_file_and_refuses_what_it_cannot(tmp_path, capsys):
    out = tmp_path / "mine.gguf"
    assert main(["export", "--gguf", str(out), "--numbers", "q8_0"]) == 0
    assert out.stat().st_size < 6_000_000
    assert "model: mine.gguf" in capsys.readouterr().out
    tiny_models.save(tmp_path / "llama", "llama")
    assert main(["export", str(tmp_path / "llama"), "--gguf", str(out)]) == 1
    assert "only a GPT-2" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "nothing"), "--gguf", str(out)]) == 1
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_is_no_model_is_told(tmp_path):
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but no more")
    with pytest.raises(VoiceError, match=r"no model that llama\.cpp can read"):
        make({"model": "broken.gguf"}, "voice", tmp_path).load()
