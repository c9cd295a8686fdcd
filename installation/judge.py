"""What is a model worth? `installation judge MODEL`: figures, goals and baselines, and a page to read."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from installation.errors import InstallationError


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = (
        "hear a model and measure it: does it keep to its prompt, its style; what does it borrow and repeat?"
    )
    _options(commands.add_parser("judge", help=text, description=text))


def _options(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", help="house, or a folder with a model")
    command.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    command.add_argument("--page", type=Path, metavar="FILE.html", help="write a page with plots and samples")
    command.add_argument("--quick", action="store_true", help="a quarter of it or less, in about a minute")
    command.add_argument("--seed", type=int, default=0, help="of everything that is drawn (%(default)s)")
    command.add_argument("--against", metavar="MODEL", help="another model, judged in the same way beside it")
    command.set_defaults(do=judge, log="ERROR")


def judge(asked: argparse.Namespace) -> int:
    """Print what was found; what is broken off is printed as far as it came."""
    from installation.judging.ear import place_of
    from installation.judging.page import page
    from installation.judging.questions import asked as questions
    from installation.judging.trial import Trial

    if asked.page and not asked.page.absolute().parent.is_dir():
        raise InstallationError(f"{asked.page}: there is no folder {asked.page.parent} to write it to")
    names = [asked.model, *([asked.against] if asked.against else [])]
    folders = [place_of(name) for name in names]
    whole = questions(seed=asked.seed)
    trials, out = [], sys.stdout.write
    try:
        for name, folder in zip(names, folders, strict=True):
            trials.append(Trial(folder, whole.quick() if asked.quick else whole, name))
            trials[-1].run()
        trials[0].baselines()
    except KeyboardInterrupt:
        sys.stderr.write("broken off; so far:\n")
        for trial in trials:
            out("".join(f"{line}\n" for line in (f"{trial.verdict.model}:", *trial.verdict.lines())))
        return 130
    verdict, others = trials[0].verdict, [trial.verdict for trial in trials[1:]]
    if asked.json:
        told = verdict.told() | {"against": [other.told() for other in others]}
        out(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        for each in (verdict, *others):
            out(
                "\n".join([f"{each.model} ({each.hash}), seed {each.seed}", *each.lines(), *each.notes])
                + "\n"
            )
        for baseline in verdict.baselines:
            shown = (f"{name} {value:.3f}" for name, value in baseline.figures.items() if value is not None)
            out(f"{baseline.name}: {', '.join(shown)}\n")
    if asked.page:
        asked.page.write_text(page(verdict, others), encoding="utf-8")
        sys.stderr.write(f"{asked.page} is written\n")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """`python -m installation.judge`: the same."""
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    _options(parser)
    try:
        return judge(parser.parse_args(arguments))
    except InstallationError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
