"""The engine's Forward over our own decoder: one row speaks, a second one reads ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from installation.errors import VoiceError
from installation.voice.context import common
from installation.voice.decoder import Decoder
from installation.voice.weights import first_line


class LeanForward:
    """A Decoder of two rows as an engine's Forward and Ahead; tokens beyond `vocabulary` have no logit."""

    def __init__(self, decoder: Decoder, vocabulary: int) -> None:
        assert decoder.rows.lengths == [0, 0], "one row speaks, one reads ahead"
        self._decoder, self._vocabulary = decoder, vocabulary
        self.limit = decoder.limit
        self._row = 0
        self.waiting: tuple[int, ...] = ()

    def run(self, ids: Sequence[int]) -> Any:
        """Read `ids`; the logits of the next token in numpy, overwritten by the next run."""
        try:
            return self._decoder.read(self._row, ids).numpy()[: self._vocabulary]
        except (RuntimeError, IndexError) as error:
            raise VoiceError(f"the model cannot go on: {first_line(error)}") from error

    def crop(self, length: int) -> int:
        """Forget all but the first `length` tokens."""
        length = min(length, self._decoder.rows.lengths[self._row])
        self._decoder.crop(self._row, length)
        return length

    def ahead(self, ids: tuple[int, ...], read: tuple[int, ...], most: int) -> None:
        """Read up to `most` of `ids` in the second row; what begins as `read`, the first row, is copied."""
        rows, other = self._decoder.rows, 1 - self._row
        known, copied = common(self.waiting, ids), common(read, ids)
        if copied > known:
            self._decoder.copy(self._row, other, copied)
            known = copied
        rows.crop(other, known)
        more = ids[known : known + most]
        self.waiting = ()  # should the model fail now, nothing is known of its memory
        try:
            self._decoder.fill(other, more)
        except (RuntimeError, IndexError) as error:
            raise VoiceError(f"the model cannot read ahead: {first_line(error)}") from error
        self.waiting = ids[: known + len(more)]

    def swap(self, read: tuple[int, ...]) -> tuple[int, ...]:
        """Go on in the second row; what it holds. `read` is what the first one holds and now waits."""
        self._row = 1 - self._row
        held, self.waiting = self.waiting, read
        return held
