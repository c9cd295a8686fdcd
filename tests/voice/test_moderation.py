"""What a voice has sampled is read before it is spoken: speech, a voice and the real word filter in one room."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engine import END, LETTERS, Letters, Table

from installation.filter import Filter, Verdict
from installation.messages import Inner, Rival, Token, Word
from installation.voice.engine import Engine
from installation.voice.moderation import REFUSALS, Moderation
from installation.voice.scripted import ScriptedVoice
from installation.voice.settings import VoiceSettings
from installation.voice.speech import Speech

WORDS = Filter()


class Room:
    """Speech that is moderated, and a voice that answers at once."""

    def __init__(self, voice, verdict=WORDS.verdict, **wanted):
        self.voice, self.turns, self.credit = voice, -1, 0
        look_ahead = wanted.pop("look_ahead", 8)
        self.speech = Speech("voice", VoiceSettings(look_ahead=look_ahead), Moderation(verdict))
        self.wanted = {"prompt": "p", "seed": 1} | wanted
        self.speech.begin_turn()
        self.tokens, self.words, self.refusals, self.steerings = [], [], [], []

    def turn(self):
        if steering := self.speech.steering(self.wanted):
            self.steerings.append(steering)
            if steering.turn != self.turns:
                self.voice.begin(steering.text, steering.first)
            self.voice.steer(steering)
            self.credit, self.turns = steering.credit, steering.turn
        while self.voice.n < self.credit:
            self.speech.arrive(self.voice.next())

    def hear(self, seconds, pace=20, since=0.0):
        """The text that was spoken."""
        for tick in range(round(since * 50), round(seconds * 50) + 1):
            self.turn()
            said = self.speech.release(tick / 50, pace)
            self.tokens += [message for message in said if isinstance(message, Token)]
            self.words += [message for message in said if isinstance(message, Word)]
            self.refusals += self.speech.refusals()
        return "".join(token.text for token in self.tokens)


class Pieces:
    """A voice that speaks given pieces; one that may not stand there is left out, as a script does."""

    def __init__(self, pieces):
        self._pieces, self.n, self.take = pieces, 0, 0
        self._gone, self._past, self._first = set(), [], 0

    def begin(self, _history, first):
        self.n, self.take, self._first, self._past = first, None, first, []
        self._at = getattr(self, "_at", 0)

    def steer(self, steering):
        self._gone.update(token for _, tokens in steering.refused for token in tokens)
        if steering.take != self.take:
            self.take = steering.take
            while self.n > max(self._first, steering.keep):
                self.n -= 1
                self._at = self._past.pop()

    def next(self):
        while self._at in self._gone:
            self._at += 1
        at, self._at = self._at, self._at + 1
        self._past.append(at)
        self.n += 1
        text = self._pieces[at] if at < len(self._pieces) else " on"
        return Token("voice", self.n - 1, at, text, self.take)


@pytest.mark.parametrize("look_ahead", [1, 2, 8, 20])
@pytest.mark.parametrize(
    ("pieces", "spoken"),
    [
        (["Oh", " shit", ",", " the", " sea"], "Oh, the sea"),
        (["What", " a", " sh", "it", " sea"], "What a"),  # it may go on with what is left of the word
        (["You", " f", " u", " c", " k", " then"], "You f u c then"),
        (["Oh", " ѕhіt", " the", " sea"], "Oh the sea"),
        (["Oh", " fuuuck", " the", " sea"], "Oh the sea"),
        (["Oh", " f*ck", " the", " sea"], "Oh the sea"),
        (["Oh", " sh1t", " the", " sea"], "Oh the sea"),
        (["A", " son", " of", " a", "\n\n", "bitch", " sat"], "A son of a\n\n sat"),
        (["Scunthorpe", " has", " class", "es", " and", " bass"], "Scunthorpe has classes and bass on"),
    ],
)
def test_what_the_filter_refuses_is_not_spoken(pieces, spoken, look_ahead):
    room = Room(Pieces(pieces), look_ahead=look_ahead)
    text = room.hear(2)
    assert text.startswith(spoken)
    assert WORDS.clean(text[:200]) is not None
    assert len(room.refusals) == (0 if pieces[0] == "Scunthorpe" else len({r.n for r in room.refusals}))
    assert all("list" in refusal.because for refusal in room.refusals)


def test_a_word_is_not_begun_before_it_is_whole():
    room = Room(Pieces(["Oh", " sh", "i", "t", "ake", " soup"]), look_ahead=1)
    assert room.hear(1).startswith("Oh shitake soup") or room.refusals
    room = Room(Pieces([" waitwait"] + ["wait"] * 30 + [" now"]), look_ahead=1)
    assert " now" in room.hear(4)


def test_after_some_refusals_the_sentence_is_ended():
    room = Room(Pieces(["The", " sea", *[" shit"] * (REFUSALS + 3), " comes", " in"]))
    assert room.hear(2).startswith("The sea.")
    assert [refusal.ended for refusal in room.refusals][: REFUSALS + 1] == [False] * REFUSALS + [True]
    assert [word.text for word in room.words][:2] == ["The", "sea."]
    assert any(token.end for token in room.tokens)
    assert room.hear(4, since=2.02).endswith(" on")


def test_a_voice_with_nothing_else_to_say_falls_silent_by_paragraphs(tmp_path):
    (tmp_path / "s.txt").write_text("shit shit shit shit. Fuck, fuck!")
    voice = ScriptedVoice({"model": "script:s.txt"}, "voice", tmp_path)
    voice.load()
    room = Room(voice)
    assert room.hear(3).strip(" \n.") == ""


def test_a_script_leaves_out_what_is_refused(tmp_path):
    (tmp_path / "s.txt").write_text("The sea, you bitch, is out. Wait.")
    voice = ScriptedVoice({"model": "script:s.txt"}, "voice", tmp_path)
    voice.load()
    room = Room(voice)
    assert room.hear(2).startswith("The sea, you is out. Wait.")


def test_what_is_said_at_the_word_is_not_lost(tmp_path):
    (tmp_path / "s.txt").write_text("The shit sea is out. " * 4)
    voice = ScriptedVoice({"model": "script:s.txt"}, "voice", tmp_path)
    voice.load()
    room = Room(voice)
    room.turn()
    room.speech.say("Hello")
    text = room.hear(3)
    assert text.count("Hello") == 1
    assert "shit" not in text


def test_nothing_more_comes_and_the_last_word_is_read_as_it_stands():
    for last, spoken in ((" se", "The se"), (" shit", "The")):
        speech = Speech("voice", VoiceSettings(), Moderation(WORDS.verdict))
        for n, text in enumerate(["The", last]):
            speech.arrive(Token("voice", n, n, text))
        said = speech.release(0.0, 50)
        speech.settle()
        for tick in range(1, 50):
            said += speech.release(tick / 50, 50)
        assert "".join(message.text for message in said if isinstance(message, Token)) == spoken
        assert not speech.ahead
        assert len(speech.refusals()) == (last == " shit")


def test_a_lens_loses_what_its_rivals_lose():
    rivals = (Rival(" sea", 0.5), Rival(" shit", 0.3), Rival(" door", 0.1))
    inner = Inner(1.0, 2.0, rivals, ((0, 0.5),), ((0.1, 0.6), (0.7, 0.3), (0.2, 0.1)), (0.5, 0.5))
    token = Token("voice", 1, 1, " sea", inner=inner)
    kept = Moderation(WORDS.verdict).without_rivals("The", token).inner
    assert kept.rivals == (rivals[0], rivals[2])
    assert kept.lens == ((0.1, 0.6), (0.2, 0.1))
    assert (kept.attention, kept.place) == (inner.attention, inner.place)


def test_no_rival_is_shown_that_could_not_be_said():
    rivals = (Rival(" sea", 0.5), Rival(" shit", 0.3), Rival("it", 0.1))
    speech = Speech("voice", VoiceSettings(), Moderation(WORDS.verdict))
    speech.arrive(Token("voice", 0, 0, "sh"))
    speech.arrive(Token("voice", 1, 1, " sea", inner=Inner(rivals=rivals)))
    speech.arrive(Token("voice", 2, 2, " is"))
    said = [m for tick in range(50) for m in speech.release(tick / 50, 50) if isinstance(m, Token)]
    assert said[1].inner.rivals == (Rival(" sea", 0.5),)


def test_a_long_text_is_read_to_its_end():
    moderation = Moderation(WORDS.verdict)
    assert moderation.because_anywhere("The sea is out, and we wait. " * 40) == ""
    assert moderation.because_anywhere("The sea is out, and we wait. " * 40 + "Shit") != ""


class Lists:
    """A verdict that refuses any word with one of these letters in it, and remembers nothing else."""

    def __init__(self, letters):
        self.letters = letters

    def __call__(self, text):
        found = [letter for letter in self.letters if letter in text]
        return Verdict(text, bool(found), f"the letter {found[0]}" if found else "")


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 12), st.sampled_from(["e", "aei", "t.", "xyzq"]))
def test_a_random_model_never_speaks_what_is_refused(seed, look_ahead, letters):
    def told():
        engine = Engine(Table(limit=64, seed=seed), Letters(), "voice")
        room = Room(engine, Lists(letters), look_ahead=look_ahead, temperature=1.2, top_k=0.0, seed=seed)
        return room.hear(6, pace=30), room  # a random model may babble fifty letters on end

    text, room = told()
    assert not set(text) & (set(letters) - {"."})
    assert len(room.tokens) > 4
    assert [token.n for token in room.tokens] == list(range(len(room.tokens)))
    assert text == told()[0]


def test_what_is_refused_is_forbidden_there_and_nowhere_else():
    engine = Engine(Table(limit=64, lean={END: -99, LETTERS.index("e"): 5}), Letters(), "voice")
    room = Room(engine, lambda text: Verdict(text, text.endswith("ee"), "ee"), temperature=1.0)
    room.hear(3)
    refused = {n for steering in room.steerings for n, _ in steering.refused}
    assert refused
    assert any("e" in token.text for token in room.tokens)
    for steering in room.steerings:
        assert json.loads(json.dumps(steering.refused)) == [[n, list(ids)] for n, ids in steering.refused]
