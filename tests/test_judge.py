import re
from pathlib import Path

import pytest

from installation import cli, judge
from installation.judging import answers, questions
from installation.judging.ear import Ear, place_of
from installation.training import corpus, grammar, lexicon

HOUSE = Path(judge.__file__).parents[1] / "assets" / "house"


def test_it_asks_for_known_and_for_unknown_nouns():
    asks, words = questions.asked(), lexicon.load()
    unseen = asks.unseen
    assert (len(set(asks.others)), len(set(unseen)), len(asks.lines)) == (60, 40, 100)
    assert set(asks.topics) == {document.topic for document in corpus.load()}
    assert all(noun in words.forms and noun not in asks.topics for noun in asks.others)
    read = [
        *(f"{d.prompt} {d.text}" for d in corpus.load(styles=(*corpus.PROSE, "meta"))),
        *grammar.sentences(),
    ]
    known = {word for text in read for word in re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())}
    assert not [noun for noun in unseen if {noun, noun + "s"} & (known | words.forms.keys())]


SHORT = {
    "n't": " not",
    "'m": " am",
    "'re": " are",
    "'s": " is",
    "'ve": " have",
    "cannot": "can not",
    "ca not": "can not",
}


def words(line):
    """The words of `line` in whatever order, contractions written out."""
    line = line.lower()
    for short, long in SHORT.items():
        line = line.replace(short, long)
    return tuple(sorted(re.findall(r"[a-z]+", line)))


def test_no_line_that_it_asks_was_trained_on_nor_one_of_the_same_words():
    _, intents = grammar.load()
    trained = {words(line) for parts in intents.values() for line in parts["prompts"]}
    for line, kinds in questions.asked().lines:
        assert words(line) not in trained, line
        assert set(kinds.split()) <= intents.keys()


def test_a_kind_of_answer_is_told_by_its_sentences():
    known = answers.kinds()
    text = "Hello, I heard your scarf before I heard you. Nobody came."
    assert answers.fits(text, ["greeting"], known)
    assert not answers.fits(text, ["joke", "rude"], known)


def test_it_hears_the_same_twice():
    heard = Ear(HOUSE)
    assert heard.hear("the sea", 12, seed=3) == heard.hear("the sea", 12, seed=3)
    assert heard.hear("the sea", 12, seed=3) != heard.hear("the sea", 12, seed=4)


@pytest.mark.parametrize(("model", "told"), [("nowhere", "no such folder"), ("", "config.json is missing")])
def test_where_there_is_no_model_it_says_so(tmp_path, capsys, model, told):
    assert cli.main(["judge", str(tmp_path / model)]) == 1
    assert told in capsys.readouterr().err


def test_a_page_needs_a_folder(tmp_path, capsys):
    assert cli.main(["judge", "house", "--page", str(tmp_path / "no" / "page.html")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_house_means_our_own():
    assert place_of("house") == HOUSE.resolve()
