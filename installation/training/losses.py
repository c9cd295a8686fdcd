"""The log of a run: a line of JSON for every loss, and the plot of them."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from installation.training.plot import Series, lines


class Losses:
    """`loss.jsonl` in a folder: lines with `step`, and `loss` (a running mean) or `held`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "loss.jsonl"

    def add(self, **figures: float) -> None:
        """One more line; a figure that is no number is left out."""
        there = {key: round(value, 4) for key, value in figures.items() if not math.isnan(value)}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(there) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """Every line that is whole: a run that was killed may leave half of one."""
        found = []
        for line in self.text().splitlines():
            try:
                figures = json.loads(line)
            except ValueError:
                continue
            if isinstance(figures, dict) and "step" in figures:
                found.append(figures)
        return found

    def text(self) -> str:
        """The log as it stands."""
        return self._file.read_text(encoding="utf-8") if self._file.exists() else ""

    def forget(self, step: int) -> None:
        """Drop what was logged after `step`, which will come again."""
        kept = "".join(json.dumps(line) + "\n" for line in self.read() if line["step"] <= step)
        if kept != self.text():
            part = self._file.with_suffix(".part")
            part.write_text(kept, encoding="utf-8")
            os.replace(part, self._file)  # noqa: PTH105 - atomic, and said so

    def plot(self, title: str) -> str:
        """The curves of training and of the held-out texts, as SVG."""
        logged = self.read()
        series = [
            Series(name, tuple((line["step"], line[key]) for line in logged if key in line))
            for key, name in (("loss", "training"), ("held", "held out"))
        ]
        return lines([each for each in series if each.points], title, "step", "loss, nats a token")
