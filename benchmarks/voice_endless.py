"""Whether a voice that speaks for ever ever pauses or grows: 50 000 tokens of one text through the engine.

The house model's context is full after some hundred tokens and rolls over about two hundred times: its
prompt is kept, the oldest half of the text dropped, what follows read beforehand in a second row. A gap is
the time from one token to the next, in computing time of the process: nothing here waits for anything, so
on a machine of its own that is the gap that one sees, and on a shared one it leaves out the neighbours.
The gaps by the clock stand beside it. GPT-2 124 M speaks fewer tokens, beside.

    endless_gap_ratio      the larger of the gap that one in a thousand exceeds and the largest at a
                           roll-over, over the median gap
    endless_memory_ratio   memory of the process (resident) at the end over that after 1 000 tokens
"""

from __future__ import annotations

import os
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path

from rig.voices import Loaded, begin, engine, gpt2, house_model

from installation.messages import Steering
from installation.worker import spare_collections

TOKENS, FEWER = 50_000, 1_500
SETTLED = 1_000
PROMPT = "the sea at night and the lamp in the window of the house by the harbour"


def resident() -> float:
    """Bytes of memory that the process has."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return float(pages * os.sysconf("SC_PAGE_SIZE"))
    raise SystemExit("not measured: resident memory is read from Linux's /proc")


class Gaps:
    """The gaps between so many tokens, by one clock; room for them is taken at once."""

    def __init__(self, clock: Callable[[], float], count: int) -> None:
        self._clock, self._last = clock, clock()
        self.each = array("d", [0.0]) * count

    def note(self, at: int) -> None:
        moment = self._clock()
        self.each[at], self._last = moment - self._last, moment

    def told(self, rolls: list[int]) -> tuple[float, str]:
        """The ratio, and what it is made of. The first tokens, which warm up, do not count."""
        counting = [n for n in rolls if n >= SETTLED // 10]
        gaps = sorted(self.each[SETTLED // 10 :])
        median, rare = gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.999)]
        rolled = max(self.each[n] for n in counting)
        usual = sorted(self.each[n] for n in counting)[len(counting) // 2]
        text = (
            f"median {median * 1e3:.2f} ms, p99 {gaps[int(len(gaps) * 0.99)] * 1e3:.2f}, "
            f"p99.9 {rare * 1e3:.2f}, longest {gaps[-1] * 1e3:.2f}, at a roll-over median {usual * 1e3:.2f}, "
            f"longest {rolled * 1e3:.2f}"
        )
        return max(rare, rolled) / median, text


def measure(loaded: Loaded, count: int) -> tuple[float, float]:
    """The gap ratio and the memory ratio."""
    voice, _ = engine(loaded)
    voice.steer(Steering("voice", 0, 1 << 30, prompt=PROMPT, seed=7))
    voice.next()
    spare_collections()  # as the voice's process does
    computing, clock = Gaps(time.process_time, count), Gaps(time.perf_counter, count)
    rolls: list[int] = []
    settled, window = resident(), voice.window
    for n in range(count):
        voice.next()
        computing.note(n)
        clock.note(n)
        if voice.window != window:
            window = voice.window
            rolls.append(n)
        if n == SETTLED:
            settled = resident()
    memory = resident()
    ratio, text = computing.told(rolls)
    other, beside = clock.told(rolls)
    print(
        f"{loaded.name}, {count} tokens, {len(rolls)} roll-overs: computing {text}; ratio {ratio:.2f}\n"
        f"    by the clock {beside}; ratio {other:.2f}; "
        f"memory {settled / 2**20:.1f} MB after {SETTLED} tokens, {memory / 2**20:.1f} at the end"
    )
    return ratio, memory / settled


def main() -> None:
    begin()
    with house_model() as loaded:
        gap, memory = measure(loaded, int(sys.argv[1]) if len(sys.argv) > 1 else TOKENS)
    if len(sys.argv) < 2:
        measure(gpt2(), FEWER)
    print(f"figure endless_gap_ratio {gap:.2f}")
    print(f"figure endless_memory_ratio {memory:.3f}")


if __name__ == "__main__":
    main()
