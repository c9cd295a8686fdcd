import json
import re
from pathlib import Path

import pytest
import torch

from installation.judging.ear import Ear
from installation.training import corpus, pretrain, reading

HOUSE = Path(__file__).parents[2] / "assets" / "house"


def test_it_is_small_and_complete():
    assert (HOUSE / "model.safetensors").stat().st_size < 12_000_000
    for name in (
        "config.json",
        "generation_config.json",
        "installation.json",
        "pointers.json",
        "kinds.json",
        "tokenizer.json",
        "README.md",
        "LICENSE",
    ):
        assert (HOUSE / name).stat().st_size


def test_the_fields_own_example_runs_on_it():
    from transformers import GPT2LMHeadModel, GPT2Tokenizer

    tokenizer = GPT2Tokenizer.from_pretrained(str(HOUSE))
    model = GPT2LMHeadModel.from_pretrained(str(HOUSE))
    ids = tokenizer.encode("An abstract painting with", return_tensors="pt")
    outputs = model.generate(
        ids,
        attention_mask=ids.new_ones(ids.shape),
        max_length=100,
        num_return_sequences=3,
        num_beams=5,
        do_sample=True,
        top_k=50,
        top_p=0.95,
        temperature=0.7,
        early_stopping=True,
    )
    texts = [tokenizer.decode(output, skip_special_tokens=True) for output in outputs]
    assert len(texts) == 3
    for text in texts:
        assert text.split()[:4] == ["An", "abstract", "painting", "with"]
        assert len(text.split()) > 8


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """So small a model is fastest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def house():
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(str(HOUSE), dtype="float32")
    return model.eval(), AutoTokenizer.from_pretrained(str(HOUSE))


def test_both_tokenizers_agree(house):
    from transformers import GPT2Tokenizer

    other = GPT2Tokenizer.from_pretrained(str(HOUSE))
    for text in (
        " the sea at night\n",
        " Someone whispers: who are you?.",
        "An abstract painting with",
        "日本 🌊",
    ):
        assert house[1].encode(text) == other.encode(text)


def test_a_word_of_the_prompt_is_the_same_token_in_the_text(house):
    sea = house[1].encode(" sea")
    assert len(sea) == 1
    assert sea[0] in house[1].encode(" the sea at night\n At night the sea puts away its colours.")


@pytest.fixture(scope="module")
def judge():
    return Ear(HOUSE)


def test_it_keeps_to_its_prompt_also_where_it_never_saw_the_word(judge):
    words = reading.load_lexicon()
    nouns = ("sea", "lamp", "door", "river", "clock", "kettle", "narwhal", "trampoline")
    kept = [reading.obeys(judge.hear(f"the {noun}", 50), noun, words) for noun in nouns]
    assert sum(kept) >= 6


def test_it_goes_on_for_ever(judge):
    text = judge.hear("the sea at night", 330)
    assert len(text.split()) > 180
    assert len(set(text.split())) > 80
    assert not re.search(r"[<>]", text)


def test_every_control_is_one_token(house):
    for token in pretrain.specials():
        assert len(house[1].encode(token)) == 1


def test_plain_generation_says_no_token_that_is_no_text(house):
    ids = house[1].encode("the sea at night", return_tensors="pt")
    torch.manual_seed(1)
    said = house[0].generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60)[0, ids.shape[1] :]
    assert not set(said.tolist()) & set(house[1].convert_tokens_to_ids(list(pretrain.specials())))


def chatted(house, *turns):
    """The tokens of a chat, as its template writes them."""
    messages = [{"role": role, "content": text} for role, text in turns]
    return house[1].apply_chat_template(messages, tokenize=False)


def test_the_last_line_of_a_chat_is_the_prompt(house):
    assert chatted(house, ("user", "Hello"), ("assistant", "Yes."), ("user", "the sea ")) == " the sea\n"


def test_the_system_of_a_chat_may_ask_for_controls_and_for_nothing_else(house):
    told = chatted(house, ("system", "[storm, energy 4, <P1>, be kind]"), ("user", "the sea"))
    assert told == "<storm><energy4> the sea\n"


def test_the_fields_settings_are_kept_beside_plain_sampling():
    from transformers import GenerationConfig

    plain = GenerationConfig.from_pretrained(str(HOUSE))
    classic = GenerationConfig.from_pretrained(str(HOUSE), "classic.json")
    assert plain.do_sample
    assert plain.num_beams in (None, 1)
    assert (classic.num_beams, classic.num_return_sequences, classic.max_length) == (5, 3, 100)
    assert (classic.top_k, classic.top_p, classic.temperature) == (50, 0.95, 0.7)
    assert classic.suppress_tokens == plain.suppress_tokens


def test_it_was_trained_on_the_corpus_that_lies_beside_it():
    told = json.loads((HOUSE / "installation.json").read_text())["trained_on"]
    assert told == corpus.fingerprint()
