"""Where each token has its place: the embedding seen from the side on which it is widest. Pure.

Two principal components of the token vectors, with two corrections. A vocabulary lists common tokens
first, and its rarely trained end would fill the picture: so a token weighs as much as Zipf's law says
that it is used. And what differs most between token vectors is their length, which tells of frequency
and not of sense (Mu and Viswanath, All-but-the-Top, 2018): that direction is taken out before.

The components come by subspace iteration (Halko, Martinsson and Tropp, Finding structure with
randomness, 2011) from a fixed beginning: the same weights give the same places on every machine, but for
the last digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

COMMON = 8192
"""How many tokens, the first of the vocabulary, say which way to look."""
USUAL = 100
"""Token number k is used as often as 1 / (USUAL + k)."""
AT_ONCE = 8192
"""Tokens projected at once, so that a large vocabulary is never held twice."""
BREADTH, ROUNDS = 16, 8
WITHIN, EDGE = 0.95, 0.8
"""So much of what is used lies within EDGE on each axis; the rest is pressed softly towards 1."""


def places(rows: Callable[[slice], Floats], count: int, common: Sequence[int] = ()) -> Floats:
    """The place of each token, (count, 2), each number between -1 and 1; `rows` gives token vectors. `common`:
    the tokens that are used, the commonest first, where the vocabulary is in another order."""
    first = rows(slice(0, count))[list(common[:COMMON])] if common else rows(slice(0, min(count, COMMON)))
    few = first.astype(np.float32)
    used = (1 / (USUAL + np.arange(len(few)))).astype(np.float32)
    used /= used.sum()
    lengths = np.linalg.norm(few, axis=1)
    middle = used @ few
    few = few - middle
    longer, share = _longer(few, lengths - used @ lengths, used)
    few -= np.outer(few @ longer, longer) * share
    axes = _axes(few * np.sqrt(used)[:, None])
    scale = np.arctanh(EDGE) / np.maximum(_reach(np.abs(few @ axes), used), 1e-12)
    axes = (axes - np.outer(longer, longer @ axes) * share) * scale
    parts = (rows(slice(at, min(at + AT_ONCE, count))) for at in range(0, count, AT_ONCE))
    seen = [np.tanh(part.astype(np.float32, copy=False) @ axes - middle @ axes) for part in parts]
    return np.round(np.concatenate(seen).astype(np.float64), 4)


def _longer(centred: Floats, lengths: Floats, used: Floats) -> tuple[Floats, float]:
    """The direction (width,) in which vectors grow longer, and which share of the lengths' variance it
    explains: of that much it is taken out."""
    along = (used * lengths) @ centred
    along /= max(float(np.linalg.norm(along)), 1e-12)
    seen = centred @ along
    whole = float(used @ lengths**2) * float(used @ seen**2)
    return along, float(used @ (lengths * seen)) ** 2 / whole if whole > 0 else 0.0


def _axes(centred: Floats) -> Floats:
    """The two directions (width, 2) in which the rows differ most, widest first, each turned so that its
    largest number is positive."""
    width = centred.shape[1]
    breadth = min(BREADTH, width)
    raw = np.random.Philox(key=0).random_raw(width * breadth) >> np.uint64(40)
    basis = (raw.astype(np.float32) / np.float32(1 << 24) - np.float32(0.5)).reshape(width, breadth)
    for _ in range(ROUNDS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]
    seen = (centred @ basis).astype(np.float64)
    values, turns = np.linalg.eigh(seen.T @ seen)
    axes = basis @ turns[:, np.argsort(-values)[:2]].astype(np.float32)
    largest = axes[np.abs(axes).argmax(0), range(axes.shape[1])]
    return np.asarray(axes * np.where(largest < 0, -1, 1), np.float32)


def _reach(far: Floats, used: Floats) -> Floats:
    """On each axis how far away WITHIN of what is used lies at most."""
    order = np.argsort(far, axis=0)
    share = np.cumsum(used[order], axis=0)
    at = [int(np.searchsorted(share[:, axis], WITHIN * share[-1, axis])) for axis in range(far.shape[1])]
    return np.asarray([far[order[place, axis], axis] for axis, place in enumerate(at)], np.float32)
