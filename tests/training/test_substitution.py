import random

from installation.training import lexicon
from installation.training.corpus import Document
from installation.training.substitution import Substitution

WORDS = lexicon.load()


def vary(prompt, text, seed, share=1.0):
    document = Document("lamp", "calm", prompt, text)
    return Substitution(document, WORDS).vary(random.Random(seed), share)[0]


def test_a_noun_changes_everywhere_or_nowhere():
    for seed in range(20):
        new = vary("the kettle", "The kettle is here. A kettle sings, and two kettles answer.", seed)
        noun = WORDS.forms[new.prompt.split()[-1]]
        expected = f"The {noun.singular} is here. A {noun.singular} sings, and two {noun.plural} answer."
        assert new.text == lexicon.articles(expected)


def test_articles_follow_the_new_noun():
    for seed in range(40):
        text = vary("a goose", "There is a goose in the kitchen.", seed).text
        assert lexicon.articles(text) == text


def test_a_word_that_may_be_a_verb_is_left_alone():
    assert vary("fly", "They fly over the road and never land. The fly sleeps.", 1).text.startswith(
        "They fly"
    )


def test_share_zero_changes_nothing():
    document = vary("the kettle", "The kettle is old.", 1, share=0.0)
    assert (document.prompt, document.text) == ("the kettle", "The kettle is old.")


def test_adjectives_numbers_and_names_change_within_their_class_and_everywhere():
    seen = set()
    for seed in range(30):
        text = vary(
            "Anna", "Anna has a red coat. The red coat has seven buttons, and seven is enough.", seed
        ).text
        name, colour, number = text.split()[0], text.split()[3], text.split()[9]
        assert name in WORDS.names["women"]
        assert colour in WORDS.adjectives["colour"]
        assert number in WORDS.numbers
        assert text.count(number) == 2
        assert f"The {colour}" in text
        seen.add((name, colour, number))
    assert len(seen) > 10
