"""A real (scripted) voice and its speech in one room, without a process between them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from installation.messages import Candidates, Inner, Rival, Token, VoiceNews, Word
from installation.voice.scripted import ScriptedVoice
from installation.voice.settings import VoiceSettings
from installation.voice.speech import MOVED, Speech

TIDE = "The tide is out, far. Wait.\n\nIt comes back with the moon, they say, every night."


class Room:
    """Speech and a voice that answers at once; `lag` of its tokens stay under way."""

    def __init__(self, tmp_path, text=TIDE, **settings):
        (tmp_path / "script.txt").write_text(text, encoding="utf-8")
        self.folder = tmp_path
        self.settings = VoiceSettings(model="script:script.txt", **settings)
        self.speech = Speech("voice", self.settings)
        self.wanted = {"prompt": "p", "seed": 1, "temperature": 0.8}
        self.under_way = []
        self.lag = 0
        self.begin()

    def begin(self):
        self.speech.begin_turn()
        self.voice = ScriptedVoice(self.settings.model_dump(), "voice", self.folder)
        self.speech.hear(self.voice.load())
        self.credit, self.turns = 0, 0

    def turn(self):
        """What passes between the two in a tick."""
        steering = self.speech.steering(self.wanted)
        if steering:
            self.hear_steering(steering)
        while self.voice.n < self.credit:
            self.under_way.append(self.voice.next())
        while len(self.under_way) > self.lag:
            self.speech.arrive(self.under_way.pop(0))

    def hear_steering(self, steering):
        if steering.turn != self.turns:
            self.voice.begin(steering.text, steering.first)
        self.voice.steer(steering)
        self.credit, self.turns = steering.credit, steering.turn

    def hear(self, until, pace, since=0.0):
        """Lines `time what`, ticks of 1/50 s."""
        lines = []
        for tick in range(round(since * 50), round(until * 50) + 1):
            self.turn()
            said = [s for s in self.speech.release(tick / 50, pace) if isinstance(s, Word)]
            lines += [f"{tick / 50:.2f} {word.before}{word.text}" for word in said]
        return lines


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)


ROUND = TIDE + "\n\n" + TIDE


def text(lines):
    return "".join(line.partition(" ")[2] for line in lines)


def test_words_come_at_their_pace_and_rest_after_commas_sentences_and_paragraphs(room):
    assert room.hear(until=3.7, pace=4) == [
        "0.00 The",
        "0.26  tide",
        "0.50  is",
        "0.76  out,",  # half a word's rest
        "1.14  far.",  # one and a half
        "1.76  Wait.",  # a paragraph
        "2.64 \n\nIt",
        "2.88  comes",
        "3.14  back",
        "3.38  with",
        "3.64  the",
    ]


def test_a_grapheme_is_half_a_word_of_pace(tmp_path):
    assert Room(tmp_path, "潮が引く。待って").hear(until=1.2, pace=4) == [
        "0.00 潮",
        "0.14 が",
        "0.26 引",
        "0.38 く。",
        "0.88 待",
        "1.00 っ",
        "1.14 て",
    ]


def test_pace_nought_holds_its_tongue_and_then_goes_on_where_it_was(room):
    first = room.hear(until=0.5, pace=4)
    assert room.hear(since=0.52, until=9, pace=0) == []
    assert room.speech.state().state == "silent"
    assert room.speech.filled
    rest = room.hear(since=9.02, until=10, pace=4)
    assert text(first + rest) == "The tide is out, far."
    assert rest[0] == "9.26  out,"


def test_pace_without_limit_says_all_there_is_at_once(room):
    room.turn()
    said = [s.text for s in room.speech.release(0, 60) if isinstance(s, Token)]
    assert len(said) == room.speech.look_ahead
    assert room.speech.steering({}).credit == 2 * room.speech.look_ahead


def test_tokens_of_a_word_come_evenly_within_it():
    speech = Speech("voice")
    speech.steering({})
    for n, piece in enumerate(["un", "fold", "ing", " now"]):
        speech.arrive(Token("voice", n, n, piece, inner=Inner(1.0, 2.0, (Rival(piece, 0.5),))))
    heard = []
    for tick in range(60):
        for said in speech.release(tick / 50, 1):
            what = said.rivals[0].text + "?" if isinstance(said, Candidates) else said.text
            heard.append(f"{tick / 50:.2f} {type(said).__name__} {what}")
    assert heard == [
        "0.00 Token un",
        "0.00 Candidates fold?",
        "0.20 Token fold",
        "0.20 Candidates ing?",
        "0.40 Token ing",
        "0.40 Word unfolding",
        "0.40 Candidates  now?",
        "1.00 Token  now",
    ]
    assert [w.text for w in speech.end()] == ["now"]


def test_a_word_is_finished_late_when_nothing_is_held():
    speech = Speech("voice")
    speech.arrive(Token("voice", 0, 0, "sea"))
    assert [type(s) for s in speech.release(0, 4)] == [Token]
    speech.arrive(Token("voice", 1, 1, "", end=True))
    assert [type(s) for s in speech.release(0.1, 4)] == [Word]


def test_what_was_starved_is_not_made_up_for():
    speech = Speech("voice")
    speech.release(0, 4)
    speech.release(100, 4)
    for n in range(8):
        speech.arrive(Token("voice", n, n, f" w{n}"))
    assert sum(isinstance(s, Token) for s in speech.release(100.02, 4)) == 1


def test_credit_is_what_was_said_and_the_look_ahead(room):
    room.turn()
    assert (room.speech.next, room.speech.ahead, room.speech.filled) == (0, 8, True)
    room.speech.release(0, 4)
    assert (room.speech.next, room.speech.ahead, room.speech.filled) == (1, 7, False)
    assert room.speech.steering({}).credit == 9
    assert room.speech.steering({}) is None


def test_steering_is_sent_when_something_moved_by_more_than_half_a_per_cent():
    speech = Speech("voice", VoiceSettings(forbidden=("sun",), bias={"sea": 2.0}))
    first = speech.steering({"prompt": "p", "seed": 7, "temperature": 1.0, "top_k": 40.4, "pace": 3})
    assert first.serial == 1
    assert (first.prompt, first.seed, first.temperature, first.top_k) == ("p", 7, 1.0, 40)
    assert (first.forbidden, first.bias, first.credit) == (("sun",), (("sea", 2.0),), 8)
    assert speech.steering({"temperature": 1.0 + 1.9 * MOVED, "pace": 9}) is None
    moved = speech.steering({"temperature": 1.0 + 2.1 * MOVED})
    assert moved == replace(first, serial=2, temperature=1.0 + 2.1 * MOVED)


def test_mixed_prompts_are_told_with_their_weights_and_the_heaviest_of_them():
    speech = Speech("voice", VoiceSettings())
    first = speech.steering({"prompt": ("p", "q"), "weights": (0.3, 0.7)})
    assert (first.prompt, first.prompts, first.weights) == ("q", ("p", "q"), (0.3, 0.7))
    moved = speech.steering({"weights": (0.6, 0.4)})
    assert moved == replace(first, serial=2, prompt="p", weights=(0.6, 0.4))
    alone = speech.steering({"prompt": "q", "weights": ()})
    assert (alone.prompt, alone.prompts, alone.weights, alone.take) == ("q", (), (), first.take + 1)


def test_prompts_that_have_faded_out_leave_without_taking_anything_back():
    speech = Speech("voice", VoiceSettings())
    first = speech.steering({"prompt": ("new", "old"), "weights": (0.0, 1.0)})
    speech.steering({"weights": (0.99, 0.01)})
    alone = speech.steering({"prompt": "new", "weights": ()})
    assert (alone.prompt, alone.prompts, alone.take) == ("new", (), first.take)
    assert speech.steering({"prompt": "newer"}).take == first.take + 1


def test_the_state_names_the_prompts_that_are_mixed():
    speech = Speech("voice", VoiceSettings())
    assert speech.state().prompts == ()
    speech.steering(
        {"prompt": ("the sea at night and\nwhatever else there may be", "a lamp"), "weights": (0.3, 0.7)}
    )
    assert speech.state().prompts == (("the sea at night and whatever else…", 0.3), ("a lamp", 0.7))
    speech.steering({"prompt": "a lamp", "weights": ()})
    assert speech.state().prompts == ()


@pytest.mark.parametrize(
    ("change", "revokes"),
    [
        ({"prompt": "q"}, True),
        ({"prompt": ("p", "q")}, True),
        ({"seed": 2}, True),
        ({"forbidden": ("moon",)}, True),
        ({"temperature": 1.5}, False),
        ({"bias": {"sea": 1.0}}, False),
    ],
)
def test_what_takes_back_the_look_ahead(room, change, revokes):
    room.hear(until=0.1, pace=4)
    take, held = room.speech.take, room.speech.ahead
    steering = room.speech.steering(change)
    assert (steering.take > take) is revokes
    assert room.speech.ahead == (0 if revokes else held)
    assert steering.keep == (1 if revokes else 0)


def test_a_word_begun_is_not_taken_back():
    speech = Speech("voice")
    for n, piece in enumerate([" un", "fold", "ing", " now"]):
        speech.arrive(Token("voice", n, n, piece))
    speech.release(0, 1)
    speech.revoke()
    assert (speech.next, speech.ahead) == (1, 2)
    assert speech.steering({}).keep == 3


def test_half_a_character_is_taken_back_with_its_other_half():
    speech = Speech("voice")
    for n, piece in enumerate([" sea", "", " é", "l"]):
        speech.arrive(Token("voice", n, n, piece))
    speech.release(0, 1)
    speech.revoke()
    assert speech.steering({}).keep == 1


def test_revoking_costs_no_text(room):
    """The same script comes out, whatever was taken back and however late it arrives."""
    room.lag = 3
    heard = room.hear(until=1, pace=4)
    room.speech.revoke()
    heard += room.hear(since=1.02, until=2, pace=4)
    room.wanted["prompt"] = "q"
    heard += room.hear(since=2.02, until=6, pace=4)
    assert text(heard) == ROUND[: len(text(heard))]
    assert len(heard) > 12


def test_old_takes_and_strangers_are_dropped():
    speech = Speech("voice")
    speech.steering({})
    speech.revoke()
    assert not speech.arrive(Token("voice", 0, 0, "old", take=0))
    assert not speech.arrive(Token("voice", 1, 0, "too far", take=1))
    assert speech.arrive(Token("voice", 0, 0, "new", take=1))
    assert not speech.arrive(Token("voice", 0, 0, "again", take=1))


def test_a_saying_comes_at_the_next_word_and_is_marked(room):
    heard = room.hear(until=0.3, pace=4)
    assert room.speech.say("Someone  whispers: river.", private=True) == ""
    said = []
    for tick in range(16, 150):
        room.turn()
        said += [s for s in room.speech.release(tick / 50, 4) if isinstance(s, Word)]
    assert text(heard) == "The tide"
    assert "".join(w.before + w.text for w in said)[:38] == " Someone whispers: river. is out, far."
    assert [w.forced for w in said[:5]] == [True, True, True, False, False]
    assert [w.private for w in said[:5]] == [True, True, True, False, False]


def test_three_sayings_wait_and_a_fourth_is_refused(room):
    heard = room.hear(until=0.1, pace=4)
    assert [room.speech.say(s) for s in ("One a.", "", "Two b.", "Three c.")] == ["", "", "", ""]
    assert room.speech.say("four") == "not said, 3 others are waiting: four"
    assert "four" not in room.speech.say("four", private=True)
    heard += room.hear(since=0.12, until=7, pace=4)
    assert text(heard).startswith("The One a. Two b. Three c. tide is")
    assert room.speech.say("four") == ""


def test_a_new_prompt_does_not_cut_a_saying_short(room):
    heard = room.hear(until=0.1, pace=4)
    room.speech.look_ahead = 2
    room.speech.say("One two three four five six seven.")
    heard += room.hear(since=0.12, until=0.8, pace=4)
    room.wanted["prompt"] = "q"
    take = room.speech.take
    heard += room.hear(since=0.82, until=6, pace=4)
    assert text(heard).startswith("The One two three four five six seven. tide is out,")
    assert room.speech.take == take + 1


def test_a_saying_that_has_not_begun_survives_a_revocation(room):
    heard = room.hear(until=0.1, pace=4)
    room.speech.say("One two.")
    room.speech.revoke()
    room.speech.revoke()
    heard += room.hear(since=0.12, until=2, pace=4)
    assert text(heard).startswith("The One two. tide")


def test_a_voice_that_begins_again_goes_on_with_the_text_so_far(room):
    heard = room.hear(until=1, pace=4)
    room.begin()
    steering = room.speech.steering(room.wanted)
    assert (steering.first, steering.text) == (12, (TIDE + " ")[: len(steering.text)])
    room.hear_steering(steering)
    assert room.voice.n >= 12
    heard += room.hear(since=1.02, until=6, pace=4)
    assert text(heard) == ROUND[: len(text(heard))]


def test_what_was_held_when_a_process_died_cannot_be_taken_back(room):
    room.hear(until=0.1, pace=4)
    room.begin()
    room.speech.revoke()
    assert room.speech.ahead == 8
    steering = room.speech.steering({})
    assert steering.keep == steering.first == 9


def test_a_saying_cut_off_by_a_death_is_said_from_its_first_unheard_word(room):
    heard = room.hear(until=0.1, pace=4)
    room.speech.look_ahead = 2
    room.speech.say("One two three four five six seven.", private=True)
    heard += room.hear(since=0.12, until=1.0, pace=4)
    room.begin()
    steering = room.speech.steering(room.wanted)
    assert steering.say == "five six seven."
    room.hear_steering(steering)
    heard += room.hear(since=1.02, until=6, pace=4)
    assert text(heard).startswith("The One two three four five six seven. tide is out,")


def test_the_text_so_far_is_a_bounded_tail():
    speech = Speech("voice")
    for n in range(2000):
        speech.arrive(Token("voice", n, n, f" {n}", end=n == 1999))
        speech.release(n / 50, 60)
    assert len(speech.text_so_far) == 4000
    assert speech.text_so_far.endswith("1998 1999\n\n")


def test_its_state_tells_what_it_does(room):
    room.hear(until=8, pace=4)
    state = room.speech.state()
    assert (state.name, state.state, state.model, state.ahead) == (
        "voice",
        "speaking",
        "script:script.txt",
        8,
    )
    assert 2 < state.tokens_per_second < 6
    room.speech.hear(VoiceNews("voice", "error", "no such model"))
    assert (room.speech.state().state, room.speech.state().detail) == ("lost", "no such model")


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("hear"), st.integers(1, 40)),
        st.tuples(st.just("say"), st.integers(0, 0)),
        st.tuples(st.just("revoke"), st.integers(0, 0)),
        st.tuples(st.just("prompt"), st.integers(0, 3)),
        st.tuples(st.just("die"), st.integers(0, 0)),
        st.tuples(st.just("lag"), st.integers(0, 9)),
        st.tuples(st.just("pace"), st.sampled_from([0, 2, 7, 30, 100])),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)  # a shared machine; some evenings are long
@given(MOVES, st.integers(1, 12))
def test_whatever_happens_every_token_is_said_once_and_every_saying_whole(
    tmp_path_factory, moves, look_ahead
):
    script = " ".join(f"word{n}" for n in range(900))
    room = Room(tmp_path_factory.getbasetemp(), script, look_ahead=look_ahead)
    heard, asked, pace, tick = [], [], 7, 0
    for move, value in [*moves, ("lag", 0), ("pace", 30), ("hear", 200)]:
        if move == "hear":
            for _ in range(value):
                tick += 1
                room.turn()
                heard += [s for s in room.speech.release(tick / 50, pace) if isinstance(s, Token)]
        elif move == "say":
            text = f"<{tick} {len(asked)}> someone says this."
            if not room.speech.say(text):
                asked += text.split()
        elif move == "revoke":
            room.speech.revoke()
        elif move == "prompt":
            room.wanted["prompt"] = str(value)
        elif move == "die":
            room.under_way.clear()
            room.begin()
        elif move == "lag":
            room.lag = value
        else:
            pace = value
    assert [t.n for t in heard] == list(range(len(heard)))
    assert [t.text.strip() for t in heard if t.forced] == asked
    sampled = [t.text.strip() for t in heard if not t.forced]
    assert sampled == script.split()[: len(sampled)]
    assert len(sampled) > 20


def test_what_was_said_on_another_evening_is_remembered_and_not_shown():
    speech = Speech("voice")
    speech.remember("What was. " * 1000)
    speech.begin_turn()
    told = speech.steering({})
    assert (len(told.text), told.text[-10:], told.first) == (4000, "What was. ", 0)
    assert speech.release(0, 60) == []


def test_after_a_gap_it_goes_on_and_does_not_rush(room):
    room.hear(until=1, pace=4)
    assert len(room.hear(since=31, until=31.2, pace=4)) == 1
