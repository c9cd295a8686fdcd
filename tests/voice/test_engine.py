import itertools
import string
import typing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import speak, steering, text_of

from installation.voice.context import common
from installation.voice.detokenise import byte_level
from installation.voice.dictation import PATIENCE
from installation.voice.engine import Engine
from installation.voice.scroll import DEPTH

LETTERS = string.ascii_lowercase + " .,"
END = len(LETTERS)


class Letters:
    """A Tongue of single letters; the byte-level spelling of a space is Ġ."""

    ends = frozenset({END})
    never: typing.ClassVar = {}
    never_again = 0
    detokeniser = byte_level(lambda token: LETTERS[token].replace(" ", "Ġ") if token < END else None)

    def under(self, _steering):
        return self

    def prompt(self, text, most):
        return self.encode(text, "")[:most] or (END,)

    def encode(self, text, before):  # noqa: ARG002
        return tuple(LETTERS.index(letter) for letter in text.lower() if letter in LETTERS)

    def piece(self, token):
        return LETTERS[token] if token < END else ""

    def stops(self, token):
        return token == LETTERS.index(".")


class Table:
    """A Forward whose logits are drawn from what it has read last; it counts what it reads."""

    def __init__(self, limit=64, seed=0, lean=None):
        self.limit, self.read, self.runs = limit, [], []
        random = np.random.default_rng(seed)
        self._mix = random.standard_normal((3, END + 1, END + 1)).astype(np.float32)
        self._lean = np.zeros(END + 1, np.float32)
        self._lean[LETTERS.index(" ")] = 2
        for token, add in (lean or {}).items():
            self._lean[token] += add

    def run(self, ids):
        self.runs.append(len(ids))
        self.read += ids
        assert 0 < len(self.read) <= self.limit
        return self._lean + sum(self._mix[at][token] for at, token in enumerate(self.read[-3:]))

    def crop(self, length):
        del self.read[length:]
        return length


class Forgetful(Table):
    """A Forward that cannot go back by some tokens, only to the beginning."""

    def crop(self, length):
        if length < len(self.read):
            self.read.clear()
        return len(self.read)


def engine(forward=None, **changes):
    made = Engine(forward or Table(), Letters(), "voice", **changes)
    made.steer(steering(temperature=1.0, top_k=0, prompt="the tide"))
    return made


def steer(made, serial, **changes):
    made.steer(steering(serial, temperature=1.0, top_k=0, **({"prompt": "the tide"} | changes)))


def test_one_token_is_read_a_step():
    forward = Table(limit=500, lean={END: -99})
    speak(engine(forward), 40)
    assert forward.runs == [len("the tide"), *[1] * 39]


def test_a_changed_number_reads_nothing_anew():
    forward = Table(limit=500)
    made = engine(forward)
    tokens = speak(made, 5)
    made.steer(steering(9, temperature=0.2, prompt="the tide"))
    tokens += speak(made, 5)
    assert forward.runs == [8, *[1] * 9]
    assert [token.steered_by for token in tokens] == [0] * 5 + [9] * 5


def test_a_new_prompt_reads_only_from_where_it_differs():
    forward = Table(limit=500)
    made = engine(forward)
    speak(made, 5)
    steer(made, 1, take=1, keep=5, prompt="the tides")
    speak(made, 2)
    assert forward.runs[-2:] == [1 + 5, 1]
    steer(made, 2, take=2, keep=4, prompt="the tides")
    made.next()
    assert forward.runs[-1] == 1


def test_a_memory_that_cannot_go_back_reads_all_again():
    plain, forgetful = engine(Table()), engine(Forgetful())
    for made in (plain, forgetful):
        speak(made, 20)
        steer(made, 1, take=1, keep=11)
    assert text_of(speak(plain, 100)) == text_of(speak(forgetful, 100))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40), st.booleans()), max_size=8))
def test_whatever_was_revoked_the_text_is_the_same(moves):
    made, said = engine(), []
    for serial, (count, back, elsewhere) in enumerate(moves, 1):
        said += speak(made, count)
        keep = max(0, len(said) - back)
        if elsewhere:
            steer(made, serial, take=serial * 2, keep=keep, prompt="a lamp", forbidden=("the",))
            speak(made, 7)
        steer(made, serial, take=serial * 2 + 1, keep=keep)
        assert made.n == keep
        del said[keep:]
    said += speak(made, 30)
    straight = speak(engine(), len(said))
    assert [token.id for token in said] == [token.id for token in straight]
    assert [token.n for token in said] == list(range(len(said)))


def test_a_deep_revocation_goes_as_far_as_it_is_remembered():
    made = engine(Table(limit=40), first=100)
    speak(made, 3 * DEPTH)
    for keep, n in ((300, 300), (0, 100), (500, 130)):
        steer(made, keep + 1, take=keep + 1, keep=keep)
        assert made.n == n
        assert [token.n for token in speak(made, 30)] == list(range(n, n + 30))


def test_memory_does_not_grow():
    made = engine(Table(limit=40))
    speak(made, 4 * DEPTH)
    assert len(made._scroll.text) <= DEPTH + 2 * 40
    assert len(made._scroll.windows) <= DEPTH


def test_an_end_is_a_paragraph_and_not_at_once_followed_by_another():
    made = engine(Table(lean={END: 6}))
    tokens = speak(made, 300)
    ends = [token.n for token in tokens if token.end]
    assert len(ends) > 5
    assert {tokens[n].text for n in ends} == {"\n\n"}
    assert min(b - a for a, b in itertools.pairwise(ends)) > 16


def test_an_end_may_be_forgotten():
    straight, revoked = engine(Table(lean={END: 3})), engine(Table(lean={END: 3}))
    whole = speak(straight, 200)
    end = next(token.n for token in whole if token.end)
    for keep in (end, end + 1, end + 2):
        speak(revoked, keep + 3 - revoked.n)
        steer(revoked, keep, take=keep, keep=keep)
    assert text_of(speak(revoked, 200 - revoked.n)) == text_of(whole[end + 2 :])


def say(made, text, **changes):
    steer(made, 5, take=made.take + 1, keep=made.n, say=text, **changes)


def test_what_is_said_stands_between_words():
    made = engine()
    text = text_of(speak(made, 13))
    say(made, "who is there.", say_private=True)
    tokens = speak(made, 60)
    forced = [token for token in tokens if token.forced]
    assert text_of(forced).strip() == "who is there."
    assert all(token.private for token in forced)
    assert sum(token.private for token in tokens) == len(forced)
    whole = text + text_of(tokens)
    at = whole.index("who is there.")
    assert whole[at - 1] == " "


def test_what_is_said_does_not_grow_into_another_word():
    for seed in range(20):
        made = engine(Table(seed=seed))
        speak(made, 5)
        say(made, "sea")
        tokens = speak(made, 80)
        last = max(token.n for token in tokens if token.forced)
        assert not tokens[last - 5 + 1].text.isalpha()


def test_at_the_very_beginning_it_is_said_at_once():
    made = Engine(Table(), Letters(), "voice")
    steer(made, 3, take=4, say="hello")
    tokens = speak(made, 8)
    assert text_of(tokens[:5]) == "hello"
    assert [token.forced for token in tokens] == [True] * 5 + [False] * 3


def test_where_no_word_begins_it_is_said_all_the_same():
    made = engine(Table(lean={LETTERS.index(letter): -99 for letter in " .,"} | {END: -99}))
    speak(made, 5)
    say(made, "hello")
    forced = [token.n for token in speak(made, 60) if token.forced]
    assert forced[0] == 5 + PATIENCE
    assert len(forced) == len(" hello")


def test_the_same_take_says_it_once_and_a_new_one_again():
    made = engine()
    say(made, "hello")
    assert any(token.forced for token in speak(made, 60))
    steer(made, 6, take=made.take, keep=0, say="hello")
    assert not any(token.forced for token in speak(made, 60))
    say(made, "hello")
    assert any(token.forced for token in speak(made, 60))


def test_an_interrupted_say_is_forgotten():
    made = engine()
    say(made, "a long speech that nobody hears to its end")
    while not made.next().forced:
        pass
    steer(made, 7, take=made.take + 1, keep=made.n)
    assert not any(token.forced for token in speak(made, 60))


def test_a_forced_token_is_measured_like_any_other():
    made = engine()
    say(made, "zzz")
    for token in speak(made, 60):
        shares = [rival.probability for rival in token.inner.rivals]
        assert shares == sorted(shares, reverse=True)
        assert token.inner.surprise >= 0
        assert token.inner.entropy > 0


def test_a_history_is_read_and_not_said_again():
    forward = Table()
    made = Engine(forward, Letters(), "voice", "the lamp was lit", 40)
    steer(made, 0, keep=12)
    assert made.next().n == 40
    assert "".join(LETTERS[token] for token in forward.read) == "the tidethe lamp was lit"


@pytest.mark.parametrize("length", [0, 1, 5])
def test_common_beginnings(length):
    assert common((1, 2, 3, 4, 5)[:length], (1, 2, 3, 4, 5)) == length
    assert common((1, 2, 3, 9, 5)[:length], (1, 2, 3, 4)) == min(length, 3)


def test_a_favoured_word_comes_and_a_shunned_one_does_not():
    made = engine(Table(limit=200))
    steer(made, 1, bias=(("sea", 12.0),))
    favoured = text_of(speak(made, 200))
    steer(made, 2, take=1, keep=0, bias=(("sea", -30.0),))
    assert favoured.count("sea") > text_of(speak(made, 200)).count("sea")
