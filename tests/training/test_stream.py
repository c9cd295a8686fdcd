import random
import re

import pytest

from installation.training import corpus, lexicon, pretrain, record
from installation.training.stream import spaced


def letters(text):
    """Every character is a token; 0 is the end."""
    return [ord(c) for c in text]


@pytest.fixture(scope="module")
def rows():
    plan = pretrain.Plan(length=600)
    stream = pretrain.stream(plan, corpus.load()[:300], letters)
    return [stream.row() for _ in range(120)]


def test_a_word_has_its_space_before_it_also_in_a_new_line():
    assert spaced("Wind.\nSea and wind") == " Wind.\n Sea and wind"


def test_every_row_is_full(rows):
    assert {(len(tokens), len(learn)) for tokens, learn in rows} == {(600, 600)}


def test_the_prompt_is_read_and_not_learnt(rows):
    headed = [(tokens, learn) for tokens, learn in rows if not learn[0]]
    assert len(headed) > 80
    for tokens, learn in headed:
        head = "".join(chr(t) for t in tokens[: next(at for at, share in enumerate(learn) if share)])
        assert re.fullmatch(r"(<[a-z]+\d?>)*(<\^?a?P|[ \n]|$).*", head, re.DOTALL), head


def test_a_visitors_line_is_never_learnt(rows):
    for tokens, learn in rows:
        spoken = "".join(chr(t) for t, wanted in zip(tokens, learn, strict=True) if wanted)
        assert "Someone whispers" not in spoken


def test_visitors_lines_occur(rows):
    assert any("Someone whispers" in "".join(map(chr, tokens)) for tokens, _ in rows)


def test_the_same_seed_gives_the_same_rows(rows):
    again = pretrain.stream(pretrain.Plan(length=600), corpus.load()[:300], letters)
    assert [again.row() for _ in range(20)] == rows[:20]


def test_held_out_documents_are_not_trained_on():
    training, held = pretrain.sources(pretrain.Plan())
    assert len(held) == 64 * 8, "one of each topic and style"
    assert {(d.topic, d.style) for d in held} == {(d.topic, d.style) for d in training}
    assert not {d.text for d in held} & {d.text for d in training}


def test_it_leaves_the_global_random_state_alone():
    state = random.getstate()
    pretrain.stream(pretrain.Plan(), corpus.load()[:50], letters).row()
    lexicon.load()
    assert random.getstate() == state


def test_controls_and_pointers_occur_and_some_rows_are_raw(rows):
    texts = ["".join(map(chr, tokens)) for tokens, _ in rows]
    assert sum(text.startswith("<") for text in texts) > 50
    assert sum(re.match(r"<(?!\^?a?P)", text) is None for text in texts) > 15
    assert sum("<P1>" in text for text in texts) > 50


def test_no_sentence_comes_nearly_the_same_twice_in_the_hand_written_part_of_a_row():
    rows = pretrain.stream(pretrain.Plan(length=400), corpus.load(), letters)
    for _ in range(40):
        draft = rows.drafts.written()
        said = [part for text in draft.paragraphs for part in re.split(r"(?<=[.!?])\s+", text)]
        long = [part for part in said if len(part.split()) > 5]
        assert len(long) == len(set(long))


def test_a_description_turns_into_json():
    rows = pretrain.stream(pretrain.Plan(length=400), corpus.load()[:200], letters)
    drafts = [rows.drafts.recorded() for _ in range(60)]
    objects = [record.read(draft.paragraphs[0]) for draft in drafts if draft.style == "meta"]
    assert objects
    assert all("title" in found for found in objects)
