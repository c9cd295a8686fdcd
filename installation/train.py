"""A model from nothing: `installation train TEXTS --out FOLDER` learns an artist's own texts, `train house` ours."""

from __future__ import annotations

import argparse
import math
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.errors import TrainingError
from installation.training.plan import MASKED, NEXT, Plan
from installation.training.tuning_bar import stoppable, tell

if TYPE_CHECKING:
    from installation.training.collection import Collection
    from installation.training.run import Run

STATES = Path("state/train")
NEVER_AGAIN = 8
"""Tokens in a row that a show does not let a model of few texts say twice soon."""
RISEN = 1.02
"""What held-out texts cost at the end, against the best, from which on it is said to learn by heart."""


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "train a small model from nothing, on texts of your own or on the house's"
    command = commands.add_parser("train", help=text, description=text)
    command.add_argument(
        "texts", metavar="TEXTS", help="a folder or file (.txt, .md, .jsonl), or house: the house's corpus"
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="the folder for the result"
    )
    command.add_argument(
        "--objective",
        choices=(NEXT, MASKED),
        default=NEXT,
        help=f"to go on with a text, or (masked) to fill in what is missing from it ({NEXT})",
    )
    command.add_argument("--minutes", type=_above, help="train so long (house: 65; texts: as they need)")
    command.add_argument("--steps", type=_whole, help="train so many steps, instead")
    command.add_argument("--seed", type=int, default=Plan.seed, help="of all chance (%(default)s)")
    command.add_argument("--threads", type=_whole, default=Plan.threads, help="of the CPU (%(default)s)")
    command.add_argument(
        "--state", type=Path, help=f"where a run that was broken off waits to go on ({STATES}/NAME)"
    )
    command.add_argument("--now", action="store_true", help="train no further: write what was kept")
    command.add_argument(
        "--compile", action="store_true", help="compile the step first; takes a minute and a C++ compiler"
    )
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (%(default)s)")
    command.set_defaults(do=train, log="WARNING")


def train(asked: argparse.Namespace) -> int:
    """Train, write the model, and tell what became of it; 130 where Ctrl-C ended it. Raises InstallationError."""
    from installation.training.run import AGAIN, quiet
    from installation.training.tuning_state import written

    quiet()
    state = asked.state or STATES / asked.out.absolute().name
    if asked.now and not (state / "state.pt").is_file():
        raise TrainingError(f"nothing was kept in {state}; train without --now, or name another --state")
    if asked.out.exists() and not asked.out.is_dir():
        raise TrainingError(f"{asked.out} is a file; name a folder")
    with written(state, AGAIN):
        state.mkdir(parents=True, exist_ok=True)
    run, collection = _begun(asked, state)
    broken = False
    if not asked.now:
        if run.step:
            tell(f"going on after step {run.step}, kept in {state}")
        with stoppable() as stopped:
            run.train(stopped)
            broken = not run.done
    if broken:
        tell(f"stopped after step {run.step}, which is kept in {state}; the same command goes on from there,")
        tell("and with --now writes the model as it is")
        return 130
    _write(run, asked, collection)
    _tell(run, asked, collection)
    return 0


def _begun(asked: argparse.Namespace, state: Path) -> tuple[Run, Collection | None]:
    """The run, as far as it was kept, and the artist's texts."""
    from installation.training import own, pretrain, run
    from installation.training.collection import collect
    from installation.voice.weights import device_of

    given = {"seed": asked.seed, "threads": asked.threads, "device": device_of(asked.device)}
    given |= {"minutes": asked.minutes or Plan.minutes, "steps": asked.steps or 0}
    if asked.texts == "house":
        plan = Plan(objective=asked.objective, **given)
        return pretrain.Run(plan, state, compiled=asked.compile), None
    collection = collect(Path(asked.texts))
    for told in collection.told:
        tell(told)
    plan, passes = own.sized(collection, asked.objective)
    plan = replace(plan, **given)
    _same(plan, state)
    material = own.Own(plan, collection, state)
    if not (asked.steps or asked.minutes):
        steps = math.ceil(passes * material.tokens / (plan.batch * plan.length))
        plan = replace(plan, steps=max(own.LEAST, steps))
    begun = run.Run(plan, state, material, pretrain.OBJECTIVES[plan.objective](), compiled=asked.compile)
    size = sum(parameter.numel() for parameter in begun.model.parameters())
    tell(
        f"{len(collection.texts)} texts, {collection.words} words, {material.tokens} tokens of {material.vocabulary}; "
        f"{len(material.held)} passages held out; {size / 1e6:.1f} million parameters, "
        + (f"{plan.steps} steps" if plan.steps else f"{plan.minutes:g} minutes")
    )
    return begun, collection


def _same(plan: Plan, state: Path) -> None:
    """A tokenizer that was made for other texts goes where nothing was learnt with it yet. Raises OtherRun where
    something was."""
    from installation.training.run import AGAIN, OtherRun
    from installation.training.tuning_state import written

    mark, told = state / "texts", f"{plan.texts} {plan.objective}"
    if mark.is_file() and mark.read_text(encoding="utf-8") != told:
        if (state / "state.pt").exists():
            raise OtherRun(
                f"{state} is of a run with other texts or another objective: remove it or name another --state"
            )
        shutil.rmtree(state / "tokenizer", ignore_errors=True)
    with written(state, AGAIN):
        mark.write_text(told, encoding="utf-8")


def _write(run: Run, asked: argparse.Namespace, collection: Collection | None) -> None:
    """The model's folder: all of it or nothing."""
    import json

    from installation.training import card, ship
    from installation.training.run import finish

    def write(folder: Path) -> None:
        if asked.objective == MASKED:
            ship.ship_weights(run.model, run.tokenizer, folder)
            text = json.dumps({"objective": MASKED}) + "\n"
            (folder / "installation.json").write_text(text, encoding="utf-8")
        elif collection is None:
            ship.ship(run.model, run.tokenizer, folder, run.common())
        else:
            settings = {"never_again": NEVER_AGAIN, "common": run.common(300)}
            ship.ship_plain(run.model, run.tokenizer, folder, settings)
        run.write_down(folder)
        if collection is not None:
            command = shlex.join(["installation", *sys.argv[1:]])
            (folder / "README.md").write_text(card.card(run, collection, command), encoding="utf-8")

    finish(asked.out, write)


def _tell(run: Run, asked: argparse.Namespace, collection: Collection | None) -> None:
    """What became of it, and what can be expected of it."""
    from installation.training.own import verdict

    held = [line["held"] for line in run.losses.read() if "held" in line]
    cost = f"; a held-out token costs {held[-1]:.3f} nats" if held else ""
    out = sys.stdout.write
    out(f"{asked.out} is written after {run.step} steps, {run.spent / 60:.1f} minutes{cost}\n")
    if held and held[-1] > RISEN * min(held):
        out(
            f"It cost {min(held):.3f} before: it has begun to learn by heart; fewer --steps would be better.\n"
        )
    if collection is not None:
        out(verdict(collection, asked.objective) + "\n")
    if asked.objective == MASKED:
        out(f'Try: installation fill {asked.out} "The <mask> at night"\n')
    else:
        out(f"A show speaks with it by: voice: {{model: {asked.out}}}\n")


def _whole(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _above(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value
