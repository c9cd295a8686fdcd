import pytest

from installation.stage.layers.uncertainty import probability


@pytest.mark.parametrize(
    ("bits", "told"), [(0, "= 1.00"), (1.2, "= 0.44"), (5, "= 0.031"), (9, "= 0.002"), (16.7, "< 0.0001")]
)
def test_a_probability_is_told_with_one_sign(bits, told):
    assert probability(bits) == told
