"""Blanks in texts are filled once and never again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.errors import ExpressionError
from installation.show.expression import fill
from installation.show.template import blanks


def test_fills_each_name_once():
    assert fill("{a} and {b}, {a}", {"a": "one", "b": "two"}) == "one and two, one"
    assert fill("{ a }{{b}} {gone}.", {"a": "1", "b": "2"}) == "1{b} ."


@given(st.text(), st.text())
def test_what_a_visitor_typed_is_never_expanded(first, second):
    assert fill("<{a}|{b}>", {"a": first, "b": second}) == f"<{first}|{second}>"


def test_tells_its_blanks():
    assert blanks("{a} {{no}} {b}") == ("a", "b")
    assert blanks("none") == ()


@pytest.mark.parametrize("text", ["a {", "} b", "{A}", "{}", "{a.b}", "{a!r}", "{{{"])
def test_a_brace_that_fits_nothing_is_told(text):
    with pytest.raises(ExpressionError, match="a single"):
        blanks(text)


@given(st.text(alphabet="{}ab ", max_size=30))
def test_any_template_can_be_filled(text):
    assert isinstance(fill(text, {"a": "{b}", "b": "x"}), str)


@pytest.mark.parametrize(
    ("said", "put"), [("Why?", "They ask: Why?"), ("no", "They ask: no."), ("Yes. ", "They ask: Yes.")]
)
def test_a_sentence_that_has_ended_is_not_ended_again(said, put):
    assert fill("They ask: {it}.", {"it": said}) == put
    assert fill("{it} is what they ask.", {"it": said}) == f"{said} is what they ask."
