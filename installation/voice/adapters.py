"""Adapters of one model: merged beside it, a piece at a time between tokens, and put in as a whole.

What the show may ask for is known from the start, and made ready before it does. One that is asked for
too early is worn as soon as it is ready; until then the model stays as it is. What the model has read
stays read as it was; what it reads from then on, the next prompt or context, it reads with the adapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from installation.voice.lora import Adapter, read_adapter
from installation.voice.merging import Ground, Place


class Adapters:
    """`folders` by the names that a Steering calls them. `worn` is in force, `` where none is. Each takes
    as much memory as the matrices that it changes. Raises VoiceError where one does not fit the model."""

    def __init__(self, ground: Ground, folders: Mapping[str, Path]) -> None:
        self._ground = ground
        self._adapters: dict[str, Adapter] = {name: read_adapter(folder) for name, folder in folders.items()}
        self._places: dict[str, Sequence[Place]] = {
            name: ground.places(adapter) for name, adapter in self._adapters.items()
        }
        self._made: dict[str, dict[Place, Any]] = {name: {} for name in self._adapters}
        self.worn = ""
        self._wanted = ""
        self._merged: tuple[str, Place, Any] | None = None

    @property
    def waited_for(self) -> bool:
        """Whether another is wanted than is worn."""
        return self._wanted != self.worn

    def want(self, name: str) -> None:
        """Wear this adapter (`` none) from now on, or as soon as it is ready. A name that was not known at
        the start changes nothing: it waits for the next one."""
        if not name or name in self._adapters:
            self._wanted = name
            self._change()

    def prepare(self) -> bool:
        """Merge one matrix, of what is wanted first, or pack it: each takes about as long as a token or
        two. Whether there was anything to do."""
        if self._merged is not None:
            name, place, merged = self._merged
            self._made[name][place] = self._ground.packed(merged)
            self._merged = None
            self._change()
            return True
        names = [name for name in self._adapters if len(self._made[name]) < len(self._places[name])]
        if not names:
            return False
        name = self._wanted if self._wanted in names else names[0]
        place = next(place for place in self._places[name] if place not in self._made[name])
        self._merged = name, place, self._ground.merged(place, self._adapters[name])
        return True

    def _change(self) -> None:
        """Wear what is wanted, where that is ready."""
        made = self._made.get(self._wanted, {})
        if self._wanted == self.worn or len(made) < len(self._places.get(self._wanted, ())):
            return
        for place in self._places.get(self.worn, ()):
            if place not in made:
                self._ground.put(place, None)
        for place, matrix in made.items():
            self._ground.put(place, matrix)
        self.worn = self._wanted
