"""What is told of a token beside its text: held against the library's own insides."""

import numpy as np
import pytest
import tiny_models
from test_engine import Letters, Table, steer
from tiny_models import speak, steering

from installation.errors import VoiceError
from installation.messages import Inner
from installation.voice.choir import Choir
from installation.voice.engine import Engine
from installation.voice.insight import LAYERS, LOOKED, layer_of, told_layers
from installation.voice.numpy_model import NumpyVoice
from installation.voice.settings import VoiceSettings

LAYER = 1


@pytest.fixture(scope="module", params=["gpt2", "llama", "mistral"])
def folder(request, tmp_path_factory):
    return tiny_models.save(
        tmp_path_factory.mktemp(request.param), request.param, n_layer=3, num_hidden_layers=3
    )


def voice(folder, kind="torch", **more):
    """Float32, and the second of three layers tells where it looks."""
    more = {"attention_layer": LAYER + 1} | more
    if kind == "torch":
        return tiny_models.voice(folder, dtype="float32", **more)
    made = NumpyVoice({"model": str(folder), "device": "numpy", **more}, "voice", folder)
    made.load()
    return made


def context(made, prompt=0):
    return list([*made._engine._blend._memories.values()][prompt].read)


def library(folder, ids):
    """Where LAYER looked from the last of `ids`, and the logits after each layer, (layers, vocabulary)."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        out = model(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)
        inner = getattr(model, "transformer", None) or model.model
        norm = getattr(inner, "ln_f", None) or inner.norm
        stages = [norm(state[0, -1]) for state in out.hidden_states[1:-1]] + [out.hidden_states[-1][0, -1]]
        lens = torch.stack([model.lm_head(stage) for stage in stages])
    return out.attentions[LAYER][0].mean(0)[-1].numpy(), lens.numpy()


def by_number(made, looked, n):
    """How much each token before number `n` was looked at."""
    window = made._engine._scroll.window
    numbers = (*window.numbers, *range(window.at, n))
    return dict(zip(reversed(numbers), reversed(looked.tolist()), strict=False))


def told(made, ids):
    """Where it looked after `ids`, and the shares of the likeliest that have a text after each layer."""
    looked, lens = library(made._engine_folder, ids)
    piece = made._engine._tongue.piece
    likeliest = [token for token in np.argsort(-lens[-1])[:8].tolist() if piece(token)]
    weights = np.exp(lens[:, likeliest] - lens[:, likeliest].max(1, keepdims=True))
    return looked, (weights / weights.sum(1, keepdims=True)).T


@pytest.mark.parametrize("at", [1, 2, 20, 120])
def test_attention_and_lens_are_the_librarys(folder, at):
    made = voice(folder)
    made._engine_folder = folder
    made.steer(steering(temperature=1.0))
    speak(made, at)
    token = made.next()
    ids = context(made)
    looked, shares = told(made, ids)
    numbers = by_number(made, looked, at)
    assert 1 <= len(token.inner.attention) <= LOOKED
    for number, share in token.inner.attention:
        assert share == pytest.approx(numbers[number], abs=1e-4)
    best = sorted((share for share in numbers.values() if share > 1e-4), reverse=True)[:LOOKED]
    assert [share for _, share in token.inner.attention][: len(best)] == pytest.approx(best, abs=1e-4)
    assert sum(share for _, share in token.inner.attention) <= 1.001
    assert len(token.inner.lens) == len(token.inner.rivals)
    assert np.abs(np.array(token.inner.lens) - shares).max() < 1e-4
    assert all(-1 <= along <= 1 for along in token.inner.place)


def test_shares_of_the_last_layer_are_those_of_the_rivals(folder):
    made = voice(folder)
    made.steer(steering(temperature=1.0))
    for token in speak(made, 30):
        whole = sum(rival.probability for rival in token.inner.rivals)
        for rival, shares in zip(token.inner.rivals, token.inner.lens, strict=True):
            assert shares[-1] == pytest.approx(rival.probability / whole, abs=2e-4)


def alike(one, other, within=3e-4):
    """Two Inners that differ by no more than rounding."""
    assert one.place == pytest.approx(other.place, abs=2e-3)
    assert np.abs(np.array(one.lens) - np.array(other.lens)).max() < within
    shares, others = dict(one.attention), dict(other.attention)
    for number in shares.keys() & others.keys():
        assert shares[number] == pytest.approx(others[number], abs=within)
    least = min((*shares.values(), *others.values()), default=0)
    assert all((shares | others)[number] <= least + within for number in shares.keys() ^ others.keys())


def test_a_revoked_take_leaves_no_trace_inside(folder):
    straight, revoked = voice(folder), voice(folder)
    for made in (straight, revoked):
        made.steer(steering(temperature=1.0))
        speak(made, 25)
    one = straight.next()
    revoked.next()
    for serial in (1, 2):  # the second time the logits are known, and nothing is read
        revoked.steer(steering(serial, take=serial, keep=25, temperature=1.0))
        other = revoked.next()
        assert other.id == one.id
        alike(one.inner, other.inner)


def test_in_a_choir_it_tells_what_it_tells_alone(folder):
    made, alone = voice(folder), [voice(folder) for _ in range(3)]
    first = made._engine
    voices = {0: first, 1: first.another("voice"), 2: first.another("voice")}
    for n, each in enumerate(alone):
        for one in (voices[n], each):
            one.steer(steering(temperature=1.0, seed=n, prompt=("The tide", "A lamp", "Sea")[n]))
    choir, heard = Choir(voices), {0: [], 1: [], 2: []}
    while due := [n for n in voices if len(heard[n]) < 40]:
        for n, token in choir.step(due).items():
            heard[n].append(token)
    for n, each in enumerate(alone):
        for one, other in zip(heard[n], speak(each, 40), strict=True):
            assert one.id == other.id
            alike(one.inner, other.inner)


def test_of_mixed_prompts_it_is_the_heaviest(folder):
    prompts = ("A lamp was lit in the window", "The tide goes out.")
    made = voice(folder)
    made._engine_folder = folder
    made.steer(steering(prompt=prompts[0], prompts=prompts, weights=(0.3, 0.7), temperature=1.0))
    speak(made, 30)
    token = made.next()
    numbers = by_number(made, library(folder, context(made, 0))[0], 30)  # memories stand heaviest first
    assert token.inner.attention
    for number, share in token.inner.attention:
        assert share == pytest.approx(numbers[number], abs=1e-4)


def test_in_numpy_it_is_the_same(tmp_path):
    folder = tiny_models.save(tmp_path, n_layer=3)
    here, there = voice(folder, "numpy"), voice(folder)
    for made in (here, there):
        made.begin("The tide goes out. The harbour", 7)
        made.steer(steering(temperature=0.9, prompt="the sea at night"))
    for one, other in zip(speak(here, 80), speak(there, 80), strict=True):
        assert one.id == other.id
        assert [n for n, _ in one.inner.attention if n < 7] == []
        alike(one.inner, other.inner)


class Watched(Table):
    """A Forward whose look grows from the first place it has read to the last."""

    def fill(self, ids):
        self.run(ids)

    def another(self):
        return Watched(self.limit)

    def look(self):
        return self

    def attention(self):
        grown = np.arange(1, len(self.read) + 1, dtype=np.float32)
        return grown / grown.sum()

    def lens(self, ids):  # noqa: ARG002
        return None


@pytest.mark.parametrize("lean", [{}, {26: 3}])
def test_numbers_are_those_of_the_tokens_that_stand_there(lean):
    """Through windows that roll over, new prompts, ends of text and revocations."""
    made = Engine(Watched(limit=40, lean=lean), Letters(), "voice", "the lamp was lit", 100)
    said, took = {}, 0
    for serial in range(12):
        keep = max(100, made.n - serial)
        steer(made, serial, take=serial, keep=keep, prompt=("the tide", "a lamp in the window")[serial % 2])
        for _ in range(17):
            token = made.next()
            read = list(made._forward.read)
            said[token.n] = token.id
            numbers = [n for n, _ in token.inner.attention]
            shares = [share for _, share in token.inner.attention]
            assert shares == sorted(shares, reverse=True)
            assert [said[n] for n in numbers] == read[::-1][: len(numbers)]
            assert all(100 <= n < token.n for n in numbers)
            took += len(numbers)
    assert took > 1000


def test_who_cannot_say_says_nothing():
    made = Engine(Table(), Letters(), "voice")
    made.steer(steering(prompt="the tide"))
    inner = made.next().inner
    assert (inner.attention, inner.lens, inner.place) == (None, None, None)
    assert inner.rivals


def test_the_librarys_forward_tells_the_place_alone(tmp_path):
    from installation.voice.transformers_model import TransformersVoice

    folder = tiny_models.save(tmp_path)
    for dtype, tells in (("bfloat16", ("place",)), ("float32", ("attention", "lens", "place"))):
        made = TransformersVoice({"model": str(folder), "device": "cpu", "dtype": dtype}, "voice", folder)
        assert made.load().can[-len(tells) - 1 :] == ("logprobs", *tells)
        made.begin("", 0)
        made.steer(steering())
        inner = speak(made, 3)[-1].inner
        assert [name for name in ("attention", "lens", "place") if getattr(inner, name)] == [*tells]


@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_it_can_be_left_out(tmp_path, kind):
    made = voice(tiny_models.save(tmp_path), kind, inner="off")
    made.steer(steering())
    inner = speak(made, 3)[-1].inner
    assert inner == Inner(inner.surprise, inner.entropy, inner.rivals)
    assert inner.rivals


def test_which_layer_looks_back(tmp_path):
    assert [layer_of("auto", count) for count in (1, 2, 4, 12, 24)] == [0, 0, 2, 7, 15]
    assert layer_of(12, 12) == layer_of("12", 12) == 11
    with pytest.raises(VoiceError, match="attention_layer: 3: this model has 2 layers; take 1 to 2, or auto"):
        voice(tiny_models.save(tmp_path), attention_layer=3)


def test_what_names_no_layer_is_a_mistake():
    assert VoiceSettings(attention_layer=3).attention_layer == "3"
    assert VoiceSettings().attention_layer == "auto"
    for wrong in (0, -1, "last", 1.5, True, "99999", None):
        with pytest.raises(ValueError, match="a layer is a whole number from 1 up, or auto"):
            VoiceSettings(attention_layer=wrong)


def test_a_deep_model_tells_of_some_layers():
    assert told_layers(4) == (0, 1, 2, 3)
    assert told_layers(24) == tuple(range(1, 24, 2))
    assert len(told_layers(29)) == LAYERS
    assert told_layers(29)[-1] == 28
