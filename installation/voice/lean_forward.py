"""The engine's Forward over our own decoder: one row speaks, a second one reads ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from installation.errors import VoiceError
from installation.voice.context import common
from installation.voice.decoder import Decoder
from installation.voice.forward import Look
from installation.voice.insight import layer_of, told_layers
from installation.voice.weights import first_line


class LeanForward:
    """Two rows of a Decoder, from `first` on, as an engine's Forward, Ahead, Together and Inward; tokens
    beyond `vocabulary` have no logit."""

    def __init__(self, decoder: Decoder, vocabulary: int, first: int = 0) -> None:
        assert decoder.rows.lengths[first:] == [0, 0], "one row speaks, one reads ahead"
        self._decoder, self._vocabulary = decoder, vocabulary
        self.limit = decoder.limit
        self._first = self._row = first
        self.waiting: tuple[int, ...] = ()
        self.layers = decoder.shape.layers

    def stream(self, ids: Sequence[int], layer: int) -> Any:
        """What stands in the stream after a layer at each of `ids`; see vectors.Leans."""
        self.crop(0)
        self._decoder.inside.keep(layer)
        self.fill(ids)
        return self._decoder.inside.keep(-1).numpy()

    def lean(self, pushes: Mapping[int, Any]) -> None:
        """Add these to the stream from now on; see vectors.Leans."""
        tensors = {layer: self._decoder.tensor(push) for layer, push in pushes.items()}
        for row in (self._first, self._first + 1):
            self._decoder.inside.push(row, tensors)
        self._look: Look | None = None

    def watch(self, attention_layer: object = "auto") -> tuple[str, ...]:
        """Tell from now on what goes on inside, see layer_of; what of Inner that is. Raises VoiceError."""
        layers = self._decoder.shape.layers
        watched = layer_of(attention_layer, layers)
        self._decoder.inside.watch(attention=watched, lens=told_layers(layers))
        return "attention", "lens"

    def look(self) -> Look | None:
        """What went on inside in the last run, or in the last step together with others."""
        return self._look

    def run(self, ids: Sequence[int]) -> Any:
        """Read `ids`; the logits of the next token in numpy, overwritten by the next run with this decoder."""
        try:
            logits = self._decoder.read(self._row, ids).numpy()[: self._vocabulary]
        except (RuntimeError, IndexError) as error:
            raise VoiceError(f"the model cannot go on: {first_line(error)}") from error
        self._see(0)
        return logits

    def _see(self, at: int) -> None:
        """Keep what went on in the last step, in which the row that speaks stood at `at`."""
        self._look = self._decoder.inside.looked(at, self._decoder.rows.lengths[self._row])

    def fill(self, ids: Sequence[int]) -> None:
        """Read `ids` and think no further."""
        try:
            self._decoder.fill(self._row, ids)
        except (RuntimeError, IndexError) as error:
            raise VoiceError(f"the model cannot read on: {first_line(error)}") from error

    def another(self) -> LeanForward:
        """Two more rows of the decoder."""
        try:
            return LeanForward(self._decoder, self._vocabulary, self._decoder.grow(2))
        except RuntimeError as error:
            raise VoiceError(f"there is no room for another prompt: {first_line(error)}") from error

    def together(self, memories: Sequence[LeanForward], ids: Sequence[int]) -> Any:
        """Read a token into the speaking row of each of several; their logits in numpy."""
        order = sorted(range(len(memories)), key=lambda at: memories[at]._row)
        rows = [memories[at]._row for at in order]
        try:
            logits = self._decoder.step(rows, [ids[at] for at in order]).numpy()[:, : self._vocabulary]
        except (RuntimeError, IndexError) as error:
            raise VoiceError(f"the model cannot go on: {first_line(error)}") from error
        for place, at in enumerate(order):
            memories[at]._see(place)
        if all(at == place for place, at in enumerate(order)):
            return logits
        return logits[sorted(range(len(order)), key=order.__getitem__)]

    def crop(self, length: int) -> int:
        """Forget all but the first `length` tokens."""
        length = min(length, self._decoder.rows.lengths[self._row])
        self._decoder.crop(self._row, length)
        return length

    def lend(self, length: int) -> Any:
        """A copy of the first `length` tokens' keys and values."""
        return self._decoder.lend(self._row, length)

    def borrow(self, kept: Any) -> None:
        """Hold what was lent, and no more."""
        self._decoder.borrow(self._row, kept)

    def ahead(self, ids: tuple[int, ...], read: tuple[int, ...], most: int) -> None:
        """Read up to `most` of `ids` in the second row; what begins as `read`, the first row, is copied."""
        rows, other = self._decoder.rows, self._other
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
        self._row = self._other
        held, self.waiting = self.waiting, read
        return held

    @property
    def _other(self) -> int:
        """The row that reads ahead."""
        return 2 * self._first + 1 - self._row
