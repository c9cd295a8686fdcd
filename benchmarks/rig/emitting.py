"""What 10 000 words a frame cost the processor that the graphics card paints, on OpenGL without a window."""

from __future__ import annotations

import random
import statistics
import time
from typing import NamedTuple

from installation.stage.frame import Frame, Sprite
from installation.stage.gpu_painter import GpuPainter
from installation.stage.typesetter import Typesetter

SPRITES, WORDS, ANEW = 10_000, 700, 10
FRAMES = 120


class Emitting(NamedTuple):
    """Medians of milliseconds of this thread: the frame read into a table, which either painter needs; its rows
    written where all words are others than before in `ANEW` places, and where they are the same."""

    table: float
    anew: float
    same: float


def measured(size: tuple[int, int]) -> Emitting:
    """Every sprite moves and changes its light in every frame. Raises Exception where EGL gives no context."""
    import moderngl

    context = moderngl.create_standalone_context(backend="egl", require=330)  # type: ignore[arg-type]
    painter, chance = GpuPainter(context, size, Typesetter()), random.Random(7)
    vocabulary = [f"{chance.choice('bdfglmnrst')}{chance.choice('aeiou')}{n}" for n in range(WORDS)]
    texts = [chance.choice(vocabulary) for _ in range(SPRITES)]
    costs: tuple[list[float], ...] = ([], [], [])
    for n in range(FRAMES):
        anew = n % 2
        for place in chance.sample(range(SPRITES), ANEW * anew):
            texts[place] = chance.choice(vocabulary)
        light = (0.1 + 0.001 * n, 0.2, 0.3)
        words = [
            Sprite(text, "roman", 2.2, k % 170 + 0.01 * n, k % 97 + 0.02 * n, light)
            for k, text in enumerate(texts)
        ]
        frame = Frame(n / 60, words)
        begun = time.thread_time()
        frame.table()
        read = time.thread_time()
        painter.emit(frame)
        written = time.thread_time()
        if n > FRAMES // 4:
            costs[0].append(1000 * (read - begun))
            costs[1 if anew else 2].append(1000 * (written - read))
    context.release()
    return Emitting(*map(statistics.median, costs))
