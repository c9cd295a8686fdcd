"""Which token comes next: from one vector of logits, the steering and one uniform number.

Nothing here touches the whole vocabulary more than it must. The likeliest few are taken first, on the
device where the logits lie; penalties, temperature, top-p and min-p then work on those alone. That is
exact, because a token whose logit nobody raised can only move down, and one whose logit was raised, or
that is remembered, is always fetched too.

The noise is a counter-based generator (Philox; Salmon et al., Parallel Random Numbers: As Easy as
1, 2, 3, 2011): the uniform of a position is known without drawing those before it, so neither jitter
nor revoked look-ahead can alter a text.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from installation.errors import VoiceError
from installation.messages import Steering

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.floating[Any]]
Ids = NDArray[np.int64]

NEVER = -math.inf
RIVALS = 8
SPARE = 48
DRAWN = 64


def key_of(seed: int, voice: str) -> int:
    """The 128-bit key of a voice's noise."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{voice}".encode(), digest_size=16).digest(), "little")


def uniform(key: int, position: int) -> float:
    """The one random number of a token position, in [0, 1); the same on every machine."""
    block, at = divmod(position, DRAWN)
    return _uniforms(key, block)[at]


@lru_cache(maxsize=64)
def _uniforms(key: int, block: int) -> tuple[float, ...]:
    """The numbers of DRAWN positions in a row: making a generator takes as long as drawing hundreds.

    Each is what numpy's Generator would draw first at that count: the upper 53 of 64 bits, and a count
    of Philox gives four times 64."""
    raw = np.random.Philox(key=key, counter=block * DRAWN).random_raw(4 * DRAWN)[::4]
    numbers: list[float] = ((raw >> np.uint64(11)) * 2.0**-53).tolist()
    return tuple(numbers)


@dataclass(frozen=True, slots=True)
class Choice:
    """A token and what the model thought of it, all under its plain distribution (temperature 1).

    `surprise` and `entropy` in bits; `rivals` (id, probability), likeliest first, at most RIVALS.
    `remembered`: the part of its probability that came from what is remembered."""

    id: int
    surprise: float
    entropy: float
    rivals: tuple[tuple[int, float], ...]
    remembered: float = 0.0


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is mixed into the model's distribution: tokens with their `shares` (sum 1), and their `weight`
    in the mixture, above 0, at most 1."""

    weight: float
    shares: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The likeliest tokens and those asked for, with plain logits; `total` is the logarithm of the
    whole vocabulary's sum of exponentials, `entropy` (nats) that of the whole vocabulary."""

    ids: Ids
    logits: Floats
    total: float
    entropy: float


def choose(
    logits: NDArray[np.float32] | torch.Tensor,
    steering: Steering,
    noise: float,
    *,
    recent: Collection[int] = (),
    leaning: Mapping[int, float] | None = None,
    forced: int | None = None,
    remembered: Remembered | None = None,
) -> Choice:
    """The next token under `steering`: top-k first, then temperature, top-p and min-p; or `forced`, measured.

    `logits` has shape (vocabulary,), in numpy or on any torch device. What is `remembered` is mixed in
    before everything else; what is told of the token is what the model alone thought. `recent` tokens take the
    repetition penalty (positive logits divided, negative multiplied: Keskar et al., CTRL, 2019);
    `leaning` adds to logits, NEVER forbids, and what it forbids is no rival either. Temperature 0
    is the highest logit after those two. Raises VoiceError on a logit that is no number, or when
    nothing may be said."""
    leaning = leaning or {}
    penalised = set(recent) if steering.repetition != 1.0 else set()
    changed = penalised | leaning.keys()
    size = int(logits.shape[-1])
    wanted = 1 if steering.temperature <= 0 else int(steering.top_k) or size
    asked = [token for token, add in leaning.items() if add > 0]
    if steering.repetition < 1:
        asked += penalised
    if forced is not None:
        asked.append(forced)
    if remembered is not None:
        asked += remembered.shares
    few = _shorten(logits, max(wanted, RIVALS), asked, changed)
    names = few.ids.tolist()
    mixed = few.logits if remembered is None else _mixed(few, names, remembered)
    bent = _penalise(mixed, names, penalised, steering.repetition)
    allowed = _spread(leaning, names) if leaning else None
    if allowed is not None:
        bent = bent + allowed
    chosen = forced if forced is not None else _draw(few.ids, bent, wanted, steering, noise)
    choice = _measure(few, names.index(chosen), allowed)
    if remembered is None or chosen not in remembered.shares:
        return choice
    own = (1 - remembered.weight) * 2.0**-choice.surprise
    theirs = remembered.weight * remembered.shares[chosen]
    return replace(choice, remembered=theirs / (theirs + own))


def _shorten(
    logits: NDArray[np.float32] | torch.Tensor, wanted: int, asked: Sequence[int], changed: Collection[int]
) -> Shortlist:
    """The tokens among which the `wanted` likeliest after any change to `changed` surely are."""
    size = int(logits.shape[-1])
    count = wanted + SPARE
    while True:
        count = min(count, size)
        if isinstance(logits, np.ndarray):
            few = _of_numpy(logits, count, asked)
        elif logits.device.type == "cpu":
            few = _of_numpy(logits.float().numpy(), count, asked)
        else:
            few = _on_device(logits, count, asked)
        if not math.isfinite(few.total):
            raise VoiceError("the model gave a logit that is no number; try dtype: float32")
        if count == size or count - sum(i in changed for i in few.ids[:count].tolist()) >= wanted:
            return few
        count *= 4


def _of_numpy(logits: Any, count: int, asked: Sequence[int]) -> Shortlist:
    top = float(logits.max())
    if not math.isfinite(top):
        return Shortlist(np.arange(0), logits[:0], math.nan, math.nan)
    below = logits - top
    if below.min() < -1e4:  # a masked logit is minus infinity; times its weight of 0 that is no number
        np.maximum(below, -1e4, out=below)
    weights = np.exp(below)
    mass = float(weights.sum())
    depth = math.log(mass)
    entropy = depth - float(weights.dot(below)) / mass
    ids = largest(logits, count)
    found = set(ids.tolist())
    more = [token for token in set(asked) if token not in found]
    if more:
        ids = np.concatenate([ids, np.array(more, np.int64)])
    return Shortlist(ids, logits[ids].astype(np.float64), top + depth, entropy)


def _on_device(logits: torch.Tensor, count: int, asked: Sequence[int]) -> Shortlist:
    """As `_of_numpy`, with one small copy back from the device."""
    import torch

    logits = logits.float()
    total = torch.logsumexp(logits, 0)
    entropy = total - torch.dot((logits - total).exp(), logits.clamp(min=-1e4))
    values, ids = logits.topk(count)
    extra = torch.tensor(list(asked), device=logits.device, dtype=torch.int64)
    packed = torch.cat([total[None], entropy[None], values, logits[extra], ids.float()]).cpu().numpy()
    found = packed[2 + count + len(asked) :].astype(np.int64)
    unseen = np.setdiff1d(np.array(asked, np.int64), found)
    place = {i: at for at, i in enumerate(asked)}
    more = packed[[2 + count + place[int(i)] for i in unseen]]
    raw = np.concatenate([packed[2 : 2 + count], more]).astype(np.float64)
    return Shortlist(np.concatenate([found, unseen]), raw, float(packed[0]), float(packed[1]))


def largest(values: Floats, count: int) -> Ids:
    """Where the `count` largest of `values` stand, in no order.

    Blocks first: no value below the `count`-th largest maximum of a block is among them. A block is a
    column of a table that the values fill row by row, so that whole rows are compared at a time. At
    50 000 values that is ten times quicker than partitioning them all."""
    size = values.size
    if count >= size:
        return np.arange(size)
    rows = math.isqrt(size // count) + 1  # as many maxima as then stand in the best blocks
    blocks = size // rows
    ids = np.arange(size)
    if rows > 2 and blocks > count:
        most = values[: rows * blocks].reshape(rows, blocks).max(0)
        least = np.partition(most, blocks - count)[blocks - count]
        ids = np.flatnonzero(values >= least)
    if ids.size > count:
        inside = values[ids]
        ids = ids[np.argpartition(inside, ids.size - count)[ids.size - count :]]
    return ids


def _spread(leaning: Mapping[int, float], names: Sequence[int]) -> Floats:
    """What `leaning` adds to each of the tokens `names`."""
    return np.array([leaning.get(name, 0.0) for name in names])


def _mixed(few: Shortlist, names: Sequence[int], remembered: Remembered) -> Floats:
    """The logits of (1 - w) p + w m, m being what is remembered, but for the log of 1 - w, which is the
    same for all: so no token that is not remembered moves, and the shortlist stays exact."""
    shares = np.array([remembered.shares.get(name, 0.0) for name in names])
    known, weight = shares > 0, remembered.weight
    level = few.total + np.log(np.where(known, shares, 1.0))
    if weight >= 1:
        return np.where(known, level, NEVER)
    return np.where(known, np.logaddexp(few.logits, level + math.log(weight / (1 - weight))), few.logits)


def _penalise(logits: Floats, names: Sequence[int], penalised: Collection[int], repetition: float) -> Floats:
    """The logits of the tokens `names`, with the repetition penalty."""
    if not penalised:
        return logits
    said = np.array([name in penalised for name in names])
    bent = np.where(logits > 0, logits / repetition, logits * repetition)
    return np.where(said, bent, logits)


def _draw(ids: Ids, bent: Floats, wanted: int, steering: Steering, noise: float) -> int:
    """One of `ids` by the inverse of the cumulated distribution, likeliest first, ties by number."""
    top = float(bent.max())
    if top == NEVER:
        raise VoiceError("every token is forbidden")
    if steering.temperature <= 0:
        return int(ids[bent == top].min())
    weights = np.exp((bent - top) / steering.temperature)  # 0 for what is forbidden
    ordered = wanted < ids.size
    if ordered:
        likeliest = np.lexsort((ids, -weights))[:wanted]
        ids, weights = ids[likeliest], weights[likeliest]
    whole = float(weights.sum())
    # lighter tokens cannot all together fill what top-p leaves out: they need no sorting
    worth = weights >= max(whole * (1 - steering.top_p) / ids.size, 1e-300)
    ids, weights = ids[worth], weights[worth]
    if not ordered:
        order = np.lexsort((ids, -weights))
        ids, weights = ids[order], weights[order]
    heap = np.cumsum(weights)
    kept = ids.size
    if steering.top_p < 1:
        kept = max(1, int(np.count_nonzero(heap - weights < steering.top_p * whole)))
    if steering.min_p > 0:
        kept = min(kept, int(np.count_nonzero(weights >= steering.min_p * weights[0])))
    at = int(np.searchsorted(heap[:kept], noise * heap[kept - 1], side="right"))
    return int(ids[min(at, kept - 1)])


def _measure(few: Shortlist, chosen: int, allowed: Floats | None) -> Choice:
    """What the model thought of the token that stands at `chosen` in the shortlist, and of its rivals.

    `allowed` is NEVER for what cannot be one. Rounding never makes a bit negative."""
    ids, logits, bit = few.ids, few.logits, math.log(2)
    token, logit = int(ids[chosen]), float(logits[chosen])
    if allowed is not None:
        ids, logits = ids[allowed > NEVER], logits[allowed > NEVER]
    if ids.size > 32 * RIVALS:
        best = largest(logits, 4 * RIVALS)
        ids, logits = ids[best], logits[best]
    order = np.lexsort((ids, -logits))[:RIVALS]
    shares = np.exp(logits[order] - few.total)
    rivals = tuple(zip(ids[order].tolist(), shares.tolist(), strict=True))
    return Choice(token, max(0.0, (few.total - logit) / bit), max(0.0, few.entropy / bit), rivals)
