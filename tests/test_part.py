"""Who has the word: a voice, its understudy, the scene's lines. No process, no clock."""

import pytest
from evening import write_show

from installation.catalogue import CATALOGUE
from installation.clock import TICK
from installation.conductor import Conductor
from installation.messages import Adopt, Steering, Token, VoiceNews, Word
from installation.part import HUNG_AFTER, LONG_SENTENCE, stands_for, understudy_of
from installation.show import check

OWN, THEIRS = "voice", understudy_of("voice")


class Speaker:
    """A process that says its sentence over and over, one token a word; it obeys its newest Steering."""

    def __init__(self, name, sentence):
        self.name, self.words, self.n, self.turn, self.take = name, sentence.split(), 0, -1, -1
        self.told, self.slow = [], False

    def hear(self, steering):
        if steering.turn != self.turn:
            self.told.append(steering.text)
            self.n, self.turn, self.at, self.said = steering.first, steering.turn, 0, []
        elif steering.take != self.take:
            self.n = min(self.n, steering.keep)
        if steering.take != self.take:
            self.take, self.said = steering.take, steering.say.split()
        found = []
        while self.n < steering.credit:
            forced = bool(self.said)
            word = self.said.pop(0) if forced else self.words[self.at % len(self.words)]
            self.at += not forced
            found.append(Token(self.name, self.n, 1, f" {word}", take=self.take, forced=forced))
            self.n += 1
        return found


class Room:
    """A conductor with two speakers on its credit."""

    def __init__(self, folder, own="one two three four.", theirs="uno dos tres. quatro", pace=10):
        write_show(folder, ("pace: 12", f"pace: {pace}"))
        show = check.read(folder, CATALOGUE)
        self.conductor = Conductor(show, CATALOGUE, 7)
        self.conductor.begin(Adopt(show.hash, show.text, str(show.folder), 7))
        self.speakers = {OWN: Speaker(OWN, own), THEIRS: Speaker(THEIRS, theirs)}
        self.part = self.conductor.parts["voice"]
        self.words, self.tokens, self.late = [], [], []

    def news(self, who, state, detail=""):
        self.conductor.news(self.conductor.now, VoiceNews(who, state, detail))
        self.answer()

    def until(self, seconds):
        while self.conductor.ticks * TICK <= seconds:
            self.conductor.until(self.conductor.ticks * TICK)
            self.answer()

    def answer(self):
        while new := self.conductor.take():
            for message in new:
                if isinstance(message, Steering):
                    speaker = self.speakers[message.voice]
                    for token in speaker.hear(message):
                        if speaker.slow:
                            self.late.append(token)
                        else:
                            self.conductor.token(self.conductor.now, token)
                elif isinstance(message, Word):
                    self.words.append(message)
                elif isinstance(message, Token):
                    self.tokens.append(message)

    @property
    def text(self):
        return " ".join(word.text for word in self.words)

    @property
    def state(self):
        return self.conductor.status().voices[0]


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)


def both_ready(room):
    for who in (OWN, THEIRS):
        room.news(who, "loading")
    for who in (OWN, THEIRS):
        room.news(who, "ready")


def test_the_understudy_speaks_the_first_words_and_the_voice_the_next_sentence(room):
    room.news(OWN, "loading")
    room.news(THEIRS, "loading")
    room.until(0.1)
    room.news(THEIRS, "ready")
    room.until(0.35)
    assert (room.state.state, room.state.detail) == ("understudy", "loading")
    room.news(OWN, "ready")
    assert room.speakers[OWN].told == [" uno dos tres."]
    room.until(2.0)
    assert room.text.startswith("uno dos tres. one two three four. one")
    assert room.state.state == "speaking"
    assert [token.n for token in room.tokens] == list(range(len(room.tokens)))
    assert {token.voice for token in room.tokens} == {"voice"}


def test_before_any_word_the_voice_has_the_word_at_once(room):
    room.news(OWN, "loading")
    room.news(THEIRS, "ready")
    room.news(OWN, "ready")
    room.until(0.7)
    assert room.part.speaker == OWN
    assert "uno" not in room.text.split()[1:]


def test_a_lost_voice_s_sentence_is_finished_and_it_comes_back_behind_it(room):
    both_ready(room)
    room.until(0.45)
    held = room.part.speech.ahead
    room.news(OWN, "lost", "it was shot")
    assert held > 4
    told = room.speakers[THEIRS].told
    assert told == [(" one two three four." * 9)[: len(told[0])]]
    assert (room.state.state, room.state.detail) == ("understudy", "lost it was shot")
    room.until(3.0)
    room.news(OWN, "loading")
    room.until(3.4)
    room.news(OWN, "ready")
    room.until(7.0)
    text = room.text
    first, last = text.index("uno"), text.rindex("uno")
    assert text[last:].startswith("uno dos tres. one two three")
    assert set(text[:first].split()) == {"one", "two", "three", "four."}
    assert room.speakers[OWN].told[-1].endswith(" tres.")
    assert room.speakers[OWN].told[-1].split() == text.split()[: len(room.speakers[OWN].told[-1].split())]
    assert [token.n for token in room.tokens] == list(range(len(room.tokens)))


def test_a_sentence_without_an_end_ends_at_a_word(tmp_path):
    room = Room(tmp_path, theirs="and so on", pace=50)
    both_ready(room)
    room.until(0.2)
    room.news(OWN, "lost")
    room.until(1.0)
    before = room.part.speech.next
    room.news(OWN, "ready")
    while room.part.speaker != OWN:
        room.until(room.conductor.now + 0.1)
    assert LONG_SENTENCE <= room.part.speech.next - before < LONG_SENTENCE + 20


def test_a_hung_voice_loses_the_word_and_a_sign_of_life_gives_it_back(room):
    both_ready(room)
    room.until(1.0)
    room.speakers[OWN].slow = True
    room.until(2.5)
    silent = len(room.words)
    room.until(1.5 + HUNG_AFTER)
    assert room.part.speaker == OWN
    room.until(3.0 + HUNG_AFTER)
    assert (room.state.state, room.state.detail) == ("understudy", "it says nothing")
    assert len(room.words) > silent
    room.until(8.0)
    room.speakers[OWN].slow = False
    room.conductor.token(8.0, room.late[0])
    room.until(10.0)
    assert room.part.speaker == OWN
    assert [token.n for token in room.tokens] == list(range(len(room.tokens)))
    assert room.text.split()[-1] in room.speakers[OWN].words
    room.speakers[OWN].slow = True
    room.until(12.0 + HUNG_AFTER)
    assert room.part.speaker == OWN, "it was only slow: it is waited for twice as long"
    room.until(13.0 + 2 * HUNG_AFTER)
    assert room.part.speaker == THEIRS


def test_a_voice_that_holds_its_tongue_is_not_hung(tmp_path):
    room = Room(tmp_path, pace=0)
    both_ready(room)
    room.until(4 * HUNG_AFTER)
    assert room.part.speaker == OWN
    assert room.words == []


def test_without_an_understudy_a_slow_voice_keeps_the_word(room):
    room.news(OWN, "ready")
    room.speakers[OWN].slow = True
    room.until(4 * HUNG_AFTER)
    assert room.part.speaker == OWN


def test_where_both_are_lost_the_scene_s_lines_are_said(room):
    both_ready(room)
    room.until(0.5)
    room.news(OWN, "lost")
    room.until(2.0)
    room.news(THEIRS, "lost")
    assert room.state.state == "lost"
    room.until(7.0)
    assert "Wait with me." in room.text
    room.news(THEIRS, "loading")
    room.news(THEIRS, "ready")
    room.until(9.0)
    assert room.text.split()[-1] in room.speakers[THEIRS].words


def test_what_the_voice_was_saying_the_understudy_says_to_its_end(room):
    both_ready(room)
    room.until(0.5)
    room.part.speech.say("Someone says that it is raining on the sea and on the house.")
    room.until(0.8)
    room.news(OWN, "lost")
    room.until(4.0)
    assert "Someone says that it is raining on the sea and on the house. uno" in room.text


def test_a_saying_under_way_is_not_cut_by_the_voice_s_return(room):
    room.news(THEIRS, "ready")
    room.until(0.3)
    room.part.speech.say("Someone says this. And that. And more than that, at length. And the rest.")
    room.until(0.5)
    room.news(OWN, "ready")
    room.until(6.0)
    assert "Someone says this. And that. And more than that, at length. And the rest." in room.text
    assert room.part.speaker == OWN


def test_tokens_of_whoever_has_not_the_word_are_dropped(room):
    both_ready(room)
    room.until(0.5)
    token = Token(
        THEIRS, room.part.speech.next + room.part.speech.ahead, 1, " stray", take=room.part.speech.take
    )
    room.conductor.token(0.5, token)
    room.until(3.0)
    assert "stray" not in room.text


def test_names():
    assert stands_for(understudy_of("a/b")) == "a/b"
    assert stands_for("voice") == "voice"
