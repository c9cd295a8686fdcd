"""The show file as the artist edits it during the show: every save is read, what is wrong is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from installation.catalogue import CATALOGUE
from installation.errors import ShowErrors
from installation.part import settings_of
from installation.show import check
from installation.show.schema import Show
from installation.show.watch import watch

AT_START: tuple[str, ...] = ("model", "device", "dtype", "seed", "chat", "look_ahead", "moderate")
AT_START += ("vectors", "adapters", "memory", "hears", "turns")
"""Settings of a voice that a running one keeps."""
AGAIN = 5.0
"""Seconds after which files that could not be watched are tried again."""


async def editions(show: Show, venue: Path | None, tell: Callable[[str], None]) -> AsyncIterator[Show]:
    """The show after each save that is right; `tell` hears of the others. Never ends, never raises:
    a show goes on without its file."""
    while True:
        files = _files(show)
        try:
            async with contextlib.aclosing(watch(files)) as saves:
                async for _ in saves:
                    if (read := await _read(show.file, venue, tell)) is not None:
                        show = read
                        yield show
                    if _files(show) != files:  # it names other texts now: they are watched too
                        break
                else:
                    await asyncio.sleep(AGAIN)
        except Exception as error:  # noqa: BLE001  no watching must not mean no show
            tell(f"saving the show file has no effect, it cannot be watched: {error}")
            await asyncio.sleep(AGAIN)


def waits_for_a_start(begun: Show, saved: Show) -> str:
    """What of a saved show is not in force before it is begun anew, as a sentence, or ``."""
    if set(begun.voices) != set(saved.voices):
        return "other voices come at the next start; until then the show goes on as it was"
    if begun.venue != saved.venue:
        return "ports and displays change at the next start"
    for name in begun.voices:
        old, new = settings_of(begun, name), settings_of(saved, name)
        if fixed := [key for key in AT_START if getattr(old, key) != getattr(new, key)]:
            return f"{name}: {', '.join(fixed)} will change at the next start"
    return ""


async def _read(file: Path, venue: Path | None, tell: Callable[[str], None]) -> Show | None:
    try:
        return await asyncio.to_thread(check.read, file, CATALOGUE, venue)
    except ShowErrors as errors:
        tell(str(errors))
    except Exception as error:  # noqa: BLE001  a mistake of ours in reading must not end a running show
        tell(f"{file}: it cannot be read: {type(error).__name__}: {error}")
    return None


def _files(show: Show) -> list[Path]:
    return sorted({*show.files, show.folder / "venue.yaml"})
