import pytest

from installation.training import lexicon


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("a owl and an lamp", "an owl and a lamp"),
        ("A hour at an university", "An hour at a university"),
        ("a 8 and an 9", "an 8 and a 9"),
    ],
)
def test_articles_follow_the_sound(given, right):
    assert lexicon.articles(given) == right


@pytest.mark.parametrize(
    ("one", "many"), [("lamp", "lamps"), ("berry", "berries"), ("box", "boxes"), ("day", "days")]
)
def test_regular_plurals(one, many):
    assert lexicon.plural(one) == many


def test_the_lexicon_knows_irregular_and_uncountable_nouns():
    words = lexicon.load()
    assert words.forms["leaves"].singular == "leaf"
    assert words.forms["rain"].plural is None
    assert len(words.forms) > 2000
