"""What decides a voice's next token but for the logits; and, where a device decides by itself, what it said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from installation.messages import Steering
from installation.voice.context import Tokens
from installation.voice.device_sampling import choice_of
from installation.voice.sampling import NEVER, Choice, Remembered, choose


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """See sampling.choose. `never` is what the model's vocabulary forbids always."""

    steering: Steering
    noise: float
    recent: Tokens
    leaning: Mapping[int, float]
    never: Mapping[int, float]
    remembered: Remembered | None = None

    def choose(self, logits: Any, forced: int | None = None) -> Choice:
        """The next token after these logits, or after what a device has Decided by this same drawing; or
        `forced`, measured. Raises VoiceError."""
        if isinstance(logits, Decided):
            if forced is None and logits.drawing is self and logits.row is not None:
                return choice_of(logits.row)
            logits = logits.logits
        known = self.remembered if forced is None else None
        leaning = {**self.leaning, **self.never}
        return choose(
            logits, self.steering, self.noise, recent=self.recent, leaning=leaning, forced=forced,
            remembered=known,
        )  # fmt: skip

    def without(self, tokens: Collection[int], remembered: Remembered | None) -> Drawing:
        """The same, with these tokens forbidden too, and this mixed in."""
        leaning = {**self.leaning, **dict.fromkeys(tokens, NEVER)}
        return replace(self, leaning=leaning, remembered=remembered)


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """Logits (vocabulary,) on a device, and its row of what DeviceChooser gives by `drawing`; None where
    that was more than fits."""

    logits: Any
    row: Sequence[float] | None
    drawing: Drawing
