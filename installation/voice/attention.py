"""Attention of one token in each of several rows: each looks back on the text of its own row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from installation.voice.inner import Inside
from installation.voice.kv import Rows

PADDED = 1.5
"""So many times the places that are looked at may be read, if that lets all rows be read as one."""


class Attention:
    """One step of `rows`, whose new tokens stand at `places`. Rows that lie evenly and are about equally
    long are read as one, padded with a mask; others each for itself, with nothing copied: to gather them
    would take several times as long as to look at them. `windows`: 0, or how far a layer looks back."""

    def __init__(
        self, kept: Rows, rows: Sequence[int], places: Sequence[int], windows: Sequence[int]
    ) -> None:
        import torch

        self._torch, self._kept = torch, kept.kept
        self._at, self._here = torch.tensor(rows), torch.tensor(places)
        self._end = max(places) + 1
        apart = rows[1] - rows[0]
        evenly = apart > 0 and all(other - one == apart for one, other in pairwise(rows))
        self._whole = evenly and self._end * len(rows) <= PADDED * (sum(places) + len(rows))
        if self._whole:
            self._part = self._kept[rows[0] : rows[-1] + 1 : apart]
            self._masks = {window: self._mask(window) for window in windows}
        else:
            self._starts = {
                window: [max(0, at + 1 - window) if window else 0 for at in places] for window in windows
            }
            self._views = {window: self._seen(kept, rows, places, window) for window in windows}

    def look(self, number: int, window: int, asked: Any, held: Any, inside: Inside) -> Any:
        """What layer `number` finds: from queries (rows, fewer, heads / fewer, size), already scaled, and
        the new keys and values (rows, 2, fewer, size), which are kept. (rows, width)."""
        self._kept[self._at, number, :, :, self._here] = held
        found = self._as_one if self._whole else self._each
        return found(number, window, asked, inside).reshape(len(self._at), -1)

    def _as_one(self, number: int, window: int, asked: Any, inside: Inside) -> Any:
        near = self._part[:, number]
        keys, values, mask = near[:, 0, :, : self._end], near[:, 1, :, : self._end], self._masks[window]
        if inside.layer == number:
            inside.look(asked, keys, mask)
        mask = mask.expand(-1, -1, asked.shape[2], -1)
        return self._torch.nn.functional.scaled_dot_product_attention(asked, keys, values, mask, scale=1.0)

    def _each(self, number: int, window: int, asked: Any, inside: Inside) -> Any:
        bmm, softmax = self._torch.bmm, self._torch.softmax
        said = self._torch.empty_like(asked)
        told = None
        if inside.layer == number:
            told = asked.new_zeros((*asked.shape[:3], self._end))
        views = self._views[window]
        for row, (query, out) in enumerate(zip(asked.unbind(0), said.unbind(0), strict=True)):
            keys, values = views[row]
            weights = softmax(bmm(query, keys[number]), -1)
            if told is not None:
                start = self._starts[window][row]
                told[row, :, :, start : start + weights.shape[-1]] = weights
            bmm(weights, values[number], out=out)
        if told is not None:
            inside.tell(told)
        return said

    def _mask(self, window: int) -> Any:
        """(rows, 1, 1, places): what each row may look at."""
        there = self._torch.arange(self._end)
        here = self._here[:, None]
        return ((there <= here) & (there > here - (window or self._end + 1)))[:, None, None]

    def _seen(self, kept: Rows, rows: Sequence[int], places: Sequence[int], window: int) -> list[Any]:
        """Each row's keys and values of all layers, the new token's place among them."""
        starts: Mapping[int, list[int]] = self._starts
        return [
            kept.views(row, start, at + 1)
            for row, at, start in zip(rows, places, starts[window], strict=True)
        ]
