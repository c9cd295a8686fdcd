"""What visitors said, kept apart from the recording and forgotten after a while.

`visitors.jsonl` holds one line a message: `{"visitor": 3, "wall": 1790000000.0, "said": {…}}`, the fields
that it can be read from. Forgetting replaces every letter by an x and drops the rest: the line keeps
its length and its breaks, so that a replay is laid out alike.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TextIO

FILE = "visitors.jsonl"
SHAPED = frozenset({"values", "value", "because", "text", "parts", "heard"})
"""Fields of which the shape is kept."""


class Visitors:
    """The open file of one recording. `hide` writes a text and returns its number."""

    def __init__(self, folder: Path, first: int = 0) -> None:
        self.path = folder / FILE
        self.count = first
        self._file: TextIO = self.path.open("a", encoding="utf-8")

    def hide(self, said: dict[str, Any], wall: float) -> int:
        """Keep a message's fields, heard at Unix time `wall`."""
        self.count += 1
        line = {"visitor": self.count, "wall": round(wall, 1), "said": said}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return self.count

    def flush(self) -> None:
        self._file.flush()

    def forget(self, before: float) -> None:
        """Forget what was said before Unix time `before`; the file stays open for more."""
        self._file.close()
        forget(self.path.parent, before)
        self._file = self.path.open("a", encoding="utf-8")

    def close(self) -> None:
        self._file.close()


def forget(folder: Path, before: float) -> int:
    """Forget what was said before Unix time `before`, in place and at once. How many lines there were."""
    path = folder / FILE
    if not path.exists():
        return 0
    lines, count = [], 0
    for line in _lines(path):
        if line["wall"] < before and "said" in line:
            line["shape"] = {
                name: _shape(value) for name, value in line.pop("said").items() if name in SHAPED
            }
            count += 1
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    if count:
        fresh = path.with_suffix(".new")
        fresh.write_text("".join(lines), encoding="utf-8")
        fresh.replace(path)
    return count


def read(folder: Path) -> dict[int, dict[str, Any]]:
    """Every line's fields by its number; of the forgotten ones their shape."""
    path = folder / FILE
    lines = _lines(path) if path.exists() else []
    return {line["visitor"]: line.get("said", line.get("shape", {})) for line in lines}


def forgotten(folder: Path) -> bool:
    """Whether anything has been forgotten, or the file was taken away."""
    path = folder / FILE
    return not path.exists() or any("shape" in line for line in _lines(path))


def _lines(path: Path) -> list[dict[str, Any]]:
    lines = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:  # the last line of a show that lost its power
            continue
    return lines


def _shape(said: Any) -> Any:
    if isinstance(said, str):
        return re.sub(r"\w", "x", said)
    return [_shape(item) for item in said] if isinstance(said, list) else said
