from installation.training import lexicon, pointing

LEXICON = lexicon.load()


def pointed(prompt, text, **how):
    marked, (body,) = pointing.pointed(prompt, [text], LEXICON, **how)
    return marked, body


def test_a_noun_that_recurs_is_pointed_to_in_prompt_and_text():
    prompt, text = pointed("the lamp", "A lamp burns. The lamps, the Lamp and a lamp-post.")
    assert prompt == "the <P1><is:machine>"
    assert text == "<^aP1> burns. The <P1s>, the <^P1> and a lamp-post."


def test_a_noun_that_does_not_recur_stays():
    assert pointed("the lamp", "It burns.") == ("the lamp", "It burns.")


def test_the_first_that_recurs_is_the_first_pointer():
    assert pointed("the lamp and the gull", "Two gulls.")[0] == "the lamp and the <P1><is:animal>"


def test_a_word_that_is_often_a_verb_needs_its_determiner():
    _, text = pointed("the fall", "The fall was long. We fall again.")
    assert "fall again" in text


def test_the_class_may_be_left_untold():
    assert pointed("the lamp", "The lamp.", unknown=True)[0] == "the <P1><is:any>"


def test_every_class_of_noun_has_a_tag():
    names = set(pointing.tokens())
    for kind in LEXICON.nouns:
        known = pointing.rules()
        assert f"<is:{known.classes.get(kind, known.other)}>" in names
