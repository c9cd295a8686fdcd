import pytest

from installation.voice.spelling import Spelling, clauses


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("I'm SAD!!", [["i", "am", "sad"]]),
        ("who r u", [["who", "are", "you"]]),
        ("dont u like it", [["do", "not", "you", "like", "it"]]),
        ("my <P1><is:animal> died", [["my", "nounx", "died"]]),
        ("I am 7, and my {p} too", [["i", "am", "numberx"], ["my", "nounx", "too"]]),
        ("hahahaha", [["haha"]]),
        ("\u2764\ufe0f", [["i", "love", "you"]]),
        ("bye \U0001f44b", [["bye"]]),
        (":(", [["i", "am", "sad"]]),
        ("...", []),
    ],
)
def test_a_line_in_plain_words(line, words):
    assert clauses(line) == words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hello", "hello"),
        ("helo", "hello"),
        ("hlelo", "hello"),
        ("heyyyy", "hey"),
        ("booooring", "boring"),
        ("yelow", "yelow"),
        ("hay", "hay"),
    ],
)
def test_a_strange_word_is_a_known_one_slip_away(typed, meant):
    assert Spelling(["hello", "hey", "boring"]).meant(typed) == meant
