"""What a model has read of one context: only what differs is read anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from installation.voice.context import Tokens, common
from installation.voice.forward import Ahead, Forward, Inward, Lending, Look, Together


class Memory:
    """A Forward, and what it has read. Contexts are whole: a prompt, and the text behind it."""

    def __init__(self, forward: Forward) -> None:
        self.forward = forward
        self.read: Tokens = ()
        self.aged = False
        self._ahead = forward if isinstance(forward, Ahead) else None
        self._inward = forward if isinstance(forward, Inward) else None

    def look(self) -> Look | None:
        """What went on inside in the last `run`, or in the model's last step together with others."""
        return self._inward.look() if self._inward else None

    def missing(self, ids: Tokens) -> int:
        """How many tokens of a context it has not read."""
        self._turn(ids)
        return len(ids) - common(self.read, ids)

    def run(self, ids: Tokens) -> Any:
        """The logits after a context."""
        self._turn(ids)
        same = min(common(self.read, ids), len(ids) - 1)
        self.read = ()  # should the model fail now, nothing is known of its memory
        same = self.forward.crop(same)
        logits = self.forward.run(ids[same:])
        self.read = ids
        return logits

    def fill(self, ids: Tokens, most: int) -> None:
        """Come closer to a context by at most so many tokens."""
        self._turn(ids)
        same = common(self.read, ids)
        self.read = ()
        same = self.forward.crop(same)
        piece = ids[same : same + most]
        self.forward.fill(piece)
        self.read = ids[: same + len(piece)]

    def age(self) -> None:
        """What was read was read by a model that is another now: nothing new may begin with it."""
        self.aged = True
        if self._ahead:
            self._ahead.waiting = ()

    def forget(self) -> None:
        """Give up what was read, where it has aged."""
        if self.aged:
            self.read, self.aged = (), False

    def leave(self, ids: Tokens) -> None:
        """Keep of what was read what comes before the last token of a context, which was all but read."""
        self.read = ()  # should the model fail now, nothing is known of its memory
        self.forward.crop(len(ids) - 1)

    def borrow(self, prompt: Tokens, kept: Any) -> None:
        """Begin with a prompt that another memory has read; `kept` is what that one made of it."""
        assert isinstance(self.forward, Lending), "what is lent can be borrowed"
        self.read = ()
        self.forward.borrow(kept)
        self.read = prompt

    def look_ahead(self, ids: Tokens, most: int) -> None:
        """Come closer to the context that comes after this one, by at most so many tokens."""
        if self._ahead and self.lags(ids):
            self._ahead.ahead(ids, self.read, most)

    def lags(self, ids: Tokens) -> bool:
        """Whether a context that comes after this one is still to be read."""
        return self._ahead is not None and ids != self._ahead.waiting

    def _turn(self, ids: Tokens) -> None:
        """Go over to what was read ahead, where that is nearer to a context."""
        same = common(self.read, ids)
        if self._ahead and same < len(self.read) and common(self._ahead.waiting, ids) > same:
            self.read = self._ahead.swap(self.read)


@dataclass(frozen=True, slots=True)
class Reading:
    """A context that a memory shall have read, and how much what follows from it counts beside others."""

    memory: Memory
    ids: Tokens
    share: float = 1.0

    @property
    def missing(self) -> int:
        """How many tokens it lacks."""
        return self.memory.missing(self.ids)


def read(readings: Sequence[Reading]) -> list[Any]:
    """The logits after each context, all of one model's memories: those that lack their last token only
    take one step together, where the model can, and the others are read before, one after the other."""
    if len(readings) == 1:
        return [readings[0].memory.run(readings[0].ids)]
    joint = [at for at, reading in enumerate(readings) if reading.missing <= 1]
    if len(joint) < 2 or not isinstance(readings[0].memory.forward, Together):
        joint = []
    found: dict[int, Any] = {}
    for at, reading in enumerate(readings):
        if at not in joint:  # the next run may overwrite what this one gives
            logits = reading.memory.run(reading.ids)
            found[at] = logits.copy() if hasattr(logits, "copy") else logits.clone()
    found |= zip(joint, _in_step([readings[at] for at in joint]), strict=True)
    return [found[at] for at in range(len(readings))]


def _in_step(readings: Sequence[Reading]) -> Sequence[Any]:
    """The logits after contexts that lack their last token only."""
    if not readings:
        return ()
    for reading in readings:
        reading.memory.leave(reading.ids)
    forwards = [reading.memory.forward for reading in readings]
    first: Any = forwards[0]
    logits: Sequence[Any] = first.together(forwards, [reading.ids[-1] for reading in readings])
    for reading in readings:
        reading.memory.read = reading.ids
    return logits
