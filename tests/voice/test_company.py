"""Several voices in one real child."""

import asyncio
import contextlib
import os
import signal
from dataclasses import replace

import pytest
import tiny_models

from installation.messages import Steering, Token
from installation.voice.process import VoiceProcess

NAMES = ("sea", "lamp", "door")


class Company:
    """Voices over one tiny model in one process; each is given credit as the test says."""

    def __init__(self, folder, **more):
        self.news, self.tokens = [], {name: [] for name in NAMES}
        self.turns, self.wanted = dict.fromkeys(NAMES, 0), {}
        self.went_on = asyncio.Event()
        settings = {"model": str(folder), "device": "numpy"}
        more = {"waits": (0.05, 0.2)} | more
        self.process = VoiceProcess(dict.fromkeys(NAMES, settings), folder, on_message=self.hear, **more)

    def hear(self, message):
        if isinstance(message, Token):
            self.tokens[message.voice].append(message)
        else:
            self.news.append((message.voice, message.state))
            self.last = message
        self.went_on.set()

    def credit(self, name, until, **changes):
        """Let a voice speak up to a token's number; the first time in a new turn."""
        steering = Steering(
            name, 0, until, prompt=f"The {name}", seed=3, turn=self.turns[name], first=self.heard(name)
        )
        self.process.steer(replace(steering, **changes))

    def heard(self, name):
        return len(self.tokens[name])

    def begin_turn(self):
        self.turns = {name: turn + 1 for name, turn in self.turns.items()}

    async def until(self, true):
        async with asyncio.timeout(30):
            while not true():
                self.went_on.clear()
                await self.went_on.wait()

    async def ready(self, times=1):
        await self.until(lambda: all(self.news.count((name, "ready")) >= times for name in NAMES))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_models.save(tmp_path_factory.mktemp("model"))


@contextlib.asynccontextmanager
async def company(folder, **more):
    it = Company(folder, **more)
    it.process.start()
    try:
        yield it
    finally:
        await it.process.stop()


def test_one_process_speaks_for_each_on_its_own_credit(folder):
    async def scene():
        async with company(folder) as it:
            await it.ready()
            assert it.news == [(name, state) for state in ("loading", "ready") for name in NAMES]
            it.credit("sea", 30)
            it.credit("lamp", 10)
            await it.until(lambda: it.heard("sea") == 30 and it.heard("lamp") == 10)
            assert not it.tokens["door"], "it has no credit yet"
            it.credit("door", 5, prompt="A door")
            it.credit("lamp", 12, first=0)
            await it.until(lambda: it.heard("door") == 5 and it.heard("lamp") == 12)
            assert (it.heard("sea"), it.heard("lamp")) == (30, 12)
            for name in NAMES:
                assert [token.n for token in it.tokens[name]] == list(range(it.heard(name)))
            assert len({tuple(token.id for token in it.tokens[name][:5]) for name in NAMES}) == 3

    asyncio.run(scene())


def test_shot_it_is_news_of_each_and_each_goes_on(folder):
    async def scene():
        async with company(folder) as it:
            await it.ready()
            for name in NAMES:
                it.credit(name, 20)
            await it.until(lambda: all(it.heard(name) == 20 for name in NAMES))
            pid = it.process.pid
            os.kill(pid, signal.SIGKILL)
            await it.ready(2)
            states = ("loading", "ready", "lost", "loading", "ready")
            assert it.news == [(name, state) for state in states for name in NAMES]
            assert it.process.pid != pid
            it.begin_turn()
            for name in NAMES:
                it.credit(name, 40, text="The night has a door. ")
            await it.until(lambda: all(it.heard(name) == 40 for name in NAMES))
            for name in NAMES:
                assert [token.n for token in it.tokens[name]] == list(range(40))

    asyncio.run(scene())


def test_a_hung_one_is_ended_though_only_one_voice_has_credit(folder):
    async def scene():
        async with company(folder, patience=0.4) as it:
            await it.ready()
            os.kill(it.process.pid, signal.SIGSTOP)
            it.credit("lamp", 20)
            await it.ready(2)
            assert it.news.count(("door", "lost")) == 1

    asyncio.run(scene())


def test_one_that_has_nothing_to_say_rests_and_comes_back_while_the_others_speak(folder):
    every = tuple((n, tuple(range(400))) for n in range(3, 50))

    async def scene():
        async with company(folder) as it:
            await it.ready()
            it.credit("sea", 10, refused=every)
            it.credit("lamp", 20)
            await it.until(lambda: ("sea", "lost") in it.news and it.heard("lamp") == 20)
            assert it.last.detail == "every token is forbidden"
            it.credit("sea", 30)  # not heard: it was told too soon
            it.credit("lamp", 40, first=0)
            await it.until(lambda: it.news.count(("sea", "ready")) == 2 and it.heard("lamp") == 40)
            assert it.heard("sea") == 3
            it.begin_turn()
            it.credit("sea", 30)
            await it.until(lambda: it.heard("sea") == 30)
            assert [token.n for token in it.tokens["sea"]] == list(range(30))
            assert it.news.count(("lamp", "lost")) == 0

    asyncio.run(scene())


def test_what_cannot_be_loaded_is_told_of_each(tmp_path):
    async def scene():
        async with company(tmp_path) as it:
            await it.until(lambda: it.news.count(("door", "error")) == 1)
            assert it.news == [(name, state) for state in ("loading", "error") for name in NAMES]

    asyncio.run(scene())
