"""Train the house model from nothing: `python -m installation.training.pretrain --out FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path

from installation.training import run
from installation.training.house import House, described, named_again, sources, specials, stream
from installation.training.masked import Masked
from installation.training.next_token import NextToken, build, loss_of
from installation.training.plan import MASKED, NEXT, Plan
from installation.training.run import Objective, OtherRun
from installation.training.ship import ship

__all__ = [
    "OBJECTIVES",
    "OtherRun",
    "Plan",
    "Run",
    "build",
    "described",
    "loss_of",
    "main",
    "named_again",
    "sources",
    "specials",
    "stream",
]

OBJECTIVES: dict[str, type[Objective]] = {NEXT: NextToken, MASKED: Masked}


class Run(run.Run):
    """A run on the house's corpus."""

    def __init__(self, plan: Plan, folder: Path, *, compiled: bool = False) -> None:
        """See run.Run."""
        material = House(plan, folder)
        super().__init__(plan, folder, material, OBJECTIVES[plan.objective](), compiled=compiled)

    def ship(self, folder: Path) -> None:
        """The finished model, and how it came to be, as the files of `folder`."""

        def write(beside: Path) -> None:
            ship(self.model, self.tokenizer, beside, self.common())
            self.write_down(beside)

        run.finish(folder, write)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder that gets the finished model")
    parser.add_argument(
        "--state", type=Path, default=Path("state/house"), help="where an interrupted run waits to go on"
    )
    parser.add_argument("--minutes", type=float, default=Plan.minutes, help="how long to train")
    parser.add_argument("--steps", type=int, default=0, help="the number of steps, instead of minutes")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--threads", type=int, default=Plan.threads)
    parser.add_argument("--now", action="store_true", help="train no further: ship what was kept")
    parser.add_argument("--compile", action="store_true", help="compile the step first; takes a C++ compiler")
    given = parser.parse_args(arguments)
    plan = Plan(seed=given.seed, minutes=given.minutes, steps=given.steps, threads=given.threads)
    given.state.mkdir(parents=True, exist_ok=True)
    going = Run(plan, given.state, compiled=given.compile)
    if not given.now:
        going.train()
    going.ship(given.out)


if __name__ == "__main__":
    main()
