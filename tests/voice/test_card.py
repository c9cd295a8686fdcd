"""An engine over a card speaks what it speaks over the CPU's decoder. Without a card the same code runs
unrecorded; where there is one, it is recorded."""

from dataclasses import replace

import pytest
import tiny_models
import torch

from installation.errors import VoiceError
from installation.voice.card import Card, CardPair
from installation.voice.choir import Choir
from installation.voice.decoder import Decoder
from installation.voice.device_decoder import DeviceDecoder
from installation.voice.engine import Engine
from installation.voice.lean_forward import LeanForward
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
    assert text(Engine(CardPair(on_card(model, tongue, device)), tongue, "voice"), **changes) == expected


@pytest.mark.parametrize("device", DEVICES)
def test_it_leans_as_the_cpus_decoder(model, device):
    model, tongue = model
    vectors = {"storm": {"towards": ("The tide comes in.",), "away": ("A lamp.", "The door"), "layer": 2}}
    plain = Engine(
        LeanForward(Decoder(model.to("cpu"), rows=2, limit=96), len(tongue._tokenizer)), tongue, "voice"
    )
    card = Engine(CardPair(on_card(model, tongue, device)), tongue, "voice")
    for engine in (plain, card):
        engine.learn(vectors)
    straight = text(plain, 60)
    for engine in (plain, card):
        engine.begin("", 0)
    leant = text(plain, 60, vectors=(("storm", 1.5),))
    assert leant != straight
    assert text(card, 60, vectors=(("storm", 1.5),)) == leant


@pytest.mark.parametrize("device", DEVICES)
def test_a_choir_on_a_card_sings_what_each_would_alone(model, device):
    model, tongue = model
    vocabulary = len(tongue._tokenizer)
    changes = {
        "a": {}, "b": PROMPTS, "c": {"forbidden": ("tide",), "say": "Listen to me", "take": 1},
        "d": {"top_k": 0}, "e": {"top_p": 0.5, "top_k": 900},
    }  # fmt: skip

    def steered(engine, name):
        engine.begin("", 0)
        wanted = {"temperature": 0.7, "repetition": 1.1} | changes[name]
        engine.steer(replace(tiny_models.steering(1, **wanted), voice=name, seed=ord(name)))
        return engine

    alone = {}
    for name in changes:
        lean = LeanForward(Decoder(model.to("cpu"), rows=2, limit=96), vocabulary)
        alone[name] = steered(Engine(lean, tongue, name), name)
    first = Engine(CardPair(on_card(model, tongue, device, rows=16)), tongue, "a")
    voices = {name: steered(first if name == "a" else first.another(name), name) for name in changes}
    choir = Choir(voices)
    sung = {name: [] for name in changes}
    while min(map(len, sung.values())) < 110:
        for name, token in choir.step(list(changes)).items():
            sung[name].append((token.id, token.forced))
    for name, voice in alone.items():
        expected = [voice.next() for _ in range(110)]
        assert sung[name][:110] == [(token.id, token.forced) for token in expected]


def test_a_prompt_is_lent_and_borrowed(model):
    model, tongue = model
    card = on_card(model, tongue, "cpu")
    one = CardPair(card)
    other = one.another()
    one.fill([5, 6, 7, 8])
    kept = one.lend(3)
    one.crop(0)
    other.fill([9, 9])
    other.borrow(kept)
    one.fill([5, 6, 7])
    assert torch.allclose(one.run([4]), other.run([4]), atol=1e-4)  # read in other pieces
    assert kept.nbytes > 0


def test_what_is_drawn_by_the_device_tells_what_the_cpu_tells(model):
    model, tongue = model
    card = Engine(CardPair(on_card(model, tongue, "cpu")), tongue, "voice")
    lean = LeanForward(Decoder(model, rows=2, limit=96), len(tongue._tokenizer))
    for one, other in zip(spoken(card), spoken(Engine(lean, tongue, "voice")), strict=True):
        assert one.inner.surprise == pytest.approx(other.inner.surprise, abs=1e-3)
        assert one.inner.entropy == pytest.approx(other.inner.entropy, abs=1e-3)
        assert [rival.text for rival in one.inner.rivals] == [rival.text for rival in other.inner.rivals]


def spoken(engine):
    engine.steer(tiny_models.steering(1, temperature=0.7, repetition=1.1))
    return [engine.next() for _ in range(40)]


def test_a_card_has_only_so_many_rows(model):
    model, tongue = model
    one = CardPair(on_card(model, tongue, "cpu", rows=4))
    one.another()
    with pytest.raises(VoiceError, match="room for 2 prompts"):
        one.another()
