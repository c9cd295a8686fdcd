"""What one evening is asked for: its show, its seed, where it goes on from, and who steps in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.part import understudy_of
from installation.show.schema import Show
from installation.voice.catalogue import understudy
from installation.voice.settings import VoiceSettings


@dataclass(frozen=True, slots=True)
class Evening:
    """What one run was asked for. `venue` None: the one beside the show. `watch`: take up saved files.

    `resume`: `score` (its snapshot) and `text` (what each voice had said), to go on from; `save` is
    given the newest of both now and then, on a thread of its own. `understudies`: the settings of
    each voice's understudy; None: the house model wherever it is here and fits."""

    show: Show
    seed: int
    venue: Path | None = None
    watch: bool = True
    fonts: tuple[tuple[str, str], ...] = ()
    resume: Mapping[str, Any] | None = None
    save: Callable[[Mapping[str, Any]], None] | None = None
    understudies: Mapping[str, Mapping[str, Any]] | None = None


def understudies(evening: Evening, voices: Mapping[str, VoiceSettings]) -> Mapping[str, Mapping[str, Any]]:
    """The settings of each understudy there is, by the name of its process; `voices`: the settings of
    each voice, by name."""
    asked, folder = evening.understudies, evening.show.folder
    found = {
        name: understudy(own.model, own.model_dump()["vectors"], memory=own.memory, folder=folder)
        if asked is None
        else asked.get(name)
        for name, own in voices.items()
    }
    return {understudy_of(name): settings for name, settings in found.items() if settings}
