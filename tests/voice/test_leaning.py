from tiny_models import byte_level, fast, steering

from installation.voice.leaning import Leaning, rules_of
from installation.voice.sampling import NEVER
from installation.voice.tongue import LibraryTongue


def tongue():
    tokenizer = fast(byte_level())
    return LibraryTongue(tokenizer, len(tokenizer), frozenset({0}), None, chat=False)


def leaning(made, **changes):
    return Leaning(steering(**changes), made.encode, lambda token: not made.piece(token)[-1:].isalpha())


def test_a_forbidden_word_of_one_token_is_forbidden_everywhere():
    made = tongue()
    (spaced,) = made.encode(" tide", "a")
    for word in ("tide", "TIDE", " Tide "):
        assert leaning(made, forbidden=(word,)).at((5,))[spaced] == NEVER


def test_a_forbidden_word_of_many_tokens_is_stopped_before_its_last():
    made = tongue()
    ids = made.encode(" stonemason", "a")
    assert len(ids) > 2
    rules = leaning(made, forbidden=("stonemason",))
    for at in range(len(ids)):
        assert (rules.at((7, *ids[:at])).get(ids[at]) == NEVER) == (at == len(ids) - 1)
    again = made.encode(" Stonemason", "a")
    assert rules.at((7, *again[:-1]))[again[-1]] == NEVER


def test_a_word_without_its_space_is_met_only_where_a_word_may_begin():
    made = tongue()
    ids = made.encode("stonemason", "")
    rules = leaning(made, forbidden=("stonemason",))
    (letter,) = made.encode("b", "")
    (dot,) = made.encode(".", "")
    assert rules.at(ids[:-1])[ids[-1]] == NEVER
    assert rules.at((dot, *ids[:-1]))[ids[-1]] == NEVER
    assert ids[-1] not in rules.at((letter, *ids[:-1]))


def test_a_bias_lifts_every_token_and_weighs_on_the_last():
    made = tongue()
    ids = made.encode(" stonemason", "a")
    rules = leaning(made, bias=(("stonemason", 6.0),))
    assert rules.at((7,))[ids[0]] > 0
    assert rules.at((7, *ids[:1]))[ids[1]] == 6.0
    rules = leaning(made, bias=(("stonemason", -6.0),))
    assert ids[0] not in rules.at((7,))
    assert rules.at((7, *ids[:-1]))[ids[-1]] == -6.0


def test_no_word_no_rule():
    assert not list(rules_of("  ", NEVER, tongue().encode))
    assert leaning(tongue()).at((1, 2, 3)) == {}
