"""Real children, really shot."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from installation.messages import Token, VoiceNews
from installation.voice.process import VoiceProcess
from installation.voice.settings import VoiceSettings
from installation.voice.speech import Speech

TIDE = "The tide is out. " + " ".join(f"Word {n} of a long evening comes." for n in range(500))


class Evening:
    """A voice in its process, its speech, and whatever it said; every token is spoken as it comes."""

    def __init__(self, folder, wrong=None, **more):
        self.settings = {"model": "script:script.txt"}
        self.speech = Speech("voice", VoiceSettings(**self.settings))
        self.wanted = {"prompt": "p"}
        self.tokens, self.news = [], []
        self.went_on = asyncio.Event()
        self.pace = 60
        more = {"waits": (0.05, 0.2), "retries": (0.05, 0.2)} | more
        self.process = VoiceProcess(
            {"voice": self.settings | (wrong or {})},
            folder,
            on_message=self.hear,
            **more,
        )

    def hear(self, message):
        if isinstance(message, VoiceNews):
            self.news.append(message)
            self.speech.hear(message)
            if message.state == "loading":
                self.speech.begin_turn()
        else:
            self.speech.arrive(message)
        self.tick()
        self.went_on.set()

    def tick(self):
        said = self.speech.release(time.monotonic(), self.pace)
        self.tokens += [s for s in said if isinstance(s, Token)]
        steering = self.speech.steering(self.wanted)
        if steering:
            self.process.steer(steering)

    @property
    def text(self):
        return "".join(t.text for t in self.tokens)

    @property
    def states(self):
        return [n.state for n in self.news]

    async def until(self, true):
        async with asyncio.timeout(30):
            while not true():
                self.went_on.clear()
                await self.went_on.wait()


def play(scene, folder, **more):
    """Run a scene, a coroutine function over an Evening, and end its process."""

    async def evening():
        it = Evening(folder, **more)
        try:
            it.process.start()
            it.tick()
            await scene(it)
        finally:
            await it.process.stop()

    asyncio.run(evening())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "script.txt").write_text(TIDE)
    return tmp_path


def test_it_loads_and_speaks_on_credit(folder):
    async def scene(it):
        await it.until(lambda: "ready" in it.states)
        assert it.states == ["loading", "ready"]
        assert it.news[1].device == "script"
        await it.until(lambda: len(it.tokens) > 50)
        it.pace = 0
        await it.until(lambda: it.speech.filled)
        assert it.speech.ahead == it.speech.look_ahead
        assert [t.n for t in it.tokens] == list(range(len(it.tokens)))
        assert TIDE.startswith(it.text)
        assert it.tokens[-1].steered_by > 1

    play(scene, folder)


def test_shot_in_mid_sentence_it_goes_on_with_the_text_so_far(folder):
    async def scene(it):
        for _ in range(2):
            before = len(it.tokens) + 20
            await it.until(lambda: len(it.tokens) > before)  # noqa: B023
            pid, so_far = it.process.pid, len(it.news)
            os.kill(pid, signal.SIGKILL)
            await it.until(lambda: "ready" in it.states[so_far:])  # noqa: B023
            assert it.states[so_far:] == ["lost", "loading", "ready"]
            assert "was ended by SIGKILL" in it.news[so_far].detail
            assert it.process.pid != pid
        spoken = len(it.tokens) + 100
        await it.until(lambda: len(it.tokens) > spoken)
        assert [t.n for t in it.tokens] == list(range(len(it.tokens)))
        assert TIDE.startswith(it.text)

    play(scene, folder)


def test_a_hung_voice_is_ended_and_begun_again(folder):
    async def scene(it):
        await it.until(lambda: len(it.tokens) > 20)
        os.kill(it.process.pid, signal.SIGSTOP)
        await it.until(lambda: it.states.count("ready") == 2)
        assert "no sign of life" in it.news[2].detail
        spoken = len(it.tokens) + 20
        await it.until(lambda: len(it.tokens) > spoken)
        assert TIDE.startswith(it.text)

    play(scene, folder, patience=0.4)


def test_a_voice_without_credit_is_not_hung(folder):
    async def scene(it):
        it.pace = 0
        it.tick()
        await it.until(lambda: it.speech.filled)
        pid = it.process.pid
        await asyncio.sleep(0.5)  # five times its patience: that nothing happens is what is tested
        assert it.process.pid == pid
        assert it.states == ["loading", "ready"]

    play(scene, folder, patience=0.1)


def test_what_is_said_while_it_loads_is_heard(folder):
    async def scene(it):
        it.speech.say("Someone whispers: river.", private=True)
        it.tick()
        await it.until(lambda: len(it.tokens) > 10)
        assert it.text.startswith("Someone whispers: river. The tide is")
        assert [t.private for t in it.tokens[:4]] == [True, True, True, False]

    play(scene, folder)


def test_steering_is_heard_within_the_look_ahead(folder):
    async def scene(it):
        await it.until(lambda: len(it.tokens) > 30)
        it.wanted["prompt"] = "another"
        it.tick()
        take, n = it.speech.take, it.speech.next
        await it.until(lambda: it.tokens[-1].take == take)
        assert next(t.n for t in it.tokens if t.take == take) <= n + it.speech.look_ahead
        assert TIDE.startswith(it.text)

    play(scene, folder)


def test_a_model_that_cannot_load_is_told_and_tried_again(tmp_path):
    async def scene(it):
        await it.until(lambda: it.states.count("error") == 2)
        assert it.states == ["loading", "error", "loading", "error"]
        assert it.news[1].detail.startswith("script:script.txt: there is no file ")
        assert it.tokens == []
        (tmp_path / "script.txt").write_text("Here I am.")
        await it.until(lambda: it.tokens)

    play(scene, tmp_path)


def test_any_error_of_a_model_is_a_sentence(folder, capfd):
    async def scene(it):
        await it.until(lambda: "error" in it.states)
        sentence = "ValidationError: 1 validation error for VoiceSettings temperature"
        assert it.news[-1].detail.startswith(sentence)
        assert "\n" not in it.news[-1].detail

    play(scene, folder, wrong={"temperature": 9})
    assert "Traceback" in capfd.readouterr().err


def test_the_show_process_needs_no_torch_for_a_voice():
    code = (
        "import sys, installation.voice.process, installation.voice.speech, installation.voice.scripted;"
        "sys.exit(bool({'torch', 'transformers', 'numpy', 'pygame'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
