"""A recording played again: the same inputs, the same decisions, the same frames, or it says where not."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from installation.archive import recording, visitors
from installation.archive.log import Logged
from installation.archive.recording import Entry
from installation.catalogue import CATALOGUE
from installation.clock import HandClock
from installation.conductor import Conductor, is_shown
from installation.errors import RecordingError
from installation.messages import (
    Action,
    Adopt,
    FrameMark,
    Signal,
    StageMessage,
    Steered,
    Steering,
    Token,
    VoiceNews,
    Word,
)
from installation.part import stands_for
from installation.show.check import check
from installation.show.load import loads
from installation.show.schema import Show
from installation.stage.stage import Stage

Decision: TypeAlias = Action | Steered | Word
RECORDED = replace(CATALOGUE, resolve=None, fault=None)
"""What may stand in a recording: its voice need not be on this machine, for its tokens are."""


@dataclass(slots=True)
class Report:
    """What a replay found. `differences` are sentences, the first few of them."""

    seconds: float = 0.0
    decisions: int = 0
    frames: int = 0
    pictures: int = 0
    forgotten: bool = False
    wrong: int = 0
    differences: list[str] = field(default_factory=list)

    def differ(self, sentence: str) -> None:
        self.wrong += 1
        if len(self.differences) < 10:
            self.differences.append(sentence)

    def __str__(self) -> str:
        lines = [
            f"{self.seconds:.1f} s: {self.decisions} decisions, {self.frames} frames, "
            f"{self.pictures} of them pixel by pixel"
        ]
        if self.forgotten:
            lines.append("what visitors said is forgotten: its words and the frames are not compared")
        lines += self.differences
        same = "all decisions are the same" if self.forgotten else "all the same"
        lines.append(f"{self.wrong} differ" if self.wrong else same)
        return "\n".join(lines)


class Performance:
    """The inputs of a recording conducted again. `messages` are for the stage, in order.

    `decided` are the Actions and Words that followed, to be compared with the recorded ones."""

    def __init__(self, folder: Path) -> None:
        self.header = recording.read_header(folder)
        self.folder = folder
        self.conductor: Conductor | None = None
        self.messages: deque[StageMessage | Show] = deque()
        self.decided: deque[Decision] = deque()

    def steps(self) -> Iterator[list[Entry]]:
        """Every line, not yet conducted; signals that came in together had one time and are one step."""
        together: list[Entry] = []
        for entry in recording.read(self.folder):
            if isinstance(entry.message, Signal) and (not together or together[0].at == entry.at):
                together.append(entry)
                continue
            if together:
                yield together
            together = [entry] if isinstance(entry.message, Signal) else []
            if not together:
                yield [entry]
        if together:
            yield together

    def entries(self) -> Iterator[Entry]:
        """Every line; the inputs that stand before it, and itself, have been conducted."""
        for step in self.steps():
            self.conduct(step)
            yield from step

    @property
    def playing(self) -> Conductor:
        """The conductor. RecordingError before the first show was adopted."""
        if self.conductor is None:
            raise RecordingError(f"{self.folder} does not begin with a show")
        return self.conductor

    def until(self, now: float) -> None:
        """The ticks up to `now`."""
        self.playing.until(now)
        self._collect()

    def conduct(self, step: list[Entry]) -> None:
        """Give one of `steps` to the conductor."""
        at, message = step[0].at, step[0].message
        if isinstance(message, Adopt):
            self._adopt(at, message)
        elif isinstance(message, Signal):
            self.playing.signals(at, [entry.message for entry in step if isinstance(entry.message, Signal)])
        elif isinstance(message, Token | VoiceNews):
            self._hear(at, message)
        else:
            self.playing.until(at)
        self._collect()

    def _hear(self, at: float, message: Token | VoiceNews) -> None:
        if stands_for(message.voice) not in self.playing.parts:
            raise RecordingError(
                f"{self.folder}: at {at:.2f} s speaks {message.voice!r}, whom the show has not"
            )
        if isinstance(message, Token):
            self.playing.token(at, message)
        else:
            self.playing.news(at, message)

    def _adopt(self, at: float, adopt: Adopt) -> None:
        show = check(loads(adopt.text, Path(adopt.folder)), RECORDED)
        if self.conductor is not None:
            self.conductor.adopt(at, show, adopt)
            return
        try:
            snapshot = json.loads(adopt.resume or "null")
        except ValueError as error:
            raise RecordingError(f"{self.folder}: where the show went on from cannot be read") from error
        self.conductor = Conductor(show, CATALOGUE, adopt.seed, self._heed)
        self.conductor.begin(adopt, snapshot)

    def _heed(self, _at: float, message: Logged) -> None:
        if isinstance(message, Decision):
            self.decided.append(message)

    def _collect(self) -> None:
        for message in self.playing.take():
            if isinstance(message, Steering):
                continue
            if not isinstance(message, Action) or is_shown(message):
                self.messages.append(message)


def replay(folder: Path) -> Report:
    """Play a recording again and compare. RecordingError where it cannot be read."""
    report = Report(forgotten=visitors.forgotten(folder))
    performance = Performance(folder)
    stage: Stage | None = None
    for entry in performance.entries():
        report.seconds = max(report.seconds, entry.at)
        if isinstance(entry.message, Decision):
            _compare_decision(report, entry, performance.decided)
        elif isinstance(entry.message, FrameMark):
            mark = entry.message
            stage = stage or Stage(performance.playing.show, (mark.width, mark.height), HandClock())
            _compare_frame(report, mark, stage, performance.messages)
    if performance.conductor is None:
        raise RecordingError(f"{folder} is empty")
    return report


def _compare_decision(report: Report, entry: Entry, decided: deque[Decision]) -> None:
    report.decisions += 1
    if not decided:
        report.differ(f"{entry.at:.2f} s: recorded {entry.message}, but nothing was decided")
    elif not _alike(again := decided.popleft(), entry.message, report.forgotten):
        report.differ(f"{entry.at:.2f} s: recorded {entry.message}, now {again}")


def _alike(again: Decision, recorded: Logged, forgotten: bool) -> bool:
    """Whether two decisions are one; where visitors' words are forgotten, as far as it can be told."""
    if again == recorded or not (forgotten and getattr(recorded, "private", False)):
        return again == recorded
    return type(again) is type(recorded) and again.private


def _compare_frame(
    report: Report, mark: FrameMark, stage: Stage, messages: deque[StageMessage | Show]
) -> None:
    report.frames += 1
    while stage.taken < mark.upto:
        if not messages:
            report.differ(
                f"frame {mark.n}: it had taken in {mark.upto} messages, now there are {stage.taken}"
            )
            return
        stage.take(messages.popleft())
    if stage.size != (mark.width, mark.height):
        stage.resize((mark.width, mark.height))
    stage.level = mark.level
    stage.frame(mark.now)
    again = stage.mark(pixels=mark.pixels is not None)
    report.pictures += mark.pixels is not None
    if report.forgotten:
        return
    if again.rows != mark.rows:
        report.differ(f"frame {mark.n} at {mark.now:.3f} s is composed otherwise")
    elif again.pixels != mark.pixels:
        report.differ(f"frame {mark.n} at {mark.now:.3f} s has other pixels")
