"""What a model has read of one context: only what differs is read anew."""

from __future__ import annotations

from typing import Any

from installation.voice.context import Tokens, common
from installation.voice.forward import Ahead, Forward


class Memory:
    """A Forward, and what it has read. Contexts are whole: a prompt, and the text behind it."""

    def __init__(self, forward: Forward) -> None:
        self.forward = forward
        self.read: Tokens = ()
        self._ahead = forward if isinstance(forward, Ahead) else None

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

    def look_ahead(self, ids: Tokens, most: int) -> None:
        """Come closer to the context that comes after this one, by at most so many tokens."""
        if self._ahead and ids != self._ahead.waiting:
            self._ahead.ahead(ids, self.read, most)

    def _turn(self, ids: Tokens) -> None:
        """Go over to what was read ahead, where that is nearer to a context."""
        same = common(self.read, ids)
        if self._ahead and same < len(self.read) and common(self._ahead.waiting, ids) > same:
            self.read = self._ahead.swap(self.read)
