"""How far a run is, told to whoever started it, and how they end it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from installation.training.tuning_plan import ENDLESS
from installation.training.tuning_watch import News


class Bar:
    """How far a run is: a bar where somebody looks on, else a line whenever the held-out texts were heard."""

    def __init__(self) -> None:
        self._bar: Any = None

    def told(self, news: News) -> None:
        """See tuning_watch.Told."""
        if sys.stderr.isatty():
            self._draw(news)
        if news.held is not None:
            best = ", the best so far" if news.better else ""
            total = f"/{news.steps}" if news.steps < ENDLESS else ""
            self._line(
                f"step {news.step}{total}  {news.seconds:.0f} s  learnt {news.loss:.3f}  held out {news.held:.4f}{best}"
            )

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _draw(self, news: News) -> None:
        from tqdm import tqdm  # type: ignore[import-untyped]

        if self._bar is None:
            total = news.steps if news.steps < ENDLESS else None
            self._bar = tqdm(total=total, initial=news.step, unit="step", leave=False)
        self._bar.update(news.step - self._bar.n)

    def _line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text, file=sys.stderr)
        else:
            tell(text)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: the first time the step is finished and kept, the second time nothing is."""
    pressed = threading.Event()

    def press(*_given: Any) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()
        tell("stopping: what was learnt is kept; Ctrl-C again breaks off at once")

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def tell(text: str) -> None:
    """To stderr, at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
