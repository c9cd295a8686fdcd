"""Which token comes next, decided where the logits lie: `sampling.choose` in fixed shapes, for many voices.

Every control is a tensor that is written before a step and read within it, so that a recorded step
obeys what was written last. What goes back is one small table. It decides as `sampling.choose` does, but
for rounding: the few that are drawn from are weighed in float64.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from installation.errors import VoiceError
from installation.messages import Steering
from installation.voice.sampling import NEVER, RIVALS, Choice

RECENT = 96
"""Tokens of each voice that may be penalised."""
LEANED = 256
"""Tokens of each voice to whose logits something may be added."""
FEW, MANY = 64, 1024
"""How many of the likeliest are sorted: the first while every voice's top-k allows, else the second."""
WIDTH = 4 + 2 * RIVALS
"""Numbers that go back for each voice: id, surprise, entropy, total, then rivals' ids and probabilities."""


class DeviceChooser:
    """The controls of `voices` voices on one device, over logits of `vocabulary` tokens.

    `never`: tokens that nobody may sample."""

    def __init__(self, voices: int, vocabulary: int, device: str, never: Collection[int] = ()) -> None:
        import torch

        self._torch, self.voices, self.vocabulary = torch, voices, vocabulary
        self._numbers = np.zeros((voices, 7), np.float32)
        self._tokens = np.full((voices, RECENT + LEANED + 1), vocabulary, np.int64)
        self._adds = np.zeros((voices, LEANED), np.float32)
        with torch.inference_mode():
            self.numbers = torch.zeros(voices, 7, device=device)
            self.tokens = torch.full((voices, RECENT + LEANED + 1), vocabulary, device=device)
            self.adds = torch.zeros(voices, LEANED, device=device)
            self._never = torch.zeros(vocabulary, device=device)
            self._never[list(never)] = NEVER
        self.rest()

    def rest(self) -> None:
        """Forget every voice's controls: who is not set takes the likeliest."""
        self._numbers[:] = (0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0)
        self._tokens[:] = self.vocabulary
        self._adds[:] = 0

    def set(
        self, voice: int, steering: Steering, noise: float, recent: Collection[int],
        leaning: Mapping[int, float], forced: int | None = None,
    ) -> bool:  # fmt: skip
        """Let a voice be steered so at the next step; see sampling.choose. False, and nothing is set,
        where that is more than fits: then `choose` has to do it."""
        penalised = sorted(set(recent)) if steering.repetition != 1.0 else []
        wanted = 1 if steering.temperature <= 0 else int(steering.top_k)
        if not 0 < wanted <= min(MANY, self.vocabulary):
            return False
        if len(penalised) > RECENT or len(leaning) > LEANED:
            return False
        row, tokens = self._numbers[voice], self._tokens[voice]
        # in float32 a uniform number may round up to 1, and none may fall behind the last token
        row[:] = (steering.temperature, wanted, steering.top_p, steering.min_p, steering.repetition, 0, 0)
        high = np.float32(noise)
        row[5], row[6] = high, np.float32(noise - float(high))
        tokens[:] = self.vocabulary
        tokens[: len(penalised)] = penalised
        tokens[RECENT : RECENT + len(leaning)] = list(leaning)
        tokens[-1] = -1 if forced is None else forced
        self._adds[voice] = 0
        self._adds[voice, : len(leaning)] = list(leaning.values())
        return True

    @property
    def few(self) -> int:
        """How many need to be sorted for what is set: FEW or MANY, or the whole vocabulary if smaller."""
        wanted = FEW if self._numbers[:, 1].max() <= FEW else MANY
        return min(wanted, self.vocabulary)

    def send(self) -> None:
        """Bring what is set to the device."""
        torch = self._torch
        with torch.inference_mode():
            self.numbers.copy_(torch.from_numpy(self._numbers))
            self.tokens.copy_(torch.from_numpy(self._tokens))
            self.adds.copy_(torch.from_numpy(self._adds))

    def choose(self, logits: Any, few: int) -> Any:
        """A table (voices, WIDTH), float64, from logits (voices, vocabulary), float32. Can be recorded; to
        be called in torch's inference mode."""
        torch = self._torch
        wide = torch.nn.functional.pad(logits, (0, 1), value=NEVER)  # what is not set points beyond
        temperature, wanted, top_p, min_p, repetition, *_ = (self.numbers[:, at, None] for at in range(7))
        recent, leaned = self.tokens[:, :RECENT], self.tokens[:, RECENT:-1]
        bent = wide + torch.nn.functional.pad(self._never, (0, 1))
        said = bent.gather(1, recent)
        bent = bent.scatter(1, recent, torch.where(said > 0, said / repetition, said * repetition))
        bent = bent.scatter_add(1, leaned, self.adds)
        values, ids = bent.topk(few, 1)
        chosen = self._drawn(values.double(), ids, temperature, wanted, top_p, min_p)
        forced = self.tokens[:, -1:]
        # who is not set has the vocabulary's size there, and a forced one is a token
        chosen = torch.where((forced >= 0) & (forced < self.vocabulary), forced, chosen)
        mute = (values[:, :1] == NEVER) & (chosen != forced)
        total = logits.double().logsumexp(1, keepdim=True)
        below = (logits - total).double()
        entropy = -(below.exp() * below.clamp(min=-1e4)).sum(1, keepdim=True)
        surprise = total - logits.gather(1, chosen).double()
        likely = wide + torch.nn.functional.pad(self._never, (0, 1))
        forbidden = torch.where(self.adds == NEVER, self.adds, torch.zeros_like(self.adds))
        near, rivals = likely.scatter_add(1, leaned, forbidden).topk(min(RIVALS, self.vocabulary), 1)
        shares = (near.double() - total).exp()
        missing = RIVALS - rivals.shape[1]
        rivals = torch.nn.functional.pad(rivals, (0, missing), value=-1)
        shares = torch.nn.functional.pad(shares, (0, missing))
        chosen = torch.where(mute, -1, chosen)
        return torch.cat([chosen.double(), surprise, entropy, total, rivals.double(), shares], 1)

    def _drawn(self, values: Any, ids: Any, temperature: Any, wanted: Any, top_p: Any, min_p: Any) -> Any:
        """One of `ids` (voices, few), likeliest first, by the inverse of the cumulated distribution."""
        torch = self._torch
        heat = torch.where(temperature > 0, temperature, 1.0).double()
        weights = ((values - values[:, :1]) / heat).exp()
        place = torch.arange(values.shape[1], device=values.device)
        weights = torch.where(place < wanted, weights, 0.0)
        heap = weights.cumsum(1)
        kept = (heap - weights < top_p.double() * heap[:, -1:]) | (top_p >= 1)
        kept &= weights >= min_p.double() * weights[:, :1]
        kept &= weights > 0
        kept[:, 0] = True
        # all three keep a beginning of the list
        count = kept.long().cumprod(1).sum(1, keepdim=True)
        noise = self.numbers[:, 5:6].double() + self.numbers[:, 6:7].double()
        whole = heap.gather(1, count - 1)
        at = (heap <= noise * whole).sum(1, keepdim=True).minimum(count - 1)
        return ids.gather(1, torch.where(temperature > 0, at, torch.zeros_like(at)))


def choice_of(row: Any) -> Choice:
    """What a row of the table says. Raises VoiceError as sampling.choose does."""
    chosen, surprise, entropy, total = row[:4].tolist()
    if not math.isfinite(total):
        raise VoiceError("the model gave a logit that is no number; try dtype: float32")
    if chosen < 0:
        raise VoiceError("every token is forbidden")
    bit = math.log(2)
    names, shares = row[4 : 4 + RIVALS].tolist(), row[4 + RIVALS :].tolist()
    rivals = tuple((int(n), share) for n, share in zip(names, shares, strict=True) if n >= 0 and share > 0)
    return Choice(int(chosen), max(0.0, surprise / bit), max(0.0, entropy / bit), rivals)
