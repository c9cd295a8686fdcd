"""Where a show goes on after a crash: scene, hands and the text so far, in `state/`, owned by the machine."""

from __future__ import annotations

import json
import logging
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

    def write(self, state: Mapping[str, Any]) -> None:
        """Keep `state`; a loss of power leaves either this one or the one before."""
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({**state, "wall": time.time()}, ensure_ascii=False), encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            log.warning("no resume point can be kept: %s (%s)", error.strerror, self.path)

    def read(self) -> Mapping[str, Any] | None:
        """The newest state, or None where there is none, or none that is young and whole."""
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            young = 0 <= time.time() - float(state["wall"]) < FRESH
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state if young and isinstance(state.get("score"), dict) else None

    def forget(self) -> None:
        """The show was ended on purpose."""
        self.path.unlink(missing_ok=True)
