"""The engine's Forward over our own decoder: a pair of its rows, which also leans and tells what goes on inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from installation.voice.decoder import Decoder
from installation.voice.forward import Look
from installation.voice.insight import layer_of, told_layers
from installation.voice.pair import Pair, told


class DecoderTexts:
    """The rows of a decoder, two of which are there, as a Pair's Texts; tokens beyond `vocabulary` have no
    logit. Logits are numpy's, and those of one row are overwritten by the next step. `looks`: what went
    on inside as a text was last read; see forward.Look."""

    def __init__(self, decoder: Decoder, vocabulary: int) -> None:
        assert decoder.rows.lengths == [0, 0], "one row speaks, one reads ahead"
        self.decoder, self._vocabulary = decoder, vocabulary
        self.limit, self.lengths = decoder.limit, decoder.rows.lengths
        self.looks: dict[int, Look | None] = {}
        self.fill, self.crop, self.copy = decoder.fill, decoder.crop, decoder.copy
        self.lend, self.borrow = decoder.lend, decoder.borrow
        self._taken = False

    def take(self) -> int:
        """Two rows, the first ones or new ones; the number of the first. Raises VoiceError."""
        if self._taken:
            with told():
                return self.decoder.grow(2)
        self._taken = True
        return 0

    def read(self, text: int, ids: Sequence[int]) -> Any:
        """Read `ids`, one at least, behind what a row holds; the logits after them (vocabulary,)."""
        logits = self.decoder.read(text, ids).numpy()[: self._vocabulary]
        self.looks[text] = self.decoder.inside.looked(0, self.lengths[text])
        return logits

    def step(self, texts: Sequence[int], ids: Sequence[int]) -> Any:
        """Read one token into each of several rows; the logits of each (rows, vocabulary)."""
        order = sorted(range(len(texts)), key=texts.__getitem__)
        rows = [texts[at] for at in order]
        logits = self.decoder.step(rows, [ids[at] for at in order]).numpy()[:, : self._vocabulary]
        for place, row in enumerate(rows):
            self.looks[row] = self.decoder.inside.looked(place, self.lengths[row])
        if rows == list(texts):
            return logits
        return logits[sorted(range(len(order)), key=order.__getitem__)]


class LeanForward(Pair):
    """Two rows of a Decoder as an engine's Forward, Ahead, Together, Lending and Inward, and as vectors.Leans."""

    def __init__(self, decoder: Decoder, vocabulary: int, texts: DecoderTexts | None = None) -> None:
        self._rows = texts or DecoderTexts(decoder, vocabulary)
        super().__init__(self._rows)
        self._decoder, self._vocabulary = decoder, vocabulary
        self.layers = decoder.shape.layers

    def another(self) -> LeanForward:
        """Two more rows of the decoder."""
        return LeanForward(self._decoder, self._vocabulary, self._rows)

    def stream(self, ids: Sequence[int], layer: int) -> Any:
        """What stands in the stream after a layer at each of `ids`; see vectors.Leans."""
        self.crop(0)
        self._decoder.inside.keep(layer)
        self.fill(ids)
        return self._decoder.inside.keep(-1).numpy()

    def lean(self, pushes: Mapping[int, Any]) -> None:
        """Add these to the stream from now on; see vectors.Leans."""
        tensors = {layer: self._decoder.tensor(push) for layer, push in pushes.items()}
        for row in (self._text, self._other):
            self._decoder.inside.push(row, tensors)

    def watch(self, attention_layer: object = "auto") -> tuple[str, ...]:
        """Tell from now on what goes on inside, see layer_of; what of Inner that is. Raises VoiceError."""
        watched = layer_of(attention_layer, self.layers)
        self._decoder.inside.watch(attention=watched, lens=told_layers(self.layers))
        return "attention", "lens"

    def look(self) -> Look | None:
        """What went on inside in the last run, or in the last step together with others."""
        return self._rows.looks.get(self._text)
