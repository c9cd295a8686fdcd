"""Where a picture, a film or a recording comes from: the work carries its source."""

from __future__ import annotations

import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from installation import __version__


@dataclass(frozen=True, slots=True)
class Provenance:
    """Names of everything that made a work. `commit` is the program's, with + where it was changed."""

    title: str
    show: str
    seed: int
    model: str
    model_hash: str = ""
    commit: str = ""
    version: str = __version__

    def fields(self) -> dict[str, str]:
        """As texts, for the header of a recording and the metadata of films and stills."""
        return {name: str(value) for name, value in asdict(self).items()}


def commit() -> str:
    """The program's commit, 12 digits; `` when it does not run from a checkout.

    INSTALLATION_COMMIT names it where a package was built without one."""
    if known := os.environ.get("INSTALLATION_COMMIT"):
        return known
    top = Path(__file__).resolve().parents[2]
    if not (top / ".git").exists():
        return ""
    try:
        command = ["git", "-C", str(top), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
