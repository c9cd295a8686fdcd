import io
from collections import deque

from installation.messages import Action, Status, Token, Word
from installation.stage.terminal import Terminal


def printed(*messages):
    out = io.StringIO()
    Terminal(deque(messages), out).drain()
    return out.getvalue()


def said(*texts):
    return [Token("voice", n, n, text) for n, text in enumerate(texts)]


def test_words_stream_and_scenes_stand_on_lines_of_their_own():
    messages = [
        Action(0.0, "scene", "ebb"),
        *said(" The", " sea"),
        Action(1.0, "scene", "flood"),
        *said(" rises"),
    ]
    assert printed(*messages) == "[ebb]\nThe sea\n[flood]\nrises"


def test_an_error_is_told_once():
    error = Status(0.0, last_error="the broker is lost")
    assert printed(error, error, *said(" sea")) == "[the broker is lost]\nsea"


def test_a_paragraph_begins_at_the_line():
    assert printed(*said(" sea.", "\n\n", " Salt")) == "sea.\n\nSalt"


def test_nothing_that_is_said_can_steer_the_terminal():
    error = Status(0.0, last_error="x\x1b]0;y")
    assert printed(*said("a\x1b[2Jb\x07\u202e"), error) == "a [2Jb  \n[x ]0;y]\n"


def test_of_several_voices_each_sentence_names_its_speaker():
    rows = [
        ("anna", "", "The"),
        ("ben", "", "No"),
        ("anna", " ", "sea."),
        ("ben", "\n", "sea."),
        ("anna/meanwhile", "", "Wait."),
    ]
    messages = [Token("anna", 0, 0, " The")]
    messages += [Word(voice, n, text, before, (text,), n, n) for n, (voice, before, text) in enumerate(rows)]
    out = io.StringIO()
    Terminal(deque(messages), out, several=True).drain()
    assert out.getvalue() == "anna: The sea.\nben: No sea.\nanna: Wait.\n"
