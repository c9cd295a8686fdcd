"""On a device a token is chosen as it is in numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from installation.errors import VoiceError
from installation.messages import Steering
from installation.voice.device_sampling import LEANED, MANY, DeviceChooser, choice_of
from installation.voice.sampling import NEVER, choose

VOCABULARY = 300
CONTROLS = some.fixed_dictionaries(
    {
        "temperature": some.sampled_from([0.0, 0.3, 0.8, 1.5]),
        "top_k": some.integers(1, 120),
        "top_p": some.sampled_from([0.0, 0.4, 0.95, 1.0]),
        "min_p": some.sampled_from([0.0, 0.05, 0.5, 1.0]),
        "repetition": some.sampled_from([0.7, 1.0, 1.3]),
    }
)
ADDS = some.sampled_from([NEVER, -3.0, 0.5, 6.0])
VOICE = some.tuples(
    CONTROLS,
    some.floats(0, 1, exclude_max=True),
    some.lists(some.integers(0, VOCABULARY - 1), max_size=96),
    some.dictionaries(some.integers(0, VOCABULARY - 1), ADDS, max_size=20),
    some.one_of(some.none(), some.integers(0, VOCABULARY - 1)),
    some.integers(0, 1000),
)


def steered(controls):
    return Steering("voice", 0, 1, **controls)


def logits_of(seed):
    return np.random.default_rng(seed).normal(0, 3, VOCABULARY).astype(np.float32)


def chosen(voices, never=()):
    """What the device says for each of (controls, noise, recent, leaning, forced, seed)."""
    chooser = DeviceChooser(len(voices), VOCABULARY, "cpu", never)
    for at, (controls, noise, recent, leaning, forced, _) in enumerate(voices):
        assert chooser.set(at, steered(controls), noise, recent, leaning, forced)
    chooser.send()
    logits = torch.from_numpy(np.stack([logits_of(voice[-1]) for voice in voices]))
    return told(chooser, logits)


def told(chooser, logits):
    with torch.inference_mode():
        return chooser.choose(logits, chooser.few)


@settings(max_examples=150, deadline=None)
@given(some.lists(VOICE, min_size=1, max_size=4))
def test_it_chooses_what_numpy_chooses(voices):
    table = chosen(voices)
    for row, (controls, noise, recent, leaning, forced, seed) in zip(table, voices, strict=True):
        logits = logits_of(seed)
        plain = choose(logits, steered(controls), noise, recent=recent, leaning=leaning, forced=forced)
        on_device = choice_of(row)
        assert on_device.id == plain.id
        assert on_device.surprise == pytest.approx(plain.surprise, abs=1e-4)
        assert on_device.entropy == pytest.approx(plain.entropy, abs=1e-4)
        assert [rival for rival, _ in on_device.rivals] == [rival for rival, _ in plain.rivals]
        assert [share for _, share in on_device.rivals] == pytest.approx(
            [s for _, s in plain.rivals], abs=1e-5
        )


def test_over_many_noises_it_draws_in_numpys_proportions():
    controls = {"temperature": 1.2, "top_k": 40, "top_p": 0.9, "repetition": 1.0}
    voices = [(controls, at / 500, (), {}, None, 1) for at in range(500)]
    ids = [choice_of(row).id for row in chosen(voices)]
    logits = logits_of(1)
    assert ids == [choose(logits, steered(controls), at / 500).id for at in range(500)]


def test_what_never_is_said_is_neither_chosen_nor_a_rival():
    best = int(logits_of(4).argmax())
    controls = {"temperature": 0.0, "repetition": 1.0}
    (row,) = chosen([(controls, 0.5, (), {}, None, 4)], never=[best])
    told = choice_of(row)
    assert told.id != best
    assert best not in dict(told.rivals)


def test_more_than_fits_is_refused_and_nothing_is_set():
    chooser = DeviceChooser(1, 4000, "cpu")
    assert not chooser.set(0, steered({"temperature": 1.0, "top_k": 0}), 0.5, (), {})
    assert not chooser.set(0, steered({"temperature": 1.0, "top_k": MANY + 1}), 0.5, (), {})
    assert not chooser.set(0, steered({"top_k": 5}), 0.5, (), dict.fromkeys(range(LEANED + 1), 1.0))
    assert chooser.set(0, steered({"temperature": 0.0, "top_k": 0}), 0.5, (), {})


def test_a_broken_logit_and_a_ban_on_everything_are_told():
    chooser = DeviceChooser(1, VOCABULARY, "cpu", range(VOCABULARY))
    chooser.set(0, steered({"top_k": 5}), 0.5, (), {})
    chooser.send()
    logits = torch.from_numpy(logits_of(1))[None]
    with pytest.raises(VoiceError, match="forbidden"):
        choice_of(told(chooser, logits)[0])
    logits[0, 3] = float("nan")
    with pytest.raises(VoiceError, match="no number"):
        choice_of(told(chooser, logits)[0])
