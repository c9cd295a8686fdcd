"""What goes on inside a decoder, for who asks: where a layer looks, what each layer would say; and a push."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from installation.voice.families import Outside, Shape

SMALL = 1 << 22
"""Numbers up to which a head is held in float32 for the lens; of a larger one a few columns are turned."""


class Inside:
    """Taps on a decoder, all closed at first; what they gave is that of the last step.

    `layer`: the layer whose attention is kept, -1 for none."""

    def __init__(self, around: Outside, norm: Callable[[Any], Any], shape: Shape) -> None:
        self.layer = -1
        self.asked = False
        self._watched, self._resting = -1, False
        self._lens: dict[int, int] = {}  # the layers that the lens is put to, and where each stands
        self._norm, self._shape = norm, shape
        self._head = around.head.weight.detach().t()
        if self._head.numel() <= SMALL:
            self._head = self._head.float()
        self._bias = None if around.head.bias is None else around.head.bias.detach().float()
        self._stages: Any = None  # what those layers made of the token: (layers, width)
        self._slots: Sequence[Any] = ()  # (1, width) of it each
        self._many: list[Any] = []  # the same of several rows: (rows, width) each, until they are joined
        self._joined: Any = None  # (rows, layers, width)
        self._weights: Any = None  # (rows, fewer, heads / fewer, places), of one row alone without rows
        self._pushes: dict[int, Mapping[int, Any]] = {}
        self._kept: list[Any] = []
        self.keeps = -1

    def watch(self, *, attention: int | None = None, lens: Iterable[int] = ()) -> None:
        """Keep the attention of a layer, or of none; keep what these layers make of the text."""
        import torch

        assert attention is None or 0 <= attention < self._shape.layers, "there is no such layer"
        self._watched = -1 if attention is None else attention
        self._lens = {layer: at for at, layer in enumerate(sorted(lens))}
        self._stages = torch.zeros(len(self._lens), self._shape.width) if self._lens else None
        self._slots = () if self._stages is None else self._stages.split(1)
        self._weights, self._many, self._joined = None, [], None
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

        kept, self._kept, self.keeps = self._kept, [], layer
        self._ask()
        return torch.cat(kept) if kept else None

    def _ask(self) -> None:
        self.layer = -1 if self._resting else self._watched
        self.asked = bool(self._pushes) or self.keeps >= 0 or (bool(self._lens) and not self._resting)

    def looked(self, row: int, length: int) -> Look | None:
        """What went on in the last step in the row that stood at `row` in it and holds `length` tokens
        now. It stays as it is when the decoder goes on. None while nobody watches."""
        if self._weights is None and self._stages is None:
            return None
        weights = self._weights
        if weights is not None and weights.ndim == 4:
            weights = weights[row]
        stages = self._stages
        if self._many:
            import torch

            self._joined, self._many = torch.stack(self._many, 1), []
        if self._joined is not None:
            stages = self._joined[row]
        elif stages is not None:
            stages = stages.clone()
        return Look(self, weights, length, stages)

    def shares(self, stages: Any, ids: Sequence[int]) -> Any:
        """How `ids` share among themselves if the text ended with what a layer made of it, `stages`
        (layers, width): (layers, ids)."""
        import torch

        with torch.inference_mode():
            columns = torch.embedding(self._head, torch.tensor(ids)).float()
            bias = None if self._bias is None else self._bias[list(ids)]
            return torch.nn.functional.linear(self._norm(stages), columns, bias).softmax(1)

    def after(self, number: int, x: Any, rows: Sequence[int]) -> None:
        """What a layer made of the tokens, x (tokens, width): of one row, or one token of each."""
        for at, row in enumerate(rows) if self._pushes else ():
            push = self._pushes.get(row)
            if push is not None and number in push:
                (x if len(rows) == 1 else x[at]).add_(push[number])
        if number == self.keeps:
            self._kept.append(x.clone())
        at = -1 if self._resting else self._lens.get(number, -1)
        if at == 0:
            self._many, self._joined = [], None
        if at >= 0 and len(rows) == 1:
            self._slots[at].copy_(x if x.shape[0] == 1 else x[-1:])
        elif at >= 0:
            self._many.append(x.clone())

    def seen(self, weights: Any) -> None:
        """Where the watched layer looked: (fewer, heads / fewer, places), a sum of 1 in each head."""
        self._weights = weights

    def tell(self, weights: Any) -> None:
        """The same of several rows: (rows, fewer, heads / fewer, places)."""
        self._weights = weights

    def look(self, asked: Any, keys: Any, mask: Any) -> None:
        """The same from queries (rows, fewer, heads / fewer, size) and keys (rows, fewer, places, size)."""
        self._weights = (asked @ keys.transpose(-1, -2)).masked_fill(~mask, float("-inf")).softmax(-1)


@dataclass(frozen=True, slots=True)
class Look:
    """What went on in one row of a decoder as it read a token; see forward.Look.

    `weights`: where the watched layer looked, (fewer, heads / fewer, places and more), None: nobody watched;
    the row holds `length` tokens. `stages`: what the lens is put to, (layers, width), or None."""

    inside: Inside
    weights: Any
    length: int
    stages: Any

    def attention(self) -> Any:
        """The mean over the heads: (places,), a sum of 1, in numpy."""
        if self.weights is None:
            return None
        weights = self.weights.numpy()
        heads = weights.reshape(-1, weights.shape[-1])[:, : self.length]
        return heads.sum(0) / len(heads)

    def lens(self, ids: Sequence[int]) -> Any:
        """How `ids` share among themselves after each of those layers: (layers, ids), in numpy."""
        return None if self.stages is None else self.inside.shares(self.stages, ids).numpy()
