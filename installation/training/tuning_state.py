"""What a run keeps so that it can go on: the library's checkpoints, and beside them what run it is."""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from installation.errors import TrainingError

STATE, NOTE, PROGRESS = "state", "run.json", "trainer_state.json"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SIGNS = (
    "No space left",
    "File too large",
    "Disk quota",
    "os error 28",
    "os error 27",
    "unexpected pos",
    "iostream error",
)


def noted(state: Path) -> dict[str, Any]:
    """What was noted of the run."""
    try:
        found: dict[str, Any] = json.loads((state / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def note(state: Path, found: Mapping[str, Any]) -> None:
    """Note it, all or nothing."""
    with written(state.parent):
        beside = state / f"{NOTE}.new"
        beside.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        beside.replace(state / NOTE)


def same(state: Path, run: Mapping[str, Any]) -> None:
    """Raises TrainingError where nothing is kept, or what is kept is of another run."""
    before = noted(state).get("run")
    if before is None:
        raise TrainingError(f"{state.parent} holds no run to go on with; begin one without --resume")
    changed = [key for key, value in run.items() if before.get(key) != value]
    if changed == ["texts"]:
        raise TrainingError(
            f"{state.parent} learnt from other texts, or they were changed; begin anew in another --out"
        )
    if changed:
        key = changed[0]
        raise TrainingError(
            f"{state.parent} holds a run with {key} {before.get(key)}, not {run[key]}; name that, or another --out"
        )


def latest(state: Path) -> Path | None:
    """The last checkpoint that was written wholly; None where there is none. Where the folder has been moved, it
    finds its best state anew."""
    found = sorted(state.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    whole = [path for path in found if _whole(path)]
    if not whole:
        return None
    progress = json.loads((whole[-1] / PROGRESS).read_text(encoding="utf-8"))
    best = progress.get("best_model_checkpoint")
    if best and Path(best).parent != state and (state / Path(best).name).is_dir():
        progress["best_model_checkpoint"] = str(state / Path(best).name)
        (whole[-1] / PROGRESS).write_text(json.dumps(progress, indent=2) + "\n", encoding="utf-8")
    return whole[-1]


def steps_done(checkpoint: Path) -> int:
    """Steps that a checkpoint has behind it."""
    return int(checkpoint.name.rpartition("-")[2])


def _whole(path: Path) -> bool:
    """Whether nothing broke off while this was written: its progress is written last, weights can be read."""
    from safetensors import SafetensorError, safe_open

    try:
        json.loads((path / PROGRESS).read_text(encoding="utf-8"))
        weights = list(path.glob("*.safetensors"))
        for file in weights:
            with safe_open(file, framework="numpy"):
                pass
    except (OSError, ValueError, SafetensorError):
        return False
    return bool(weights) and all((path / name).is_file() for name in ("optimizer.pt", "scheduler.pt"))


@contextlib.contextmanager
def written(folder: Path, again: str = "make room and go on with --resume") -> Iterator[None]:
    """Whatever cannot be written in `folder` becomes a TrainingError; `again`: what goes on after a full disk."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        full = getattr(error, "errno", None) in FULL or any(sign in str(error) for sign in _SIGNS)
        if full:
            raise TrainingError(f"the disk with {folder} is full; {again}: what was kept is whole") from error
        if isinstance(error, OSError):
            raise TrainingError(
                f"{folder} cannot be written ({error.strerror or error}); name another --out"
            ) from error
        if "out of memory" in str(error):
            raise TrainingError(
                "the memory is full; take a smaller --batch or --length, or an adapter instead of --full"
            ) from error
        raise
