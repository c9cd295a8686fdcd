"""Prompts read beforehand: their keys and values, so that a cue speaks in its new prompt at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from installation.errors import VoiceError
from installation.voice.context import Tokens, common
from installation.voice.forward import Forward, Lending

ROOM = 256 << 20
"""Bytes that the prompts of a model's voices may take in all: about seventy of fifty tokens each for a GPT-2 of
124 M, a thousand for the house model."""

PIECE = 4
"""Tokens that are read at once. Four cost little more than one, so who comes meanwhile waits for no
longer than the next token takes."""


class Bank:
    """What a model makes of the prompts that a show may ask for, each under the adapter that it was read with.

    They are read in the order of the show, a piece at a time, in a memory of their own, until the room is
    full. One that was asked for and was not here is read next, and takes the place of those that were not
    asked for for longest."""

    def __init__(self, forward: Forward, room: int = ROOM) -> None:
        self._forward, self._room = forward, room
        self._reader: Lending | None = None
        self._read: Tokens = ()
        self._adapter = ""
        self._wanted: dict[str, tuple[Tokens, ...]] = {}
        self._prompts: set[Tokens] = set()
        self._due: list[Tokens] = []
        self._missed = 0  # so many of those that are due were asked for
        self._kept: dict[tuple[str, Tokens], Any] = {}  # the one that was asked for last stands last

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return sum(kept.nbytes for kept in self._kept.values())

    def open(self, voice: str, prompts: Sequence[Tokens], adapter: str = "") -> None:
        """Have the prompts of a voice read when there is time, under this adapter. What no voice has any
        more is let go."""
        if adapter != self._adapter:
            self._read = ()
        self._wanted[voice], self._adapter = tuple(prompts), adapter
        every = dict.fromkeys(prompt for some in self._wanted.values() for prompt in some)
        self._prompts = set(every)
        for key in [key for key in self._kept if key[1] not in every]:
            del self._kept[key]
        able = isinstance(self._forward, Lending)
        self._due = [prompt for prompt in every if able and (adapter, prompt) not in self._kept]
        self._missed = 0

    def prepare(self) -> bool:
        """Read a piece of what is due; whether there is more to do."""
        if not self._due:
            return False
        try:
            kept = self._piece(self._due[0])
        except VoiceError:  # no room for a memory: prompts are read when they are spoken in
            self._due = []
            return False
        if kept is not None:
            self._keep(self._due.pop(0), kept)
        return bool(self._due)

    def lend(self, prompt: Tokens) -> Any:
        """What the model makes of a prompt, None where it is not here."""
        kept = self._kept.pop((self._adapter, prompt), None)
        if kept is not None:
            self._kept[self._adapter, prompt] = kept
        elif prompt in self._prompts and isinstance(self._forward, Lending):
            self._missed += prompt not in self._due[: self._missed]
            self._due = list(dict.fromkeys([prompt, *self._due]))
        return kept

    def _keep(self, prompt: Tokens, kept: Any) -> None:
        """Hold it, if there is room, or has to be."""
        asked, self._missed = self._missed > 0, max(0, self._missed - 1)
        free = self._room - self.size - kept.nbytes
        for oldest in list(self._kept) if asked and kept.nbytes <= self._room else ():
            if free >= 0:
                break
            free += self._kept.pop(oldest).nbytes
        if free >= 0:
            self._kept[self._adapter, prompt] = kept
        else:
            self._due = self._due[: self._missed]

    def _piece(self, prompt: Tokens) -> Any:
        """Read a piece of a prompt; what the model made of it, None where it is not read to its end."""
        if self._reader is None:
            reader = self._forward.another()
            assert isinstance(reader, Lending), "as the forward that made it"
            self._reader = reader
        same = common(self._read, prompt)
        self._read = ()  # should the model fail now, nothing is known of its memory
        same = self._reader.crop(same)
        piece = prompt[same : same + PIECE]
        if piece:
            self._reader.fill(piece)
        self._read = prompt[: same + len(piece)]
        return self._reader.lend(len(prompt)) if self._read == prompt else None
