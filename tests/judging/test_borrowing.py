import pytest

from installation.judging import borrowing, lessons
from installation.judging.ear import Heard
from installation.training.corpus import Document

READ = Document("sea", "calm", "the sea", "The sea keeps one shoe for itself. It asks nobody.")
LABEL = Document("lamp", "label", "lamp", "Lamp, 1931\nThe lamp was lit by a careful aunt.")


def test_capitals_and_commas_hide_nothing():
    assert borrowing.key('"The sea, it seems," keeps ONE shoe.') == "the sea it seems keeps one shoe"


def test_what_is_pointed_to_is_one_sign():
    text = "An otter sleeps, and the otters wake."
    assert borrowing.key(borrowing.masked(text, ("otter", "otters"))) == "a # sleeps and the # wake"
    assert borrowing.masked("The potter otter-like sat.", ("otter",)) == "The potter otter-like sat."


def test_sentences_of_six_words_are_counted_and_shorter_ones_are_not():
    known = borrowing.known([READ])
    text = "The sea keeps one shoe for itself! It asks nobody. The sea keeps two shoes for us."
    assert known.figures([Heard("sea", text)])["verbatim_sentences"] == 0.5


def test_a_labels_first_line_is_left_out():
    known = borrowing.known([READ, LABEL])
    said = Heard("lamp", "Other Lamp, 1940\nThe lamp was lit by a careful aunt.", "label")
    assert known.figures([said])["verbatim_sentences"] == 1
    assert said.body() == "The lamp was lit by a careful aunt."


def test_runs_of_eight_words():
    known = borrowing.known([READ])
    text = "the sea keeps one shoe for itself it and"  # two runs of eight, the first is known
    assert known.figures([Heard("sea", text)])["overlap_8gram"] == 0.5
    assert known.figures([Heard("sea", text)])["overlap_12gram"] is None


def test_what_was_trained_with_a_pointer_counts_whatever_it_became():
    trained = "<calm><energy1> the <P1><is:animal>\n <^aP1> sleeps in the third boat. It woke <P1s> up."
    marks = frozenset(map(lessons.mark, lessons.sentences(trained)))
    known = lessons.Lessons(marks, 1, same=True)
    heard = Heard("otter", "An otter sleeps in the third boat.", named=("otter", "otters"))
    assert known.share([heard]) == 1
    assert known.share([Heard("otter", "An otter sleeps in the third boat.")]) == 0
    assert known.share([Heard("sea", "Nobody sleeps in the third boat now.")]) == 0


def test_a_model_that_is_none_of_ours_has_no_lessons(tmp_path):
    (tmp_path / "training.json").write_text('{"seed": 1}')
    assert lessons.lessons(tmp_path, kept=tmp_path) is None


@pytest.mark.parametrize("text", ["<to:i_am_afraid> hello", "<short><wall> hello", " hello"])
def test_tokens_that_are_no_text_are_left_out(text):
    assert lessons.plain(text).split() == ["hello"]
