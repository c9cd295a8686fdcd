"""An evening that is conducted by hand, recorded, and read again: who was clapped for."""

import json

import pytest

from installation.applause import REACTION, NoReaction, Reaction, received, shared
from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.conductor import Conductor
from installation.errors import RecordingError
from installation.messages import Adopt, Signal, Steering, Token, VoiceNews, Word
from installation.passages import LONGEST, Passage
from installation.show.check import read

SHOW = """\
title: Small
format: 1
start: a
voice: {model: 'script:a.txt', pace: 10, seed: 7, look_ahead: 8}
signals:
  say: {from: osc /say, kind: text}
  x: {from: osc /x, range: [0, 1], rest: 0}
scenes:
  a: {prompt: '[storm] the sea', layers: [palimpsest], meanwhile: [Wait with me now.]}
  b: {prompt: {the lamp: 1 - x, the door: x}, layers: [palimpsest]}
cues:
  - {cue: whisper, on: say, say: 'Someone says {say}.'}
  - {cue: back, on: cough, rewind: true}
  - {cue: liked, on: bravo, mark: keep}
"""
SHOW = SHOW.replace(
    "signals:\n",
    "signals:\n  cough: {from: osc /cough, kind: event}\n  bravo: {from: osc /bravo, kind: event}\n",
)


class Evening:
    """A show conducted into a recording; a voice that says what it is given as soon as it may."""

    def __init__(self, folder, show=SHOW):
        folder.mkdir(exist_ok=True)
        (folder / "a.txt").write_text("sea")
        (folder / "show.yaml").write_text(show)
        self.tape = folder / "tapes" / "one"
        self.recorder = Recorder(self.tape, {"title": "Small"})
        self.show = read(folder, CATALOGUE)
        self.conductor = Conductor(self.show, CATALOGUE, 7, self.recorder.write, watched=True)
        self.steering = {}
        self.pieces = []
        self.said = []
        self.speaker, self.source = "voice", ""
        self.now, self.n, self.take = 0.0, 0, 0
        self.conductor.begin(Adopt(self.show.hash, self.show.text, str(folder), 7))
        self.conductor.news(0.0, VoiceNews("voice", "ready", model_hash="abc"))
        self.carry()

    def carry(self):
        for message in self.conductor.take():
            if isinstance(message, Steering):
                self.steering[message.voice] = message
            elif isinstance(message, Word):
                self.said.append(message.text)

    def say(self, text):
        """Words that the voice has ready, in pieces of a token each; a line break ends the paragraph, and a
        sentence follows that is never finished."""
        for line in (*text.split("\n"), "And so it went"):
            self.pieces += [*(f" {word}" for word in line.split()), "\n\n"]
        self.pieces.pop()

    def forced(self, steering):
        """Put a saying into its mouth, as the engine does at the first word boundary of a take."""
        if steering.take != self.take:
            self.take, lost = steering.take, self.n - steering.keep
            self.n = steering.keep
            if steering.say:
                for piece in (f" {word}" for word in steering.say.split()):
                    self.token(piece, forced=True, private=steering.say_private)
            return lost
        return 0

    def token(self, text, **fields):
        steering = self.steering[self.speaker]
        self.conductor.token(
            self.now,
            Token(
                self.speaker,
                self.n,
                1,
                text,
                steering.take,
                False,
                steering.serial,
                end=text == "\n\n",
                source=self.source,
            )
            if not fields
            else Token(self.speaker, self.n, 1, text, steering.take, steered_by=steering.serial, **fields),
        )
        self.n += 1
        self.carry()

    def until(self, now):
        while self.now < now:
            self.now = round(self.now + 0.02, 4)
            self.conductor.until(self.now)
            self.carry()
            steering = self.steering[self.speaker]
            self.forced(steering)
            while self.pieces and self.n < self.steering[self.speaker].credit:
                self.token(self.pieces.pop(0))
                self.forced(self.steering[self.speaker])

    def after(self, word, seconds=0.9):
        """So long after that word stood on the wall."""
        self.said.clear()
        while word not in self.said:
            assert self.now < 60, f"{word} was never said"
            self.until(self.now + 0.02)
        self.until(self.now + seconds)

    def osc(self, address, *values, private=False):
        self.conductor.signals(self.now, [Signal(self.now, "osc", address, values, private=private)])
        self.carry()

    def end(self):
        self.recorder.close()
        return received(self.tape)


@pytest.fixture
def evening(tmp_path):
    return Evening(tmp_path / "show")


CALM = "The harbour waits for nobody and nothing happens there tonight at all."
WILD = "Hurry, the water is on the stairs and it is singing to everyone!"


def points(reception):
    return {heard.text: round(heard.points, 2) for heard in reception.heard}


def test_applause_is_for_the_words_before_it_and_not_for_those_just_come(evening):
    evening.say(f"{CALM}\n{WILD}\n{CALM.replace('nobody', 'somebody')}")
    evening.until(12.0)
    reception = received_with(evening, WILD)
    heard = points(reception)
    assert heard[WILD] > 0.4
    assert heard[CALM.replace("nobody", "somebody")] == 0.0
    assert sum(heard.values()) == pytest.approx(1.0)
    assert {h.prompt for h in reception.heard} == {"[storm] the sea"}
    assert {(h.model, h.hash) for h in reception.heard} == {("script:a.txt", "abc")}


def received_with(evening, text):
    """The evening, clapped for as its words `text` were just said a second ago."""
    evening.recorder.close()
    tape = evening.tape / "000001.jsonl"
    lines = tape.read_text().splitlines()
    last = text.split()[-1]
    at = next(json.loads(line)["at"] for line in lines if '"Word"' in line and f'"text":"{last}"' in line)
    clap = json.dumps(
        {"at": at + 1.0, "Signal": {"at": at + 1.0, "source": "osc", "address": "/installation/applause"}}
    )
    behind = next(n for n, line in enumerate(lines) if json.loads(line)["at"] > at + 1.0)
    tape.write_text("\n".join([*lines[:behind], clap, *lines[behind:]]) + "\n")
    return received(evening.tape)


def test_a_mark_is_for_the_passage_it_followed(evening):
    evening.say(f"{CALM}\n{WILD}")
    evening.after("all.")
    evening.osc("/installation/mark", "keep")
    evening.after("everyone!")
    evening.osc("/installation/mark", "skip")
    assert points(evening.end()) == {CALM: 2.0, WILD: -2.0}


def test_clapping_that_a_cue_makes_a_mark_of_counts_once(tmp_path):
    evening = Evening(tmp_path / "show", SHOW.replace("on: bravo", "on: applause"))
    evening.say(CALM)
    evening.after("all.")
    evening.osc("/installation/applause")
    reception = evening.end()
    assert [reaction.kind for reaction in reception.reactions] == ["keep"]
    assert points(reception) == {CALM: 2.0}


def test_long_clapping_is_one_applause_that_weighs_more(evening):
    evening.say(CALM)
    evening.until(3.0)
    for _ in range(8):
        evening.osc("/installation/applause", 1)
        evening.until(evening.now + 0.1)
    evening.osc("/installation/applause", 0)  # the button is let go
    (reaction,) = evening.end().reactions
    assert (reaction.kind, reaction.count, reaction.points) == ("applause", 8, 4.0)


def test_what_a_visitor_said_and_what_comes_close_after_it_never_enters(evening):
    evening.say(CALM)
    evening.until(1.2)
    evening.osc("/say", "Lisbon drowned", private=True)
    evening.until(4.0)
    evening.say("\n".join([WILD] * 6 + ["There is a town called Lisbon, and they told of it once.", WILD]))
    evening.until(30.0)
    evening.osc("/installation/mark", "keep")
    reception = evening.end()
    texts = " ".join(heard.text for heard in reception.heard)
    assert "Lisbon" not in texts
    assert "drowned" not in texts
    assert reception.passed_over["a visitor's words"] >= 1
    assert reception.passed_over["close after a visitor's words"] >= 4
    assert reception.passed_over["takes up a visitor's word"] == 1
    assert [heard.text for heard in reception.heard][-1] == WILD


def test_quoted_words_and_the_understudys_are_left_out(evening):
    evening.source = "mine.txt:3"
    evening.say(CALM)
    evening.until(3.0)
    evening.osc("/installation/mark", "keep")
    reception = evening.end()
    assert reception.heard == []
    assert "quoted" in reception.passed_over


def test_the_understudys_words_are_left_out(evening):
    evening.say("This is what it said before it")
    evening.until(0.5)
    evening.pieces.clear()
    evening.conductor.news(evening.now, VoiceNews("voice", "lost"))
    evening.conductor.news(evening.now, VoiceNews("voice/understudy", "ready", model_hash="b"))
    evening.speaker = "voice/understudy"
    evening.conductor.until(evening.now + 0.02)
    evening.carry()
    evening.take, evening.n = evening.steering[evening.speaker].take, evening.steering[evening.speaker].first
    evening.say(WILD)
    evening.until(6.0)
    evening.osc("/installation/mark", "keep")
    reception = evening.end()
    assert WILD not in points(reception)
    assert "the understudy's" in reception.passed_over


def test_what_was_taken_back_is_left_out(evening):
    evening.say(f"{CALM} The sea is never quiet when it")
    evening.after("quiet", 0)
    evening.osc("/cough")
    evening.until(4.5)
    evening.osc("/installation/mark", "keep")
    reception = evening.end()
    assert "taken back" in reception.passed_over
    assert not any("quiet" in heard.text for heard in reception.heard)


def test_of_mixed_prompts_the_heaviest_counts_where_it_is_heavy_enough(evening):
    evening.osc("/installation/scene", "b")
    evening.until(0.1)
    evening.say(CALM)
    evening.after("so")
    evening.osc("/x", 0.5)
    evening.until(evening.now + 0.1)
    evening.say(WILD)
    evening.after("everyone!")
    evening.osc("/installation/mark", "keep")
    reception = evening.end()
    assert WILD not in points(reception)
    assert {heard.prompt for heard in reception.heard} == {"the lamp"}
    assert "after several prompts" in reception.passed_over


def test_words_said_with_an_adapter_are_those_of_a_model_that_wears_it(evening):
    evening.say(CALM)
    evening.after("so")
    tape = evening.tape
    evening.osc("/installation/mark", "keep")
    evening.recorder.close()
    text = (tape / "000001.jsonl").read_text()
    (tape / "000001.jsonl").write_text(text.replace('["seed",7]', '["seed",7],["adapter","adapters/mine"]'))
    assert {heard.model for heard in received(tape).heard} == {"script:a.txt wearing adapters/mine"}


def test_what_the_word_filter_stepped_into_is_left_out(evening):
    bad = "shit"
    evening.say(f"{CALM}\nThe sea said {bad} and then it was quiet again for good.")
    evening.until(6.0)
    evening.osc("/installation/mark", "keep")
    reception = evening.end()
    assert bad not in str(reception.heard)
    assert reception.passed_over["the word filter stepped in"] == 1
    assert [heard.text for heard in reception.heard] == [CALM]


def test_an_evening_without_reactions_is_a_sentence(evening):
    evening.say(CALM)
    evening.until(3.0)
    with pytest.raises(NoReaction, match=r"nobody clapped.*mark: keep"):
        evening.end()


def test_no_recording_is_a_sentence(tmp_path):
    with pytest.raises(RecordingError, match="is not a recording"):
        received(tmp_path)


def passage(began, count, why=""):
    moments = tuple(began + 0.2 * n for n in range(count))
    return Passage("voice", "p", "m", "h", "" if why else "text", moments, why)


def test_points_go_also_to_words_that_are_nobodys():
    found, missed = shared([passage(0, 5), passage(2, 5, "quoted")], [Reaction(2.8 + REACTION, "applause")])
    assert found == [0.5, 0.5]
    assert missed == 0


def test_a_mark_is_still_for_the_paragraph_before_when_the_next_has_begun():
    keep = [Reaction(3.0 + REACTION, "keep")]
    assert shared([passage(0, 12), passage(2.5, 20)], keep) == ([2.0, 0.0], 0)
    assert shared([passage(0, 6), passage(1.3, 20)], keep) == ([0.0, 2.0], 0)


def test_a_mark_after_a_silence_is_for_what_was_said_last():
    assert shared([passage(0, 9), passage(2, 5)], [Reaction(20, "skip")]) == ([0.0, -2.0], 0)


def test_a_reaction_long_after_all_words_is_for_none_of_them():
    found, missed = shared([passage(0, 5)], [Reaction(60, "applause"), Reaction(60, "skip")])
    assert found == [0.0]
    assert missed == 2


def test_a_passage_is_a_paragraph_or_so_many_words(evening):
    evening.say(" ".join(["All is well here."] * 30))
    evening.until(20.0)
    evening.osc("/installation/mark", "keep")
    assert max(heard.length for heard in evening.end().heard) <= LONGEST
