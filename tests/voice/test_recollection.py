import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installation.voice.recollection import (
    APART,
    FULL,
    LONGEST,
    MOST,
    PLACES,
    Match,
    Recollection,
    Texts,
    ordered,
)

SMALL = st.lists(st.integers(0, 3), max_size=30)
END = 9


def memory(*texts, ends=(), end=APART):
    """Texts as lists of tokens; `ends`: places behind which a paragraph ends, the texts' ends excepted."""
    tokens, lines, files = [], [], []
    for n, text in enumerate(texts):
        files.append((f"{n}.txt", len(tokens)))
        tokens += [*text, APART]
        lines += [*range(1, len(text) + 1), 0]
    behind = [at in ends or tokens[at + 1 : at + 2] == [APART] for at in range(len(tokens))]
    rows = np.array(tokens, np.int32), np.array(lines, np.int32), np.array(behind, bool)
    return Recollection(Texts(*rows, tuple(files)), end)


def searched(texts, context, banned=()):
    """The same by plain search."""
    for length in range(min(len(context), LONGEST), 0, -1):
        end = context[len(context) - length :]
        found = [
            (text, at)
            for text in texts
            for at in range(len(text) - length + 1)
            if text[at : at + length] == end
        ]
        follows = [text[at + length] for text, at in found if at + length < len(text)]
        kept = [one for one in follows if one not in banned]
        if kept:
            return length, len(found), {one: kept.count(one) / len(kept) for one in kept}
    return None


@settings(max_examples=300, deadline=None)
@given(st.lists(SMALL, max_size=3), SMALL, st.sets(st.integers(0, 3), max_size=2))
def test_it_finds_what_a_plain_search_finds(texts, context, banned):
    found = memory(*texts).after(context, banned)
    told = found and (found.length, found.count, pytest.approx(found.shares))
    assert told == searched(texts, context, banned)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=400))
def test_the_order_is_that_of_the_suffixes_as_far_as_they_are_looked_at(tokens):
    order = ordered(np.array(tokens, np.int32))
    assert sorted(order.tolist()) == list(range(len(tokens)))
    heads = [tokens[at : at + LONGEST] for at in order]
    assert heads == sorted(heads)


def test_a_match_is_as_long_as_it_is_looked_at():
    text = [at % 7 for at in range(300)]
    match = memory(text).after(text[:200])
    assert (match.length, match.shares) == (LONGEST, {200 % 7: 1.0})


def test_each_token_names_its_source():
    both = memory([5, 6, 7], [8, 6, 9])
    assert [both.source(place) for place in both.after([8, 6]).places.values()] == ["1.txt:3"]
    assert {token: both.source(at) for token, at in both.after([6]).places.items()} == {
        7: "0.txt:3",
        9: "1.txt:3",
    }


def test_a_file_does_not_run_on_into_the_next():
    assert memory([1, 2], [3, 4]).after([1, 2]) is None
    assert memory([1, 2], [3, 4]).after([2, 3]).shares == {4: 1.0}


def test_a_paragraph_ends_with_the_end_of_a_text_or_runs_on_where_none_may_be():
    texts = memory([1, 2, 3, 4], ends={1}, end=END)
    assert texts.after([1, 2]).shares == {END: 1.0}
    assert texts.after([1, 2], {END}).shares == {3: 1.0}
    assert texts.after([2, 3]).shares == {4: 1.0}
    assert texts.after([3, 4]).shares == {END: 1.0}
    assert texts.after([3, 4], {END}) is None


def test_of_very_many_places_some_are_looked_at_and_of_continuations_the_commonest_count():
    random = np.random.default_rng(0)
    text = [token for one in random.integers(1, 2 * MOST, 5 * PLACES) for token in (0, int(one))]
    match = memory(text).after([0])
    assert match.count == 5 * PLACES
    assert len(match.shares) == MOST
    assert sum(match.shares.values()) == pytest.approx(1)


def test_nothing_is_remembered_of_nothing():
    assert memory().after([1, 2]) is None
    assert memory([]).after([1]) is None
    assert memory([1, 2]).after([]) is None


def trust(length, count, kinds):
    return Match(length, count, dict.fromkeys(range(kinds), 1 / kinds), {}).trust


def test_a_match_counts_by_its_length_and_a_short_one_by_how_often_it_was_met():
    assert trust(FULL, 1, 1) == trust(LONGEST, 1, 1) == 1.0
    assert trust(1, 1, 1) < 0.15
    assert trust(1, 10_000, 1) <= 1 / FULL
    for length in range(1, FULL):
        assert trust(length, 1, 1) < trust(length + 1, 1, 1)
        assert trust(length, 4, 4) < trust(length, 4, 2) < trust(length, 400, 2)
