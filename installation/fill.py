"""A torn label: `installation fill MODEL "The <mask> at night"` tells the words that may have stood there."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.training.tokenizer import MASK


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = f"fill in what is missing from a text: each {MASK} is a word, told with how probable it is"
    command = commands.add_parser("fill", help=text, description=text)
    command.add_argument("model", type=Path, metavar="MODEL", help="a folder of: train --objective masked")
    command.add_argument(
        "text", metavar="TEXT", help=f'as in "The {MASK} at night"; several are filled in turn'
    )
    command.add_argument("--top", type=_some, default=5, help="so many words for each place (%(default)s)")
    command.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    command.set_defaults(do=fill, log="ERROR")


def fill(asked: argparse.Namespace) -> int:
    """Print the words. Raises VoiceError where there is nothing to fill in, or the model cannot."""
    from installation.training.run import quiet
    from installation.training.torn import Filler

    quiet()
    if MASK not in asked.text:
        raise VoiceError(
            f'nothing is missing from {asked.text!r}; write {MASK} for a word, as in "The {MASK} at night"'
        )
    filled = Filler(asked.model).fill(asked.text, asked.top)
    out = sys.stdout.write
    if asked.json:
        places = [
            {"place": place.number, "words": [{"word": word, "probability": p} for word, p in place.words]}
            for place in filled.places
        ]
        told = {"text": asked.text, "filled": filled.text, "places": places}
        out(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        return 0
    for place in filled.places:
        words = "  ".join(f"{word} {p:.3f}" for word, p in place.words)
        out(f"{place.number}: {words}\n")
    out(filled.text + "\n")
    return 0


def _some(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 1000")
    return int(text)
