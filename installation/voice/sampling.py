"""Which token comes next: from one vector of logits, the steering and one uniform number.

Nothing here touches the whole vocabulary more than it must. The likeliest few are taken first, on the
device where the logits lie; penalties, temperature, top-p and min-p then work on those alone. That is
exact, because a token whose logit nobody changed can only move down by being overtaken, and a token
whose logit was changed is always fetched too.

The noise is a counter-based generator (Philox; Salmon et al., Parallel Random Numbers: As Easy as
1, 2, 3, 2011): the uniform of a position is known without drawing those before it, so neither jitter
nor revoked look-ahead can alter a text.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
SPARE = 32
BLOCK = 128


def key_of(seed: int, voice: str) -> int:
    """The 128-bit key of a voice's noise."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{voice}".encode(), digest_size=16).digest(), "little")


def uniform(key: int, position: int) -> float:
    """The one random number of a token position, in [0, 1); the same on every machine."""
    return float(np.random.Generator(np.random.Philox(key=key, counter=position)).random())


@dataclass(frozen=True, slots=True)
class Choice:
    """A token and what the model thought of it, all under its plain distribution (temperature 1).

    `surprise` and `entropy` in bits; `rivals` (id, probability), likeliest first, at most RIVALS."""

    id: int
    surprise: float
    entropy: float
    rivals: tuple[tuple[int, float], ...]


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
) -> Choice:
    """The next token under `steering`: top-k first, then temperature, top-p and min-p; or `forced`, measured.

    `logits` has shape (vocabulary,), in numpy or on any torch device. `recent` tokens take the
    repetition penalty (positive logits divided, negative multiplied: Keskar et al., CTRL, 2019);
    `leaning` adds to logits, NEVER forbids, and what it forbids is no rival either. Temperature 0
    is the highest logit after those two. Raises VoiceError on a logit that is no number, or when
    nothing may be said."""
    leaning = leaning or {}
    penalised = set(recent) if steering.repetition != 1.0 else set()
    changed = penalised | leaning.keys()
    size = int(logits.shape[-1])
    wanted = 1 if steering.temperature <= 0 else int(steering.top_k) or size
    asked = [*changed, forced] if forced is not None else [*changed]
    few = _shorten(logits, max(wanted, RIVALS), asked, changed)
    allowed = _spread(leaning, few.ids)
    bent = _penalise(few, penalised, steering.repetition) + allowed
    chosen = forced if forced is not None else _draw(few.ids, bent, wanted, steering, noise)
    return _measure(few, chosen, allowed)


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
    weights = np.exp(logits - top)
    mass = float(weights.sum())
    total = top + math.log(mass)
    # a masked logit is minus infinity, and its weight of 0 times that would be no number
    entropy = total - float(weights.dot(np.maximum(logits, top - 1e4))) / mass
    ids = largest(logits, count)
    more = np.array(sorted(set(asked).difference(ids.tolist())), np.int64)
    ids = np.concatenate([ids, more])
    return Shortlist(ids, logits[ids].astype(np.float64), total, entropy)


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

    Blocks first: the largest values lie in the `count` blocks with the largest maxima. At 50 000
    values that is five times quicker than partitioning them all."""
    size = values.size
    if count >= size:
        return np.arange(size)
    blocks = size // BLOCK
    if blocks < 3 * count:
        return np.argpartition(values, size - count)[size - count :].astype(np.int64)
    whole = values[: blocks * BLOCK].reshape(blocks, BLOCK)
    best = np.argpartition(whole.max(1), blocks - count)[blocks - count :]
    ids = (best[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    ids = np.concatenate([ids, np.arange(blocks * BLOCK, size)])
    inside = values[ids]
    return ids[np.argpartition(inside, ids.size - count)[ids.size - count :]].astype(np.int64)


def _spread(leaning: Mapping[int, float], ids: Ids) -> Floats:
    """What `leaning` adds to each of `ids`."""
    if not leaning:
        return np.zeros(ids.size)
    keys = np.array(sorted(leaning), np.int64)
    adds = np.array([leaning[i] for i in keys.tolist()])
    at = np.minimum(np.searchsorted(keys, ids), keys.size - 1)
    return np.where(keys[at] == ids, adds[at], 0.0)


def _penalise(few: Shortlist, penalised: Collection[int], repetition: float) -> Floats:
    if not penalised:
        return few.logits
    said = np.isin(few.ids, np.fromiter(penalised, np.int64))
    bent = np.where(few.logits > 0, few.logits / repetition, few.logits * repetition)
    return np.where(said, bent, few.logits)


def _draw(ids: Ids, bent: Floats, wanted: int, steering: Steering, noise: float) -> int:
    """One of `ids` by the inverse of the cumulated distribution, likeliest first, ties by number."""
    alive = bent > NEVER
    if not alive.any():
        raise VoiceError("every token is forbidden")
    ids, bent = ids[alive], bent[alive]
    if steering.temperature <= 0:
        return int(ids[bent == bent.max()].min())
    weights = np.exp((bent - bent.max()) / steering.temperature)
    if wanted < ids.size:
        likeliest = np.lexsort((ids, -weights))[:wanted]
        ids, weights = ids[likeliest], weights[likeliest]
    whole = float(weights.sum())
    # lighter tokens cannot all together fill what top-p leaves out: they need no sorting
    worth = weights >= whole * (1 - steering.top_p) / ids.size
    ids, weights = ids[worth], weights[worth]
    order = np.lexsort((ids, -weights))
    ids, weights = ids[order], weights[order]
    if steering.top_p < 1:
        before = np.cumsum(weights) - weights
        kept = max(1, int(np.count_nonzero(before < steering.top_p * whole)))
        ids, weights = ids[:kept], weights[:kept]
    if steering.min_p > 0:
        kept = int(np.count_nonzero(weights >= steering.min_p * weights[0]))
        ids, weights = ids[:kept], weights[:kept]
    heap = np.cumsum(weights)
    return int(ids[min(int(np.searchsorted(heap, noise * heap[-1], side="right")), ids.size - 1)])


def _measure(few: Shortlist, chosen: int, allowed: Floats) -> Choice:
    """What the model thought of `chosen` and of its rivals. Rounding never makes a bit negative."""
    logit = float(few.logits[few.ids == chosen][0])
    open_ = allowed > NEVER
    ids, logits = few.ids[open_], few.logits[open_]
    if ids.size > 4 * SPARE:
        best = largest(logits, 4 * RIVALS)
        ids, logits = ids[best], logits[best]
    order = np.lexsort((ids, -logits))[:RIVALS]
    shares = np.exp(logits[order] - few.total)
    rivals = tuple(zip(ids[order].tolist(), shares.tolist(), strict=True))
    bit = math.log(2)
    return Choice(chosen, max(0.0, (few.total - logit) / bit), max(0.0, few.entropy / bit), rivals)
