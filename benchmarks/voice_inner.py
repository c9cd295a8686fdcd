"""What it costs to tell with each token what went on inside: attention, lens and place.

Two voices over one decoder speak the same text from the same seed, token by token in turns; one tells all,
of the other the taps are shut. Each pair of tokens stands behind the same context, a moment apart, so that
a busy machine slows both. A figure is 1 minus the median over the pairs of (seconds of the voice that tells
nothing) / (seconds of the one that tells), which is the share of the time that telling takes. Seconds are the
process's computing time: the difference is a few hundredths, and others on the machine would hide it.
Beside it: tokens a second, and what a token then weighs in the pipe and in a recording, against one that
tells nothing.
"""

from __future__ import annotations

import gc
import pickle
import statistics
import time
from dataclasses import replace

from rig.voices import Loaded, begin, gpt2, house_model

from installation.archive.log import to_line
from installation.messages import Inner, Steering, Token
from installation.voice.engine import Engine
from installation.voice.insight import layer_of, told_layers
from installation.voice.lean_forward import LeanForward
from installation.voice.tongue import LibraryTongue
from installation.voice.transformers_model import decoder_of, places_of

STEERING = Steering("voice", 0, 1 << 30, prompt="the sea at night and the lamp in the window", seed=7)


def plain(token: Token) -> Token:
    """The token without what this benchmark is about."""
    inner = token.inner
    return replace(token, inner=Inner(inner.surprise, inner.entropy, inner.rivals))


def _line(token: Token) -> bytes:
    return to_line(1.0, token).encode()


def measure(loaded: Loaded, pairs: int) -> float:
    """The share of the time that telling takes; what it is made of is printed."""
    vocabulary = len(loaded.tokenizer)
    decoder = decoder_of(loaded.model, "auto")
    start = time.perf_counter()
    places = places_of(loaded.model, vocabulary)
    placed = time.perf_counter() - start
    tongue = LibraryTongue(loaded.tokenizer, vocabulary, frozenset(), loaded.prompt_format, chat=False)
    forward = LeanForward(decoder, vocabulary)
    telling = Engine(forward, tongue, "voice", places=places)
    silent = Engine(forward.another(), tongue, "voice")
    layers = decoder.shape.layers
    attention, lens = layer_of("auto", layers), told_layers(layers)
    for engine in (telling, silent):
        engine.steer(STEERING)
        engine.next()
    gc.disable()
    rows, told = [], []
    for at in range(pairs):
        seconds = {}
        for tells in (True, False) if at % 2 else (False, True):
            decoder.inside.watch(attention=attention if tells else None, lens=lens if tells else ())
            engine = telling if tells else silent
            start = time.process_time()
            token = engine.next()
            seconds[tells] = time.process_time() - start
            if tells:
                told.append(token)
            else:
                assert token.inner.attention is None, "the taps are shut"
        rows.append((seconds[True], seconds[False]))
    gc.enable()
    share = 1 - statistics.median(without / with_it for with_it, without in rows)
    assert told[-1].inner.lens is not None, "the taps are open"
    weights = [
        statistics.mean(len(weigh(each)) for each in some)
        for weigh in (pickle.dumps, _line)
        for some in ([plain(token) for token in told], told)
    ]
    more = 1e6 * statistics.median(with_it - without for with_it, without in rows)
    print(
        f"{loaded.name}: telling {1 / statistics.median(a for a, _ in rows):.0f} tokens a second of computing, "
        f"not telling {1 / statistics.median(b for _, b in rows):.0f}, {more:.0f} µs "
        f"a token; places in {placed:.2f} s; a token in the pipe {weights[1]:.0f} bytes instead of "
        f"{weights[0]:.0f}, in a recording {weights[3]:.0f} instead of {weights[2]:.0f}"
    )
    return share


def main() -> None:
    begin()
    with house_model() as house:
        house_share = measure(house, 1500)
    gpt2_share = measure(gpt2(), 200)
    print(f"figure inner_cost_share {max(house_share, gpt2_share):.3f}")
    print(f"figure inner_cost_house_share {house_share:.3f}")
    print(f"figure inner_cost_gpt2_share {gpt2_share:.3f}")


if __name__ == "__main__":
    main()
