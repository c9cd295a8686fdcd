import pytest

from installation.training import corpus, grammar, lexicon, pretrain, styles

WORDS = lexicon.load()


@pytest.fixture(scope="module")
def heard():
    _, held = pretrain.sources(pretrain.Plan())
    return styles.fit([(document.text, document.style) for document in held], WORDS)


def test_it_knows_the_style_of_most_texts_that_it_was_not_fitted_to(heard):
    training, _ = pretrain.sources(pretrain.Plan())
    some = training[::8]
    right = sum(heard.of(document.text) == document.style for document in some) / len(some)
    assert right > 0.8, "by chance it were one in eight"


def test_the_shares_of_all_styles_are_one(heard):
    shares = heard.shares("Run! Run! The lamp is out!")
    assert set(shares) == set(corpus.PROSE)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert max(shares, key=shares.get) == "storm"


def test_a_text_of_no_known_word_still_has_shares(heard):
    assert sum(heard.shares("").values()) == pytest.approx(1.0)
    assert sum(heard.shares("qwx zzt").values()) == pytest.approx(1.0)


def test_what_a_text_is_about_is_no_style():
    one, other = (set(styles.features(f"The {noun} waits.", WORDS.forms)) for noun in ("lamp", "gull"))
    assert one == other


def test_the_grammar_is_heard_in_its_style_by_who_did_not_choose_its_frames(heard):
    plan = pretrain.Plan()
    training, _ = pretrain.sources(plan)
    stream = pretrain.stream(plan, training, lambda text: [1] * len(text))
    drafts = [stream.drafts.framed() for _ in range(120)]
    clear = [heard.of(draft.paragraphs[0]) == draft.style for draft in drafts]
    assert sum(clear) / len(clear) > 0.75


def test_styles_have_frames():
    assert set(grammar.load()[0]) == set(corpus.PROSE)
