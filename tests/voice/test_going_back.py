"""A voice that goes back: engine, script and manuscript say again what they would have said there."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engine import END, LETTERS, Letters, Table
from tiny_models import speak, steering, text_of

from installation.messages import Inner, Rival, Token, Word
from installation.voice.context import Window, gone_back
from installation.voice.engine import Engine
from installation.voice.line import Line
from installation.voice.manuscript import Manuscript
from installation.voice.scripted import ScriptedVoice
from installation.voice.scroll import DEPTH
from installation.voice.settings import VoiceSettings
from installation.voice.speech import Speech


def greedy(made, serial=0, **changes):
    made.steer(steering(serial, **({"temperature": 0.0, "top_k": 0, "prompt": "the tide"} | changes)))


def engine(limit=64, **more):
    made = Engine(Table(limit, **more), Letters(), "voice")
    greedy(made)
    return made


@pytest.mark.parametrize(("limit", "said", "to"), [(500, 20, 12), (24, 40, 30), (24, 60, 25), (500, 5, 0)])
def test_from_where_it_went_back_to_the_likeliest_is_said_again(limit, said, to):
    made = engine(limit)
    tokens = speak(made, said)
    greedy(made, 1, take=1, keep=said, back=((said, to, -1),))
    again = speak(made, said - to)
    assert [token.id for token in again] == [token.id for token in tokens[to:]]
    assert [token.n for token in again] == list(range(said, 2 * said - to))


def test_a_revocation_after_it_goes_back_once_more_and_noise_makes_another_text():
    made = engine(500)
    greedy(made, 1, temperature=1.0)
    tokens = speak(made, 20)
    back = ((20, 8, -1),)
    greedy(made, 2, temperature=1.0, take=1, keep=20, back=back)
    other = speak(made, 12)
    assert [token.id for token in other] != [token.id for token in tokens[8:]]
    greedy(made, 3, temperature=1.0, take=2, keep=20, back=back)
    assert [token.id for token in speak(made, 12)] == [token.id for token in other]
    greedy(made, 4, temperature=1.0, take=3, keep=26)
    assert [token.id for token in speak(made, 6)] == [token.id for token in other[6:]]


def test_what_it_nearly_said_is_its_own_word():
    made = engine(500)
    speak(made, 10)
    rival = LETTERS.index("q")
    greedy(made, 1, take=1, keep=10, back=((10, 4, rival),))
    token = made.next()
    assert (token.id, token.forced, token.n) == (rival, False, 10)
    assert token.inner.surprise > 0
    greedy(made, 2, take=2, keep=10, back=((10, 4, rival),), refused=((10, (rival,)),))
    assert made.next().id != rival


def test_further_than_it_remembers_it_goes_as_far_as_it_can():
    made = engine(64, lean={END: -99})
    speak(made, DEPTH + 200)
    greedy(made, 1, take=1, keep=made.n, back=((made.n, 3, -1),))
    assert [token.n for token in speak(made, 3)] == list(range(DEPTH + 200, DEPTH + 203))


def test_a_new_prompt_at_the_place_gone_back_to_is_read():
    made = engine(500)
    speak(made, 12)
    greedy(made, 1, take=1, keep=12, prompt="a stone", back=((12, 6, -1),))
    made.next()
    letters = "".join(LETTERS[token] for token in made._forward.read)
    assert letters.startswith("a stone")
    assert len(letters) == len("a stone") + 6


def test_the_window_that_was_seen_there_is_seen_again():
    windows = [Window(0, (1, 2)), Window(4, (7,), (9,), 3), Window(8, (8,))]
    assert gone_back(windows, range(100, 110), 10, 6) == Window(10, (7, 104, 105), (9,), 1, (4, 5))
    assert gone_back(windows, range(100, 110), 10, 8) == Window(10, (8,), None, 1)
    assert gone_back([Window(4, (5,))], range(100, 110), 20, 2) == Window(20, (5,), None, 1)


def test_a_script_says_the_same_again(tmp_path):
    (tmp_path / "a.txt").write_text("one two three four five six")
    voice = ScriptedVoice({"model": "script:a.txt"}, "voice", tmp_path)
    voice.load()
    voice.begin("", 0)
    voice.steer(steering())
    assert text_of(speak(voice, 4)) == "one two three four"
    voice.steer(steering(1, take=1, keep=4, back=((4, 1, -1),)))
    assert text_of(speak(voice, 3)) == " two three four"
    assert voice.n == 7


def test_a_manuscript_goes_back_and_counts_on():
    text = Manuscript("Before. ", 10)
    for word in ("The ", "tide ", "is ", "out."):
        text.add(word)
    text.go_back(12)
    assert (text.so_far(99), text.n) == ("Before. The tide ", 14)
    text.add("comes.")
    text.crop(14)
    assert (text.so_far(99), text.n) == ("Before. The tide ", 14)


# Speech: what is said, what counts, where it goes on.


def tokens(*texts, **inner):
    return [Token("voice", n, n, text, inner=inner.get(f"t{n}", Inner())) for n, text in enumerate(texts)]


class Room:
    """Speech with tokens given to it; each is spoken at once."""

    def __init__(self, *given_tokens):
        self.speech, self.said, self.now = Speech("voice", VoiceSettings(look_ahead=4)), [], 0.0
        self.speech.begin_turn()
        for token in given_tokens:
            self.give(token)

    def give(self, token):
        take = self.speech.take
        assert self.speech.arrive(Token(**{f: getattr(token, f) for f in Token.__slots__} | {"take": take}))
        self.release()

    def release(self):
        self.now += 10
        self.said += self.speech.release(self.now, 60)

    @property
    def words(self):
        return [word.text for word in self.said if isinstance(word, Word)]

    @property
    def back(self):
        steering = self.speech.steering({})
        assert steering is not None
        assert steering.keep == self.speech.next
        return steering.back


TIDE = ("The", " tide", " is", " out.", " It", " com")


def test_an_interrupted_word_ends_with_a_dash_and_the_sentence_is_out_of_mind():
    room = Room(*tokens(*TIDE))
    room.speech.interrupt()
    assert room.back == ((6, 4, -1),)
    room.release()
    assert room.words[-2:] == ["It", "com—"]
    assert room.speech.text_so_far == "The tide is out."
    room.give(Token("voice", 6, 6, "Wait"))
    room.give(Token("voice", 7, 7, " now"))
    assert room.words[-1] == "Wait"
    assert [w.before for w in room.said if isinstance(w, Word)][-1] == " "
    assert [w.n for w in room.said if isinstance(w, Word)] == list(range(len(room.words)))


def test_between_two_sentences_there_is_nothing_to_interrupt():
    room = Room(*tokens("The", " tide", " is", " out.", " "))
    room.speech.interrupt()
    assert room.back == ()
    room.release()
    assert room.words == ["The", "tide", "is", "out."]


def test_what_was_to_be_said_is_given_up_where_it_was_begun():
    room = Room(*tokens("The", " tide"))
    room.speech.say("a long line")
    room.speech.say("another")
    n = room.speech.next
    room.speech.arrive(Token("voice", n, 1, " a", take=room.speech.take, forced=True))
    room.speech.interrupt()
    assert room.speech.steering({}).say == "another"


@pytest.mark.parametrize(
    ("words", "to", "left"),
    [
        (1, 5, "The tide is out. It"),
        (2, 4, "The tide is out."),
        (0, 4, "The tide is out."),
        (3, 3, "The tide is"),
        (99, 0, ""),
    ],
)
def test_words_are_taken_back(words, to, left):
    room = Room(*tokens(*TIDE))
    assert room.speech.rewind(words) == (to, 6)
    assert room.back == ((6, to, -1),)
    assert room.speech.text_so_far == left
    room.release()
    assert room.words[-1] == "com"


def test_after_a_sentence_that_one_is_taken_back():
    room = Room(*tokens("The", " tide", ".", " It", " comes", "."))
    assert room.speech.rewind() == (3, 6)
    assert room.speech.rewind() == (0, 6)
    assert room.speech.rewind() is None
    assert room.back == ((6, 0, -1),)


def test_another_s_words_are_taken_back_in_a_new_turn():
    room = Room(*tokens(*TIDE))
    room.speech.begin_turn()
    assert room.speech.rewind(2) == (4, 6)
    steering = room.speech.steering({})
    assert (steering.back, steering.first, steering.text) == ((), 6, "The tide is out.")


def rivals(*pairs):
    return Inner(rivals=tuple(Rival(text, share, 90 + at) for at, (text, share) in enumerate(pairs)))


def test_a_fork_takes_the_likeliest_that_was_not_said():
    said = tokens(
        *TIDE,
        t1=rivals((" tide", 0.6), (" sea", 0.3)),
        t2=rivals((" is", 0.5), (" Is", 0.4), (",", 0.45), ("n", 0.4), (" was", 0.1)),
        t4=rivals((" She", 0.4), (" It", 0.3)),
    )
    room = Room(*said)
    assert room.speech.fork() == (4, 6)
    assert room.back == ((6, 4, 90),)
    again = rivals((" She", 0.4), (" It", 0.3))
    room.give(Token("voice", 6, 90, " She", inner=again))
    assert room.speech.fork() == (1, 7)
    assert room.back == ((7, 1, 91),)


def test_who_does_not_tell_what_it_nearly_said_does_not_fork():
    room = Room(*tokens(*TIDE))
    assert room.speech.fork() is None
    assert room.speech.text_so_far == "".join(TIDE)


def test_a_line_forgets_what_is_long_past():
    line = Line()
    for n in range(1000):
        line.add(Token("voice", n, n, f" w{n}"))
    assert line.words_back(1000, "") == 1000 - 256


STEPS = st.lists(
    st.sampled_from(["tick", "tick", "rewind 1", "rewind 5", "rewind 0", "interrupt", "fork", "prompt", "say", "turn"]),
    min_size=1,
    max_size=25,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(STEPS, st.integers(0, 5), st.sampled_from([40, 500]))
def test_speech_and_engine_never_lose_each_other(steps, seed, limit):
    speech, made = (
        Speech("voice", VoiceSettings(look_ahead=4)),
        Engine(Table(limit, seed), Letters(), "voice"),
    )
    speech.begin_turn()
    prompts, said, now, turn = itertools.cycle(["the tide", "a stone"]), [], 0.0, -1
    wanted = {"prompt": next(prompts), "seed": seed, "temperature": 1.0, "top_k": 0}
    for step in [*steps, "tick"]:
        what, _, words = step.partition(" ")
        if what in {"rewind", "fork", "interrupt"}:
            getattr(speech, what)(*([int(words)] if words else []))
        elif what == "prompt":
            wanted["prompt"] = next(prompts)
        elif what == "say":
            speech.say("a visitor")
        elif what == "turn":
            speech.begin_turn()
        for _ in range(6 if what == "tick" else 1):
            now += 1.0
            said += speech.release(now, 60)
            if steered := speech.steering(wanted):
                if steered.turn != turn:
                    made.begin(steered.text, steered.first)
                made.steer(steered)
                turn = steered.turn
                while made.n < steered.credit and speech.arrive(made.next()):
                    pass
    numbers = [token.n for token in said if isinstance(token, Token)]
    assert numbers == list(range(len(numbers)))
    assert [word.n for word in said if isinstance(word, Word)] == list(
        range(sum(isinstance(word, Word) for word in said))
    )
    seen = "".join(LETTERS[token] for token in made._scroll.seen if token != END)
    heard = "".join(letter for letter in speech.text_so_far if letter in LETTERS)
    assert heard.replace(" ", "").endswith(seen.replace(" ", "")[-12:])


def test_what_was_taken_back_is_not_overheard_and_what_was_interrupted_is():
    room = Room(*tokens(*TIDE))
    room.speech.rewind(1)
    room.release()
    room.give(Token("voice", 6, 6, " stays."))
    room.give(Token("voice", 7, 7, " And"))
    room.give(Token("voice", 8, 8, " then"))
    room.speech.interrupt()
    assert [said.text for said in room.speech.sentences()] == ["The tide is out.", "It stays.", "And then—"]


def test_behind_what_was_heard_nothing_is_interrupted():
    room = Room(*tokens("The", " tide", "."))
    room.give(Token("voice", 3, 3, "", forced=True, heard="a stone without an end"))
    room.speech.interrupt()
    room.release()
    assert room.back == ()
    assert room.words == ["The", "tide."]


def test_a_fork_stays_within_the_turn_of_its_speaker():
    line = Line()
    for n, text in enumerate((" one", " two", " three")):
        rivals = (Rival(text, 0.5, n), Rival(" else", 0.4 - 0.1 * n, 70 + n))
        line.add(Token("voice", n, n, text, inner=Inner(rivals=rivals)))
    found = [line.doubt(" one two three", floor) for floor in range(4)]
    assert [fork and fork.n for fork in found] == [0, 1, 2, None]
