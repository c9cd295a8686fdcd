"""Can this machine play the show? `installation doctor SHOW`, and `--text` for what the wall can show."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from pathlib import Path
from typing import Any, TextIO

from installation.errors import InstallationError


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "look at this machine: can it play the show, and show a text?"
    command = commands.add_parser("doctor", help=text, description=text)
    command.add_argument("show", type=Path, nargs="?", help="a show's folder, its show.yaml, or a venue.yaml")
    command.add_argument("--text", metavar="TEXT", help="which fonts set this, and what of it none can show")
    command.set_defaults(do=doctor, log="ERROR")


def doctor(asked: argparse.Namespace) -> int:
    """Print what was found; 1 where the show cannot run."""
    from installation.examination import examine
    from installation.listen import heard_by
    from installation.show.schema import Venue

    out, well, show, venue = sys.stdout, True, None, Venue()
    if asked.show is not None:
        try:
            show, venue = heard_by(asked.show)
            told = f"{show.file}: right" if show else f"{asked.show}: a venue, and right"
            out.write(f"{'ok':<5} {'show':<8} {told}\n")
        except InstallationError as error:
            well = False
            out.write(f"{'no':<5} {'show':<8} {error}\n")
    for finding in examine(show, venue):
        well = well and finding.state != "no"
        out.write(f"{finding.state:<5} {finding.what:<8} {finding.told}\n")
        out.flush()
    if asked.text is not None:
        _text(asked.text, out)
    return 0 if well else 1


def _text(text: str, out: TextIO) -> None:
    """Which font sets what, and what no font shows."""
    from installation.stage.fonts import package
    from installation.stage.specimen import specimen

    found = specimen(text)
    out.writelines(f"{'':<5} {'text':<8} {piece.font}: {piece.text}\n" for piece in found.pieces)
    for grapheme in found.missing:
        names = " + ".join(f"U+{ord(c):04X} {unicodedata.name(c, '(no name)')}" for c in grapheme)
        right = f"install {package(grapheme)}" if package(grapheme) else "no package is known that has it"
        out.write(f"{'note':<5} {'text':<8} {names} becomes a middle dot; {right}\n")
    if not found.missing:
        out.write(f"{'ok':<5} {'text':<8} every character can be shown\n")
