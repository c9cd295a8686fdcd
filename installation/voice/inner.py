"""What goes on inside a decoder, for who asks: where a layer looks, what each layer would say; and a push."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from installation.voice.families import Outside, Shape


class Inside:
    """Taps on a decoder, all closed at first; what they gave is that of the last step.

    `layer`: the layer whose attention is kept, -1 for none."""

    def __init__(self, around: Outside, norm: Callable[[Any], Any], shape: Shape) -> None:
        self.layer = -1
        self.asked = False
        self._watched, self._lens, self._lowest, self._resting = -1, frozenset[int](), 0, False
        self._around, self._norm, self._shape = around, norm, shape
        self._hidden: list[Any] = []
        self._weights: Any = None
        self._pushes: dict[int, Mapping[int, Any]] = {}
        self._kept: list[Any] = []
        self._keeps = -1

    def watch(self, *, attention: int | None = None, lens: Iterable[int] = ()) -> None:
        """Keep the attention of a layer, or of none; keep what these layers make of the text."""
        assert attention is None or 0 <= attention < self._shape.layers, "there is no such layer"
        self._watched = -1 if attention is None else attention
        self._lens = frozenset(lens)
        self._lowest = min(self._lens, default=0)
        self._weights, self._hidden = None, []
        self._ask()

    def rest(self, *, resting: bool) -> None:
        """Look away while the decoder reads what nobody asks about; pushes go on."""
        self._resting = resting
        self._ask()

    def push(self, row: int, pushes: Mapping[int, Any]) -> None:
        """From now on add to a row's stream after each of these layers what is given for it (width,), at
        every token that is read; nothing given ends it. What was read before stays as it is."""
        if pushes:
            self._pushes[row] = pushes
        else:
            self._pushes.pop(row, None)
        self._ask()

    def keep(self, layer: int) -> Any:
        """The stream after a layer of all that was read since this was last called, (tokens, width), or
        None; from now on that after `layer` is kept, -1: of none."""
        import torch

        kept, self._kept, self._keeps = self._kept, [], layer
        self._ask()
        return torch.cat(kept) if kept else None

    def _ask(self) -> None:
        self.layer = -1 if self._resting else self._watched
        self.asked = bool(self._pushes) or self._keeps >= 0 or (bool(self._lens) and not self._resting)

    def looked(self, row: int, length: int) -> Look | None:
        """What went on in the last step in the row that stood at `row` in it and holds `length` tokens
        now. It stays as it is when the decoder goes on. None while nobody watches."""
        if self._weights is None and not self._hidden:
            return None
        weights = None if self._weights is None else self._weights[row, ..., :length]
        return Look(weights, self._hidden, row, self._around, self._norm)

    def after(self, number: int, x: Any, rows: Sequence[int]) -> None:
        """What a layer made of the tokens, x (tokens, width): of one row, or one token of each."""
        for at, row in enumerate(rows) if self._pushes else ():
            push = self._pushes.get(row)
            if push is not None and number in push:
                (x if len(rows) == 1 else x[at]).add_(push[number])
        if number == self._keeps:
            self._kept.append(x.clone())
        if number in self._lens and not self._resting:
            if number == self._lowest:
                self._hidden = []
            self._hidden.append(x[-1:].clone() if len(rows) == 1 else x.clone())

    def seen(self, weights: Any) -> None:
        """Where the watched layer looked: (fewer, heads / fewer, places), a sum of 1 in each head."""
        self._weights = weights[None]

    def look(self, asked: Any, keys: Any, mask: Any) -> None:
        """The same from queries (rows, fewer, heads / fewer, size) and keys (rows, fewer, places, size)."""
        self._weights = (asked @ keys.transpose(-1, -2)).masked_fill(~mask, float("-inf")).softmax(-1)


@dataclass(frozen=True, slots=True)
class Look:
    """What went on in one row of a decoder as it read a token; see forward.Look."""

    weights: Any
    """Where the watched layer looked: (fewer, heads / fewer, places); None: no layer is watched."""

    hidden: Sequence[Any]
    """What each layer asked about made of the tokens: (rows, width) each."""

    row: int
    around: Outside
    norm: Callable[[Any], Any]

    def attention(self) -> Any:
        """The mean over the heads: (places,), a sum of 1, in numpy."""
        return None if self.weights is None else self.weights.mean((0, 1)).numpy()

    def lens(self, ids: Sequence[int]) -> Any:
        """The logits of `ids` if the text ended after each of those layers: (layers, ids), in numpy."""
        import torch

        if not self.hidden:
            return None
        head, wanted = self.around.head, torch.tensor(ids)
        with torch.inference_mode():
            hidden = self.norm(torch.stack([each[self.row] for each in self.hidden]))
            logits = hidden @ head.weight.t()[wanted].float().t()
            return (logits if head.bias is None else logits + head.bias[wanted]).numpy()
