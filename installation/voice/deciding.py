"""One step of several voices: what each is given to speak, by a model that gives logits or by one that
decides as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from installation.voice.drawing import Drawing
from installation.voice.memory import Reading, read


class Draws(Protocol):
    """A voice that knows, before the logits are there, how its token will be drawn."""

    def drawing(self) -> Drawing | None:
        """How its next token will be drawn, once it has said what it wanted; None: it needs none."""


def given(voices: Sequence[Draws], wanted: Sequence[Sequence[Reading]]) -> list[list[Any]]:
    """For each voice the logits after each context that it wanted; or, of a model that decides, a single
    Decided for those whose contexts lack their last token only."""
    first = next((readings[0].memory.forward for readings in wanted if readings), None)
    decides = hasattr(first, "decide")  # Deciding; isinstance of a protocol takes as long as sampling
    drawings = [voice.drawing() if decides else None for voice in voices]
    joint = [
        at
        for at, drawing in enumerate(drawings)
        if drawing is not None and wanted[at] and all(each.missing <= 1 for each in wanted[at])
    ]
    rest = [at for at in range(len(voices)) if at not in joint]
    rows = iter(read([reading for at in rest for reading in wanted[at]]))
    found = {at: [next(rows) for _ in wanted[at]] for at in rest}
    if joint:
        decided = _decided([drawings[at] for at in joint], [wanted[at] for at in joint])
        found |= {at: [each] for at, each in zip(joint, decided, strict=True)}
    return [found[at] for at in range(len(voices))]


def _decided(drawings: Sequence[Any], wanted: Sequence[Sequence[Reading]]) -> Sequence[Any]:
    readings = [reading for some in wanted for reading in some]
    mix = None
    if len(readings) > len(wanted):
        mix = np.zeros((len(wanted), len(readings)), np.float32)
        at = 0
        for voice, some in enumerate(wanted):
            shares = np.array([reading.share for reading in some], np.float32)
            mix[voice, at : at + len(some)] = shares / shares.sum()
            at += len(some)
    for reading in readings:
        reading.memory.leave(reading.ids)
    forwards: list[Any] = [reading.memory.forward for reading in readings]
    decided: Sequence[Any] = forwards[0].decide(
        forwards, [reading.ids[-1] for reading in readings], mix, drawings
    )
    for reading in readings:
        reading.memory.read = reading.ids
    return decided
