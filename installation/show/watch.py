"""Tells when a file of a show was saved."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from pathlib import Path

from watchfiles import awatch

logging.getLogger("watchfiles").setLevel(logging.WARNING)  # each save is told once, by whoever reads it


def watch(paths: Iterable[Path]) -> AsyncGenerator[frozenset[Path], None]:
    """Yields which of `paths` have changed since the last time, for ever; ends when it is closed.

    Their folders are watched, because editors save by putting a new file in the old one's place;
    so a file may appear later, but its folder must be there."""
    files = {str(path.resolve()): path for path in paths}
    folders = {folder for name in files if (folder := Path(name).parent).is_dir()}
    return _changes(files, folders)


async def _changes(
    files: Mapping[str, Path], folders: Iterable[Path]
) -> AsyncGenerator[frozenset[Path], None]:
    async for changes in awatch(*folders, recursive=False, step=50, debounce=200):
        changed = frozenset(files[name] for _, name in changes if name in files)
        if changed:
            yield changed
