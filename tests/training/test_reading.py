from installation.training import lexicon, reading
from installation.training.corpus import Document


def test_verbatim_counts_sentences_of_six_words_or_more():
    known = [Document("sea", "calm", "", "The sea puts away all its colours. It sleeps.")]
    texts = ["The sea puts away all its colours. It sleeps. The sea gives back all its colours."]
    assert reading.verbatim(texts, known) == 0.5


def test_overlap_counts_runs_of_words():
    known = [Document("sea", "calm", "", "one two three four")]
    assert reading.overlap(["one two three five"], known, size=3) == 0.5


def test_a_noun_is_kept_in_singular_or_plural():
    words = lexicon.load()
    assert reading.obeys("Two leaves fall.", "leaf", words)
    assert not reading.obeys("Two lives end.", "leaf", words)


def test_a_sentence_that_comes_again_soon_is_counted():
    line = "The water is at the door."
    assert reading.repeats(f"{line} {line}") == 1
    assert reading.repeats(f"{line} {'Yes it is. ' * 100} {line}") == 0
