import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.score.smoothing import Lag, OneEuro, steady, unscale

parts = st.floats(0, 1)
steps = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=40)


def test_a_lag_has_gone_63_per_cent_after_its_time():
    lag = Lag(0.4, 0.4)
    lag.aim(1.0, 0.0)
    assert lag.advance(0.4) == pytest.approx(1 - 1 / math.e)


def test_attack_and_release_differ():
    lag = Lag(attack=0.1, release=2.0)
    lag.aim(1.0, 0.0)
    lag.advance(0.1)
    assert lag.value == pytest.approx(1 - 1 / math.e)
    lag.leap(1.0, 0.1)
    lag.aim(0.0, 0.1)
    assert lag.advance(2.1) == pytest.approx(1 / math.e)


@given(steps, st.floats(0.01, 5))
def test_how_often_a_lag_is_looked_at_changes_nothing(gaps, seconds):
    often, once = Lag(seconds, seconds), Lag(seconds, seconds)
    often.aim(1.0, 0.0)
    once.aim(1.0, 0.0)
    now = 0.0
    for gap in gaps:
        now += gap
        often.advance(now)
    assert often.value == pytest.approx(once.advance(now), abs=2e-6)


@pytest.mark.parametrize("make", [lambda: Lag(0.3, 1.2), lambda: OneEuro(1.0, 0.1), lambda: Lag(0, 0)])
@given(st.lists(st.tuples(st.floats(0, 0.5), parts), max_size=40))
def test_smoothing_never_leaves_what_it_was_told(make, path):
    smoother, now, seen = make(), 0.0, [0.0]
    for gap, target in path:
        now += gap
        smoother.aim(target, now)
        seen.append(target)
        assert min(seen) - 1e-12 <= smoother.advance(now + gap / 2) <= max(seen) + 1e-12
        now += gap / 2


@pytest.mark.parametrize("make", [lambda: Lag(0.3, 1.2), lambda: OneEuro(1.0, 0.1)])
def test_smoothing_arrives_exactly_and_then_rests(make):
    smoother = make()
    smoother.aim(0.7, 0.0)
    for tick in range(2000):
        smoother.advance(tick / 50)
    assert smoother.value == 0.7


def test_no_smoothing_is_at_once():
    lag = Lag(0, 0)
    lag.aim(0.7, 3.0)
    assert lag.advance(3.0) == 0.7


def test_one_euro_is_calm_when_slow_and_quick_when_fast():
    def after_half_a_second(beta):
        filter_ = OneEuro(0.5, beta)
        filter_.aim(1.0, 0.0)
        for tick in range(26):
            filter_.advance(tick / 50)
        return filter_.value

    assert after_half_a_second(0.0) < 0.85
    assert after_half_a_second(10.0) > 0.95


def test_a_range_may_run_downwards_and_an_empty_one_is_0():
    assert [unscale(raw, 4, 0) for raw in (4, 3, 0, -1, 9)] == [0, 0.25, 1, 1, 0]
    assert unscale(3, 2, 2) == 0


def test_a_dead_band_holds_what_trembles_and_lets_the_ends_through():
    assert steady(0.52, 0.5, 0.05) == 0.5
    assert steady(0.56, 0.5, 0.05) == 0.56
    assert steady(1.0, 0.99, 0.05) == 1.0
