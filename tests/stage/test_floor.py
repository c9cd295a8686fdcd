"""Two who speak at once can be read: a sentence of one after a sentence of the other."""

from hypothesis import given
from hypothesis import strategies as st

from installation.messages import Word
from installation.stage.floor import PATIENCE, Floor


def word(voice, n, text):
    return Word(voice, n, text, " ", (text,), n, n)


def said(messages):
    return " ".join(message.text for message in messages)


def play(rows, floor=None):
    """The order in which (second, voice, text) are shown."""
    floor, shown, count = floor or Floor(), [], {}
    for now, voice, text in rows:
        count[voice] = count.get(voice, -1) + 1
        shown += floor.take(word(voice, count[voice], text), now)
    return shown, floor


def woven(one, other, step=0.25):
    rows = []
    for n, pair in enumerate(zip(one.split(), other.split(), strict=True)):
        rows += [(n * step, "a", pair[0]), (n * step, "b", pair[1])]
    return rows


def test_a_sole_voice_is_shown_as_it_comes():
    floor = Floor()
    for n, text in enumerate(["The", "tide", "is", "out.", "And", "in"]):
        assert said(floor.take(word("a", n, text), n)) == text


def test_two_who_speak_at_once_end_their_sentences():
    shown, _ = play(woven("The door is open now. Come", "An old radio says good. It"))
    assert said(shown) == "The door is open now. An old radio says good. Come"


def test_who_falls_silent_loses_the_floor():
    shown, floor = play([(0.0, "a", "The"), (0.1, "b", "An"), (0.4, "b", "old")])
    assert said(shown) == "The"
    assert floor.settle(PATIENCE) == []
    assert said(floor.settle(PATIENCE + 0.1)) == "An old"
    assert said(floor.take(word("b", 2, "radio."), 3.0)) == "radio."


def test_what_is_taken_back_is_shown_first():
    _, floor = play([(0.0, "a", "The"), (0.1, "b", "An"), (0.4, "b", "old")])
    assert said(floor.free("b")) == "An old"
    assert floor.free("b") == []


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["so", "it.", "why?", "well,"])), max_size=60)
)
def test_nothing_is_lost_and_each_voices_order_is_kept(rows):
    shown, floor = play([(n * 0.2, *row) for n, row in enumerate(rows)])
    for _ in "abc":
        shown += floor.settle(1e3 * (1 + len(shown)))
    for voice in "abc":
        assert [m.text for m in shown if m.voice == voice] == [text for who, text in rows if who == voice]
