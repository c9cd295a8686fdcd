"""A model learns what was liked: `installation prefer house recordings/tide-* --out adapters/liked`."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.errors import InstallationError
from installation.training import pairs, preference_card
from installation.training.adapter import dressed, equipped
from installation.training.pairs import Pair, PairsError
from installation.training.preference import NEEDED, Limits, Measured

if TYPE_CHECKING:
    from installation.applause import Reception

HELD = 0.2
"""The share of the pairs that is never learnt from."""
REPLAY = 0.5
"""The share of old pairs in what is learnt, where there are so many."""
FEWEST = 4
"""Pairs without which nothing is learnt."""


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "learn from applause and marks in recordings, or from a file of pairs: an adapter for a show"
    usual = Limits()
    command = commands.add_parser("prefer", help=text, description=text)
    command.add_argument(
        "given",
        nargs="+",
        metavar="MODEL RECORDING",
        help="a model (house, a folder, a Hugging Face id), then recordings or files of pairs (.jsonl); "
        "with --pairs-only no model",
    )
    command.add_argument("--out", type=Path, help="the adapter's folder; with --pairs-only the file of pairs")
    command.add_argument("--pairs-only", action="store_true", help="write the pairs to be read and edited")
    command.add_argument(
        "--clear", type=float, default=pairs.CLEAR, help="points by which the better one leads (%(default)s)"
    )
    command.add_argument(
        "--beta", type=float, default=usual.beta, help="how much it holds on to itself (%(default)s)"
    )
    command.add_argument("--rate", type=float, default=usual.rate, help="how fast it learns (%(default)s)")
    command.add_argument("--steps", type=int, default=usual.steps, help="at most (%(default)s)")
    command.add_argument("--rank", type=int, default=usual.rank, help="of the adapter (%(default)s)")
    command.add_argument("--seed", type=int, default=usual.seed, help="(%(default)s)")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, mps (%(default)s)")
    command.add_argument(
        "--state",
        type=Path,
        default=Path("state"),
        help="where old pairs are kept, to be learnt again (%(default)s)",
    )
    command.set_defaults(do=prefer, log="ERROR")


def prefer(asked: argparse.Namespace) -> int:
    """Learn, and tell what came of it; 1 where nothing is kept."""
    model, sources = _told_apart(asked.given, pairs_only=asked.pairs_only)
    look = max(1, min(10, asked.steps // 10))
    limits = Limits(asked.beta, asked.rate, asked.steps, look, rank=asked.rank, seed=asked.seed)
    limits.check()
    if asked.pairs_only:
        return _write(_gathered(sources, asked.clear), asked.out)
    if asked.out is None:
        raise InstallationError("say where the adapter shall be: --out adapters/liked")
    equipped("learning", NEEDED)
    preference_card.may_hold(asked.out)
    return _learn(model, _gathered(sources, asked.clear), limits, asked)


def _told_apart(given: Sequence[str], *, pairs_only: bool) -> tuple[str, list[Path]]:
    """The model, `` where none is named, and where pairs come from."""
    first = Path(given[0])
    if first.suffix == ".jsonl" or (first / "header.json").is_file():
        if not pairs_only:
            raise InstallationError(f"{first} is no model; name one first: installation prefer house {first}")
        return "", [Path(name) for name in given]
    if len(given) == 1:
        what = "recordings" if pairs_only else "recordings, or a file of pairs,"
        raise InstallationError(
            f"{given[0]} is neither a recording nor a file of pairs; name {what} behind the model"
        )
    return given[0], [Path(name) for name in given[1:]]


def _gathered(sources: Sequence[Path], clear: float) -> list[Pair]:
    """The pairs of all recordings together, and those of files. Tells what each recording gave."""
    from installation.applause import NoReaction, received

    found: list[Pair] = []
    receptions: list[Reception] = []
    silent: list[NoReaction] = []
    for source in sources:
        if source.is_file():
            found += pairs.read(source)
            continue
        try:
            receptions.append(received(source))
            _tell(str(receptions[-1]))
        except NoReaction as nothing:
            silent.append(nothing)
            _tell(str(nothing))
    if silent and len(silent) == len(sources):
        raise silent[0] if len(silent) == 1 else PairsError("in none of these recordings anybody reacted")
    heard = [passage for reception in receptions for passage in reception.heard]
    found += pairs.pairs(heard, clear)
    if not found:
        raise PairsError(
            f"no pair is clear enough: of the {len(heard)} passages, no two after one prompt are {clear:g} points "
            "apart; record more evenings, mark what is good and bad, or ask for less with --clear"
        )
    return list({pair.key: pair for pair in found}.values())


def _write(found: Sequence[Pair], out: Path | None) -> int:
    if out is None:
        sys.stdout.writelines(json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in found)
        return 0
    pairs.write(out, found)
    _tell(
        f"{out}: {len(found)} pairs; read them, change them, and learn with: installation prefer house {out}"
    )
    return 0


def _learn(name: str, found: Sequence[Pair], limits: Limits, asked: argparse.Namespace) -> int:
    from installation.pupil import Pupil
    from installation.training.preference import Course

    if len(found) < FEWEST:
        raise PairsError(
            f"{len(found)} pairs are too few to learn from and to check it; {FEWEST} are the least"
        )
    kept = asked.state / "preferences" / f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.jsonl"
    before = pairs.read(kept) if kept.is_file() else []
    new, held = pairs.parted(found, HELD, limits.seed)
    old = pairs.replayed(before, found, REPLAY, limits.seed)
    if not new:
        raise PairsError("all pairs have a text in common, so none can be held out; learn from more passages")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    pupil = Pupil(name, asked.device)
    if strangers := {
        f"{pair.model or 'a model'} ({pair.hash})" for pair in found if pair.hash not in {"", pupil.hash}
    }:
        _tell(f"{name} is {pupil.hash}: these words are another model's, {', '.join(sorted(strangers))}")
    _tell(f"{len(new)} pairs to learn from, {len(old)} old ones with them, {len(held)} held out")
    model = dressed(pupil.model, limits.seed, limits.rank, 2 * limits.rank)
    lessons = [pupil.lesson(pair) for pair in held]
    course = Course(model, pupil.tokenizer, lessons, pupil.ordinary(limits.seed), limits, _tell_look)
    learnt = course.run([pupil.lesson(pair) for pair in (*new, *old)], bar=sys.stderr.isatty())
    _tell(f"it ended because {learnt.ended}")
    if learnt.kept is learnt.before:
        earlier = "the earlier adapter stays" if asked.out.exists() else "no adapter is written"
        _tell(f"no state was better within the limits: nothing was learnt, {earlier}")
        return 1
    command = shlex.join(["installation", "prefer", *map(str, asked.given), *_options(asked)])
    run = preference_card.Run(name, pupil.hash, command, limits, new, old, held, learnt)
    preference_card.save(model, run, asked.out)
    pairs.write(kept, [*before, *(pair for pair in found if pair.key not in {known.key for known in before})])
    _tell(
        f"{asked.out} is written: held-out pairs preferred rightly {learnt.before.accuracy:.0%} → "
        f"{learnt.kept.accuracy:.0%}, margin {learnt.kept.margin:.3f}; wear it with adapter: {asked.out}"
    )
    return 130 if learnt.ended == "it was interrupted" else 0


def _options(asked: argparse.Namespace) -> list[str]:
    names = ("clear", "beta", "rate", "steps", "rank", "seed", "out")
    return [part for name in names for part in (f"--{name}", str(getattr(asked, name)))]


def _tell_look(found: Measured) -> None:
    _tell(
        f"step {found.step}: loss {found.loss:.4f}, {found.accuracy:.0%} preferred rightly, margin {found.margin:.3f}, "
        f"drift {found.drift:.3f}, ordinary texts {found.ordinary:.4f}"
    )


def _tell(sentence: str) -> None:
    """On stderr: what is asked for on stdout are pairs."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
