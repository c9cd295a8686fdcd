import itertools
from dataclasses import replace

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from installation.messages import Inner, Rival, Token
from installation.voice.words import LONGEST, Words, begins, parts, runs, weight, white


def speak(*texts, **more):
    """The words of a text given piece by piece, and what is unfinished."""
    words = Words("voice")
    made = [w for n, text in enumerate(texts) for w in words.feed(Token("voice", n, n, text, **more))]
    return made, words


def spoken(*texts):
    made, words = speak(*texts)
    return [w.before + w.text for w in made + words.finish()]


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["The", " tide", " is", " out", ".", "\n\n", "Wait"], ["The", " tide", " is", " out.", "\n\nWait"]),
        (["  well-known,", " “so", " she", " said”"], [" well-known,", " “so", " she", " said”"]),
        (["un", "fold", "ing  \n  now"], ["unfolding", "\nnow"]),
        (["潮が", "引く。待", "って"], ["潮", "が", "引", "く。", "待", "っ", "て"]),
        (["彼は「海", "」と言った"], ["彼", "は", "「海」", "と", "言", "っ", "た"]),
        (["AIの", "海"], ["AI", "の", "海"]),
        (["か", "\u3099", "き"], ["か\u3099", "き"]),
        (["조수가 ", "빠졌다"], ["조수가", " 빠졌다"]),
        (["مد", " وجزر"], ["مد", " وجزر"]),
        (["👩", "\u200d🚀", " up"], ["👩\u200d🚀", " up"]),
        (["a" * (LONGEST + 3)], ["a" * LONGEST, "aaa"]),
        (["\x00a\tb\r\n\r\nc"], [" a", " b", "\n\nc"]),
        (["", " ", ""], []),
    ],
)
def test_words_as_they_are_read(pieces, words):
    assert spoken(*pieces) == words


def test_an_end_of_text_is_a_paragraph():
    words = Words("voice")
    assert words.feed(Token("voice", 0, 0, "out")) == []
    assert [w.text for w in words.feed(Token("voice", 1, 1, "", end=True))] == ["out"]
    words.feed(Token("voice", 2, 2, "Wait"))
    assert [(w.before, w.text, w.first, w.last) for w in words.finish()] == [("\n\n", "Wait", 2, 2)]


def test_a_word_knows_its_tokens_and_what_the_model_knew():
    rivals = (Rival(" sea", 0.5),)
    words = Words("voice", first=7)
    words.feed(Token("voice", 3, 0, "", inner=Inner(2.0, 4.0, rivals)))  # half a character
    words.feed(Token("voice", 4, 0, " é", inner=Inner(1.0, 9.0)))
    words.feed(Token("voice", 5, 0, "cume", forced=True, private=True))
    (word,) = words.feed(Token("voice", 6, 0, " of", inner=Inner(5.0)))
    assert (word.n, word.text, word.first, word.last) == (7, "écume", 3, 5)
    assert word.inner == Inner(3.0, 4.0, rivals)
    assert word.forced
    assert word.private
    (word,) = words.finish()
    assert (word.n, word.first, word.forced, word.private) == (8, 6, False, False)


def test_a_word_tells_what_went_on_as_it_began():
    began = Inner(2.5, 4.0, (Rival(" sea", 0.5),), ((1, 0.25),), ((0.5, 1.0),), (0.1, -0.2))
    words = Words("voice")
    words.feed(Token("voice", 3, 0, " sea", inner=began))
    words.feed(Token("voice", 4, 0, "side", inner=Inner(1.0, 1.0, (), ((3, 0.9),), (), (0.9, 0.9))))
    (word,) = words.finish()
    assert word.inner == replace(began, surprise=3.5)


def test_a_token_may_hold_several_words():
    made, _ = speak("one two three ", "four")
    assert [(w.text, w.first, w.last) for w in made] == [("one", 0, 0), ("two", 0, 0), ("three", 0, 0)]


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ("", "a", True),
        ("a", "", False),
        ("un", "fold", False),
        ("un", " fold", True),
        ("out ", "side", True),
        ("out", ".", False),
        ("海", "の", True),
        ("海", "。", False),
        ("海", "「", True),
        ("か", "\u3099", False),
    ],
)
def test_where_a_word_begins(before, after, answer):
    assert begins(before, after) is answer


def test_whether_a_token_leaves_the_word_so_far():
    _, words = speak(" un", "fold")
    assert words.unfinished == "unfold"
    assert words.leaves(Token("voice", 2, 0, "ing")) is False
    assert words.leaves(Token("voice", 2, 0, " the")) is True
    assert words.leaves(Token("voice", 2, 0, "", end=True)) is True
    assert words.leaves(Token("voice", 2, 0, "")) is None


def test_parts_are_folded_and_bare():
    assert parts("“Well-Known!”") == ("well", "known")
    assert parts("don't") == ("don't",)
    assert parts("STRASSE ẞ 3.5") == ("strasse", "ss", "3.5")
    assert parts("—") == ()
    assert [weight(w) for w in ("tide", "潮。", "「海")] == [1.0, 0.5, 0.5]


ANY = st.text(
    st.one_of(st.sampled_from(" \n.,「」。海のかー゙ab'é🇫🇷👩\u200d\u0301"), st.characters(codec="utf-8")),
    max_size=120,
)


@given(ANY, st.lists(st.integers(0, 120), max_size=12))
def test_no_character_is_lost_however_the_text_is_cut(text, cuts):
    edges = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    made, words = speak(*pieces)
    whole = made + words.finish()
    expected = regex.sub(r"[\s\p{Cc}]+", lambda m: white(m.group()), text)
    tail = expected[len("".join(w.before + w.text for w in whole)) :]
    assert "".join(w.before + w.text for w in whole) + tail == expected
    assert tail.strip() == ""
    assert [w.text for w in whole] == [text[a:b] for a, b in runs(text)]
    assert [w.n for w in whole] == list(range(len(whole)))
    assert all(w.text and not regex.search(r"\s", w.text) and w.first <= w.last for w in whole)
