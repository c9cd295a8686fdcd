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
"""Pieces at most of the contexts to come that are read with a step, all of one voice: that many tokens at
once cost half of what they do in twos and threes. Enough for 32 voices whose windows roll over together."""


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
        """Those that can speak in this step. Of the others, one is read: a slice of it where anybody
        speaks, else all that it lacks."""
        if len(wanted) <= 1:
            return [*wanted]
        far = [name for name, readings in wanted.items() if any(each.missing > NEAR for each in readings)]
        ready = [name for name in wanted if name not in far]
        self._late = dict.fromkeys([*(name for name in self._late if name in far), *far])
        if not ready:
            return [next(iter(self._late))]
        if self._late:
            reading = next(each for each in wanted[next(iter(self._late))] if each.missing > NEAR)
            reading.memory.fill(reading.ids, min(SLICE, reading.missing - 1))
        return ready

    def _look_ahead(self, names: Sequence[Name]) -> None:
        """One of those that will roll over reads for all of them: each in its turn, and so much the more."""
        lagging = [name for name in names if self._voices[name].lags()]
        self._steps += 1
        if lagging:
            pieces = min(len(lagging), PIECES)
            self._voices[lagging[self._steps % len(lagging)]].look_ahead(pieces)
