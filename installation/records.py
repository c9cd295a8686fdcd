"""A description's record, as JSON: `installation record "An abstract painting with ..."`.

The house model fills in a blank whose signs are fixed, so what comes out always parses.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from installation.errors import InstallationError, VoiceError

MOST = 1000
"""Tries that can be asked for."""


def describe(folder: Path, description: str, seed: int = 1) -> str:
    """The record of a description by the model of `folder`: one line of JSON with title, kind, materials,
    colours, mood, tags and alt. The same seed gives the same. Raises VoiceError for a model that keeps no
    records and for a description that is empty. `voice/registrar.py` keeps a model for many."""
    from installation.voice.registrar import Registrar

    registrar = Registrar(folder)
    return registrar.write(registrar.read(description), seed)


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = (
        "a description of an artwork as a record: title, kind, materials, colours, mood, tags, alt, as JSON"
    )
    command = commands.add_parser("record", help=text, description=text)
    command.add_argument("description", nargs="?", default="", help="what the work shows")
    command.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help="descriptions, with an empty line between two; - is what comes in; one line of JSON each",
    )
    command.add_argument("--model", default="house", help="house, or a folder (%(default)s)")
    command.add_argument("--seed", type=int, default=1, help="of the first try (%(default)s)")
    command.add_argument("--count", type=_count, default=1, metavar="N", help="tries of each (%(default)s)")
    command.set_defaults(do=record, log="WARNING")


def record(asked: argparse.Namespace) -> int:
    """Write one line of JSON for each try. Raises InstallationError."""
    from installation.voice.catalogue import NUMPY, resolve
    from installation.voice.registrar import Registrar

    if bool(asked.description.strip()) == (asked.source is not None):
        raise InstallationError(
            'say what is described: installation record "A painting of a lamp", or --from FILE'
        )
    if asked.seed < 0:
        raise InstallationError(f"--seed {asked.seed}: a seed is 0 or more")
    descriptions = [asked.description] if asked.source is None else list(paragraphs(_read(asked.source)))
    if not descriptions:
        raise InstallationError(f"{asked.source}: there is no description in it")
    registrar = Registrar(Path(resolve(asked.model, Path(), NUMPY)[1]))
    wrong = 0
    for number, description in enumerate(descriptions, 1):
        where = f"{asked.source}: description {number}: " if asked.source is not None else ""
        try:
            read = registrar.read(description)
        except VoiceError as error:
            sys.stderr.write(f"{where}{error}\n")
            wrong += 1
            continue
        if read.cut:
            sys.stderr.write(f"{where}{read.cut}\n")
        for seed in range(asked.seed, asked.seed + asked.count):
            sys.stdout.write(registrar.write(read, seed) + "\n")
            sys.stdout.flush()
    return 1 if wrong else 0


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text: what stands between empty lines."""
    for part in re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        if part.strip():
            yield part.strip()


def _read(source: str) -> str:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InstallationError(f"{source}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InstallationError(
            f"{source}: no text in UTF-8 (byte {error.start}); save it as UTF-8"
        ) from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {MOST}")
    return int(text)
