"""The forward in fixed shapes gives the library's logits, and a whole step what its parts give."""

import numpy as np
import pytest
import torch
from test_decoder import FAMILIES, model_of

from installation.messages import Steering
from installation.voice.device_decoder import DeviceDecoder
from installation.voice.device_sampling import choice_of
from installation.voice.device_step import SHORTEST, DeviceStep
from installation.voice.sampling import choose

VOCABULARY = 290


@pytest.fixture(params=FAMILIES)
def model(request):
    return model_of(request.param).eval()


def decoder_of(model, rows=3, limit=256):
    return DeviceDecoder(model, rows=rows, limit=limit, vocabulary=VOCABULARY, device="cpu")


def library(model, ids):
    with torch.inference_mode():
        return model(torch.tensor([ids])).logits[0, -1, :VOCABULARY]


def text(seed, length):
    return np.random.default_rng(seed).integers(0, VOCABULARY, length).tolist()


def stepped(decoder, rows, ids):
    places = torch.tensor([decoder.lengths[row] for row in rows])
    with torch.inference_mode():
        logits = decoder.step(torch.tensor(rows), torch.tensor(ids), places, decoder.limit)
    for row in rows:
        decoder.lengths[row] += 1
    return logits


def test_reading_and_stepping_give_the_librarys_logits(model):
    decoder, texts = decoder_of(model), [text(1, 40), text(2, 7), text(3, 23)]
    for row, ids in enumerate(texts):
        assert torch.allclose(decoder.fill(row, ids), library(model, ids), atol=1e-3)
    for n in range(3):
        rows, more = [2, 0], [n + 5, n + 9]
        logits = stepped(decoder, rows, more)
        for at, row in enumerate(rows):
            texts[row].append(more[at])
            assert torch.allclose(logits[at], library(model, texts[row]), atol=1e-3)


def test_a_row_is_cropped_and_copied():
    model = model_of("llama").eval()
    decoder, ids = decoder_of(model), text(4, 30)
    decoder.fill(0, ids)
    decoder.copy(0, 2, 20)
    decoder.crop(0, 10)
    assert torch.allclose(decoder.fill(2, [5]), library(model, [*ids[:20], 5]), atol=1e-3)
    assert torch.allclose(decoder.fill(0, [6, 7]), library(model, [*ids[:10], 6, 7]), atol=1e-3)
    with pytest.raises(IndexError):
        decoder.fill(0, text(1, 250))


def test_a_push_moves_its_row_alone_and_can_be_ended():
    model = model_of("gpt2").eval()
    decoder, ids = decoder_of(model), text(5, 12)
    for row in (0, 1):
        decoder.fill(row, ids)
    decoder.push(1, 1, torch.linspace(-2, 2, 32))
    still, moved = stepped(decoder, [0, 1], [3, 3])
    assert torch.allclose(still, library(model, [*ids, 3]), atol=1e-3)
    assert not torch.allclose(moved, still, atol=0.1)
    decoder.push(1, 1, None)
    decoder.crop(1, 12)
    (ended,) = stepped(decoder, [1], [3])
    assert torch.allclose(ended, still, atol=1e-3)


def test_a_step_mixes_and_samples_as_one():
    model = model_of("qwen2").eval()
    decoder = decoder_of(model, rows=4)
    step = DeviceStep(decoder, 4, never=[7])
    prompts = [text(6, 9), text(7, 14), text(8, SHORTEST + 3)]
    for row, ids in enumerate(prompts):
        decoder.fill(row, ids)
    steering = Steering("voice", 0, 1, temperature=0.9, top_k=20, repetition=1.2)
    mix = np.array([[0.3, 0.7, 0.0], [0.0, 0.0, 1.0]], np.float32)
    chooser = step.chooser(3)
    chooser.rest()
    leanings = [{4: 2.0, 9: -np.inf}, {11: -np.inf}]
    for voice, leaning in enumerate(leanings):
        assert chooser.set(voice, steering, 0.4, prompts[voice], leaning)
    logits, table = step.run([0, 1, 2], [3, 3, 8], mix)
    plain = [library(model, [*ids, more]) for ids, more in zip(prompts, [3, 3, 8], strict=True)]
    blended = [0.3 * plain[0] + 0.7 * plain[1], plain[2]]
    for voice, (row, expected) in enumerate(zip(table, blended, strict=True)):
        assert torch.allclose(logits[voice], expected, atol=1e-3)
        leaning = leanings[voice] | {7: -np.inf}
        wanted = choose(expected.numpy(), steering, 0.4, recent=prompts[voice], leaning=leaning)
        assert choice_of(row).id == wanted.id
        assert [rival for rival, _ in choice_of(row).rivals] == [rival for rival, _ in wanted.rivals]
    assert decoder.lengths[:3] == [10, 15, SHORTEST + 4]


def test_a_step_of_fewer_rows_than_a_batch_touches_nobody_else():
    model = model_of("llama").eval()
    decoder = decoder_of(model, rows=4)
    step, ids = DeviceStep(decoder, 4), text(9, 5)
    for row in range(4):
        decoder.fill(row, ids)
    step.run([0, 1, 3], [1, 2, 3])
    assert torch.allclose(decoder.fill(2, [9]), library(model, [*ids, 9]), atol=1e-3)
