import pytest

from installation.judging import variety


def test_distinct_pairs():
    assert variety.distinct(["a", "b", "a", "b"]) == pytest.approx(2 / 3)
    assert variety.distinct(["a"]) is None


def test_bleu_as_in_the_papers_own_example():
    """Papineni et al. 2002, example 2: two of the seven words count."""
    candidate = ["the", "the", "the", "the", "the", "the", "the"]
    references = [["the", "cat", "is", "on", "the", "mat"], ["there", "is", "a", "cat", "on", "the", "mat"]]
    assert variety.bleu(candidate, references, most=1) == pytest.approx(2 / 7)


def test_bleu_of_four():
    found = variety.bleu(["the", "sea", "is", "very", "near"], [["the", "sea", "is", "near", "now"]])
    assert found == pytest.approx((4 / 5 * 2 / 4 * 1 / 3 * 0.1 / 2) ** (1 / 4))


def test_a_short_text_pays_for_it():
    found = variety.bleu(["the", "sea"], [["the", "sea", "is", "here"]], most=2)
    assert found == pytest.approx(2.718281828 ** (1 - 4 / 2))


def test_the_same_text_again_is_wholly_like_the_others():
    same = ["the", "sea", "keeps", "one", "shoe"]
    assert variety.self_bleu([same, same, same]) == pytest.approx(1)
    assert variety.self_bleu([same]) is None


def test_what_repeats_itself_packs_small():
    assert variety.compression("the sea " * 100) > 10
    assert variety.compression("") is None
