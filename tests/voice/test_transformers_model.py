import itertools

import pytest
import tiny_models
from tiny_models import speak, steering, text_of, voice

from installation.errors import VoiceError
from installation.voice.catalogue import make

FAMILIES = ("gpt2", "llama", "qwen2", "mistral")  # the last looks back through a window of 16


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {name: tiny_models.save(tmp_path_factory.mktemp(name), name) for name in FAMILIES}


def generated(folder, ids, count):
    """What the library itself says after `ids`, greedily."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    model.generation_config.pad_token_id = 0
    given = torch.tensor([list(ids)])
    found = model.generate(
        given, attention_mask=torch.ones_like(given), max_new_tokens=count, do_sample=False, use_cache=True
    )
    return found[0, len(ids) :].tolist()


def context(made):
    """The ids that the voice has read so far."""
    return list(next(iter(made._engine._blend._memories.values())).read)


@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_text_is_what_generate_says(folders, family):
    made = voice(folders[family])
    made.steer(steering())
    ids = [made.next().id]
    start = context(made)
    ids += [token.id for token in speak(made, 59)]
    assert ids == generated(folders[family], start, 60)


@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_text_after_a_prompt_change_is_what_generate_says(folders, family):
    made = voice(folders[family])
    made.steer(steering())
    kept = speak(made, 30)[:20]
    made.steer(steering(1, take=1, keep=20, prompt="A lamp in the window, and the door"))
    assert made.n == 20
    ids = [made.next().id]
    start = context(made)
    assert start[-5:] == [token.id for token in kept[-5:]]
    ids += [token.id for token in speak(made, 39)]
    assert ids == generated(folders[family], start, 40)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_revoked_take_leaves_no_trace(folders, family, temperature):
    straight, revoked = voice(folders[family]), voice(folders[family])
    for made in (straight, revoked):
        made.steer(steering(temperature=temperature))
        speak(made, 25)
    speak(revoked, 13)
    revoked.steer(steering(1, take=1, keep=30, prompt="Sea", temperature=1.3))
    speak(revoked, 9)
    revoked.steer(steering(2, take=2, keep=25, temperature=temperature))
    for one, other in zip(speak(straight, 60), speak(revoked, 60), strict=True):
        assert (one.n, one.id, one.text) == (other.n, other.id, other.text)


def test_a_context_rolls_over_unnoticed(tmp_path):
    made = voice(tiny_models.save(tmp_path, "gpt2", n_positions=64))
    made.steer(steering(temperature=1.0, repetition=1.1))
    tokens = speak(made, 2000)
    assert [token.n for token in tokens] == list(range(2000))
    assert len(context(made)) <= 64
    assert len(made._engine._scroll.text) < 700
    assert len({token.id for token in tokens[-200:]}) > 20


def test_revoking_across_a_roll_over_leaves_no_trace(tmp_path):
    folder = tiny_models.save(tmp_path, "llama", max_position_embeddings=64)
    straight, revoked = voice(folder), voice(folder)
    for made in (straight, revoked):
        made.steer(steering(temperature=1.0))
        speak(made, 40)
    speak(revoked, 90)
    revoked.steer(steering(1, take=1, keep=40, temperature=1.0))
    assert text_of(speak(straight, 120)) == text_of(speak(revoked, 120))


def test_an_end_of_text_is_a_paragraph_and_the_text_goes_on(tmp_path):
    made = voice(tiny_models.save(tmp_path, "gpt2", eos_token_id=list(range(40, 70))))
    made.steer(steering(temperature=1.0))
    tokens = speak(made, 600)
    ends = [token.n for token in tokens if token.end]
    assert len(ends) > 3
    assert all(tokens[n].text == "\n\n" for n in ends)
    assert all(later - sooner > 16 for sooner, later in itertools.pairwise(ends))
    assert made._engine._tongue.ends.isdisjoint(context(made)[:-1])


def test_a_greedy_text_that_ends_is_what_generate_says(tmp_path):
    folder = tiny_models.save(tmp_path, "qwen2", eos_token_id=list(range(40, 140)))
    made = voice(folder)
    made.steer(steering(prompt="Who was it?"))
    ids = [made.next().id]
    start = context(made)
    while made._engine._scroll.text[-1].text != "\n\n" and len(ids) < 100:
        ids.append(made.next().id)
    assert ids == generated(folder, start, 100)
    assert speak(made, 20)[-1].n == len(ids) + 19


def test_the_text_does_not_depend_on_when_steering_arrives(folders):
    whole, pieces = voice(folders["qwen2"]), voice(folders["qwen2"])
    whole.steer(steering(temperature=1.0))
    pieces.steer(steering(temperature=1.0, credit=3))
    said = []
    for at in range(60):
        if at % 3 == 0:
            pieces.steer(steering(at, temperature=1.0, credit=at + 3))
        said.append(pieces.next().text)
    assert "".join(said) == text_of(speak(whole, 60))


def test_another_seed_is_another_text(folders):
    texts = set()
    for seed in range(3):
        made = voice(folders["gpt2"])
        made.steer(steering(temperature=1.0, seed=seed))
        texts.add(text_of(speak(made, 30)))
    assert len(texts) == 3


def test_what_is_said_begins_at_a_word_and_is_marked(folders):
    made = voice(folders["gpt2"])
    made.steer(steering(temperature=1.0))
    before = text_of(speak(made, 10))
    made.steer(steering(1, take=1, keep=10, say="Who is at the door?", say_private=True, temperature=1.0))
    tokens = speak(made, 80)
    forced = [token for token in tokens if token.forced]
    assert text_of(forced).strip() == "Who is at the door?"
    assert [token.n for token in forced] == list(range(forced[0].n, forced[-1].n + 1))
    assert all(token.private for token in forced)
    assert not any(token.private for token in tokens if not token.forced)
    assert all(token.inner.surprise > 0 for token in forced)
    whole = before + text_of(tokens)
    at = whole.index("Who is at the door?")
    assert whole[at - 1].isspace()
    made.steer(steering(2, take=1, keep=10, say="Who is at the door?", temperature=1.0))
    assert not any(token.forced for token in speak(made, 40))


def test_a_voice_begins_anew_with_its_text_so_far(folders):
    made = voice(folders["llama"], history="The tide goes out, and the harbour", first=12)
    made.steer(steering(5, take=9, keep=3))
    assert made.n == 12
    token = made.next()
    assert (token.n, token.take, token.steered_by) == (12, 9, 5)
    tongue = made._engine._tongue
    said = tongue.encode("The tide goes out, and the harbour", "")
    assert tuple(context(made)[-len(said) :]) == said


def test_forbidden_words_are_not_said_and_are_no_rivals(tmp_path):
    made = voice(tiny_models.save(tmp_path, "gpt2", seed=3))
    made.steer(steering(temperature=1.0))
    free = text_of(speak(made, 400)).lower()
    words = [word for word in ("tide", "the", "and", "was", "sea", "waits", "harbour") if word in free]
    assert words
    made.steer(steering(1, take=1, keep=0, temperature=1.0, forbidden=tuple(words)))
    tongue, singles = made._engine._tongue, set()
    for word in words:
        singles |= {ids[0] for ids in (tongue.encode(" " + word, "a"),) if len(ids) == 1}
    for token in speak(made, 400):
        assert token.id not in singles
        assert not {rival.text.strip() for rival in token.inner.rivals} & {
            tongue.piece(single).strip() for single in singles
        }


def test_a_prompt_longer_than_the_context_is_cut(tmp_path):
    made = voice(tiny_models.save(tmp_path, "gpt2", n_positions=32))
    made.steer(steering(prompt="The tide comes in. " * 50))
    speak(made, 50)
    assert len(context(made)) <= 32


def test_the_catalogue_makes_it(tmp_path):
    folder = tiny_models.save(tmp_path / "model")
    made = make({"model": "model", "device": "cpu"}, "voice", tmp_path)
    assert made.load().detail == f"{folder} on cpu"
    made.steer(steering())
    assert made.next().n == 0


def test_a_model_that_outgrows_its_memory_is_a_sentence(folders):
    made = voice(folders["gpt2"])
    made.steer(steering())
    made._engine._forward.limit = 1000
    with pytest.raises(VoiceError, match="cannot go on"):
        speak(made, 400)


def test_the_news_tells_device_context_and_hash(folders):
    from installation.voice.transformers_model import TransformersVoice

    news = [
        TransformersVoice({"model": str(folders[name])}, "voice", folders[name]).load()
        for name in ("gpt2", "gpt2", "llama")
    ]
    assert news[0] == news[1]
    assert news[0].state == "ready"
    assert news[0].context == 256
    assert len(news[0].model_hash) == 12
    assert news[0].model_hash != news[2].model_hash


def test_a_model_without_a_key_value_cache_is_refused(tmp_path):
    from transformers import MambaConfig, MambaForCausalLM

    shape = MambaConfig(vocab_size=400, hidden_size=16, state_size=4, num_hidden_layers=1)
    MambaForCausalLM(shape).save_pretrained(tmp_path)
    tiny_models.fast(tiny_models.byte_level()).save_pretrained(tmp_path)
    with pytest.raises(VoiceError, match="mamba: models without"):
        voice(tmp_path)
