from installation.messages import Inner
from installation.voice.answer import Answer
from installation.voice.dialect import Piece


def given(answer):
    found = []
    while answer.due():
        piece = answer.take()
        found.append("¶" if piece.end else piece.text)
    return found


def test_a_word_that_may_be_broken_off_is_kept_back():
    answer = Answer(goes_on=False)
    answer.begin()
    answer.add(Piece("The ti"), "")
    assert given(answer) == ["The"]
    answer.add(Piece("de comes"), "The")
    assert given(answer) == [" ti", "de"]
    answer.break_off()
    assert given(answer) == []
    assert answer.settled


def test_white_space_stands_before_its_word():
    answer = Answer(goes_on=False)
    answer.begin()
    answer.add(Piece("The "), "")
    answer.add(Piece("tide. "), "")
    answer.finish(end=True)
    assert given(answer) == ["The", " tide.", " ", "¶"]


def test_an_answer_goes_on_behind_another_that_is_still_held():
    answer = Answer(goes_on=False)
    answer.begin()
    answer.add(Piece("One two thr"), "")
    answer.finish(end=False)
    answer.begin()
    assert answer.due()
    answer.add(Piece("three fo"), "")
    answer.break_off()
    assert given(answer) == ["One", " two", " three"]


def test_a_single_word_at_its_length_is_kept():
    answer = Answer(goes_on=False)
    answer.begin()
    answer.add(Piece("Donaudampf"), "The")
    answer.finish(end=False)
    assert given(answer) == [" Donaudampf"]


def test_a_word_without_end_is_not_kept_back_for_ever():
    answer = Answer(goes_on=False)
    answer.begin()
    for _ in range(20):
        answer.add(Piece("aaaa"), "")
    assert given(answer) == ["aaaa"] * 5


def test_where_the_model_goes_on_anywhere_nothing_is_kept_back():
    answer = Answer(goes_on=True)
    answer.begin()
    answer.add(Piece("er is de"), "wat")
    assert given(answer) == ["er", " is", " de"]
    answer.add(Piece("ep", Inner(1.0)), "de")
    answer.break_off()
    assert given(answer) == ["ep"]
