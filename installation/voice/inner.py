"""What goes on inside a decoder, for who asks: where a layer looks, what each layer would say; and a push."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from installation.voice.families import Outside, Shape


class Inside:
    """Taps on a decoder, all closed at first; what they gave is that of the last step.

    `layer`: the layer whose attention is kept, -1 for none."""

    def __init__(self, around: Outside, norm: Callable[[Any], Any], shape: Shape) -> None:
        self.layer = -1
        self.asked = False
        self._lens = False
        self._around, self._norm, self._shape = around, norm, shape
        self._hidden: list[Any] = []
        self._weights: Any = None
        self._pushes: dict[int, tuple[int, Any, float]] = {}

    def watch(self, *, attention: int | None = None, lens: bool = False) -> None:
        """Keep the attention of a layer, or of none; keep what each layer makes of the text, or not."""
        assert attention is None or 0 <= attention < self._shape.layers, "there is no such layer"
        self.layer = -1 if attention is None else attention
        self._lens = lens
        self._weights, self._hidden = None, []
        self.asked = lens or bool(self._pushes)

    def push(self, row: int, layer: int, direction: Any, weight: float) -> None:
        """Add `weight` times a direction (width,) to a row's stream after a layer, from now on; 0 ends it."""
        if weight:
            self._pushes[row] = (layer, direction, weight)
        else:
            self._pushes.pop(row, None)
        self.asked = self._lens or bool(self._pushes)

    def attention(self) -> Any:
        """How much the watched layer looked at each place, the mean over its heads: (rows, places),
        each row's sum 1. The last place is the token just read. None while nothing is watched."""
        return None if self._weights is None else self._weights.mean((1, 2))

    def lens(self, ids: Sequence[int], row: int = 0) -> Any:
        """The logits of `ids` if the text ended after each layer (nostalgebraist, logit lens, 2020):
        (layers, ids), of the row that stood at `row` in the last step. None while nobody asked."""
        import torch

        if not self._hidden:
            return None
        head, wanted = self._around.head, torch.tensor(list(ids))
        with torch.inference_mode():
            hidden = self._norm(torch.stack([each[row] for each in self._hidden]))
            logits = hidden @ head.weight[:, wanted].float()
            return logits if head.bias is None else logits + head.bias[wanted]

    def after(self, number: int, x: Any, rows: Sequence[int]) -> None:
        """What a layer made of the tokens, x (tokens, width): of one row, or one token of each."""
        for row, (layer, direction, weight) in self._pushes.items():
            if layer == number and row in rows:
                part = x if len(rows) == 1 else x[rows.index(row)]
                part.add_(direction, alpha=weight)
        if self._lens:
            if number == 0:
                self._hidden = []
            self._hidden.append(x[-1:].clone() if len(rows) == 1 else x.clone())

    def seen(self, weights: Any) -> None:
        """Where the watched layer looked: (fewer, heads / fewer, places), a sum of 1 in each head."""
        self._weights = weights[None]

    def look(self, asked: Any, keys: Any, mask: Any) -> None:
        """The same from queries (rows, fewer, heads / fewer, size) and keys (rows, fewer, places, size)."""
        self._weights = (asked @ keys.transpose(-1, -2)).masked_fill(~mask, float("-inf")).softmax(-1)
