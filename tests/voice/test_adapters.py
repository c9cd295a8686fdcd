"""Adapters, against models into which they were merged by hand."""

from functools import partial

import pytest
import tiny_adapters
import tiny_models
from test_decoder import FAMILIES, model_of, near, text, truth
from tiny_adapters import merged, write
from tiny_models import speak, steering, text_of

from installation.errors import VoiceError
from installation.messages import VoiceNews
from installation.voice.adapters import Adapters
from installation.voice.catalogue import companies
from installation.voice.memory import read

KINDS = ["gpt2", "gpt2, odd", "llama, tied, biased", "llama, wide heads", "qwen2", "qwen3", "smollm3"]


def decoder(model, form="float32"):
    from installation.voice.decoder import Decoder

    return Decoder(model, rows=2, form=form)


def ground(made, model, form="float32"):
    from installation.voice.matrices import matrix_of
    from installation.voice.merging import DecoderGround

    return DecoderGround(made, model, partial(matrix_of, form=form))


def finish(adapters):
    count = 0
    while adapters.prepare():
        count += 1
    return count


def logits(made, ids):
    made.crop(0, 0)
    return made.read(0, ids).clone()


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_the_merged_model_and_then_the_own_again(kind, tmp_path):
    model, ids = model_of(kind), text(40)
    folder = write(tmp_path / "mine", model)
    made = decoder(model)
    own = logits(made, ids)
    adapters = Adapters(ground(made, model), {"mine": folder})
    adapters.want("mine")
    assert finish(adapters) == 24  # four matrices of three layers, each merged, then packed
    want = truth(merged(model, folder), ids)[-1]
    assert near(logits(made, ids), want)
    assert not near(own, want)
    for at in range(len(ids)):  # and token by token
        made.crop(0, 0) if at == 0 else None
        one = made.step([0], ids[at : at + 1])[0]
    assert near(one, want)
    adapters.want("")
    assert bool((logits(made, ids) == own).all())
    adapters.want("mine")
    assert near(logits(made, ids), want)


@pytest.mark.parametrize(("kind", "only"), [("llama", ("self_attn.q_proj", "self_attn.v_proj")),
                                            ("qwen3", ("self_attn.k_proj", "mlp.up_proj")),
                                            ("gpt2", ("attn.c_attn",))])  # fmt: skip
def test_some_modules_of_a_joined_matrix(kind, only, tmp_path):
    model, ids = model_of(kind), text(40)
    folder = write(tmp_path / "mine", model, only)
    made = decoder(model)
    adapters = Adapters(ground(made, model), {"mine": folder})
    adapters.want("mine")
    finish(adapters)
    assert near(logits(made, ids), truth(merged(model, folder), ids)[-1])


@pytest.mark.parametrize("form", ["int8", "auto"])
def test_a_merged_matrix_is_packed_as_its_original_was(form, tmp_path):
    model, ids = model_of("llama"), text(40)
    folder = write(tmp_path / "mine", model)
    made = decoder(model, form)
    adapters = Adapters(ground(made, model, form), {"mine": folder})
    adapters.want("mine")
    finish(adapters)
    assert near(logits(made, ids), logits(decoder(merged(model, folder), form), ids))


def test_one_that_is_not_ready_is_worn_when_it_is_and_of_two_the_wanted_one_first(tmp_path):
    model, ids = model_of("gpt2"), text(20)
    first, second = (write(tmp_path / name, model, seed=seed) for name, seed in (("one", 1), ("two", 2)))
    made = decoder(model)
    adapters = Adapters(ground(made, model), {"one": first, "two": second})
    adapters.prepare()
    adapters.want("two")
    for _ in range(25):  # a half that was begun is finished first
        assert adapters.worn == ""
        assert adapters.waited_for
        assert adapters.prepare()
    assert adapters.worn == "two"
    assert near(logits(made, ids), truth(merged(model, second), ids)[-1])
    finish(adapters)
    assert adapters.worn == "two"
    adapters.want("one")
    assert near(logits(made, ids), truth(merged(model, first), ids)[-1])
    adapters.want("three")  # nobody knew of it at the start
    assert adapters.worn == "one"


def test_what_one_changes_and_the_next_does_not_is_the_own_again(tmp_path):
    model, ids = model_of("llama"), text(20)
    wide = write(tmp_path / "wide", model)
    narrow = write(tmp_path / "narrow", model, ("mlp.down_proj",))
    made = decoder(model)
    adapters = Adapters(ground(made, model), {"wide": wide, "narrow": narrow})
    finish(adapters)
    for name, folder in (("wide", wide), ("narrow", narrow), ("wide", wide)):
        adapters.want(name)
        assert near(logits(made, ids), truth(merged(model, folder), ids)[-1])


def test_scales_are_peft_s(tmp_path):
    """alpha / r; alpha / root of r; and ranks and alphas of some modules' own."""
    model, ids = model_of("gpt2"), text(20)
    patterns = {"rank_pattern": {"mlp.c_fc": 2}, "alpha_pattern": {"mlp.c_fc": 3, "attn.c_proj": 1}}
    by_end = {"mlp.c_fc": 1.5, "attn.c_proj": 0.25, "c_attn": 2.0, "mlp.c_proj": 2.0}
    for config, scale in (({"use_rslora": True}, 4.0), (patterns, by_end)):
        folder = write(tmp_path / "mine", model, **config)
        made = decoder(model)
        adapters = Adapters(ground(made, model), {"mine": folder})
        adapters.want("mine")
        finish(adapters)
        assert near(logits(made, ids), truth(merged(model, folder, scale), ids)[-1])


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_model_that_runs_in_the_library_is_merged_in_place(kind, tmp_path):
    import torch

    from installation.voice.merging import LibraryGround
    from installation.voice.transformers_model import LibraryForward

    model, ids = model_of(kind), text(30)
    folder = write(tmp_path / "mine", model)
    want, own = truth(merged(model, folder), ids)[-1], truth(model, ids)[-1]
    adapters, forward = Adapters(LibraryGround(model), {"mine": folder}), LibraryForward(model, 300, "cpu")
    adapters.want("mine")
    finish(adapters)
    assert near(forward.run(ids), want)
    adapters.want("")
    forward.crop(0)
    assert torch.equal(truth(model, ids)[-1], own)
    assert near(forward.run(ids), own)


@pytest.mark.parametrize("kind", ["gpt2", "llama", "qwen3"])
def test_a_device_s_decoder_keeps_its_tensors_and_changes_what_is_in_them(kind, tmp_path):
    import torch

    from installation.voice.device_decoder import DeviceDecoder
    from installation.voice.merging import DecoderGround

    model, ids = model_of(kind), text(30)
    folder = write(tmp_path / "mine", model)
    made = DeviceDecoder(model, rows=1, limit=64, vocabulary=300, device="cpu")
    own = made.fill(0, ids).clone()
    adapters = Adapters(DecoderGround(made, model, made.packed), {"mine": folder})
    adapters.want("mine")
    finish(adapters)
    made.crop(0, 0)
    assert near(made.fill(0, ids), truth(merged(model, folder), ids)[-1])
    adapters.want("")
    made.crop(0, 0)
    assert torch.equal(made.fill(0, ids), own)


def wrong(model, folder):
    with pytest.raises(VoiceError) as told:
        Adapters(ground(decoder(model), model), {"mine": folder})
    return str(told.value)


def test_what_does_not_fit_is_told_with_what_would(tmp_path):
    import torch

    model = model_of("gpt2")
    other = write(tmp_path / "llama", model_of("llama"))
    assert "it changes model.layers.0." in (told := wrong(model, other))
    assert "train it with target_modules among c_attn, c_proj, c_fc" in told
    larger = write(tmp_path / "larger", model_of("gpt2", n_embd=64))
    assert "is made for a matrix of 64 × 192, and this model's is 32 × 96" in wrong(model, larger)
    deeper = write(tmp_path / "deeper", model_of("gpt2", n_layer=4))
    assert "transformer.h.3.attn.c_attn, which cannot be merged into this model of 3 layers" in wrong(
        model, deeper
    )
    ranks = write(tmp_path / "ranks", model, r=8)
    assert "lora_A has rank 4, lora_B 4, the configuration says 8" in wrong(model, ranks)
    stem = "base_model.model.transformer.h.0.attn.c_attn"
    half = write(tmp_path / "half", model, tensors={f"{stem}.lora_B.weight": None})
    assert "of transformer.h.0.attn.c_attn there is only lora_A" in wrong(model, half)
    more = write(tmp_path / "more", model, tensors={f"{stem}.lora_magnitude_vector": torch.ones(4)})
    assert "lora_magnitude_vector cannot be merged" in wrong(model, more)
    astray = write(
        tmp_path / "astray", model, tensors={f"{stem}.lora_A.weight": torch.full((4, 32), torch.nan)}
    )
    assert f"{stem}.lora_A.weight holds numbers that are none" in wrong(model, astray)
    assert "is empty" in wrong(model, write(tmp_path / "empty", model, ()))
    broken = write(tmp_path / "broken", model)
    (broken / "adapter_model.safetensors").write_bytes(b"no")
    assert "adapter_model.safetensors cannot be read" in wrong(model, broken)


@pytest.fixture(params=["gpt2", "llama"])
def folders(request, tmp_path):
    """A model's folder, an adapter's in it, and the folder of the model with the adapter merged."""
    from transformers import AutoModelForCausalLM

    own = tiny_models.save(tmp_path / "own", request.param)
    model = AutoModelForCausalLM.from_pretrained(own)
    adapter = write(own / "mine", model)
    whole = tiny_models.save(tmp_path / "whole", request.param)
    merged(model, adapter).save_pretrained(whole)
    return own, whole


def settled(voice):
    while voice.prepare():
        pass
    return voice


def test_a_voice_speaks_as_the_merged_model_from_its_first_token(folders):
    own, whole = folders
    made, want = tiny_models.voice(own, adapter="mine"), tiny_models.voice(whole)
    made.steer(steering(adapter="mine"))
    want.steer(steering())
    assert text_of(speak(made, 60)) == text_of(speak(want, 60))
    made.begin("", 0)
    made.steer(steering(1))
    plain = tiny_models.voice(own)
    plain.steer(steering())
    assert text_of(speak(made, 30)) == text_of(speak(plain, 30))


def test_at_a_cue_the_new_prompt_is_read_with_the_adapter(folders):
    import torch
    from transformers import AutoModelForCausalLM

    own, whole = folders
    made = tiny_models.voice(own, adapters=("mine",))
    made.steer(steering(repertoire=("The tide", "A lamp")))
    settled(made)
    speak(made, 20)
    made.steer(
        steering(1, prompt="A lamp", adapter="mine", take=1, keep=20, repertoire=("The tide", "A lamp"))
    )
    (reading,) = made.wanted()
    (found,) = read([reading])
    model = AutoModelForCausalLM.from_pretrained(whole)
    with torch.no_grad():
        want = model(torch.tensor([reading.ids])).logits[0, -1]
    assert float((torch.as_tensor(found) - want[: len(found)]).abs().max()) < 1e-3
    settled(made)  # the bank is filled under the adapter: back and forth it speaks in the right prompt
    made.speak([found])
    made.steer(steering(2, prompt="The tide", adapter="", take=2, keep=21, repertoire=("The tide", "A lamp")))
    (reading,) = made.wanted()
    (found,) = read([reading])
    with torch.no_grad():
        want = AutoModelForCausalLM.from_pretrained(own)(torch.tensor([reading.ids])).logits[0, -1]
    assert float((torch.as_tensor(found) - want[: len(found)]).abs().max()) < 1e-3


def test_it_is_made_ready_between_tokens_and_never_waited_for(folders):
    own, _ = folders
    made = tiny_models.voice(own, adapters=("mine",))
    made.steer(steering(adapter="mine"))
    plain = tiny_models.voice(own)
    plain.steer(steering())
    count = 16  # eight matrices of two layers: one merged, or packed, with each token
    assert text_of(speak(made, count)) == text_of(speak(plain, count))
    assert made._loaded()._adapters.worn == "mine"


def test_who_wears_adapters_shares_its_model_with_nobody(tmp_path):
    (tmp_path / "model").mkdir()
    voices = {name: {"model": "model"} for name in "ab"} | {"c": {"model": "model", "adapters": ("mine",)}}
    assert [list(company) for company in companies(voices, tmp_path)] == [["a", "b"], ["c"]]


def test_a_voice_says_that_it_can_wear_one(folders):
    from installation.voice.transformers_model import TransformersVoice

    news = TransformersVoice({"model": str(folders[0]), "device": "cpu"}, "voice", folders[0]).load()
    assert isinstance(news, VoiceNews)
    assert {"adapter", "vectors"} <= set(news.can)


def test_the_tests_cover_what_the_decoder_knows():
    assert set(KINDS) <= set(FAMILIES)
    assert {len(names) for names in tiny_adapters.TARGETS.values()} == {4, 7}
