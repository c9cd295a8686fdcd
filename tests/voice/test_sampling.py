import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installation.errors import VoiceError
from installation.messages import Steering
from installation.voice.sampling import NEVER, Shortlist, choose, key_of, largest, uniform


def steering(**changes):
    plain = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repetition": 1.0}
    return Steering("voice", 0, 0, **(plain | changes))


def plainly(logits, given, noise, recent=(), leaning=None):
    """The same, slowly and over the whole vocabulary."""
    bent = logits.astype(np.float64)
    for token in set(recent) if given.repetition != 1 else ():
        bent[token] = bent[token] / given.repetition if bent[token] > 0 else bent[token] * given.repetition
    for token, add in (leaning or {}).items():
        bent[token] += add
    order = sorted(range(bent.size), key=lambda token: (-bent[token], token))
    order = [token for token in order if bent[token] > NEVER]
    if given.temperature == 0:
        return order[0]
    order = order[: given.top_k or None]
    weights = np.exp((bent[order] - bent[order[0]]) / given.temperature)
    shares = weights / weights.sum()
    before = np.concatenate([[0], np.cumsum(shares)[:-1]])
    kept = [at for at in range(len(order)) if at == 0 or before[at] < given.top_p]
    kept = [at for at in kept if shares[at] >= given.min_p * shares[0]]
    heap = np.cumsum(shares[kept])
    return order[kept[int(np.searchsorted(heap, noise * heap[-1], side="right"))]]


cases = st.fixed_dictionaries(
    {
        "temperature": st.sampled_from([0.0, 0.3, 1.0, 2.0]),
        "top_k": st.sampled_from([0, 1, 5, 50]),
        "top_p": st.sampled_from([0.0, 0.5, 0.95, 1.0]),
        "min_p": st.sampled_from([0.0, 0.1, 1.0]),
        "repetition": st.sampled_from([0.5, 1.0, 1.3]),
    }
)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1 << 30), st.sampled_from([3, 60, 500, 40_000]), cases, st.floats(0, 0.999))
def test_the_quick_way_chooses_as_the_plain_way(seed, size, case, noise):
    random = np.random.default_rng(seed)
    logits = (random.standard_normal(size) * 4).astype(np.float32)
    recent = random.integers(0, size, 40).tolist() + np.argsort(-logits)[:30].tolist()
    leaning = {
        int(token): float(add)
        for token, add in zip(random.integers(0, size, 9), random.normal(0, 9, 9), strict=True)
    }
    leaning[int(logits.argmax())] = NEVER
    chosen = choose(logits, steering(**case), noise, recent=recent, leaning=leaning).id
    assert chosen == plainly(logits, steering(**case), noise, recent, leaning)


def test_torch_chooses_as_numpy():
    torch = pytest.importorskip("torch")
    logits = np.random.default_rng(1).standard_normal(5000).astype(np.float32) * 3
    for noise in (0.1, 0.6, 0.9):
        given = steering(top_k=50, top_p=0.9)
        assert choose(torch.from_numpy(logits), given, noise) == choose(logits, given, noise)


def test_the_path_over_a_device_fetches_what_numpy_finds():
    torch = pytest.importorskip("torch")
    from installation.voice import sampling

    logits = np.random.default_rng(2).standard_normal(3000).astype(np.float32) * 3
    asked = [5, int(logits.argmax()), 2999]
    here: Shortlist = sampling._of_numpy(logits, 40, asked)
    there: Shortlist = sampling._on_device(torch.from_numpy(logits), 40, asked)
    assert dict(zip(here.ids.tolist(), here.logits, strict=True)) == dict(
        zip(there.ids.tolist(), there.logits, strict=True)
    )
    assert there.total == pytest.approx(here.total, abs=1e-4)
    assert there.entropy == pytest.approx(here.entropy, abs=1e-4)


def test_what_the_model_thought_is_told_in_bits():
    shares = np.array([0.5, 0.25, 0.125, 0.125])
    choice = choose(np.log(shares).astype(np.float32), steering(temperature=0.2, top_k=1), 0.5, forced=2)
    assert choice.id == 2
    assert choice.surprise == pytest.approx(3, abs=1e-5)
    assert choice.entropy == pytest.approx(1.75, abs=1e-5)
    assert [token for token, _ in choice.rivals] == [0, 1, 2, 3]
    assert [share for _, share in choice.rivals] == pytest.approx(shares.tolist(), abs=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1 << 30), st.sampled_from([9, 300, 20_000]))
def test_surprise_entropy_and_rivals_hold_together(seed, size):
    logits = (np.random.default_rng(seed).standard_normal(size) * 5).astype(np.float32)
    shares = np.exp(logits - logits.max(), dtype=np.float64)
    shares /= shares.sum()
    choice = choose(logits, steering(top_k=50), 0.3, recent=range(5))
    assert choice.surprise == pytest.approx(-math.log2(shares[choice.id]), abs=1e-3)
    assert choice.entropy == pytest.approx(-(shares * np.log2(shares)).sum(), abs=1e-3)
    assert [token for token, _ in choice.rivals] == np.argsort(-shares)[:8].tolist()
    assert sum(share for _, share in choice.rivals) <= 1 + 1e-6


def test_a_masked_logit_is_no_trouble():
    logits = np.full(100, -np.inf, np.float32)
    logits[7] = 0
    choice = choose(logits, steering(), 0.9)
    assert (choice.id, choice.surprise) == (7, 0)
    assert choice.entropy == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_logit_that_is_no_number_is_a_sentence(bad):
    logits = np.zeros(100, np.float32)
    logits[3] = bad
    with pytest.raises(VoiceError, match="no number"):
        choose(logits, steering(), 0.5)


def test_when_everything_is_forbidden_it_says_so():
    with pytest.raises(VoiceError, match="forbidden"):
        choose(np.zeros(4, np.float32), steering(), 0.5, leaning=dict.fromkeys(range(4), NEVER))


def test_what_is_forbidden_is_no_rival():
    choice = choose(np.arange(9, dtype=np.float32), steering(), 0.5, leaning={8: NEVER, 7: -50.0})
    assert [token for token, _ in choice.rivals] == [7, 6, 5, 4, 3, 2, 1, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 30_000), st.integers(1, 300))
def test_the_largest_are_found(seed, size, count):
    values = np.random.default_rng(seed).integers(0, 1 << 20, size).astype(np.float32)
    found = largest(values, min(count, size))
    assert len(set(found.tolist())) == min(count, size)
    assert sorted(values[found]) == sorted(values)[-min(count, size) :]


@given(st.integers(), st.text(max_size=20), st.integers(0, 1 << 40))
def test_noise_is_a_function_of_seed_voice_and_position(seed, voice, position):
    noise = uniform(key_of(seed, voice), position)
    assert 0 <= noise < 1
    assert noise == uniform(key_of(seed, voice), position)
    assert noise != uniform(key_of(seed + 1, voice), position)
    assert noise != uniform(key_of(seed, voice), position + 1)


def test_noise_is_the_same_on_every_machine():
    noise = [round(uniform(key_of(20260321, "voice"), n), 12) for n in range(3)]
    assert noise == [0.850401047937, 0.820747727767, 0.037151950104]


def test_samples_follow_the_distribution():
    logits = np.log(np.array([0.6, 0.3, 0.1])).astype(np.float32)
    key = key_of(1, "voice")
    counts = np.bincount([choose(logits, steering(), uniform(key, n)).id for n in range(3000)], minlength=3)
    assert counts / 3000 == pytest.approx([0.6, 0.3, 0.1], abs=0.03)
