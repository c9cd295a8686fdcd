"""How far a run is: a bar where a person watches, else a line now and then."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

NOW_AND_THEN = 10.0
"""Seconds between two lines."""


class Progress:
    """`steps` is 0 while a clock decides, which the bar shows in per cent of it."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._bar: Any = None
        self._told = -NOW_AND_THEN

    def show(self, step: int, steps: int, loss: float, speed: float, share: float, left: float) -> None:
        """`speed` in tokens a second, `share` of the whole that is done, `left` in seconds."""
        if self._out.isatty():
            self._draw(step, steps, loss, speed, share)
        elif time.monotonic() - self._told >= NOW_AND_THEN:
            self._told = time.monotonic()
            place = f"step {step}/{steps or '?'}"
            line = f"{place}  loss {loss:.3f}  {speed:.0f} tokens/s  {100 * share:.0f} %, {left / 60:.1f} min left"
            self._out.write(line + "\n")
            self._out.flush()

    def _draw(self, step: int, steps: int, loss: float, speed: float, share: float) -> None:
        from tqdm import tqdm  # type: ignore[import-untyped]  # comes with transformers

        if self._bar is None:
            form = "{percentage:3.0f} %|{bar}| {elapsed} < {remaining}{postfix}"
            self._bar = tqdm(total=1000, file=self._out, bar_format=form, dynamic_ncols=True)
        told = f"step {step}/{steps or '?'}  loss {loss:.3f}  {speed:.0f} tokens/s"
        self._bar.set_postfix_str(told, refresh=False)
        self._bar.update(min(1000, int(1000 * share)) - self._bar.n)

    def end(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
