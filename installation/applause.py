"""How an evening was received: applause and marks of a recording, and the words that they were meant for.

A reaction takes time, so the words of the last `REACTION` seconds before it are never meant. One applause
is for the words that came on the wall in the `WINDOW` before that: it is a point, shared among the
passages by how many of those words are theirs. Clapping that goes on for `BURST` seconds is one applause; of
n messages it weighs 1 + log2(n) points. A mark is for one passage: that of most of the words in the `FOLLOWED`
seconds before the reaction, for whoever marks a paragraph does it as the next one has begun; keep gives it
`MARK` points, skip takes as many. Where a cue makes a mark of the applause, the mark counts. A passage
without a point was heard and moved nobody, but only if somebody was there to be moved: within `THERE`
seconds of some reaction.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from installation.archive import recording
from installation.archive.log import Logged
from installation.errors import InstallationError
from installation.messages import Action, Signal
from installation.passages import Passage, Telling
from installation.score.trigger import strikes
from installation.show.schema import Show
from installation.training.pairs import Heard

REACTION = 0.8
WINDOW = 8.0
BURST = 4.0
FOLLOWED = 5.0
MARK = 2.0
LATE = 30.0
"""Seconds of silence after which a mark is for nothing that was said."""
THERE = 120.0


class NoReaction(InstallationError):
    """A recording in which nobody clapped and nothing was marked."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """`kind`: applause, keep or skip. `count`: messages of one applause."""

    at: float
    kind: str
    count: int = 1

    @property
    def points(self) -> float:
        if self.kind == "applause":
            return 1 + math.log2(self.count)
        return MARK if self.kind == "keep" else -MARK


@dataclass(slots=True)
class Reception:
    """What is known of one recording. `passed_over`: passages that are not the voice's own, by why;
    `missed`: reactions that no words were meant by; `alone`: passages that nobody was there for."""

    name: str
    heard: list[Heard] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    missed: int = 0
    alone: int = 0

    def __str__(self) -> str:
        kinds = [reaction.kind for reaction in self.reactions]
        counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("applause", "keep", "skip"))
        lines = [f"{self.name}: {counted}; {len(self.heard)} passages heard"]
        if self.alone:
            lines.append(f"  {self.alone} more while nobody reacted for {THERE:g} s")
        if self.missed:
            lines.append(f"  {self.missed} reactions without words before them")
        lines += [f"  {count} left out: {why}" for why, count in sorted(self.passed_over.items())]
        return "\n".join(lines)


def received(folder: Path) -> Reception:
    """A recording's passages with their points. RecordingError where it cannot be read, NoReaction where
    nobody reacted."""
    telling, hands = Telling(folder), Reactions()
    for entry in recording.read(folder):
        telling.hear(entry.at, entry.message)
        hands.hear(entry.at, entry.message, telling.show)
    passages, reactions = telling.passages(), hands.found
    if not reactions:
        raise NoReaction(
            f"{folder}: nobody clapped and nothing was marked; send /installation/applause while the show "
            "plays, or give it a cue with mark: keep"
        )
    reception = Reception(folder.name, reactions=reactions)
    points, reception.missed = shared(passages, reactions)
    for passage, score in zip(passages, points, strict=True):
        there = any(abs(reaction.at - passage.began) <= THERE for reaction in reactions)
        if passage.why:
            reception.passed_over[passage.why] = reception.passed_over.get(passage.why, 0) + 1
        elif not there:
            reception.alone += 1
        else:
            place = f"{folder.name} at {passage.began:.1f} s"
            reception.heard.append(
                Heard(passage.prompt, passage.text, score, place, passage.model, passage.hash)
            )
    return reception


def shared(passages: Sequence[Passage], reactions: Sequence[Reaction]) -> tuple[list[float], int]:
    """(the points of each passage, how many reactions met no words)."""
    words = sorted((at, n) for n, passage in enumerate(passages) for at in passage.moments)
    moments = [at for at, _ in words]
    points, missed = [0.0] * len(passages), 0
    for reaction in reactions:
        end = bisect_right(moments, reaction.at - REACTION)
        window = WINDOW if reaction.kind == "applause" else FOLLOWED
        meant = [n for _, n in words[bisect_right(moments, reaction.at - REACTION - window) : end]]
        if reaction.kind != "applause":
            if not meant and end and reaction.at - moments[end - 1] <= LATE:
                meant = [words[end - 1][1]]
            meant = [n for n, _ in Counter(reversed(meant)).most_common(1)]
        missed += not meant
        for n in meant:
            points[n] += reaction.points / len(meant)
    return points, missed


class Reactions:
    """Applause and marks of a recording, line by line."""

    def __init__(self) -> None:
        self._marks: list[Reaction] = []
        self._claps: list[list[float]] = []

    @property
    def found(self) -> list[Reaction]:
        """In their order; clapping that goes on is one."""
        claps = [Reaction(burst[0], "applause", len(burst)) for burst in self._claps if burst]
        return sorted([*self._marks, *claps], key=lambda reaction: reaction.at)

    def hear(self, at: float, message: Logged, show: Show | None) -> None:
        """The next line, `show` being played."""
        if isinstance(message, Action) and message.target == "mark":
            self._marks.append(Reaction(at, str(message.value)))
            if self._claps and at in self._claps[-1]:  # a cue made the mark of it
                self._claps[-1].remove(at)
        elif isinstance(message, Signal) and show is not None and _claps(message, show):
            if self._claps and self._claps[-1] and at - self._claps[-1][0] <= BURST:
                self._claps[-1].append(at)
            else:
                self._claps.append([at])


def _claps(signal: Signal, show: Show) -> bool:
    """Whether a message is applause in this show."""
    sources = [
        source.argument
        for source in show.signals["applause"].sources
        if (source.protocol, source.address) == (signal.source, signal.address)
    ]
    return not signal.retained and any(strikes(signal.values, argument) for argument in sources)
