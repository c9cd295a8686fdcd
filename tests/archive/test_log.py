import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.archive.log import from_line, to_line
from installation.errors import RecordingError
from installation.messages import (
    Action,
    Adopt,
    FrameMark,
    Inner,
    Rival,
    Signal,
    Steered,
    Token,
    VoiceNews,
    Word,
)

texts = st.text(max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**40), 2**40)
values = st.tuples() | st.tuples(numbers | st.booleans() | texts, texts)
rivals = st.none() | st.lists(st.builds(Rival, texts, st.floats(0, 1)), max_size=3).map(tuple)
shares = st.floats(0, 1)
inners = st.builds(
    Inner,
    st.none() | st.floats(0, 20),
    st.none() | st.floats(0, 20),
    rivals,
    st.none() | st.lists(st.tuples(st.integers(0), shares), max_size=3).map(tuple),
    st.none() | st.lists(st.lists(shares, max_size=3).map(tuple), max_size=3).map(tuple),
    st.none() | st.tuples(shares, shares),
)
messages = st.one_of(
    st.builds(Signal, numbers, texts, texts, values, texts, st.booleans(), st.just(False)),
    st.builds(Action, numbers, texts, values | numbers | texts, texts, texts, st.floats(0, 9)),
    st.builds(Token, texts, st.integers(0), st.integers(0), texts, inner=inners),
    st.builds(
        Word,
        texts,
        st.integers(0),
        texts,
        texts,
        st.lists(texts).map(tuple),
        st.just(0),
        st.just(1),
        inner=inners,
    ),
    st.builds(FrameMark, st.integers(0), numbers, *[st.integers(0)] * 5, pixels=st.none() | st.integers(0)),
    st.builds(Steered, texts, st.integers(0), st.just((("temperature", 0.5), ("say", "")))),
    st.builds(VoiceNews, texts, texts, texts),
    st.just(Adopt("ab", "{}", "shows/tide", 3, (("EBGaramond.ttf", "cd"), ("b.otf", "ef")))),
)


@given(st.floats(0, 1e6), messages)
def test_a_line_reads_back_as_the_message_it_was(at, message):
    assert from_line(to_line(at, message)) == (at, message)


def test_a_visitors_words_leave_the_line_and_come_back():
    said = {}

    def hide(text):
        said[len(said) + 1] = text
        return len(said)

    action = Action(1.0, "voice.voice.say", "Someone whispers: Ada", "whisper", "whisper 'Ada'", private=True)
    line = to_line(1.0, action, hide)
    assert "Ada" not in line
    assert from_line(line, said.get) == (1.0, action)


def test_a_recording_from_before_inner_life_is_read():
    line = (
        '{"at":1.0,"Token":{"voice":"voice","n":3,"id":7,"text":" sea","inner":{"surprise":2.5,"rivals":[]}}}'
    )
    assert from_line(line) == (1.0, Token("voice", 3, 7, " sea", inner=Inner(2.5, None, ())))


def test_what_went_on_inside_a_visitors_word_leaves_the_line():
    """Its place is as good as the word, and a lens goes with its rivals."""
    said = {}

    def hide(fields):
        said[1] = fields
        return 1

    inner = Inner(1.0, 2.0, (Rival(" Ada", 0.5),), ((3, 0.25),), ((0.125, 0.75),), (0.4567, -0.6789))
    token = Token("voice", 4, 31, " Ada", private=True, inner=inner)
    line = to_line(1.0, token, hide)
    assert not any(part in line for part in ("Ada", "31", "0.25", "0.125", "0.75", "4567", "6789"))
    assert from_line(line, said.get) == (1.0, token)
    assert from_line(line, lambda _: None) == (1.0, Token("voice", 4, -1, "", private=True))


def test_what_is_told_of_a_token_keeps_its_line_short():
    inner = Inner(
        3.1416, 5.2718, tuple(Rival(" lighthouse", 0.123457) for _ in range(8)),
        tuple((1234 - at, 0.1234) for at in range(8)), ((0.1234,) * 12,) * 8, (0.1234, -0.1234),
    )  # fmt: skip
    assert len(to_line(12345.67, Token("voice", 12345, 54321, " lighthouse", inner=inner))) < 1500


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", '{"at":1}', '{"at":1,"Nobody":{}}', '{"at":1,"Word":{"x":1}}']
)
def test_what_is_no_line_is_refused_with_a_sentence(line):
    with pytest.raises(RecordingError, match="not a line"):
        from_line(line)
