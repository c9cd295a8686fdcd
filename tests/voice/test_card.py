"""An engine over a card speaks what it speaks over the CPU's decoder. Without a card the same code runs
unrecorded; where there is one, it is recorded."""

import pytest
import tiny_models
import torch

from installation.errors import VoiceError
from installation.voice.card import Card
from installation.voice.decoder import Decoder
from installation.voice.device_decoder import DeviceDecoder
from installation.voice.engine import Engine
from installation.voice.lean_forward import LeanForward
from installation.voice.pair import Pair
from installation.voice.tongue import LibraryTongue

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
PROMPTS = {"prompts": ("The tide", "A lamp"), "weights": (0.4, 0.6)}


@pytest.fixture(scope="module", params=["gpt2", "qwen2"])
def model(request, tmp_path_factory):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tiny_models.save(tmp_path_factory.mktemp("card"), request.param)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tongue = LibraryTongue(tokenizer, len(tokenizer), frozenset({0}), None, chat=False)
    return AutoModelForCausalLM.from_pretrained(folder).eval(), tongue


def on_card(model, tongue, device, rows=8):
    decoder = DeviceDecoder(
        model.to(device), rows=rows, limit=96, vocabulary=len(tongue._tokenizer), device=device
    )
    return Card(decoder, sorted(tongue.never))


def text(engine, count=150, **changes):
    engine.steer(tiny_models.steering(1, temperature=0.7, repetition=1.1, **changes))
    return [engine.next().id for _ in range(count)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("changes", [{}, PROMPTS, {"forbidden": ("tide", "sea"), "bias": (("lamp", 3.0),)}])
def test_an_engine_over_a_card_speaks_as_over_the_cpus_decoder(model, device, changes):
    model, tongue = model
    plain = Engine(
        LeanForward(Decoder(model.to("cpu"), rows=2, limit=96), len(tongue._tokenizer)), tongue, "voice"
    )
    expected = text(plain, **changes)
    assert text(Engine(Pair(on_card(model, tongue, device)), tongue, "voice"), **changes) == expected


def test_a_card_has_only_so_many_rows(model):
    model, tongue = model
    one = Pair(on_card(model, tongue, "cpu", rows=4))
    one.another()
    with pytest.raises(VoiceError, match="room for 2 prompts"):
        one.another()
