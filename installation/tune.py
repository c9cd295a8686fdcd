"""A model that speaks more like an artist's own texts: `installation tune house texts/ --out adapters/mine`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.training.adapter import equipped
from installation.training.tuning_bar import Bar, stoppable, tell
from installation.training.tuning_plan import EPOCHS, Tuning

if TYPE_CHECKING:
    from installation.training.collection import Collection
    from installation.training.tuning import Outcome
    from installation.training.tuning_rows import Passage


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "tune a model to texts of your own: an adapter (LoRA), or with --full the whole model"
    command = commands.add_parser("tune", help=text, description=text)
    command.add_argument("model", metavar="MODEL", help="house, a Hugging Face id or a folder with a model")
    command.add_argument("texts", type=Path, metavar="TEXTS", help="a folder or file: .txt, .md, .jsonl")
    command.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="the folder for the result"
    )
    command.add_argument("--full", action="store_true", help="learn all weights; the result is a whole model")
    command.add_argument("--rank", type=_whole, default=Tuning.rank, help="of the adapter (%(default)s)")
    command.add_argument("--alpha", type=_above, default=None, help="the adapter's weight (twice the rank)")
    command.add_argument("--minutes", type=_above, default=0.0, help="learn so long at most")
    command.add_argument("--steps", type=_whole, default=0, help="learn so many steps at most")
    rounds = f"go through the texts so often at most ({EPOCHS}, where no other end is given)"
    command.add_argument("--epochs", type=_above, default=0.0, help=rounds)
    command.add_argument("--rate", type=_above, default=0.0, help="learning rate (chosen for the model)")
    command.add_argument("--batch", type=_whole, default=Tuning.batch, help="passages a step (%(default)s)")
    command.add_argument("--length", type=_long, default=Tuning.length, help="tokens a passage (%(default)s)")
    command.add_argument(
        "--hold", type=_share, default=Tuning.hold, help="share of texts held out (%(default)s)"
    )
    command.add_argument(
        "--replay",
        type=_share,
        default=Tuning.replay,
        help="the house model: share of its own answers in what it learns, against forgetting them (%(default)s)",
    )
    command.add_argument("--seed", type=int, default=Tuning.seed, help="(%(default)s)")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (%(default)s)")
    command.add_argument("--resume", action="store_true", help="go on with the run that FOLDER holds")
    command.set_defaults(do=tune, log="WARNING")


def tune(asked: argparse.Namespace) -> int:
    """Learn, write the result, and tell what became of it; 130 where Ctrl-C ended it. Raises
    InstallationError."""
    from installation.training import tuning

    equipped("tuning", tuning.NEEDED)
    from installation import tutor
    from installation.training import tuning_ship
    from installation.training.collection import collect
    from installation.voice.weights import device_of, model_hash

    place, device = tutor.place_of(asked.model), device_of(asked.device)
    collection = collect(asked.texts)
    for told in collection.told:
        tell(told)
    plan = _plan(asked)
    model, tokenizer = tutor.fetched(place, device, full=plan.full)
    plan = tuning.fitted(plan, getattr(model.config, "max_position_embeddings", None) or plan.length)
    material, learnt, held = tutor.material_of(place, model, tokenizer, collection, plan)
    _intend(asked, collection, learnt, held, plan)
    run = tuning.Run(model, plan, material, asked.out, device, asked.model)
    bar = Bar()
    with stoppable() as stopped:
        outcome = run.go(bar.told, stopped, resume=asked.resume)
    bar.close()
    source = Path(place) if Path(place).is_dir() else None
    if plan.full:
        tuning_ship.save_whole(run.model, tokenizer, asked.out, source, tuning_ship.stored(place))
    else:
        tuning_ship.save_adapter(run.model, asked.out, asked.model)
    card = tuning_ship.Card(
        asked.model, model_hash(place), plan, plan.rate_for(run.parameters), outcome, collection, material.mark,
        shlex.join(["installation", *sys.argv[1:]]),
    )  # fmt: skip
    card.write(asked.out)
    card = tutor.heard(card, place, asked.out, [*held, *learnt])
    card.write(asked.out)
    _conclude(card, asked.out)
    return 130 if outcome.why == "stopped" else 0


def _plan(asked: argparse.Namespace) -> Tuning:
    return Tuning(
        full=asked.full, rank=asked.rank, alpha=asked.alpha or 2.0 * asked.rank, rate=asked.rate,
        minutes=asked.minutes, steps=asked.steps, epochs=asked.epochs, batch=asked.batch, length=asked.length,
        hold=asked.hold, replay=asked.replay, seed=asked.seed,
    )  # fmt: skip


def _intend(
    asked: argparse.Namespace,
    collection: Collection,
    learnt: list[Passage],
    held: list[Passage],
    plan: Tuning,
) -> None:
    """Say what is about to be done."""
    how = "all weights" if plan.full else f"an adapter of rank {plan.rank}"
    tell(
        f"{asked.model}: {how}; {len(collection.texts)} texts, {collection.words} words; "
        f"{len(learnt)} passages to learn, {len(held)} held out"
    )


def _conclude(card: Any, folder: Path) -> None:
    """Say what became of it."""
    outcome: Outcome = card.outcome
    out = sys.stdout.write
    for prompt, before, after in card.heard:
        out(f"\n[{prompt}]\nbefore: {before.strip()}\nafter:  {after.strip()}\n")
    out(f"\nfigure held_before {outcome.before:.4f}\nfigure held_after {outcome.after:.4f}\n")
    if outcome.guard:
        out(f"figure own_before {outcome.guard[0]:.4f}\nfigure own_after {outcome.guard[1]:.4f}\n")
    before, after = card.verbatim
    out(f"figure verbatim_before {before:.3f}\nfigure verbatim_after {after:.3f}\n")
    out(
        f"of {card.runs} eight-word runs that it said, {after:.1%} stand in the texts word for word "
        f"(before: {before:.1%})\n"
    )
    out(f"{_ENDED[outcome.why].format(best=outcome.best, steps=outcome.steps)}\n")
    if outcome.after >= outcome.before:
        out("it does not know these texts better than before: give it more texts, or a smaller --rate\n")
    wear = f"model: {folder}" if card.plan.full else f"model: {card.base}, adapter: {folder}"
    out(f"{folder} is written; a show speaks with it by: voice: {{{wear}}}\n")


_ENDED = {
    "end": "all {steps} steps are done; the best, step {best}, is kept",
    "risen": "the held-out loss rose, so it ended at step {steps}; the best, step {best}, is kept",
    "minutes": "the time is over at step {steps}; the best, step {best}, is kept",
    "stopped": "stopped at step {steps}; the best, step {best}, is kept; --resume goes on",
}


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _long(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 64 <= int(text) <= 131_072):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 64 on")
    return int(text)


def _above(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 0.9:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 0.9, as in 0.1")
    return number
