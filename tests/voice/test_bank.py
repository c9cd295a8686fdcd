import asyncio
from dataclasses import replace

import numpy as np
import pytest
import tiny_models
from test_blend import LAMP, SEA, Row
from test_engine import Letters
from tiny_models import speak, steering, text_of

from installation.voice.bank import PIECE, Bank
from installation.voice.blend import Blend
from installation.voice.context import CARRIED
from installation.voice.engine import Engine
from installation.voice.process import VoiceProcess

PROMPTS = (
    "A lamp was lit in the window; somebody was waiting",
    "The tide goes out.",
    "Sea and stone, and a door",
)


class Kept(list):
    """What a Stack made of some tokens; a token takes ten bytes."""

    @property
    def nbytes(self):
        return 10 * len(self)


class Stack(Row):
    """A Forward whose memory can be copied."""

    def another(self):
        given, more = self.made
        self.rows.append(Stack(*given, rows=self.rows, **more))
        return self.rows[-1]

    def lend(self, length):
        assert length <= len(self.read)
        return Kept(self.read[:length])

    def borrow(self, kept):
        self.read = list(kept)


def tokens(*texts):
    return [Letters().encode(text, "") for text in texts]


def fill(bank):
    while bank.prepare():
        pass
    return bank


def test_prompts_are_read_piece_by_piece_in_a_memory_of_their_own():
    forward = Stack()
    bank = Bank(forward)
    bank.open("voice", tokens(SEA, LAMP))
    assert bank.lend(tokens(SEA)[0]) is None
    fill(bank)
    assert [bank.lend(prompt) for prompt in tokens(SEA, LAMP)] == [list(p) for p in tokens(SEA, LAMP)]
    assert forward.work == []
    assert max(forward.rows[1].work) == PIECE
    assert sum(forward.rows[1].work) == len(SEA + LAMP)
    assert not bank.prepare()


def test_the_room_is_filled_in_the_order_of_the_show_and_then_by_what_is_asked_for():
    one, two, three, four = prompts = tokens("abcd", "efgh", "ijkl", "mnop")
    bank = Bank(Stack(), room=85)
    bank.open("voice", prompts)
    fill(bank)
    held = lambda: [each for each in prompts if ("", each) in bank._kept]  # noqa: E731
    assert (held(), bank.size) == ([one, two], 80)
    assert bank.lend(four) is None
    assert bank.lend(one) == list(one)
    fill(bank)
    assert (held(), bank.size) == ([one, four], 80)
    assert bank.lend(three) is None
    fill(bank)
    assert held() == [three, four]
    bank.open("voice", tokens("abcdefghijkl"))
    bank.lend(*tokens("abcdefghijkl"))
    fill(bank)
    assert bank.size == 0, "too long for the room"


def test_a_reload_changes_the_bank_and_an_adapter_has_its_own():
    bank = Bank(Stack())
    bank.open("voice", tokens("abcd", "efgh"))
    fill(bank)
    bank.open("voice", tokens("efgh", "ijkl"))
    assert bank.size == 40
    fill(bank)
    assert bank.lend(tokens("abcd")[0]) is None
    assert bank.lend(tokens("ijkl")[0]) is not None
    bank.open("voice", tokens("efgh", "ijkl"), "mine")
    assert bank.lend(tokens("efgh")[0]) is None
    before = sum(bank._reader.work)
    fill(bank)
    assert sum(bank._reader.work) - before == 8, "under another adapter everything is read anew"
    bank.open("voice", tokens("efgh", "ijkl"))
    assert not bank.prepare()
    assert bank.lend(tokens("efgh")[0]) is not None


def test_voices_of_one_model_share_it():
    bank = Bank(Stack())
    bank.open("one", tokens("abcd", "efgh"))
    bank.open("two", tokens("efgh", "ijkl"))
    fill(bank)
    assert bank.size == 120
    bank.open("one", ())
    assert bank.size == 80
    first = Engine(Stack(limit=500), Letters(), "first")
    assert first.another("second")._blend.bank is first._blend.bank


def test_a_cue_reads_no_more_than_the_text_that_goes_over():
    forward = Stack(limit=500)
    made = Engine(forward, Letters(), "voice")
    made.steer(steering(temperature=1.0, top_k=0, prompt=SEA, repertoire=(SEA, LAMP)))
    speak(made, 100)
    while made.prepare():
        pass
    forward.work.clear()
    made.steer(steering(1, temperature=1.0, top_k=0, prompt=LAMP, repertoire=(SEA, LAMP)))
    made.next()
    assert 0 < sum(forward.work) <= CARRIED
    assert forward.read[: len(LAMP)] == list(*tokens(LAMP))
    made.steer(steering(2, temperature=1.0, top_k=0, prompt="a visitor", repertoire=(SEA, LAMP)))
    made.next()
    assert not made.prepare(), "what is in no scene is not held"


def test_what_leans_reads_its_prompt_leaning():
    forward = Stack(limit=500)
    blend = Blend(forward)
    blend.bank.open("voice", tokens(SEA, LAMP))
    fill(blend.bank)
    blend.lean({0: 1.0})
    blend.read(dict.fromkeys(tokens(SEA), 1.0))
    assert forward.read == []
    blend.lean({})
    blend.read(dict.fromkeys(tokens(LAMP), 1.0))
    assert forward.read == list(*tokens(LAMP))


@pytest.fixture(scope="module", params=["lean", "numpy"])
def loaded(request, tmp_path_factory):
    folder = tiny_models.save(tmp_path_factory.mktemp("model"))

    def load():
        if request.param == "lean":
            return tiny_models.voice(folder)
        from installation.voice.numpy_model import NumpyVoice

        made = NumpyVoice({"model": str(folder), "device": "numpy"}, "voice", folder)
        made.load()
        made.begin("", 0)
        return made

    return load


def test_a_model_speaks_the_same_from_the_bank(loaded):
    def run(repertoire):
        made, said, logits = loaded(), [], []
        for serial in range(6):
            prompt = PROMPTS[serial % 3]
            made.steer(steering(serial, prompt=prompt, repertoire=repertoire, temperature=1.0))
            said += speak(made, 30)
            logits.append(np.array(made._engine._blend._logits))
            while made.prepare():
                pass
        return text_of(said), np.array(logits), made._engine._blend.bank

    text, logits, bank = run(PROMPTS)
    again, anew, _ = run(())
    assert text == again
    assert np.allclose(logits, anew, atol=1e-5)
    assert len(bank._kept) == 3


def test_a_voice_without_credit_fills_its_bank(tmp_path):
    """The process tells nothing of it; that a token still comes, whatever it is doing, is what is tested."""
    folder = tiny_models.save(tmp_path)
    steered = steering(credit=3, turn=1, prompt=PROMPTS[0], repertoire=PROMPTS)

    async def scene():
        heard, came = [], asyncio.Event()

        def hear(message):
            heard.append(message)
            came.set()

        async def until(true):
            async with asyncio.timeout(60):
                while not true():
                    came.clear()
                    await came.wait()

        voice = VoiceProcess({"voice": {"model": str(folder), "device": "numpy"}}, folder, on_message=hear)
        voice.start()
        try:
            await until(lambda: any(getattr(message, "state", "") == "ready" for message in heard))
            for serial in range(1, 20):
                voice.steer(replace(steered, serial=serial, credit=3 * serial, prompt=PROMPTS[serial % 3]))
                await until(lambda: getattr(heard[-1], "n", -1) == 3 * serial - 1)  # noqa: B023
            assert heard[-1].steered_by == 19
        finally:
            await voice.stop()

    asyncio.run(scene())
