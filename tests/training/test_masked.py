import random

import pytest

from installation.training.masked import torn

MASK = 1


def test_places_are_torn_as_often_as_told_and_only_text():
    rng = random.Random(3)
    row = [0, *range(10, 210)] * 20
    read, wanted = torn(row, MASK, 300, rng, frozenset({0, MASK}))
    chosen = [at for at, each in enumerate(wanted) if each >= 0]
    assert len(chosen) / (200 * 20) == pytest.approx(0.15, abs=0.02)
    assert all(wanted[at] == row[at] != 0 for at in chosen)
    assert sum(read[at] == MASK for at in chosen) / len(chosen) == pytest.approx(0.8, abs=0.04)
    assert all(read[at] == row[at] for at in range(len(row)) if wanted[at] < 0)


def test_one_place_at_least_where_there_is_text():
    assert sum(each >= 0 for each in torn([5], MASK, 9, random.Random(1), frozenset({0, MASK}))[1]) == 1
    assert torn([0], MASK, 9, random.Random(1), frozenset({0, MASK})) == ([0], [-1])
