import re
from pathlib import Path

from installation import judge
from installation.training import corpus, grammar, lexicon

HOUSE = Path(judge.__file__).parents[1] / "assets" / "house"


def test_it_asks_for_known_and_for_unknown_nouns():
    asks, words = judge.asked(), lexicon.load()
    others, unseen = asks["others"].split(), asks["unseen"].split()
    topics = {document.topic for document in corpus.load()}
    assert (len(set(others)), len(set(unseen)), len(asks["lines"])) == (60, 40, 100)
    assert all(noun in words.forms and noun not in topics for noun in others)
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
    for line, kinds in judge.asked()["lines"]:
        assert words(line) not in trained, line
        assert set(kinds.split()) <= intents.keys()


def test_a_kind_of_answer_is_told_by_its_sentences():
    known = judge.kinds()
    text = "Hello, I heard your scarf before I heard you. Nobody came."
    assert judge.fits(text, ["greeting"], known)
    assert not judge.fits(text, ["joke", "rude"], known)


def test_it_hears_the_same_twice():
    heard = judge.Judge(HOUSE)
    assert heard.hear("the sea", 12, seed=3) == heard.hear("the sea", 12, seed=3)
    assert heard.hear("the sea", 12, seed=3) != heard.hear("the sea", 12, seed=4)
