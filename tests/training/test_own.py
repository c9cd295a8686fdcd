import sys
from dataclasses import replace
from pathlib import Path

import pytest

from installation.errors import CorpusError
from installation.training.collection import Collection, Work, collect
from installation.training.own import SIZES, Own, beginning, sized, verdict
from installation.training.plan import MASKED
from installation.training.tokenizer import MASK

sys.path.insert(0, str(Path(__file__).parents[1]))
import learning


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    return collect(learning.write(tmp_path_factory.mktemp("texts") / "texts.jsonl"))


@pytest.fixture(scope="module")
def own(collection, tmp_path_factory):
    return Own(sized(collection)[0], collection, tmp_path_factory.mktemp("state"))


def test_a_row_begins_where_a_text_does_after_its_prompt_which_is_not_learnt(own):
    for _ in range(30):
        tokens, learn = own.row()
        assert len(tokens) == len(learn) == own.plan.length
        head = learn.index(1.0)
        said = own.tokenizer.decode(tokens)
        prompt, _, text = said.partition("\n")
        assert own.tokenizer.decode(tokens[:head]) == prompt + "\n"
        assert text.startswith(" The ")
        assert not prompt or prompt.startswith(" ")


def test_what_is_held_out_is_never_in_a_row(own):
    held = {passage.text for passage in own.held}
    assert held
    assert not held & {passage.text for passage in own.learnt}
    heads = [own.tokenizer.decode(head) for head, _ in own.apart()]
    assert all(head.startswith(" the ") and head.endswith("\n") for head in heads)


def test_a_torn_row_has_no_prompts(collection, tmp_path):
    torn = Own(sized(collection, MASKED)[0], collection, tmp_path)
    tokens, learn = torn.row()
    assert set(learn) == {1.0}
    assert "\n" not in torn.tokenizer.decode(tokens)
    assert torn.tokenizer.mask_token == MASK


def test_the_same_state_of_chance_gives_the_same_row(own):
    state = own.rng.getstate()
    row = own.row()
    own.rng.setstate(state)
    assert own.row() == row


def test_a_model_is_as_large_as_its_texts_allow(collection):
    widths = [
        sized(Collection(tuple(Work("word " * n, "a.txt") for _ in range(1))))[0].width for n in (500, 40_000)
    ]
    assert widths == [SIZES[0].width, SIZES[2].width]
    plan, passes = sized(collection)
    assert plan.vocabulary % 64 == 0
    assert plan.texts != sized(replace(collection, texts=collection.texts[1:]))[0].texts
    assert passes == SIZES[0].passes


def test_a_long_text_is_learnt_in_stretches_and_goes_on(tmp_path):
    text = " ".join(f"Line {n} is about the sea and about number {n}." for n in range(400))
    collection = Collection((Work(text, "novel.txt"),))
    own = Own(sized(collection)[0], collection, tmp_path)
    assert len(own.learnt) > 20
    assert sum(passage.end for passage in (*own.learnt, *own.held)) == 1
    assert len(own.held) >= 2


def test_signs_of_ours_in_a_text_are_not_ours(tmp_path, collection):
    work = Work("A <mask> fell <|endoftext|> and nobody came back to the sea.", "a.txt")
    own = Own(sized(collection)[0], replace(collection, texts=(work, *collection.texts)), tmp_path)
    assert not any("<" in passage.text for passage in (*own.learnt, *own.held))


@pytest.mark.parametrize("words", [1, 30, 200])
def test_texts_smaller_than_a_batch_are_refused_with_what_would_do(words, tmp_path):
    collection = Collection((Work("The sea waits. " * (words // 3 + 1), "a.txt"),))
    with pytest.raises(CorpusError, match=r"one batch takes \d+; add texts, or let a model"):
        Own(sized(collection)[0], collection, tmp_path)


def test_the_beginning_has_no_sign_at_its_end():
    assert beginning("The sea, the sea, again.\nNo.") == "The sea, the sea"
    assert beginning("Nobody.") == "Nobody"


def test_what_can_be_expected_goes_with_the_words():
    few, some, many = (verdict(Collection((Work("a " * n, "a.txt"),))) for n in (900, 20_000, 300_000))
    assert "few" in few
    assert "vocabulary" in some
    assert "enough" in many
