"""Several prompts before one text: each read for itself, their logits mixed by weight into one.

The mean of logits is, but for what normalises it, the mean of log-probabilities: a token needs the good
will of every prompt that counts (Hinton, products of experts, 2002). One prompt alone is its own blend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from installation.voice.context import Tokens, common
from installation.voice.forward import Forward, Together
from installation.voice.memory import Memory

PIECE = 4
"""Tokens read ahead with each token: the next context is read before this one is full, since its text is
half of what this one holds and known when a quarter is left; and four rows cost little more than one.
A prompt that does not count just now is kept as near as that to the text."""

SLICE = 16
"""Tokens of a prompt's context that are read with each token while other prompts speak."""


class Blend:
    """The prompts of a voice, each with a memory of its own; `shares` says how much each counts.

    Those that speak go on in step. One that begins to count while others speak is read in slices and
    joins them when it is there; where none of those that count has spoken, all are read at once."""

    def __init__(self, forward: Forward) -> None:
        self.shares: Mapping[Tokens, float] = {}
        self._forward = forward
        self._memories: dict[Tokens, Memory] = {}
        self._spare = [Memory(forward)]
        self._speaking: list[Tokens] = []
        self._known: tuple[Any, ...] = ()
        self._logits: Any = None

    def begin(self) -> None:
        """Another has spoken meanwhile: no prompt goes on."""
        self._speaking = []

    def read(self, shares: Mapping[Tokens, float]) -> None:
        """Read these prompts from now on. One that stays keeps its memory; a new one takes over that of
        a former prompt, if there is one, and what both have in common with it."""
        for prompt in [prompt for prompt in self._memories if prompt not in shares]:
            self._spare.append(self._memories.pop(prompt))
        for prompt in shares:
            if prompt not in self._memories:
                nearest = max(self._spare, key=lambda spare: common(spare.read, prompt), default=None)
                if nearest is None:
                    nearest = Memory(self._forward.another())
                else:
                    self._spare.remove(nearest)
                self._memories[prompt] = nearest
        self.shares = shares

    def after(self, text: Tokens) -> Any:
        """The logits after the text."""
        known = (text, self.shares)
        if known != self._known:
            self._known = ()
            self._logits = self._blended(text)
            self._known = known
        return self._logits

    def look_ahead(self, text: Tokens, coming: Tokens) -> None:
        """Read on beside the speaking: what speaks reads the text that is `coming` (empty: unknown), and
        whichever other prompt lags most behind `text` reads a slice."""
        for prompt in self._speaking if coming else ():
            if prompt in self._memories:
                self._memories[prompt].look_ahead((*prompt, *coming), PIECE)
        silent = {
            prompt: (self.shares[prompt] > 0, memory.missing((*prompt, *text)))
            for prompt, memory in self._memories.items()
            if prompt not in self._speaking
        }
        late = max(silent, key=lambda prompt: silent[prompt], default=None)
        if late is not None and silent[late][1] >= PIECE:
            self._memories[late].fill((*late, *text), SLICE)

    def _blended(self, text: Tokens) -> Any:
        counting = [prompt for prompt, share in self.shares.items() if share > 0]
        contexts = {prompt: (*prompt, *text) for prompt in counting}
        speaking = counting
        if any(prompt in self._speaking for prompt in counting):
            speaking = [
                prompt
                for prompt, ids in contexts.items()
                if prompt in self._speaking or self._memories[prompt].missing(ids) <= PIECE
            ]
        self._speaking = speaking
        if len(speaking) == 1:
            return self._memories[speaking[0]].run(contexts[speaking[0]])
        whole = sum(self.shares[prompt] for prompt in speaking)
        shares = [self.shares[prompt] / whole for prompt in speaking]
        return self._mixed([self._memories[p] for p in speaking], [contexts[p] for p in speaking], shares)

    def _mixed(self, memories: Sequence[Memory], contexts: Sequence[Tokens], shares: Sequence[float]) -> Any:
        """The logits after several contexts as one; in one step, where each lacks its last token only."""
        in_step = all(memory.missing(ids) == 1 for memory, ids in zip(memories, contexts, strict=True))
        if in_step and isinstance(self._forward, Together):
            lengths = [len(ids) - 1 for ids in contexts]
            for memory, length in zip(memories, lengths, strict=True):
                memory.read = ()  # should the model fail now, nothing is known of its memory
                memory.forward.crop(length)
            logits = self._forward.together([memory.forward for memory in memories], contexts[0][-1])
            for memory, ids in zip(memories, contexts, strict=True):
                memory.read = ids
            return np.asarray(shares, np.float32) @ logits
        rows = zip(memories, contexts, shares, strict=True)
        return sum(memory.run(ids) * share for memory, ids, share in rows)
