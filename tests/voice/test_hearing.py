"""What a voice overhears stands silently between two of its sentences, whatever else happens meanwhile."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_engine import Letters, Table
from test_speech import Room, text
from tiny_models import steering

from installation.messages import Steering, Token
from installation.voice.engine import Engine
from installation.voice.hearing import DEAF, LONGEST, Hearing, slices
from installation.voice.scripted import ScriptedVoice


@given(st.text(min_size=1, max_size=40), st.integers(1, 60))
def test_slices_are_a_paragraph_and_never_empty(said, count):
    pieces = slices(said, count)
    assert len(pieces) == count
    assert all(pieces)
    assert "".join(pieces).strip() == said.strip()
    assert pieces[0][0].isspace()


def test_it_waits_for_the_end_of_the_sentence(tmp_path):
    room = Room(tmp_path, look_ahead=4)
    room.hear(0.1, 4)
    room.speech.overhear("A bell rings.")
    said = text(room.hear(8, 4, since=0.1))
    assert said.startswith(" tide is out, far.\nWait.\n\nIt comes back")
    assert room.speech.text_so_far.startswith("The tide is out, far.\n\nA bell rings.\n\n\nWait.\n\nIt comes")


@pytest.mark.parametrize("lag", [0, 1, 2, 3])
def test_revoked_interrupted_and_cut_off_it_is_heard_once_and_whole(tmp_path, lag):
    room = Room(tmp_path, text="One is here. Two are there. Three come. Four go. " * 4, look_ahead=5)
    room.lag = lag
    room.hear(0.2, 6)
    room.speech.overhear("A bell rings over the water.")
    room.turn()
    room.speech.revoke()
    room.turn()
    room.speech.say("Hush now.")
    room.hear(1, 6, since=0.2)
    room.speech.revoke()
    room.hear(8, 6, since=1)
    assert room.speech.text_so_far.count("\n\nA bell rings over the water.\n\n") == 1
    assert room.speech.text_so_far.count("Hush now.") == 1


def test_who_dies_in_the_midst_hears_it_again(tmp_path):
    room = Room(tmp_path, text="One is here. Two are there. Three come. Four go.")
    room.hear(0.1, 4)
    room.lag = 4
    room.speech.overhear("A bell rings over the water.")
    room.turn()
    assert room.speech._forced.hearing.under_way
    room.under_way.clear()
    room.lag = 0
    room.begin()
    room.hear(6, 4, since=0.1)
    assert room.speech.text_so_far.count("\n\nA bell rings over the water.\n\n") == 1


def test_a_voice_that_cannot_hear_is_not_waited_for():
    hearing = Hearing()
    hearing.add("A bell.", private=False)
    hearing.begin(may=True)
    over = [hearing.hear(Token("v", n, n, " word")) for n in range(DEAF + 2)]
    assert over.index(True) == DEAF


def test_of_too_much_the_last_counts():
    hearing = Hearing()
    for n in range(100):
        hearing.add(f"{n} {'bell ' * 10}", private=n == 99)
    hearing.begin(may=True)
    assert len(hearing.now.text) < LONGEST + 60
    assert (hearing.now.text.count("99 bell"), hearing.now.private) == (1, True)


class Answering(Letters):
    """Letters that hear others in capitals' place: behind a comma."""

    def heard(self, text, before):  # noqa: ARG002
        return self.encode(f", {text},", "")


def orders(**more):
    return Steering("v", 1, credit=1000, temperature=0.0, top_k=0, top_p=1.0, prompt="abc", **more)


def test_the_engine_reads_it_without_a_word_and_goes_on_from_it():
    forward = Table()
    engine = Engine(forward, Answering(), "v")
    engine.steer(orders())
    before = [engine.next() for _ in range(6)]
    runs = len(forward.runs)
    engine.steer(orders(take=1, keep=6, heard="bell", heard_private=True))
    taken = [engine.next() for _ in range(7)]
    assert len(forward.runs) == runs, "nothing is computed for them"
    assert all(token.forced and token.private and not token.text for token in taken)
    assert "".join(token.heard for token in taken) == "\n\nbell\n\n"
    assert [token.n for token in taken] == list(range(6, 13))
    after = engine.next()
    assert not after.heard
    ids = [token.id for token in before + taken]
    read = tuple(forward.read)
    assert read[-len(ids) :] == tuple(ids)
    assert after.id == int(np.argmax(Table().run(list(read))))


def test_it_is_forgotten_with_its_take():
    engine = Engine(Table(), Answering(), "v")
    engine.steer(orders())
    for _ in range(4):
        engine.next()
    engine.steer(orders(take=1, keep=4, heard="bell"))
    assert engine.next().heard
    engine.steer(orders(take=2, keep=4, say="sea"))
    again = [engine.next() for _ in range(40)]
    assert not any(token.heard for token in again)
    assert all(later.n == token.n + 1 for token, later in pairwise(again))


def test_a_script_hears_and_goes_on(tmp_path):
    (tmp_path / "a.txt").write_text("One two three.")
    voice = ScriptedVoice({"model": "script:a.txt"}, "v", tmp_path)
    voice.load()
    voice.begin("", 0)
    voice.steer(steering(take=1, heard="A bell rings.", heard_private=True))
    tokens = [voice.next() for _ in range(5)]
    assert "".join(token.heard for token in tokens) == "\n\nA bell rings.\n\n"
    assert [token.private for token in tokens] == [True, True, True, False, False]
    assert "".join(token.text for token in tokens) == " One two"
