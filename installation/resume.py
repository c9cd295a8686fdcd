"""Where a show goes on after a crash: scene, hands and the text so far, in `state/`, owned by the machine."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger("installation")

FRESH = 600.0
"""Seconds for which a resume point is one: after a longer night the show begins at its start."""


class ResumePoint:
    """One file. A show that was ended on purpose leaves none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._failed = False

    def write(self, state: Mapping[str, Any]) -> None:
        """Keep `state`; a loss of power leaves either this one or the one before. A disk that will not
        take it is told of once."""
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                json.dump({**state, "wall": time.time()}, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            if not self._failed:
                log.warning("no resume point can be kept: %s (%s)", error.strerror, self.path)
            self._failed = True
        else:
            self._failed = False

    def read(self) -> Mapping[str, Any] | None:
        """The newest state, or None where there is none, or none that is young and whole: what is not
        is forgotten, for visitors' words may stand in it."""
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            young = 0 <= time.time() - float(state["wall"]) < FRESH
            if young and isinstance(state["score"], dict) and isinstance(state["text"], dict):
                return dict(state)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self.forget()
        return None

    def forget(self) -> None:
        """The show was ended on purpose."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
