"""Whether a stage that speaks all night grows: memory after 100 000 words over after 5 000.

The six layers of stage_frame.py at SIZE, in steps of a second with EACH words: what is kept (covers,
baked words, widths, pages, lines) is asked for as in a real evening, only sooner. The vocabulary is of
15 000 made-up words, so that every store is full and gives up what it kept. Memory is what the system
counts as resident, the mean of the SAMPLES last steps before each mark.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
from pathlib import Path

from rig.memory import resident
from rig.performance import machine
from rig.scene import Speech, begun, opened

SIZE = (480, 270)
EACH = 10
EARLY, LATE = 5_000, 100_000
SAMPLES = 20


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        stage, speech = begun(opened(Path(folder)), SIZE), Speech(vocabulary=15_000)
        marks: dict[int, list[int]] = {EARLY: [], LATE: []}
        step = 0
        while speech.said < LATE:
            step += 1
            for _ in range(EACH):
                for message in speech.word():
                    stage.take(message)
            stage.frame(float(step))
            for mark, samples in marks.items():
                if mark - EACH * SAMPLES < speech.said <= mark:
                    gc.collect()
                    samples.append(resident())
            if step % 1000 == 0:
                print(f"  {speech.said} words: {resident() / 2**20:.1f} MiB", flush=True)
        early, late = (statistics.mean(samples) for samples in marks.values())
    print(f"  {early / 2**20:.1f} MiB after {EARLY} words, {late / 2**20:.1f} MiB after {LATE}")
    print(f"figure stage_memory_ratio {late / early:.3f}")


if __name__ == "__main__":
    main()
