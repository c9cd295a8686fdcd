"""Voices that hear one another: whose turn it is, what they take in, and that it plays again exactly."""

import re

from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import TICK
from installation.conductor import Conductor
from installation.dialogue import PATIENCE, UNABLE, Circle, Dialogue
from installation.messages import Adopt, Candidates, Signal, Steered, Steering, Token, VoiceNews, Word
from installation.replay import replay
from installation.show import check
from installation.voice.hearing import LONGEST
from installation.voice.scripted import ScriptedVoice
from installation.voice.sentences import Sentence
from installation.voice.settings import VoiceSettings

ANNA = "The sea is near. I hear it. It says little. It is grey.\n"
BEN = "You hear nothing. There is no sea. There is a road. Go home.\n"
SHOW = """\
title: Two
voices:
  anna: {model: 'script:a.txt', pace: 20, hears: ben}
  ben: {model: 'script:b.txt', pace: 20, hears: anna}
signals: {say: {from: keys, kind: text}}
scenes: {a: {prompt: {anna: sea, ben: road}, layers: [palimpsest], meanwhile: {anna: [Wait for me.]}}}
cues: [{cue: whisper, on: say, say: {ben: 'Somebody says {say}.'}}]
"""


def write_show(folder, *changes):
    text = SHOW
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "a.txt").write_text(ANNA)
    (folder / "b.txt").write_text(BEN)
    (folder / "show.yaml").write_text(text)
    return check.read(folder, CATALOGUE)


class Hall:
    """A conductor with scripted voices on their credit: each answers every Steering at once."""

    def __init__(self, show, *, heed=lambda _at, _message: None, absent=()):
        self.conductor = Conductor(show, CATALOGUE, 7, heed)
        self.out, self.taken, self.voices, self.turns = [], [], {}, {}
        self.conductor.begin(Adopt(show.hash, show.text, str(show.folder), 7))
        for name in show.voices:
            if name not in absent:
                self.load(name)

    def load(self, name, at=0.0):
        show = self.conductor.show
        settings = {"model": show.voices[name].settings["model"]}
        self.voices[name], self.turns[name] = ScriptedVoice(settings, name, show.folder), -1
        self.conductor.news(at, self.voices[name].load())
        self.answer()

    def lose(self, name):
        del self.voices[name]
        self.conductor.news(self.conductor.now, VoiceNews(name, "lost"))

    def until(self, seconds):
        while self.conductor.ticks * TICK <= seconds:
            self.conductor.until(self.conductor.ticks * TICK)
            self.answer()
        return self

    def answer(self):
        while new := self.conductor.take():
            self.out += new
            for steering in (message for message in new if isinstance(message, Steering)):
                self.speak(steering)

    def speak(self, steering):
        voice = self.voices.get(steering.voice)
        if voice is None:
            return
        if steering.turn != self.turns[steering.voice]:
            voice.begin(steering.text, steering.first)
            self.turns[steering.voice] = steering.turn
        voice.steer(steering)
        while voice.n < steering.credit:
            token = voice.next()
            self.taken.append(token)
            self.conductor.token(self.conductor.now, token)

    def said(self):
        """What was said, a line whenever another speaks."""
        lines = []
        for word in (message for message in self.out if isinstance(message, Word)):
            if not lines or lines[-1][0] != word.voice:
                lines.append((word.voice, []))
            lines[-1][1].append(word.text)
        return [f"{voice}: {' '.join(words)}" for voice, words in lines]

    def heard(self, voice):
        """What a voice took in, paragraph by paragraph."""
        return [text for text in self.whole(voice).split("\n\n") if text]

    def whole(self, voice):
        return "".join(token.heard for token in self.taken if token.voice == voice)


def test_two_voices_that_hear_one_another_alternate(tmp_path):
    hall = Hall(write_show(tmp_path)).until(6)
    assert hall.said()[:4] == [
        "anna: The sea is near. I hear it.",
        "ben: You hear nothing. There is no sea.",
        "anna: It says little. It is grey.",
        "ben: There is a road. Go home.",
    ]
    assert hall.heard("ben")[:2] == ["The sea is near. I hear it.", "It says little. It is grey."]
    assert hall.heard("anna")[:1] == ["You hear nothing. There is no sea."]


def test_what_is_heard_is_neither_shown_nor_a_word(tmp_path):
    hall = Hall(write_show(tmp_path)).until(6)
    shown = [message for message in hall.out if isinstance(message, Token | Word | Candidates)]
    assert not any(isinstance(message, Token) and message.heard for message in shown)
    words = [word for word in shown if isinstance(word, Word) and word.voice == "ben"]
    assert " ".join(word.text for word in words).startswith(BEN.strip()[:30])
    assert [(word.before, word.text) for word in words[6:9]] == [(" ", "sea."), ("\n", "There"), (" ", "is")]


def test_one_sentence_each(tmp_path):
    hall = Hall(
        write_show(tmp_path, ("hears: ben", "hears: ben, turns: 1"), ("hears: anna", "hears: anna, turns: 1"))
    )
    assert [line.partition(":")[0] for line in hall.until(6).said()[:5]] == [
        "anna",
        "ben",
        "anna",
        "ben",
        "anna",
    ]


def test_without_turns_they_speak_at_the_same_time(tmp_path):
    hall = Hall(
        write_show(tmp_path, ("hears: ben", "hears: ben, turns: 0"), ("hears: anna", "hears: anna, turns: 0"))
    )
    hall.until(2)
    lines = hall.said()
    assert sum(len(line.split()) == 2 for line in lines) > 4, lines
    assert "The sea is near." in hall.heard("ben")
    ben = " ".join(word.text for word in hall.out if isinstance(word, Word) and word.voice == "ben")
    assert ben.startswith("You hear nothing. There is no sea. There is a road.")


def test_who_hears_nobody_waits_for_nobody(tmp_path):
    hall = Hall(write_show(tmp_path, (", hears: ben", ""), (", hears: anna", ""))).until(1)
    assert len(hall.said()) > 6
    assert not hall.whole("anna")


def test_a_saying_has_the_next_turn_and_is_heard_in_private(tmp_path):
    hall = Hall(write_show(tmp_path)).until(0.1)
    hall.conductor.signals(0.1, [Signal(0.1, "keys", "", ("it rains",), "keyboard", private=True)])
    hall.answer()
    hall.until(4)
    assert hall.said()[:2] == [
        "anna: The sea is near.",
        "ben: Somebody says it rains. You hear nothing.",
    ]
    heard = [token for token in hall.taken if token.voice == "anna" and token.heard]
    assert all(token.private and token.forced and not token.text for token in heard[:4])
    assert "it rains" in "".join(token.heard for token in heard)


def test_a_lost_voice_gives_its_turn_up_and_its_lines_are_heard(tmp_path):
    hall = Hall(write_show(tmp_path)).until(0.3)
    hall.lose("anna")
    hall.until(16)
    lines = hall.said()
    assert any(line.startswith("ben: You hear") for line in lines)
    assert "anna/meanwhile: Wait for me. Wait for me." in lines
    assert "Wait for me. Wait for me." in hall.heard("ben")
    assert sum(line.startswith("ben:") for line in lines) > 2
    hall.load("anna", hall.conductor.now)
    hall.until(hall.conductor.now + 8)
    assert any(line.startswith("anna:") for line in hall.said()[len(lines) :])


def test_one_that_was_never_there_keeps_nobody_waiting(tmp_path):
    hall = Hall(write_show(tmp_path, (", meanwhile: {anna: [Wait for me.]}", "")), absent=("anna",))
    hall.until(2 * UNABLE + 12)
    words = [word for word in hall.out if isinstance(word, Word)]
    assert {word.voice for word in words} == {"ben"}
    assert len(words) > 3 * len(BEN.split()), "it is asked once, not after every turn"


def test_a_silent_one_gives_its_turn_up():
    circle = Circle({"anna": 2, "ben": 1})
    able = {"anna": True, "ben": True}
    assert not circle.look(able, 4.0, PATIENCE)
    assert circle.look(able, 4.0, PATIENCE + 0.1)
    assert (circle.voice, circle.left) == ("ben", 1)
    circle.spoke("ben", 1, PATIENCE + 1)
    assert circle.look(able, 4.0, PATIENCE + 1)
    assert circle.voice == "anna"
    slow = Circle({"anna": 2, "ben": 1})
    assert not slow.look(able, 0.5, 7.9), "a slow voice has four words' time"


def test_nobody_has_to_speak_in_the_dark():
    circle = Circle({"anna": 2, "ben": 1})
    assert not any(circle.look({"anna": False, "ben": False}, 0.0, second) for second in range(60))


def test_three_voices_go_round_and_a_fourth_is_heard_as_it_speaks():
    settings = {
        "a": VoiceSettings(hears=("c", "d"), turns=1),
        "b": VoiceSettings(hears=("a",), turns=1),
        "c": VoiceSettings(hears=("b",), turns=1),
        "d": VoiceSettings(turns=0),
    }
    dialogue, able, paces = Dialogue(settings), dict.fromkeys(settings, True), dict.fromkeys(settings, 4.0)
    order, heard = [], []
    for now in range(6):
        (speaker,) = (name for name in "abc" if dialogue.may_finish(name))
        order.append(speaker)
        dialogue.spoke(speaker, [Sentence(f"{speaker}{now}.")], float(now))
        dialogue.spoke("d", [Sentence(f"d{now}.", private=True)], float(now))
        dialogue.look(able, paces, float(now))
        heard += dialogue.heard()
    assert "".join(order) == "abcabc"
    assert heard[:2] == [("b", "a0.", False), ("c", "b1.", False)]
    assert heard[2:5] == [("a", "d0. d1.", True), ("a", "c2.", False), ("a", "d2.", True)]
    assert dialogue.may_finish("d") > 1000


def recorded(folder, show, play):
    """Play in the hall and record it; the recording's folder."""
    recorder = Recorder(folder / "tape", {"title": "Two", "seed": "7"})
    hall = Hall(show, heed=recorder.write)
    play(hall)
    recorder.close()
    return folder / "tape"


def test_a_dialogue_plays_again_exactly_and_keeps_what_visitors_said_apart(tmp_path):
    def play(hall):
        hall.until(1)
        hall.conductor.signals(1.0, [Signal(1.0, "keys", "", ("I am Ada",), "keyboard", private=True)])
        hall.answer()
        hall.until(3)
        hall.lose("ben")
        hall.until(9)
        hall.load("ben", hall.conductor.now)
        hall.until(14)

    tape = recorded(tmp_path, write_show(tmp_path), play)
    report = replay(tape)
    assert (report.wrong, report.decisions > 60) == (0, True), str(report)
    log = (tape / "000001.jsonl").read_text()
    assert re.search(r'"heard":"[^"]+"', log)
    assert "Ada" not in log
    assert "Ada" in (tape / "visitors.jsonl").read_text()
    assert any('["heard"' in line for line in log.splitlines() if Steered.__name__ in line)


def test_another_number_is_a_voices_own_seed(tmp_path):
    show = write_show(tmp_path, ("pace: 20, hears: ben", "seed: 5"), ("pace: 20, hears: anna", "seed: 9"))
    steered = {m.voice: m.seed for m in Hall(show).until(0.1).out if isinstance(m, Steering)}
    assert steered == {"anna": 7, "ben": 9}, "the evening's is 7"


def test_one_that_never_has_its_turn_keeps_the_end_of_what_was_said_and_no_more():
    settings = {
        "anna": VoiceSettings(model="house", hears="ben"),
        "ben": VoiceSettings(model="house", hears="anna"),
    }
    dialogue = Dialogue(settings)
    able, paces = {"anna": True, "ben": False}, {"anna": 4.0, "ben": 0.0}
    for n in range(2000):  # an evening with a fader at nothing
        dialogue.look(able, paces, float(n))
        dialogue.spoke("anna", [Sentence(f"It says {n}.", n == 3)], float(n))
        tried = [voice for voice, _, _ in dialogue.heard()]
        assert not (n > 5 and tried), "only once it is given a turn that it cannot take"
    waiting = sum(len(sentence.text) for _, sentence in dialogue._unheard["ben"])
    assert LONGEST < waiting < 3 * LONGEST
    able["ben"], paces["ben"] = True, 4.0
    while dialogue.may_finish("ben") == 0:
        n += 1
        dialogue.look(able, paces, float(n))
        if dialogue.may_finish("anna"):
            dialogue.spoke("anna", [Sentence(f"It says {n}.")], float(n))
    ((voice, text, private),) = dialogue.heard()
    assert (voice, private) == ("ben", False)
    assert text.endswith((f"It says {n - 1}.", f"It says {n}."))
    assert not dialogue._unheard["ben"]
