"""A running show whose voice is really shot, again and again: words go on, and no seam shows."""

import os
import signal
import statistics
import sys
import threading
import time
from collections import deque

import pytest
from evening import free_port

from installation.archive.recording import Recorder
from installation.catalogue import CATALOGUE
from installation.clock import LiveClock
from installation.control import Control
from installation.evening import Evening
from installation.filter import Filter
from installation.messages import Token, VoiceNews, Word
from installation.part import LONG_SENTENCE, stands_for, understudy_of
from installation.replay import replay
from installation.show import check
from installation.voice.catalogue import HOUSE, NUMPY
from installation.voice.pace import ends_sentence

PATIENCE = 30.0
SCRIPT = [f"w{n}{'.' if n % 9 == 8 else ','}" for n in range(20_000)]
SHOW = """\
title: Shot
format: 1
start: a
voice: {{model: '{model}', device: {device}, pace: {pace}, seed: 7, look_ahead: 6}}
scenes:
  a: {{prompt: the sea at night, layers: [palimpsest], meanwhile: [Wait with me.]}}
"""

pytestmark = pytest.mark.skipif(not HOUSE.is_dir(), reason="the house model is not here")


class Wall(Recorder):
    """A recording that is watched: every line with the time at which it was written."""

    def __init__(self, folder):
        super().__init__(folder, {"title": "Shot", "show": "", "seed": "7", "model": ""})
        self.lines, self.turned = [], threading.Condition()

    def write(self, at, message):
        super().write(at, message)
        with self.turned:
            self.lines.append((time.monotonic(), message))
            self.turned.notify_all()

    def until(self, true):
        """Wait until `true()`, which is asked whenever a line was written."""
        with self.turned:
            assert self.turned.wait_for(true, PATIENCE), [m for _, m in self.lines[-40:]]

    def heard(self, kind, voice, since=0):
        return [m for _, m in self.lines[since:] if isinstance(m, kind) and m.voice == voice]


class Night:
    """A show without a stage, with an understudy, its voice to be shot."""

    def __init__(self, folder, model="script:script.txt", device="auto", pace=40, stopped=False):
        (folder / "script.txt").write_text(" ".join(SCRIPT))
        (folder / "show.yaml").write_text(SHOW.format(model=model, device=device, pace=pace))
        (folder / "venue.yaml").write_text(f"listen: 127.0.0.1:{free_port()}\n")
        self.folder = folder / "recording"
        self.wall, self.inbox = Wall(self.folder), deque(maxlen=1_000_000)
        evening = Evening(
            check.read(folder / "show.yaml", CATALOGUE),
            7,
            watch=False,
            understudies={"voice": {"model": "house", "device": NUMPY}},
        )
        self.control = Control(evening, LiveClock(), self.inbox, deque(), Filter().clean, self.wall)
        self.part, self.stopped = self.control.conductor.parts["voice"], stopped

    def __enter__(self):
        self.control.start()
        if self.stopped:
            self.send(signal.SIGSTOP)
        self.comes(understudy_of("voice"))
        return self

    def __exit__(self, *_):
        self.control.stop()

    def send(self, number):
        os.kill(self.control.voices["voice"].pid, number)

    def comes(self, who, since=0):
        """Wait until the process `who` is ready."""
        self.wall.until(lambda: any(n.state == "ready" for n in self.wall.heard(VoiceNews, who, since)))

    def speaks(self, who, tokens):
        """Wait until `who` has the word and has spoken so many tokens more."""
        start = len(self.wall.lines)

        def spoken():
            return self.part.speaker == who and len(self.wall.heard(Token, who, start)) >= tokens

        self.wall.until(spoken)

    def shoot(self):
        """Kill the voice; seconds until the next word, and until the understudy's first word, stood on the wall."""
        start, shot = len(self.wall.lines), time.monotonic()
        self.send(signal.SIGKILL)
        theirs = understudy_of("voice")
        self.wall.until(lambda: self.wall.heard(Token, theirs, start))
        first = self.wall.heard(Token, theirs, start)[0].n
        self.wall.until(lambda: any(w.last >= first for w in self.wall.heard(Word, "voice", start)))
        self.control.voices["voice"]._falls = 0  # else it would wait longer each time
        words = [(at, m) for at, m in self.wall.lines[start:] if isinstance(m, Word)]
        return words[0][0] - shot, next(at for at, word in words if word.last >= first) - shot

    def spoken(self):
        """Every token that reached the stage, with the process that sampled it."""
        sampled = {
            (m.n, m.take): m.voice for _, m in self.wall.lines if isinstance(m, Token)
        }  # a take has one speaker
        stage = [m for m in self.inbox if isinstance(m, Token) and m.voice == "voice"]
        return [(token, sampled[token.n, token.take]) for token in stage]


def stretches(spoken):
    """The text by whoever said it: (who, text, tokens) in order."""
    found = []
    for token, who in spoken:
        if not found or found[-1][0] != who:
            found.append([who, "", 0])
        found[-1][1] += token.text + ("\n\n" if token.end and not token.text else "")
        found[-1][2] += 1
    return found


def test_shot_twenty_times_it_is_never_silent_and_no_word_is_lost_or_said_twice(tmp_path, capsys):
    again, next_word = [], []
    with Night(tmp_path) as night:
        for _ in range(20):
            night.speaks("voice", 12)
            sooner, own = night.shoot()
            next_word.append(sooner)
            again.append(own)
        night.speaks("voice", 12)
    with capsys.disabled():
        sys.stdout.write(f" words again after {1000 * statistics.median(next_word):.0f} ms, ")
        sys.stdout.write(f"the understudy's after {1000 * statistics.median(again):.0f} ms ")
    assert statistics.median(again) < 1.0
    assert max(again) < 2.0
    spoken = night.spoken()
    assert [token.n for token, _ in spoken] == list(range(len(spoken)))
    words = [m for m in night.inbox if isinstance(m, Word) and m.voice == "voice"]
    assert [word.n for word in words] == list(range(len(words)))
    text = "".join(token.text + "\n\n" * (token.end and not token.text) for token, _ in spoken)
    assert text.split()[: len(words)] == "".join(f"{w.before}{w.text}" for w in words).split()
    own = "".join(token.text + "\n\n" * token.end for token, who in spoken if who == "voice").split()
    assert own == SCRIPT[: len(own)]
    whole = stretches(spoken)
    theirs = [stretch for stretch in whole[1:-1] if stretch[0] == understudy_of("voice")]
    assert len(theirs) == 20
    for _, said, tokens in theirs:
        assert ends_sentence(said) or tokens > LONG_SENTENCE
    report = replay(night.folder)
    assert report.wrong == 0, str(report)
    assert report.decisions > len(words)


def test_the_understudy_speaks_the_first_words_and_the_voice_the_next_sentence(tmp_path):
    """The house model, by numpy for both: the voice's own process is stopped as it loads."""
    with Night(tmp_path, "house", NUMPY, pace=20, stopped=True) as night:
        night.speaks(understudy_of("voice"), 5)
        state = night.control.conductor.status().voices[0]
        assert (state.state, state.detail) == ("understudy", "loading")
        night.send(signal.SIGCONT)
        night.speaks("voice", 20)
        for _ in range(2):
            night.shoot()
            night.speaks("voice", 20)
        assert night.control.conductor.status().voices[0].state == "speaking"
    spoken = night.spoken()
    assert [token.n for token, _ in spoken] == list(range(len(spoken)))
    assert len({who for _, who in spoken}) == 2
    for who, said, tokens in stretches(spoken)[:-1]:
        assert who == "voice" or ends_sentence(said) or tokens > LONG_SENTENCE
    assert not [m for m in night.inbox if isinstance(m, Word) and m.voice == "meanwhile"]
    assert replay(night.folder).wrong == 0


def test_an_understudy_that_is_shot_comes_back(tmp_path):
    with Night(tmp_path) as night:
        night.speaks("voice", 5)
        start = len(night.wall.lines)
        os.kill(night.control.voices[understudy_of("voice")].pid, signal.SIGKILL)
        theirs = understudy_of("voice")
        night.comes(theirs, start)
        assert stands_for(theirs) == "voice"
        night.shoot()
        night.speaks("voice", 5)
    own = [token.text.strip() for token, who in night.spoken() if who == "voice"]
    assert own == SCRIPT[: len(own)]
