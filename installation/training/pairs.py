"""Two texts after one prompt, of which one was liked better; pairs as a file that is read and edited by hand.

A line of the file is `{"prompt": "[storm] the sea", "chosen": "…", "rejected": "…"}`, and beside that where it
comes from. The control tokens of a model stand in the prompt, in brackets, as in a show file: pairs are of
one prompt and one style.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from installation.errors import InstallationError

CLEAR = 1.0
"""Points by which the better passage of a pair leads: a whole applause, or half a mark."""
SHORTEST = 8
"""Words that a passage has at least."""
RATIO = 2.0
"""How many times longer one of the two may be: what is learnt shall not be the length."""


class PairsError(InstallationError):
    """A file of pairs that cannot be read, or pairs that nothing can be learnt from."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A passage that was heard, and how it was received, in points. `place` says where it is found again;
    `model` and `hash` say whose words they are."""

    prompt: str
    text: str
    points: float
    place: str = ""
    model: str = ""
    hash: str = ""

    @property
    def length(self) -> int:
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Pair:
    """The better and the worse. What stands behind `rejected` may be missing in a file made by hand."""

    prompt: str
    chosen: str
    rejected: str
    points: tuple[float, float] = (0.0, 0.0)
    places: tuple[str, str] = ("", "")
    model: str = ""
    hash: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Which pair it is, wherever it comes from."""
        return self.prompt, self.chosen, self.rejected


def pairs(heard: Iterable[Heard], clear: float = CLEAR) -> list[Pair]:
    """Best against worst among passages of one prompt and one model, then the next best against the next
    worst, each passage once, as long as the difference is `clear`."""
    groups: dict[tuple[str, str, str], list[Heard]] = {}
    for passage in heard:
        if passage.length >= SHORTEST:
            groups.setdefault((passage.prompt, passage.model, passage.hash), []).append(passage)
    found = []
    for group in groups.values():
        left = sorted(group, key=lambda passage: passage.points)
        while left:
            best = left.pop()
            worst = next((other for other in left if _comparable(best, other)), None)
            if worst is None:
                continue
            if best.points - worst.points < clear:
                break
            left.remove(worst)
            points = (round(best.points, 2), round(worst.points, 2))
            places = (best.place, worst.place)
            found.append(Pair(best.prompt, best.text, worst.text, points, places, best.model, best.hash))
    return found


def _comparable(best: Heard, other: Heard) -> bool:
    longer, shorter = max(best.length, other.length), min(best.length, other.length)
    return longer <= RATIO * shorter and best.text != other.text


def write(path: Path, found: Sequence[Pair]) -> None:
    """A line for each pair; the file is there whole or as it was. PairsError where it cannot be written."""
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in found)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise PairsError(f"{path} cannot be written: {error.strerror}") from error


def read(path: Path) -> list[Pair]:
    """The pairs of a file. PairsError names the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise PairsError(f"{path} is no text in UTF-8; it has to hold a JSON object a line") from None
    except OSError as error:
        raise PairsError(f"{path} cannot be read: {error.strerror}") from error
    return [_pair(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _pair(line: str, where: str) -> Pair:
    right = 'write {"prompt": "the sea", "chosen": "…", "rejected": "…"}'
    try:
        told = json.loads(line)
    except ValueError:
        raise PairsError(f"{where}: not a JSON object; {right}") from None
    if not isinstance(told, dict):
        raise PairsError(f"{where}: not a JSON object; {right}")
    for name in ("prompt", "chosen", "rejected"):
        if not isinstance(told.get(name), str) or (name != "prompt" and not told[name].strip()):
            raise PairsError(f"{where}: {name} is missing or no text; {right}")
    if told["chosen"].split() == told["rejected"].split():
        raise PairsError(
            f"{where}: chosen and rejected are the same; take the line out, or change one of them"
        )
    known = {field.name for field in fields(Pair)}
    kept: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in told.items() if name in known
    }
    return Pair(**kept)


def parted(found: Sequence[Pair], share: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """(to learn from, held out): so great a `share` is never learnt from, one pair at least. Pairs that have a
    text in common stay together."""
    order = sorted(found, key=lambda pair: pair.key)
    random.Random(seed).shuffle(order)  # noqa: S311 - seeded, no cryptography
    held: list[Pair] = []
    wanted = max(1, round(share * len(order)))
    texts: set[str] = set()
    for pair in order:
        if len(held) < wanted or {pair.chosen, pair.rejected} & texts:
            held.append(pair)
            texts |= {pair.chosen, pair.rejected}
    kept = [pair for pair in order if pair not in held]
    return kept, held


def replayed(old: Sequence[Pair], new: Sequence[Pair], share: float, seed: int) -> list[Pair]:
    """Those of the `old` pairs that are learnt again: so many that they are `share` of the whole, or all."""
    known = {pair.key for pair in new}
    left = [pair for pair in old if pair.key not in known]
    count = min(len(left), round(len(new) * share / (1 - share)))
    return random.Random(seed).sample(left, count)  # noqa: S311 - seeded, no cryptography
