"""The recording: one ordered log with one writer, in a folder of its own.

    header.json        where it comes from
    000001.jsonl       the log, a message a line; finished pieces become 000001.jsonl.gz
    visitors.jsonl     what visitors said, apart, forgotten after a day

The writer is a thread, so that neither the event loop nor the stage ever waits for a disk. What it
was given is on the disk a second later; a torn last line is read over.
"""

from __future__ import annotations

import gzip
import json
import os
import queue
import shutil
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TextIO

from installation.archive import visitors
from installation.archive.log import Logged, from_line, to_line
from installation.errors import RecordingError

PIECE = 32 * 2**20
"""Bytes after which a new piece of the log is begun."""
FLUSH = 0.5
"""Seconds after which what was written is handed to the disk."""
HOUR = 3600.0


class Entry(NamedTuple):
    """One line: its number in the log from 0, the show's time, the message."""

    seq: int
    at: float
    message: Logged


class Recorder:
    """Writes one recording. `write` never waits; `on_stop` hears, from the writer's thread, why writing
    ended. Visitors' words are kept for `keep_visitors` hours. RecordingError where nothing can be written."""

    def __init__(
        self,
        folder: Path,
        header: dict[str, str],
        on_stop: Callable[[str], None] = lambda _: None,
        *,
        keep_visitors: float = 24.0,
        piece: int = PIECE,
    ) -> None:
        try:
            folder.mkdir(parents=True)
            kept = header | {"visitors_hours": f"{keep_visitors:g}"}
            (folder / "header.json").write_text(
                json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )
            self._visitors = visitors.Visitors(folder)
            self._log: TextIO = _piece(folder, 1).open("a", encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"cannot record into {folder}: {error.strerror}") from error
        self.folder = folder
        self._number, self._piece = 1, piece
        self.on_stop, self._keep = on_stop, keep_visitors * HOUR
        self._queue: queue.SimpleQueue[tuple[float, Logged] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """False once the disk was full or `close` has done its work."""
        return self._thread.is_alive()

    def write(self, at: float, message: Logged) -> None:
        """Add `message`, in force at show time `at`. Once the writer has stopped: nothing."""
        if self._thread.is_alive():
            self._queue.put((at, message))

    def close(self) -> None:
        """Write what is left; 5 seconds at most."""
        self._queue.put(None)
        self._thread.join(5)

    def _run(self) -> None:
        try:
            self._write_all()
        except OSError as error:
            self.on_stop(f"the recording has stopped: {error.strerror} ({self.folder})")
        finally:
            for file in (self._log, self._visitors):
                with suppress(OSError):  # what cannot be written any more was told above
                    file.close()

    def _write_all(self) -> None:
        flushed = purged = -float("inf")
        ending = False
        while not ending:
            try:
                item = self._queue.get(timeout=FLUSH)
                if item is None:
                    ending = True
                else:
                    self._log.write(
                        to_line(*item, hide=lambda said: self._visitors.hide(said, time.time())) + "\n"
                    )
            except queue.Empty:
                pass
            if ending or time.monotonic() - flushed > FLUSH:
                self._visitors.flush()
                self._log.flush()
                flushed = time.monotonic()
                if self._log.tell() > self._piece:
                    self._turn()
            if time.monotonic() - purged > HOUR:
                self._visitors.forget(time.time() - self._keep)
                forget_all(self.folder.parent, time.time(), but=self.folder)
                purged = time.monotonic()
        os.fsync(self._log.fileno())

    def _turn(self) -> None:
        """Begin a new piece; press the old one. The plain file goes only when the pressed one is whole."""
        self._log.close()
        old = _piece(self.folder, self._number)
        self._number += 1
        self._log = _piece(self.folder, self._number).open("a", encoding="utf-8")
        pressed = old.with_suffix(".jsonl.gz")
        fresh = pressed.with_suffix(".new")
        with old.open("rb") as plain, gzip.open(fresh, "wb", compresslevel=5) as out:
            shutil.copyfileobj(plain, out)
        fresh.replace(pressed)
        old.unlink()


def forget_all(recordings: Path, wall: float, but: Path | None = None) -> int:
    """In every recording below `recordings`, forget what visitors said longer ago than that show keeps
    it, at Unix time `wall`. `but`: a recording that somebody else looks after. How many texts."""
    count = 0
    for path in recordings.glob(f"*/{visitors.FILE}"):
        if path.parent != but:
            with suppress(
                RecordingError, OSError, ValueError
            ):  # not ours to tell, and tried again in an hour
                hours = float(read_header(path.parent).get("visitors_hours", "24"))
                count += visitors.forget(path.parent, wall - hours * HOUR)
    return count


def read_header(folder: Path) -> dict[str, str]:
    """Where a recording comes from. RecordingError where `folder` is none."""
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordingError(f"{folder} is not a recording: it has no readable header.json") from error
    return {str(name): str(value) for name, value in header.items()}


def read(folder: Path) -> Iterator[Entry]:
    """Every line in order. A torn last line is left out; a torn line elsewhere is a RecordingError."""
    read_header(folder)
    said = visitors.read(folder)
    seq, torn = 0, ""
    for line in _lines(folder):
        if torn:
            raise RecordingError(f"{folder}: line {seq + 1} is torn, yet more follows: {torn[:60]!r}")
        try:
            at, message = from_line(line, said.get)
        except RecordingError:
            torn = line
            continue
        yield Entry(seq, at, message)
        seq += 1


def _lines(folder: Path) -> Iterator[str]:
    # A pressed piece is whole; its plain twin is what a loss of power left beside it.
    pieces = {path.name.split(".")[0]: path for path in folder.glob("[0-9]*.jsonl")}
    pieces |= {path.name.split(".")[0]: path for path in folder.glob("[0-9]*.jsonl.gz")}
    for _, path in sorted(pieces.items()):
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8", errors="replace") as file
        ):
            try:
                yield from (line.rstrip("\n") for line in file if line.strip())
            except (OSError, EOFError, ValueError, zlib.error) as error:
                raise RecordingError(f"{path} is damaged: {error}") from error


def _piece(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.jsonl"
