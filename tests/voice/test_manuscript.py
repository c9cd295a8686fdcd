import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.voice.manuscript import KEPT, Manuscript, joined, last_sentence, pieces


def test_it_is_numbered_cropped_and_goes_on():
    text = Manuscript("Old. ", 3)
    for word in ["The", " tide", " comes"]:
        text.add(word)
    assert (text.n, text.tail, text.so_far(99)) == (6, " comes", "Old. The tide comes")
    text.crop(4)
    assert (text.n, text.so_far(99, [(" sea", False)])) == (4, "Old. The sea")
    text.crop(0)
    assert (text.n, text.so_far(99)) == (3, "Old. ")


def test_after_an_end_only_the_last_sentence_is_known():
    text = Manuscript("One. Two")
    text.add(" three.")
    assert text.so_far(99, [("", True), (" Four", False)]) == "Two three.\n\n Four"
    text.add("", end=True)
    assert text.tail == "\n\n"
    assert text.so_far(99) == "Two three.\n\n"


def test_a_long_text_is_cut_at_a_sentence_and_old_tokens_are_let_go():
    text = Manuscript()
    for n in range(KEPT + 500):
        text.add(f" Sentence {n}.")
    assert text.so_far(60).startswith("Sentence ")
    assert len(text.so_far(60)) <= 60
    assert text.so_far(60).endswith(f" Sentence {KEPT + 499}.")
    text.crop(0)
    assert text.n == 500


def test_what_a_model_declined_is_forgotten_but_counted():
    text = Manuscript("Old.", 2)
    text.add(" New")
    text.forget()
    assert (text.n, text.so_far(99)) == (3, "")
    text.crop(2)
    assert text.n == 2


@given(st.text("ab .!\n深", max_size=30), st.text("ab .!\n深", max_size=10))
def test_pieces_lose_nothing(chunk, before):
    found = pieces(chunk, before)
    assert "".join(found) == chunk
    assert all(found)
    assert all(len(piece.split()) <= 1 for piece in found)


@pytest.mark.parametrize(
    ("before", "first", "whole"),
    [
        ("", " The", "The"),
        ("The", "tide", " tide"),
        ("The ", " tide", "tide"),
        ("The", ", tide", ", tide"),
        ("so.", "“No”", " “No”"),
        ("海", "は", "は"),
        ("a\n\n", "\nb", "b"),
    ],
)
def test_how_an_answer_joins_on(before, first, whole):
    assert joined(before, first) == whole


def test_last_sentences():
    assert last_sentence("One. Two! Three?") == "Three?"
    assert last_sentence("no end at all ") == "no end at all"
    assert last_sentence("") == ""
