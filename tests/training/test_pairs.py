"""Best against worst of one prompt, and a file that is edited by hand."""

import json

import pytest

from installation.training import pairs
from installation.training.pairs import Heard, Pair, PairsError

LONG = " and nothing else was heard in the harbour that whole night"


def heard(points, prompt="the sea", text="", **more):
    return Heard(prompt, (text or f"passage of {points} points") + LONG, points, **more)


def found(*passages, clear=1.0):
    return [pair.points for pair in pairs.pairs(passages, clear)]


def test_best_stands_against_worst_and_each_passage_once():
    assert found(heard(2.0), heard(0.1), heard(-1.0), heard(1.4)) == [(2.0, -1.0), (1.4, 0.1)]


def test_only_a_clear_difference_is_a_pair():
    assert found(heard(0.9), heard(0.0)) == []
    assert found(heard(0.9), heard(0.0), clear=0.5) == [(0.9, 0.0)]


def test_prompts_styles_and_models_are_never_mixed():
    assert found(heard(2.0), heard(0.0, prompt="[storm] the sea")) == []
    assert found(heard(2.0, hash="a"), heard(0.0, hash="b")) == []


def test_what_is_learnt_is_not_the_length():
    long = Heard("the sea", "many words " * 40, 3.0)
    assert pairs.pairs([long, heard(0.0)]) == []
    assert [pair.points for pair in pairs.pairs([long, heard(2.0), heard(0.0)])] == [(2.0, 0.0)]


def test_a_few_words_and_equal_texts_are_no_pair():
    assert pairs.pairs([Heard("a", "too short", 3.0), heard(0.0, prompt="a")]) == []
    assert found(heard(2.0, text="same"), heard(0.0, text="same")) == []


PAIR = Pair(
    "[storm] the sea",
    "Stone, “sea”!\n\nSalt.",
    "No.",
    (2.0, -1.0),
    ("a at 1.0 s", "a at 9.0 s"),
    "house",
    "ab",
)


def test_a_file_of_pairs_reads_as_it_was_written(tmp_path):
    pairs.write(tmp_path / "new" / "pairs.jsonl", [PAIR, PAIR])
    assert pairs.read(tmp_path / "new" / "pairs.jsonl") == [PAIR, PAIR]


def test_a_pair_made_by_hand_needs_three_texts(tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"prompt": "", "chosen": "Yes.", "rejected": "No.", "note": "mine"}\n\n')
    assert pairs.read(file) == [Pair("", "Yes.", "No.")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('{"prompt": "a", "chosen": "b"}', "rejected is missing"),
        ('{"prompt": "a", "chosen": " ", "rejected": "b"}', "chosen is missing"),
        ('{"prompt": "a", "chosen": "b  c", "rejected": "b c"}', "are the same"),
    ],
)
def test_a_wrong_line_is_named(line, sentence, tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps({"prompt": "a", "chosen": "b", "rejected": "c"}) + "\n" + line + "\n")
    with pytest.raises(PairsError, match=f"pairs.jsonl:2: .*{sentence}"):
        pairs.read(file)


def test_a_binary_file_and_no_file_are_sentences(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PairsError, match="UTF-8"):
        pairs.read(tmp_path / "a.jsonl")
    with pytest.raises(PairsError, match="cannot be read"):
        pairs.read(tmp_path / "b.jsonl")
    with pytest.raises(PairsError, match="cannot be written"):
        pairs.write(tmp_path / "a.jsonl" / "b.jsonl", [PAIR])


def made(count):
    return [Pair("a", f"chosen {n}", f"rejected {n}") for n in range(count)]


def test_held_out_pairs_have_no_text_in_common_with_the_others():
    several = [*made(20), *(Pair("b", f"chosen {n}", "another") for n in range(5))]
    kept, held = pairs.parted(several, 0.2, seed=3)
    assert sorted(pair.key for pair in (*kept, *held)) == sorted(pair.key for pair in several)
    assert len(held) >= 5
    texts = {text for pair in held for text in (pair.chosen, pair.rejected)}
    assert not any({pair.chosen, pair.rejected} <= texts for pair in kept)
    assert pairs.parted(several, 0.2, seed=3) == (kept, held)


def test_old_pairs_are_learnt_again_by_their_share():
    new, old = made(6), made(40)
    again = pairs.replayed(old, new, 0.5, seed=1)
    assert len(again) == 6
    assert not set(again) & set(new)
    assert pairs.replayed(old[:8], new, 0.5, seed=1) == pairs.replayed(old[:8], new, 0.5, seed=1)
    assert len(pairs.replayed(old[:8], new, 0.5, seed=1)) == 2
