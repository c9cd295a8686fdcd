"""How many tokens a second 32 voices speak in all, against a padded `generate` batch of 32.

Both speak the same weights in one process on the threads that a voice has (one core is left to whoever
draws), in turns A B A B, from the same 32 prompts of many lengths, equally many tokens. `generate` is what
one has without this: one batch, padded on the left, with one temperature, top-k, top-p and repetition
penalty for all, and nothing told but ids; it runs in the format that it is quicker in here (float32 or
bfloat16, tried first). Our voices are a choir over one decoder: each has its own temperature, top-k, top-p,
repetition penalty, word that it favours, word that it never says and seed, and with each token it tells
surprise, entropy and eight rivals, its text detokenised. Beside it: the same with all that a voice tells
of its inner life by default (attention, lens), and with other weights.

Time runs from the first token to the last: reading the prompts counts for neither. A figure is the median
over the turns of (tokens/s of the voices) / (tokens/s of `generate`).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from rig.llama import is_here, llama_engine
from rig.voices import Loaded, begin, engine, gpt2, house_model

from installation.messages import Steering, Token
from installation.voice.choir import Choir
from installation.voice.engine import Engine
from installation.voice.transformers_model import FORMS

VOICES = 32
SENTENCE = "the sea at night and the lamp in the window of the house by the harbour where nobody waits"
WORDS = SENTENCE.split()
PROMPTS = [" ".join((WORDS * 3)[n : n + 12 + n % 9]) for n in range(VOICES)]


@dataclass(frozen=True)
class Load:
    """What is spoken: so many tokens by each in each of so many turns."""

    tokens: int
    turns: int


def steering(n: int, turn: int) -> Steering:
    """Of voice `n`: nobody else has these."""
    return Steering(
        f"voice {n}", turn, 1 << 30, turn, prompt=PROMPTS[n], seed=turn, temperature=0.6 + n / 64,
        top_k=30 + n, top_p=0.85 + n / 320, repetition=1.0 + n / 160, bias=((WORDS[n % 8], 1.0),),
        forbidden=(WORDS[8 + n % 8],),
    )  # fmt: skip


def generate_rate(model: Any, tokenizer: Any, count: int) -> float:
    """Tokens a second of `generate`, from the first to the last of `count` of each."""
    import torch

    times: list[float] = []

    def stamp(ids: Any, scores: Any, **more: Any) -> Any:  # noqa: ARG001
        times.append(time.perf_counter())
        return torch.zeros(ids.shape[0], dtype=torch.bool)

    asked = [tokenizer.encode(prompt) for prompt in PROMPTS]
    longest = max(map(len, asked))
    ids = torch.tensor([[0] * (longest - len(each)) + each for each in asked])
    mask = torch.tensor([[0] * (longest - len(each)) + [1] * len(each) for each in asked])
    shared = steering(VOICES // 2, 0)
    model.generate(
        ids, attention_mask=mask, max_new_tokens=count, do_sample=True, temperature=shared.temperature,
        top_k=shared.top_k, top_p=shared.top_p, repetition_penalty=shared.repetition,
        stopping_criteria=[stamp],
    )  # fmt: skip
    assert len(times) == count, "it stops for nothing else"
    return VOICES * (count - 1) / (times[-1] - times[0])


class OurVoices:
    """A choir of a voice and others like it; each turn is a new take, so that the texts begin anew."""

    def __init__(self, first: Engine) -> None:
        self._voices = {0: first} | {n: first.another(f"voice {n}") for n in range(1, VOICES)}
        self._choir = Choir(self._voices)
        self._turn = 0

    def rate(self, count: int) -> float:
        """Tokens a second, from the first to the last of `count` of each."""
        self._turn += 1
        for n, voice in self._voices.items():
            voice.steer(replace(steering(n, self._turn), take=self._turn, keep=0))
        spoken = self._step()
        while len(spoken) < VOICES:  # until all have read their prompts
            spoken = self._step()
        start = time.perf_counter()
        for _ in range(count - 1):
            spoken = self._step()
            assert len(spoken) == VOICES, "all of them speak"
        end = time.perf_counter()
        assert all(token.inner.rivals for token in spoken.values()), "they tell what they knew"
        return VOICES * (count - 1) / (end - start)

    def _step(self) -> Mapping[int, Token]:
        told = self._choir.step(range(VOICES))
        return {n: token for n, token in told.items() if isinstance(token, Token)}


def measure(load: Load, loaded: Loaded) -> tuple[float, float]:
    """The median ratios, of our own decoder and of llama.cpp (0 where that is not here); what they are made
    of is printed."""
    with ExitStack() as stack:
        llama = OurVoices(stack.enter_context(llama_engine(loaded, voices=VOICES))) if is_here() else None
        return _measured(load, loaded, llama)


def _measured(load: Load, loaded: Loaded, llama: OurVoices | None) -> tuple[float, float]:
    import copy

    import torch

    model, tokenizer = loaded.model, loaded.tokenizer

    def ours_in(dtype: str, *, inner: bool) -> OurVoices:
        return OurVoices(engine(loaded, dtype, inner=inner)[0])

    theirs = {"float32": model, "bfloat16": copy.deepcopy(model).to(torch.bfloat16)}
    tried = {name: generate_rate(each, tokenizer, 4) for name, each in theirs.items()}
    quicker = max(tried, key=lambda name: tried[name])
    ours = ours_in("auto", inner=False)
    ours.rate(4)
    rows, beside_llama = [], []
    for _ in range(load.turns):
        rows.append((ours.rate(load.tokens), generate_rate(theirs[quicker], tokenizer, load.tokens)))
        if llama is not None:
            beside_llama.append((llama.rate(load.tokens), rows[-1][1]))
    beside = {"inner life": ours_in("auto", inner=True).rate(load.tokens)}
    for dtype in FORMS:
        if dtype != "auto":
            beside[dtype] = ours_in(dtype, inner=False).rate(load.tokens)
    if beside_llama:
        beside["llama.cpp q8_0"] = statistics.median(a for a, _ in beside_llama)
    print(
        f"{loaded.name}: {VOICES} voices {statistics.median(a for a, _ in rows):.0f} tokens/s, generate ({quicker}) "
        f"{statistics.median(b for _, b in rows):.0f}; ratios " + " ".join(f"{a / b:.2f}" for a, b in rows)
        + "; beside: " + ", ".join(f"{name} {rate:.0f}" for name, rate in beside.items())
    )  # fmt: skip
    own, other = (statistics.median(a / b for a, b in some) if some else 0.0 for some in (rows, beside_llama))
    return own, other


def main() -> None:
    begin()
    with house_model() as loaded:
        house_ratio, house_llama = measure(Load(48, 5), loaded)
    gpt2_ratio, gpt2_llama = measure(Load(12, 3), gpt2())
    print(f"figure voices32_house_ratio {house_ratio:.2f}")
    print(f"figure voices32_ratio {gpt2_ratio:.2f}")
    if not is_here():
        print("llama.cpp is not measured: the extra [llama] is not installed")
        return
    print(f"figure voices32_house_llama_ratio {house_llama:.2f}")
    print(f"figure voices32_llama_ratio {gpt2_llama:.2f}")


if __name__ == "__main__":
    main()
