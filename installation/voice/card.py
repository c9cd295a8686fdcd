"""A model on a graphics card: its decoder, its step, and which of its rows are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from installation.voice.device_decoder import SLICE, DeviceDecoder
from installation.voice.device_step import DeviceStep
from installation.voice.drawing import Decided, Drawing
from installation.voice.pair import Pair, no_room, told


class Card:
    """A decoder on a device and the step over it: a Pair's Texts. Its rows are held from the start, because
    what was recorded knows where they lie. Logits stay on the device. `never`: tokens
    that nobody may sample."""

    def __init__(self, decoder: DeviceDecoder, never: Sequence[int] = ()) -> None:
        self.decoder = decoder
        self.limit, self.lengths = decoder.limit, decoder.lengths
        self._rows = len(decoder.lengths) - 1
        self.steps = DeviceStep(decoder, self._rows // 2, never)
        self._taken = 0

    def take(self) -> int:
        """Two rows that nobody has; the number of the first. Raises VoiceError."""
        if self._taken + 2 > self._rows:
            raise no_room(range(self._rows))
        self._taken += 2
        return self._taken - 2

    def read(self, text: int, ids: Sequence[int]) -> Any:
        """Read `ids`, one at least, behind what a row holds; the logits after them (vocabulary,)."""
        if len(ids) == 1:
            return self.step([text], ids)[0]
        logits = None
        for at in range(0, len(ids), SLICE):
            logits = self.decoder.fill(text, ids[at : at + SLICE])
        return logits

    def fill(self, text: int, ids: Sequence[int]) -> None:
        """Read `ids`, one at least."""
        self.read(text, ids)

    def step(self, texts: Sequence[int], ids: Sequence[int]) -> Any:
        """Read one token into each of several rows; the logits of each (rows, vocabulary)."""
        with told():
            return self.steps.run(texts, ids, sampled=False)[0].clone()  # the next step writes there

    def decide(
        self, texts: Sequence[int], ids: Sequence[int], mix: Any, drawings: Sequence[Drawing]
    ) -> list[Decided]:
        """As `step`, and a token drawn by each of `drawings`; see forward.Deciding."""
        chooser = self.steps.chooser(len(texts))
        chooser.rest()
        fits = [
            each.remembered is None
            and chooser.set(voice, each.steering, each.noise, each.recent, each.leaning)
            for voice, each in enumerate(drawings)
        ]
        with told():
            logits, table = self.steps.run(texts, ids, mix, sampled=any(fits))
            kept = logits.clone()  # the next step overwrites them, and a voice may have to draw anew
        rows = [table[at] if fit else None for at, fit in enumerate(fits)]
        return [Decided(kept[at], rows[at], drawing) for at, drawing in enumerate(drawings)]

    def crop(self, text: int, length: int) -> None:
        """Forget all but the first `length` tokens of a row."""
        self.decoder.crop(text, length)

    def lend(self, text: int, length: int) -> Any:
        """A copy of what is held of a row's first `length` tokens; `nbytes` is its size."""
        return self.decoder.lend(text, length)

    def borrow(self, text: int, kept: Any) -> None:
        """Make a row hold what was lent, and no more."""
        self.decoder.borrow(text, kept)

    def copy(self, source: int, target: int, length: int) -> None:
        """Make a row hold the first `length` tokens of another."""
        self.decoder.copy(source, target, length)


class CardPair(Pair):
    """Two rows of a card as an engine's Forward, which also decides."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self._card = card
        self.layers = card.decoder.shape.layers

    def stream(self, ids: Sequence[int], layer: int) -> Any:
        """What stands in the stream after a layer at each of `ids`; see vectors.Leans."""
        found: list[Any] = []
        self.crop(0)
        with told():
            self._card.decoder.fill(
                self._text, ids, lambda number, x: found.append(x.float().cpu()) if number == layer else None
            )
        self.crop(0)
        return found[0].numpy()

    def lean(self, pushes: Mapping[int, Any]) -> None:
        """Add these to the stream from now on; see vectors.Leans."""
        import torch

        decoder = self._card.decoder
        for row in (self._text, self._other):
            decoder.push(row, 0, None)
            for layer, push in pushes.items():
                decoder.push(row, layer, torch.from_numpy(push))

    def another(self) -> CardPair:
        """Two more rows of the card."""
        return CardPair(self._card)

    def decide(
        self, memories: Sequence[CardPair], ids: Sequence[int], mix: Any, drawings: Sequence[Drawing]
    ) -> list[Decided]:
        """See forward.Deciding."""
        return self._card.decide([memory._text for memory in memories], ids, mix, drawings)
