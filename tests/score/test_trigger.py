import math

import pytest

from installation.messages import Word
from installation.score.trigger import Due, Rising, number, speaks, strikes


def test_a_condition_fires_once_when_it_has_held():
    rising = Rising(3.0)
    told = [
        rising.update(truth, now) for now, truth in ((0, False), (1, True), (3, True), (4, True), (5, True))
    ]
    assert told == [False, False, False, True, False]


def test_a_gap_makes_the_condition_begin_anew():
    rising = Rising(2.0)
    truths = [True, True, False, True, True, True]
    assert [rising.update(truth, now) for now, truth in enumerate(truths)] == [False] * 5 + [True]


def test_it_fires_again_after_it_was_false():
    rising = Rising()
    assert [rising.update(truth, 0) for truth in (True, True, False, True)] == [True, False, False, True]


def test_a_moment_fires_once_and_not_too_early_by_rounding():
    due = Due(0.3)
    assert [due.update(k * 0.1) for k in range(5)] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("values", "fires"),
    [
        ((), True),
        ((1,), True),
        ((0,), False),
        ((0.0,), False),
        ((False,), False),
        (("0",), False),
        (("off",), False),
        ((1.0, 0.3), True),
        ((0, 0.3, 0.9), True),
        (("hello",), True),
        ((True,), True),
        ((-1,), True),
    ],
)
def test_a_button_fires_when_pressed_and_not_when_let_go(values, fires):
    assert strikes(values) is fires


def test_another_argument_may_be_the_button():
    assert strikes((5, 1), 2)
    assert not strikes((5, 0), 2)
    assert strikes((5,), 2)


def test_numbers_come_in_many_clothes():
    assert [number(v) for v in (1, 2.5, True, "3.5", " 4 ", "on", "FALSE", "tide", "1" * 65)] == [
        1, 2.5, 1, 3.5, 4, 1, 0, None, None,
    ]  # fmt: skip
    assert math.isnan(number("nan"))


def test_a_word_is_heard_in_any_case_and_only_when_it_was_sampled():
    water = Word("voice", 3, "Water,", " ", ("water",), 7, 8)
    said = Word("voice", 4, "water", " ", ("water",), 9, 9, forced=True)
    assert speaks(water, "WATER", None, False)
    assert not speaks(water, "wate", None, False)
    assert not speaks(water, "water", "other", False)
    assert not speaks(said, "water", None, False)
    assert speaks(said, "water", "voice", True)
