import random
import re

import pytest

from installation.training import corpus, grammar, lexicon, pretrain, tuning_rows
from installation.training.collection import Work
from installation.training.entities import Casting
from installation.training.stream import Stream
from installation.training.substitution import Substitution
from installation.training.tuning_rows import House, Passage, Plain, Rows


def letters(text):
    return [ord(c) for c in text]


def test_a_text_is_broken_between_sentences_and_nothing_is_lost():
    text = "The tide comes in. It waits! " * 30 + "\n\nA lamp, " + "very " * 60 + "small."
    found = tuning_rows.passages([Work(text, "a.txt", prompt="tide")], len, 148)
    assert all(len(p.text) <= 100 for p in found)
    assert "".join("".join(p.text for p in found).split()) == "".join(text.split())
    assert all(p.text[-1] in ".!" for p in found[:5])
    assert [p.end for p in found] == [False] * (len(found) - 1) + [True]


def test_what_has_no_sentence_and_no_space_is_broken_too():
    found = tuning_rows.passages([Work("東" * 900, "a.txt")], len, 148)
    assert "".join(p.text for p in found) == "東" * 900
    assert max(len(p.text) for p in found) <= 148


def passages(works, each=1):
    return [
        Passage(w, f"w{w}", "", f"text {w} {n}.", n == each - 1) for w in range(works) for n in range(each)
    ]


def test_whole_texts_are_held_out_where_there_are_many_and_passages_where_there_are_few():
    learnt, held = tuning_rows.parted(passages(20, 3), 0.1, 7)
    assert {p.work for p in held}.isdisjoint(p.work for p in learnt)
    assert len({p.work for p in held}) == 2
    learnt, held = tuning_rows.parted(passages(1, 8), 0.1, 7)
    assert (len(learnt), len(held)) == (7, 1)
    assert tuning_rows.parted(passages(20, 3), 0.1, 7)[1] != tuning_rows.parted(passages(20, 3), 0.1, 8)[1]


def test_the_prompt_is_read_and_the_text_learnt_with_its_end():
    manner = Plain(lambda text: letters(f"<{text}>"), letters, 0)
    row = manner.row(Passage(0, "tide", "", "It waits.", True), None)
    assert row == ([*letters("<tide>It waits."), 0], [False] * 6 + [True] * 10)
    found = tuning_rows.learnt(row, 10)
    assert found == {"input_ids": row[0][:10], "labels": [-100] * 6 + letters("It w")}


def test_the_house_model_s_pointers_and_controls_are_put_in():
    manner = House(letters, lexicon.load(), frozenset({"<calm>", "<short>"}))
    passage = Passage(0, "the lamp", "calm", "A lamp was lit.\n\nThe lamps wait.", True)
    tokens, learn = manner.row(passage, None)
    text = "".join(map(chr, tokens)).replace("\0", "|")
    assert text == " the<P1><is:machine>\n<^aP1> was lit.| The<P1s> wait.|"
    assert learn == [t > text.index("\n") for t in range(len(tokens))]
    heads = {
        "".join(map(chr, manner.row(passage, random.Random(n))[0])).partition("\n")[0] for n in range(60)
    }
    assert any(head.startswith("<calm>") for head in heads)
    assert "" in heads
    assert not any("energy" in head for head in heads)


def test_behind_a_text_of_the_model_s_own_only_hers_is_learnt():
    manner = House(letters, lexicon.load(), frozenset(), 0, ("An old boat.",))
    passage = Passage(0, "", "", "A lamp was lit.", True)
    rows = [manner.row(passage, random.Random(n)) for n in range(80)]
    behind = [row for row in rows if "An old boat.\0" in "".join(map(chr, row[0]))]
    assert 20 < len(behind) < 45
    for tokens, learn in rows:
        said = "".join(chr(t) for t, wanted in zip(tokens, learn, strict=True) if wanted)
        assert re.fullmatch(r"(?: A lamp|<\^aP1>) was lit\.\0", said)


def test_a_replayed_row_is_drawn_from_its_number_alone():
    plan = pretrain.Plan(length=200)
    documents = corpus.load()[:200]
    words, rng = lexicon.load(), random.Random(1)
    writer = grammar.Grammar(*grammar.load(), Casting(words, corpus.company(documents, words), rng), rng)
    texts = [Substitution(document, words) for document in documents]
    replay = tuning_rows.Replay(Stream(texts, [], writer, words, letters, plan.length, rng), letters, 7)
    first = [replay.row(number) for number in range(12)]
    assert [replay.row(number) for number in (11, 3, 0)] == [first[11], first[3], first[0]]
    assert all(any(learn) and not all(learn) for _, learn in first)
    answers = [Passage(0, "Hello.", "answer", "Good evening.", True)]
    plain = Plain(letters, letters, 0)
    mixed = tuning_rows.Replay(replay._stream, letters, 7, answers, plain)
    assert [mixed.row(number) for number in (0, 2)] == [first[0], first[2]]
    assert mixed.row(1) == mixed.row(3) == plain.row(answers[0], None)


class Own:
    """Replayed rows that tell which they are."""

    def row(self, number):
        return [9000 + number] * 40, [True] * 40


@pytest.fixture
def rows():
    manner = Plain(letters, letters, 0)

    def make(count, seed=7):
        return Rows(passages(12), manner, 64, seed, count, Own(), 0.25)

    return make


def test_a_row_is_drawn_from_its_number_alone_and_every_passage_stands_once_in_a_round(rows):
    few, many = rows(10), rows(1000)
    assert [few[n] for n in range(10)] == [many[n] for n in range(10)]
    assert rows(10, seed=8)[0] != few[0] or rows(10, seed=8)[1] != few[1]
    texts = []
    for n in range(many.round):
        tokens = many[n]["input_ids"]
        if tokens[0] < 9000:
            texts.append("".join(map(chr, tokens)).rstrip("\0"))
    assert len(texts) == len({text[text.index("text") :] for text in texts}) == 12


def test_the_share_of_what_is_replayed_is_that_of_tokens_and_none_comes_twice(rows):
    made = rows(10_000)
    replayed = [
        row["input_ids"][0] for n in range(4 * made.round) if (row := made[n])["input_ids"][0] >= 9000
    ]
    assert len(replayed) == len(set(replayed))
    share = 40 * len(replayed) / (40 * len(replayed) + 4 * made.tokens)
    assert share == pytest.approx(0.25, abs=0.05)


def test_rows_of_a_batch_are_filled_up_and_what_is_filled_is_not_learnt():
    found = tuning_rows.together(
        [{"input_ids": [1, 2], "labels": [-100, 2]}, {"input_ids": [3], "labels": [3]}]
    )
    assert found == {
        "input_ids": [[1, 2], [3, 0]],
        "labels": [[-100, 2], [3, -100]],
        "attention_mask": [[1, 1], [1, 0]],
    }
