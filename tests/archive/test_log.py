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
inners = st.builds(Inner, st.none() | st.floats(0, 20), st.none() | st.floats(0, 20), rivals)
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


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", '{"at":1}', '{"at":1,"Nobody":{}}', '{"at":1,"Word":{"x":1}}']
)
def test_what_is_no_line_is_refused_with_a_sentence(line):
    with pytest.raises(RecordingError, match="not a line"):
        from_line(line)
