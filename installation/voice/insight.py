"""What is told of a token: what the model thought of it, and what went on inside as it was predicted.

Attention is that of the step that predicted the token: one layer's query at the last token before it, and
how much that looked at each token up to itself. What fell on the prompt, or on text that has no number
any more, is left out and not made up for: a share is one of the whole look. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from installation.errors import VoiceError
from installation.messages import Inner, Rival
from installation.voice.context import Window
from installation.voice.forward import Look
from installation.voice.projection import Floats
from installation.voice.sampling import Choice

LOOKED = 8
"""Most tokens that attention names."""
LAYERS = 12
"""Most layers that the lens tells of, evenly spaced, so that a deep model's recording is no longer."""
DIGITS, PARTS = 4, 10_000
"""Digits behind the point of what is told: enough to draw, and a recording is half as long."""
FINE = 6
"""Those of a rival's probability, which may be small and still be drawn."""


class Insight:
    """Puts together what a model tells. `piece` gives a token as text; `places`: see projection."""

    def __init__(self, piece: Callable[[int], str], places: Floats | None = None) -> None:
        self._piece, self.places = piece, places

    def of(self, choice: Choice, look: Look | None, window: Window, n: int) -> Inner:
        """Token `n` of the text that is seen through `window`, predicted in the step of `look`."""
        ids, rivals = [], []
        for token, share in choice.rivals:
            if text := self._piece(token):
                ids.append(token)
                rivals.append(Rival(text, round(share, FINE), token))
        x, y = (None, None) if self.places is None else self.places[choice.id].tolist()
        return Inner(
            round(choice.surprise, DIGITS),
            round(choice.entropy, DIGITS),
            tuple(rivals),
            None if look is None else remembered(look, window, n),
            None if look is None else formed(look, ids),
            None if x is None or y is None else (x, y),
        )


def remembered(look: Look, window: Window, n: int) -> tuple[tuple[int, float], ...] | None:
    """The tokens that were looked at most before token `n`, each with its share, largest first."""
    shares = look.attention()
    if shares is None:
        return None
    since = n - window.at
    known = min(len(shares), since + len(window.numbers))
    few = shares[len(shares) - known :]
    best = few.argpartition(known - LOOKED)[known - LOOKED :] if known > LOOKED else np.arange(known)
    found = sorted(zip((few[best] * PARTS).round().tolist(), best.tolist(), strict=True), reverse=True)
    first = n - known  # the number of the first, were all of them said in this window
    earlier = known - since
    return tuple(
        (first + at if at >= earlier else window.numbers[at - earlier], share / PARTS)
        for share, at in found
        if share
    )


def formed(look: Look, ids: Sequence[int]) -> tuple[tuple[float, ...], ...] | None:
    """For each of `ids` its share among them after each layer: those of a layer sum to 1."""
    shares = look.lens(ids) if ids else None
    if shares is None:
        return None
    return tuple(tuple([share / PARTS for share in row]) for row in (shares.T * PARTS).round().tolist())


def layer_of(wanted: object, count: int) -> int:
    """The layer, counted from 0, whose attention is told: `auto` is two thirds up. Raises VoiceError."""
    if str(wanted) == "auto":
        return max(0, round(count * 2 / 3) - 1)
    layer = int(str(wanted))
    if not 1 <= layer <= count:
        raise VoiceError(
            f"attention_layer: {layer}: this model has {count} layers; take 1 to {count}, or auto"
        )
    return layer - 1


def told_layers(count: int) -> tuple[int, ...]:
    """The layers, counted from 0, of which the lens tells: all, or LAYERS of them, the last among them."""
    few = min(count, LAYERS)
    return tuple((at + 1) * count // few - 1 for at in range(few))
