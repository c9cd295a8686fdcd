"""Several prompts before one text: each read for itself, their logits mixed by weight into one.

The mean of logits is, but for what normalises it, the mean of log-probabilities: a token needs the good
will of every prompt that counts (Hinton, products of experts, 2002). One prompt alone is its own blend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from installation.errors import VoiceError
from installation.voice.bank import Bank
from installation.voice.context import Tokens, common
from installation.voice.forward import Forward, Look
from installation.voice.memory import Memory, Reading, read
from installation.voice.vectors import Leans

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

    def __init__(self, forward: Forward, bank: Bank | None = None) -> None:
        self.shares: Mapping[Tokens, float] = {}
        self.bank = bank or Bank(forward)
        self._forward = forward
        self._memories: dict[Tokens, Memory] = {}
        self._spare = [Memory(forward)]
        self._speaking: list[Tokens] = []
        self._known: tuple[Any, ...] = ()
        self._asked: tuple[Any, ...] = ()
        self._made: tuple[Any, ...] = ()
        self._logits: Any = None
        self.look: Look | None = None
        """What went on inside as the newest logits were made: in the prompt that counted most."""
        self._pushes: Mapping[int, Any] = {}

    def begin(self) -> None:
        """Another has spoken meanwhile: no prompt goes on."""
        self._speaking = []

    def lean(self, pushes: Mapping[int, Any]) -> None:
        """Let what is read from now on be pushed so; see vectors.Leans. What was read stays as it is."""
        self._pushes, self._known = pushes, ()
        for memory in (*self._memories.values(), *self._spare):
            self._leant(memory)

    def age(self) -> None:
        """The model is another now: what speaks goes on with what it has read, nothing else does."""
        self._known = ()
        silent = [memory for prompt, memory in self._memories.items() if prompt not in self._speaking]
        for memory in (*self._memories.values(), *self._spare):
            memory.age()
        for memory in (*silent, *self._spare):
            memory.forget()

    def _leant(self, memory: Memory) -> Memory:
        if isinstance(memory.forward, Leans):
            memory.forward.lean(self._pushes)
        return memory

    def read(self, shares: Mapping[Tokens, float]) -> None:
        """Read these prompts from now on. One that stays keeps its memory; a new one takes over that of
        a former prompt, if there is one, and what both have in common with it, or is in the bank. Where a
        device has no room for all of them, the lightest do not count. Raises VoiceError where it has for none."""
        for prompt in [prompt for prompt in self._memories if prompt not in shares]:
            self._memories[prompt].forget()
            self._spare.append(self._memories.pop(prompt))
        for prompt in sorted(shares, key=shares.__getitem__, reverse=True):
            if prompt not in self._memories:
                nearest = max(self._spare, key=lambda spare: common(spare.read, prompt), default=None)
                if nearest is None:
                    nearest = self._further(shares)
                    if nearest is None:
                        break
                else:
                    self._spare.remove(nearest)
                self._memories[prompt] = nearest
                # what leans reads its prompt leaning, whether the bank had time for it or not
                kept = None if self._pushes else self.bank.lend(prompt)
                if kept is not None and nearest.missing(prompt):
                    nearest.borrow(prompt, kept)
        self.shares = {prompt: share for prompt, share in shares.items() if prompt in self._memories}

    def _further(self, shares: Mapping[Tokens, float]) -> Memory | None:
        """One more memory; None where there is no room, and others can speak."""
        try:
            return self._leant(Memory(self._forward.another()))
        except VoiceError:
            if any(shares[prompt] > 0 for prompt in self._memories):
                return None
            raise

    def after(self, text: Tokens) -> Any:
        """The logits after the text."""
        logits = self.mixed(read(self.wanted(text)))
        self.keep()
        return logits

    def wanted(self, text: Tokens) -> Sequence[Reading]:
        """What is to be read before the logits after the text are known; nothing where they are."""
        known = (text, self.shares)
        if known == self._known:
            return ()
        self._known, self._asked = (), known
        contexts = {prompt: (*prompt, *text) for prompt, share in self.shares.items() if share > 0}
        speaking = [*contexts]
        if any(prompt in self._speaking for prompt in contexts):
            speaking = [
                prompt
                for prompt, ids in contexts.items()
                if prompt in self._speaking or self._memories[prompt].missing(ids) <= PIECE
            ]
        self._speaking = speaking
        return [Reading(self._memories[prompt], contexts[prompt], self.shares[prompt]) for prompt in speaking]

    def mixed(self, logits: Sequence[Any]) -> Any:
        """The logits after the text, given those after each context that was `wanted`."""
        if logits:
            shares = [self.shares[prompt] for prompt in self._speaking]
            whole = sum(shares)
            rows = zip(logits, shares, strict=True)
            self._logits = (
                logits[0] if len(logits) == 1 else sum(row * (share / whole) for row, share in rows)
            )
            self._made = self._asked
            self.look = self._memories[max(self._speaking, key=self.shares.__getitem__)].look()
        return self._logits

    def keep(self) -> None:
        """Nobody else reads with this model: the logits after the text stay known until the next step."""
        self._known = self._made

    def look_ahead(self, coming: Tokens, pieces: int = 1) -> None:
        """Read on beside the speaking: what speaks reads the text that is `coming` (empty: unknown)."""
        for prompt in self._speaking if coming else ():
            if prompt in self._memories:
                self._memories[prompt].look_ahead((*prompt, *coming), PIECE * pieces)

    def lags(self, coming: Tokens) -> bool:
        """Whether there is anything to be read of what is `coming`."""
        return bool(coming) and any(
            self._memories[prompt].lags((*prompt, *coming))
            for prompt in self._speaking
            if prompt in self._memories
        )

    def catch_up(self, text: Tokens) -> None:
        """Whichever prompt that does not speak lags most behind the text reads a slice. It joins the others
        by what it has read, so this is done once with each token."""
        silent = {
            prompt: (self.shares[prompt] > 0, memory.missing((*prompt, *text)))
            for prompt, memory in self._memories.items()
            if prompt not in self._speaking
        }
        late = max(silent, key=lambda prompt: silent[prompt], default=None)
        if late is not None and silent[late][1] >= PIECE:
            self._memories[late].fill((*late, *text), SLICE)
