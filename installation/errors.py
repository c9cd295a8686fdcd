"""What can go wrong, by name.

InstallationError
├── ShowErrors        the artist's file: a list of Fault, each with file, line, path, what, right
├── ExpressionError   one expression of a show file
├── DatagramError     bytes that are not OSC
├── PortError         a port that cannot be opened at all (not one that is lost for a while)
├── VoiceError        a model that cannot be loaded or cannot speak
├── CorpusError       texts to learn from that cannot be read, or are none
├── TrainingError     a training run that cannot begin, go on or be kept
├── StageError        no display, no font, the wrong pygame
└── RecordingError    a recording that cannot be read or written
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class InstallationError(Exception):
    """Whatever this program raises on purpose; its text is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a show file: where (`file`, 1-based `line`, `path`), what, what is right."""

    file: str
    line: int
    path: str
    what: str
    right: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"{self.path}: " if self.path else "")
        return where + self.what + (f"; {self.right}" if self.right else "")


class ShowErrors(InstallationError):
    """Everything wrong with a show file, all at once, in the file's order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        assert faults, "ShowErrors needs at least one fault"
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class ExpressionError(InstallationError):
    """An expression that cannot be parsed or names something unknown."""


class DatagramError(InstallationError):
    """Bytes that are not a well-formed OSC packet."""


class PortError(InstallationError):
    """A port that cannot be opened: the address is taken, the broker program is missing."""


class VoiceError(InstallationError):
    """A model that cannot be loaded or cannot speak."""


class CorpusError(InstallationError):
    """Texts to learn from that cannot be read, or are none."""


class TrainingError(InstallationError):
    """A training run that cannot begin, go on or be kept."""


class StageError(InstallationError):
    """No display, no font, or a pygame that is not pygame-ce."""


class RecordingError(InstallationError):
    """A recording that cannot be read or written."""
