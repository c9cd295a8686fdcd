"""Several voices over one model, stepped together: each is scheduled, one forward reads for all of them,
each samples from its own logits and tells its own token.

A voice speaks in a choir what it would speak alone: when others step with it changes nothing that it reads.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from installation.errors import VoiceError
from installation.messages import Token
from installation.voice.deciding import given
from installation.voice.drawing import Drawing
from installation.voice.memory import Reading

NEAR = 4
"""Tokens that a voice may lack and still be read at once: a few rows cost little more than one."""

SLICE = 32
"""Tokens of a voice that lags that are read with each step of the others: as one row of them costs about."""


PIECES = 16
"""Pieces at most of the contexts to come that are read with a step, all of one voice: many tokens of one
cost less than a few of many. Enough for 32 voices whose windows roll over together."""


class Part(Protocol):
    """A voice whose step is parted in two; an Engine is one, and so is a Singer."""

    def wanted(self) -> Sequence[Reading]:
        """What has to be read before its next token."""

    def drawing(self) -> Drawing | None:
        """How its next token will be drawn, once it has said what it wanted; None: it needs none."""

    def speak(self, logits: Sequence[Any]) -> Token:
        """Its next token, given the logits after each of these."""

    def lags(self) -> bool:
        """Whether the context that comes after this one is known and still to be read."""

    def look_ahead(self, pieces: int = 1) -> None:
        """Read a piece, or several, of the context that comes after this one, where it is known."""


Name = TypeVar("Name", bound=Hashable)


class Choir(Generic[Name]):
    """Voices by name, all over one model."""

    def __init__(self, voices: Mapping[Name, Part]) -> None:
        self._voices = voices
        self._late: dict[Name, None] = {}  # those that are read in slices, first come first
        self._served: dict[Name, int] = {}  # when each last read ahead
        self._steps = 0

    def step(self, names: Sequence[Name]) -> Mapping[Name, Token | VoiceError]:
        """The next token of each of these voices, or why it has none; nothing of one that is still being
        read. Raises VoiceError where the model itself cannot go on."""
        told: dict[Name, Token | VoiceError] = {}
        wanted: dict[Name, Sequence[Reading]] = {}
        for name in names:
            try:
                wanted[name] = self._voices[name].wanted()
            except VoiceError as error:
                told[name] = error
        ready = self._ready(wanted)
        rows = given([self._voices[name] for name in ready], [wanted[name] for name in ready])
        for name, logits in zip(ready, rows, strict=True):
            try:
                told[name] = self._voices[name].speak(logits)
            except VoiceError as error:
                told[name] = error
                for reading in wanted[name]:
                    reading.memory.read = ()  # it may hold what is no number
        self._look_ahead([name for name in ready if isinstance(told[name], Token)])
        return told

    def _ready(self, wanted: Mapping[Name, Sequence[Reading]]) -> list[Name]:
        """Those that can speak in this step: of those that lag, as many as SLICE tokens help. The first that
        they do not help has what is left of them. Where nobody else speaks, it has all that it lacks."""
        if len(wanted) <= 1:
            return [*wanted]
        far = {
            name: sum(each.missing for each in readings)
            for name, readings in wanted.items()
            if any(each.missing > NEAR for each in readings)
        }
        self._late = dict.fromkeys([*(name for name in self._late if name in far), *far])
        if len(far) == len(wanted):
            return [next(iter(self._late))]
        left = SLICE
        for name in self._late:
            if far[name] > left:
                self._slice(wanted[name], left)
                break
            left -= far.pop(name)
        return [name for name in wanted if name not in far]

    def _slice(self, readings: Sequence[Reading], most: int) -> None:
        """Read so many tokens of one that lags; its last one is left for when it speaks."""
        reading = max(readings, key=lambda reading: reading.missing)
        most = min(most, reading.missing - 1)
        if most > 0:
            reading.memory.fill(reading.ids, most)

    def _look_ahead(self, names: Sequence[Name]) -> None:
        """One of those that will roll over reads for all of them: who has waited longest, so much the more."""
        lagging = [name for name in names if self._voices[name].lags()]
        if lagging:
            self._steps += 1
            name = min(lagging, key=lambda name: self._served.get(name, 0))
            self._served[name] = self._steps
            self._voices[name].look_ahead(min(len(lagging), PIECES))
