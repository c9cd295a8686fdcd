import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.score.fade import CURVES, Fade, bend, mix

numbers = st.floats(-1e6, 1e6)
parts = st.floats(0, 1)
curves = st.sampled_from(sorted(CURVES))


@given(curves, parts, parts)
def test_a_curve_goes_from_0_to_1_and_never_falls(curve, a, b):
    low, high = sorted((a, b))
    assert bend(0, curve) == 0
    assert bend(1, curve) == 1
    assert 0 <= bend(low, curve) <= bend(high, curve) + 1e-12 <= 1 + 1e-12


@given(curves, st.floats(-10, 10))
def test_outside_0_to_1_a_curve_stays_at_its_ends(curve, p):
    assert bend(p, curve) == bend(min(max(p, 0), 1), curve)


@given(numbers, numbers, parts)
def test_a_mix_stays_between_its_sides(a, b, share):
    assert min(a, b) <= mix(a, b, share) <= max(a, b)
    assert mix(a, b, 0) == a
    assert mix(a, b, 1) == b


@given(numbers, numbers, st.floats(0, 1e4), st.floats(0, 100), curves)
def test_a_fade_begins_and_ends_exactly_where_it_should(start, to, began, seconds, curve):
    fade = Fade(start, began, seconds, curve)
    assert fade.value(to, fade.until) == to
    assert fade.value(to, fade.until + 1) == to
    if seconds > 0.001:
        assert fade.value(to, began) == start


@given(numbers, numbers, st.integers(1, 200), curves)
def test_a_fade_watched_tick_by_tick_goes_one_way_only(start, to, ticks, curve):
    fade = Fade(start, 0.0, ticks / 50, curve)
    values = [fade.value(to, k / 50) for k in range(ticks + 1)]
    assert values[-1] == to
    assert values == sorted(values, reverse=to < start) or values == pytest.approx(
        sorted(values, reverse=to < start), rel=1e-9
    )


def test_a_fade_follows_a_destination_that_moves():
    fade = Fade(0.0, 0.0, 2.0)
    assert [fade.value(to, now) for to, now in ((10, 0.5), (20, 1.0), (30, 1.5), (40, 2.0))] == [
        2.5, 10, 22.5, 40,
    ]  # fmt: skip
