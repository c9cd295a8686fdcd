"""How soon a voice speaks under a new Steering, against aborting `generate` and beginning it again.

Both speak the same weights in one process, on the threads that a voice has. The message comes at a random
moment of a token that is being made, in both; from then until the first token that was made under it is
there. `generate` runs in a thread with a TextIteratorStreamer, looks for the message after each token (a
StoppingCriteria), ends, and is begun anew on the text so far; a token counts when the streamer is given it,
not when it shows its text. Turns are interleaved, and a figure is the median of (their time) / (our time).

    a number     another temperature, with 240 tokens of context (the house model, which has places for
                 256: 144); `generate` reads them all again
    a prompt     another prompt of 48 tokens and the last 64 of the text behind it, in both
    from bank    the same, with the prompt read beforehand (voice/bank.py)
    the process  the house model's own voice process: from sending the Steering until the token has come
                 through its pipe, with the look-ahead used up

That it is the very next token which obeys is asserted. Beside each: both times, and the same ratio by
computing time, which a busy machine distorts less.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rig.llama import is_here, llama_engine
from rig.voices import GPT2, Loaded, Moment, begin, engine, gpt2, house_model, now

from installation.messages import Steering, Token, VoiceNews
from installation.voice.engine import Engine
from installation.voice.process import VoiceProcess

CONTEXT, PROMPT, CARRIED = 240, 48, 64
TURNS = {GPT2: 9}
"""Turns of each kind; of the house model, which takes a tenth of the time, 19."""
RUN = 4
"""Tokens that `generate` speaks before the message comes."""
SEED = 20
WORDS = "the sea at night and a lamp in the window of the house by the harbour waits for rain"


@dataclass(frozen=True)
class Wait:
    """Seconds from message to token: by the clock, and of the process's computing."""

    time: float
    computing: float


def since(start: Moment, end: Moment, last: Moment, share: float) -> Wait:
    """The wait for a token that came `last`, for a message at this share of the way from `start` to `end`."""
    return Wait(*(c - (a + share * (b - a)) for a, b, c in zip(start, end, last, strict=True)))


class Restarted:
    """`generate`, aborted and begun again."""

    def __init__(self, loaded: Loaded, dtype: str) -> None:
        import copy

        import torch

        self._torch, self._tokenizer = torch, loaded.tokenizer
        other = getattr(torch, dtype)
        self._model = loaded.model if dtype == "float32" else copy.deepcopy(loaded.model).to(other)

    def wait(self, before: Sequence[int], after: Sequence[int], share: float) -> Wait:
        """It speaks behind `before`; at a `share` of its fourth token comes a message, upon which it shall
        speak behind `after`."""
        *_, start, end = self._speak(before, RUN)
        return since(start, end, self._speak(after, 1)[0], share)

    def rate(self, ids: Sequence[int]) -> float:
        """Tokens a second of a short text."""
        times = self._speak(ids, 16)
        return 15 / (times[-1].time - times[0].time)

    def _speak(self, ids: Sequence[int], most: int) -> list[Moment]:
        """When each token was there; after so many a message is found."""
        import transformers

        library: Any = transformers
        times: list[Moment] = []
        found = threading.Event()

        class Timed(library.TextIteratorStreamer):  # type: ignore[misc]
            def put(self, value: Any) -> None:
                super().put(value)
                times.append(now())
                if len(times) > most:
                    found.set()

        class Message(library.StoppingCriteria):  # type: ignore[misc]
            def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ARG002
                return self.torch.full((1,), found.is_set(), dtype=self.torch.bool)

        Message.torch = self._torch
        streamer, given = Timed(self._tokenizer, timeout=60), self._torch.tensor([list(ids)])
        options = {
            "attention_mask": self._torch.ones_like(given), "streamer": streamer, "max_new_tokens": 64,
            "do_sample": True, "temperature": 0.8, "top_k": 50, "top_p": 0.95, "repetition_penalty": 1.1,
            "stopping_criteria": [Message()],
        }  # fmt: skip
        thread = threading.Thread(target=self._model.generate, args=(given,), kwargs=options)
        thread.start()
        for _ in streamer:
            pass
        thread.join()
        return times[1:]  # the first is the prompt


class Steered:
    """Our engine, steered between two tokens."""

    def __init__(self, loaded: Loaded, voice: Engine) -> None:
        self._engine, self.tongue = voice, voice.tongue
        places = loaded.model.config.n_positions
        self.text = min(CONTEXT - PROMPT, (min(512, places) - PROMPT) // 2 - 8)
        """Tokens of text behind a prompt: a text that is gone on with keeps half of the room."""
        self._steering = Steering("voice", 0, 1 << 30, seed=7)

    def go_on(self, text: str, **controls: Any) -> list[int]:
        """Speak a token behind a text under these controls; the context so far."""
        steering = self._steering
        self._engine.begin(text, 0)
        self._steering = replace(steering, serial=steering.serial + 1, take=steering.take + 1, **controls)
        self._engine.steer(self._steering)
        ids = [*self.tongue.prompt(self._steering.prompt, 1 << 20), *self.tongue.encode(text, "")]
        return [*ids, self._engine.next().id]

    def prepare(self, *prompts: str) -> None:
        """Have these prompts read beforehand."""
        self._steering = replace(self._steering, serial=self._steering.serial + 1, repertoire=prompts)
        self._engine.steer(self._steering)
        while self._engine.prepare():
            pass

    def wait(self, share: float, **controls: Any) -> Wait:
        """A message comes at a `share` of the next token."""
        steering = replace(self._steering, serial=self._steering.serial + 1, **controls)
        if "prompt" in controls:
            steering = replace(steering, take=steering.take + 1, keep=self._engine.n + 1)
        start = now()
        before = self._engine.next()
        end = now()
        self._engine.steer(steering)
        token = self._engine.next()
        last = now()
        assert (token.n, token.steered_by) == (before.n + 1, steering.serial), "the very next token obeys"
        self._steering = steering
        return since(start, end, last, share)


def texts(loaded: Loaded, ours: Steered) -> Callable[[int], str]:
    """Another text of so many tokens with each call."""
    chance = random.Random(SEED)
    words = WORDS.split()
    if loaded.name == GPT2:
        words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=3)) for _ in range(999)]

    def one(count: int) -> str:
        text = ""
        while len(ours.tongue.encode(text, "")) < count:
            text = f"{text} {chance.choice(words)}".strip()
        return text

    return one


def told(loaded: Loaded, what: str, rows: Sequence[tuple[Wait, Wait]]) -> float:
    """The median of their time over ours, with what it is made of."""
    ours, theirs = ([row[at].time * 1e3 for row in rows] for at in (0, 1))
    ratio = statistics.median(b.time / a.time for a, b in rows)
    computing = statistics.median(b.computing / a.computing for a, b in rows)
    print(
        f"{loaded.name}, {what}: {statistics.median(ours):.1f} ms (longest {max(ours):.1f}), "
        f"generate anew {statistics.median(theirs):.0f} ms (longest {max(theirs):.0f}); ratio {ratio:.1f}, "
        f"by computing time {computing:.1f}"
    )
    return ratio


def measure(loaded: Loaded, voice: Engine) -> list[float]:
    """The three ratios of a model: a number, a prompt, a prompt from the bank."""
    chance, ours = random.Random(SEED), Steered(loaded, voice)
    another = texts(loaded, ours)
    tried = {dtype: Restarted(loaded, dtype) for dtype in ("float32", "bfloat16")}
    context = ours.go_on(another(ours.text), prompt=another(PROMPT))
    quicker = max(tried, key=lambda dtype: tried[dtype].rate(context))
    theirs = tried[quicker]
    print(f"{loaded.name}: generate in {quicker}, in which it speaks quicker here")
    rows: list[list[tuple[Wait, Wait]]] = [[], [], []]
    for turn in range(1 + TURNS.get(loaded.name, 19)):
        share = chance.random()
        context = ours.go_on(another(ours.text), prompt=another(PROMPT))
        number = ours.wait(share, temperature=0.5 + share), theirs.wait(context[:-RUN], context, share)
        changes = []
        for banked in (False, True):
            prompt = another(PROMPT)
            text = ours.go_on(another(ours.text), prompt=another(PROMPT))[-CARRIED:]
            if banked:
                ours.prepare(prompt)
            ids = [*ours.tongue.prompt(prompt, 1 << 20), *text]
            changes.append((ours.wait(share, prompt=prompt), theirs.wait(ids[RUN:], ids, share)))
        for row, pair in zip(rows, (number, *changes), strict=True):
            row.extend([pair] if turn else [])  # the first warms up
    return [
        told(loaded, what, row) for what, row in zip(("a number", "a prompt", "from bank"), rows, strict=True)
    ]


class Piped:
    """A voice process that has no credit left, steered through its pipe."""

    def __init__(self, place: str) -> None:
        self._heard: asyncio.Queue[Token | VoiceNews] = asyncio.Queue()
        voices = {"voice": {"model": place}}
        self._voice = VoiceProcess(voices, Path(), on_message=self._heard.put_nowait)
        self._steering = Steering("voice", 0, 0, turn=1, seed=7)

    async def begin(self, **controls: Any) -> None:
        """Load, and speak a text of some length."""
        self._voice.start()
        state = ""
        while state != "ready":
            state = getattr(await self._next(), "state", state)
        await self.wait(2 * CARRIED, **controls)

    async def wait(self, count: int = 1, **controls: Any) -> float:
        """Seconds until `count` tokens under these controls have come."""
        steering, start = self._steering, time.perf_counter()
        take = steering.take + ("prompt" in controls)
        self._steering = replace(
            steering, serial=steering.serial + 1, take=take, keep=steering.credit,
            credit=steering.credit + count, **controls,
        )  # fmt: skip
        self._voice.steer(self._steering)
        for _ in range(count):
            token = await self._next()
            assert isinstance(token, Token), "a voice that was asked to speak does"
            assert token.steered_by == self._steering.serial, "the very next token obeys"
        return time.perf_counter() - start

    async def _next(self) -> Token | VoiceNews:
        return await asyncio.wait_for(self._heard.get(), 60)

    async def end(self) -> None:
        await self._voice.stop()


async def through_the_pipe(loaded: Loaded, another: Callable[[int], str]) -> None:
    """What the house model's own process takes, for what the engine took before."""
    voice = Piped(loaded.place)
    rows: dict[str, list[float]] = {"a number": [], "a prompt": [], "from bank": []}
    prompts = [another(PROMPT) for _ in range(19)]
    await voice.begin(prompt=another(PROMPT), repertoire=tuple(prompts))
    try:
        await asyncio.sleep(3)  # it has nothing to say, and reads what may come
        for turn, prompt in enumerate(prompts):
            rows["a number"].append(await voice.wait(temperature=0.5 + turn / 50))
            rows["from bank"].append(await voice.wait(prompt=prompt))
            rows["a prompt"].append(await voice.wait(prompt=another(PROMPT)))
    finally:
        await voice.end()
    medians = ", ".join(f"{what} {statistics.median(row) * 1e3:.1f} ms" for what, row in rows.items())
    print(f"{loaded.name} in its own process, through its pipe: {medians}")


def main() -> None:
    begin()
    with house_model() as loaded:
        measure(loaded, engine(loaded)[0])
        asyncio.run(through_the_pipe(loaded, texts(loaded, Steered(loaded, engine(loaded)[0]))))
    large = gpt2()
    parameter, prompt, bank = measure(large, engine(large)[0])
    print(f"figure steer_parameter_ratio {parameter:.1f}")
    print(f"figure steer_prompt_ratio {prompt:.2f}")
    print(f"figure steer_bank_ratio {bank:.2f}")
    if not is_here():
        print("llama.cpp is not measured: the extra [llama] is not installed")
        return
    print("the same through llama.cpp, q8_0:")
    with llama_engine(large) as voice:
        parameter, prompt, bank = measure(large, voice)
    print(f"figure steer_parameter_llama_ratio {parameter:.1f}")
    print(f"figure steer_prompt_llama_ratio {prompt:.2f}")
    print(f"figure steer_bank_llama_ratio {bank:.2f}")


if __name__ == "__main__":
    main()
