"""The command line: each command answers honestly, 0 for done, 1 for a failure, 2 for a wrong call."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from installation import __version__, doctor, fill, judge, listen, prefer, records, send, train, tune
from installation.errors import InstallationError

SHOW = "a show's folder, or its show.yaml"
RECORDINGS = Path("recordings")
TOOLS = (doctor, fill, judge, listen, prefer, records, send, train, tune)
"""Commands that have a file of their own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; the exit code."""
    asked = parser().parse_args(arguments)
    # Read by numpy as it loads: words are blurred by products of small matrices, where a second thread
    # gains nothing, waits at every one, and takes the core that the voice speaks on.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    logging.basicConfig(
        format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=asked.log, stream=sys.stderr
    )
    try:
        code: int = asked.do(asked)
    except InstallationError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    whole = argparse.ArgumentParser(
        prog="installation",
        description="A room that speaks: sensors and visitors in, a language model on the wall.",
    )
    whole.add_argument("--version", action="version", version=f"installation {__version__}")
    whole.set_defaults(log="INFO")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    for name, text in {
        "perform": "full screen, recorded, errors to the operator only; goes on where a crash broke it off",
        "rehearse": "a window, errors on stage, the file taken up on every save",
    }.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("show", type=Path, help=SHOW)
        _venue(command)
        command.add_argument(
            "--headless", action="store_true", help="no window: words stream in the terminal"
        )
        command.add_argument(
            "--size", type=_size, metavar="WxH", help="a window of this size, as in 1280x720"
        )
        command.add_argument("--seed", type=int, help="instead of the show's own")
        record = command.add_mutually_exclusive_group()
        record.add_argument(
            "--record", type=Path, metavar="FOLDER", help=f"record into FOLDER (perform: {RECORDINGS}/)"
        )
        record.add_argument("--no-record", action="store_true", help="do not record")
        command.add_argument(
            "--fresh", action="store_true", help="begin at the beginning, even after a crash"
        )
        command.set_defaults(do=_play, perform=name == "perform")

    command = commands.add_parser("check", help="is the file right? every mistake at once")
    command.add_argument("show", type=Path, help=SHOW)
    _venue(command)
    command.set_defaults(do=_check, log="WARNING")

    command = commands.add_parser(
        "replay", help="play a recording again; compare every decision and every frame"
    )
    command.add_argument("recording", type=Path, help="a recording's folder")
    command.set_defaults(do=_replay, log="WARNING")

    command = commands.add_parser("forget", help="forget what visitors said, where its time is over")
    command.add_argument(
        "recordings", type=Path, nargs="?", default=RECORDINGS, help="their folder (%(default)s)"
    )
    command.set_defaults(do=_forget, log="WARNING")

    command = commands.add_parser("film", help="render a recording, or a show by itself, frame by frame")
    command.add_argument("source", type=Path, help="a recording's folder, or a show")
    command.add_argument("out", type=Path, help="the film to write, .mp4")
    command.add_argument("--fps", type=_rate, default=60, help="frames a second (%(default)s)")
    command.add_argument("--size", type=_size, metavar="WxH", default=(1920, 1080), help="pixels (1920x1080)")
    command.add_argument("--seconds", type=_seconds, help="how long (a show: 30; a recording: all of it)")
    command.add_argument("--seed", type=int, help="of a show, instead of its own")
    _venue(command)
    command.set_defaults(do=_film, log="WARNING")

    command = commands.add_parser("still", help="one picture of a recording or a show")
    command.add_argument("source", type=Path, help="a recording's folder, or a show")
    command.add_argument("out", type=Path, help="the picture to write, .png")
    command.add_argument(
        "--at",
        type=_seconds,
        metavar="SECONDS",
        help="of what moment (30, or the last of a shorter recording)",
    )
    command.add_argument("--size", type=_size, metavar="WxH", default=(1920, 1080), help="pixels (1920x1080)")
    command.add_argument("--seed", type=int, help="of a show, instead of its own")
    command.add_argument("--scene", metavar="NAME", default="", help="in which a show begins")
    _venue(command)
    command.set_defaults(do=_still, log="WARNING")

    _exporting(commands)
    for each in TOOLS:
        each.add(commands)

    command = commands.add_parser("new", help="write a working show to start from")
    command.add_argument("name", help="small letters, digits, - and _")
    command.add_argument("--into", type=Path, default=Path("shows"), help="the folder of shows (%(default)s)")
    command.set_defaults(do=_new)
    return whole


def _exporting(commands: Any) -> None:
    text = "write a model as one file for other programs: a GPT-2's folder, the house model's by default"
    command = commands.add_parser("export", help=text, description=text)
    command.add_argument("model", nargs="?", default="house", help="house, or a folder (%(default)s)")
    command.add_argument("--gguf", type=Path, required=True, metavar="FILE", help="the file to write, .gguf")
    command.add_argument(
        "--numbers",
        choices=("f32", "f16", "q8_0"),
        default="f16",
        help="format of the matrices (%(default)s)",
    )
    command.set_defaults(do=_export, log="WARNING")


def _venue(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--venue", type=Path, metavar="FILE", help="instead of the venue.yaml beside the show"
    )


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().replace("×", "x").split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as in 1280x720") from None
    if not (160 <= width <= 16384 and 90 <= height <= 16384):
        raise argparse.ArgumentTypeError(f"{text!r} is too small or too large")
    return width, height


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 86400 seconds")
    return seconds


def _rate(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 240):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 240")
    return int(text)


def _play(asked: argparse.Namespace) -> int:
    print(f"reading {asked.show}", flush=True)
    from installation import app

    recordings = asked.record or (RECORDINGS if asked.perform else None)
    return app.run(
        app.Asked(
            asked.show,
            asked.perform,
            asked.venue,
            None if asked.no_record else recordings,
            asked.headless,
            asked.fresh,
            asked.size,
            asked.seed,
        )
    )


def _check(asked: argparse.Namespace) -> int:
    from installation.catalogue import CATALOGUE
    from installation.show import check

    show = check.read(asked.show, CATALOGUE, asked.venue)
    cues = f"{len(show.cues)} cue" + "s" * (len(show.cues) != 1)
    voices = f"{len(show.voices)} voices, " if len(show.voices) > 1 else ""
    print(
        f"{show.file}: right ({voices}{len(show.scenes)} scenes, {len(show.signals)} signals, {cues}; {show.hash})"
    )
    return 0


def _replay(asked: argparse.Namespace) -> int:
    from installation.replay import replay

    report = replay(asked.recording)
    print(report)
    return 1 if report.wrong else 0


def _forget(asked: argparse.Namespace) -> int:
    from installation.archive.recording import forget_all

    if not asked.recordings.is_dir():
        raise InstallationError(f"{asked.recordings} is no folder; nothing was forgotten")
    count = forget_all(asked.recordings, time.time())
    print(f"{count} message{'s' * (count != 1)} of visitors forgotten in {asked.recordings}")
    return 0


def _film(asked: argparse.Namespace) -> int:
    from installation import lockstep

    lockstep.film(asked.source, asked.out, asked.size, asked.fps, asked.seconds, asked.venue, asked.seed)
    return 0


def _still(asked: argparse.Namespace) -> int:
    from installation import lockstep

    lockstep.still(asked.source, asked.out, asked.size, asked.at, asked.venue, asked.seed, asked.scene)
    print(f"{asked.out} is written")
    return 0


def _export(asked: argparse.Namespace) -> int:
    from installation.training.gguf_file import export
    from installation.voice.catalogue import HOUSE

    folder = HOUSE if asked.model == "house" else Path(asked.model)
    if not folder.is_dir():
        raise InstallationError(f"{folder} is no folder; name one with a GPT-2, or house")
    size = export(folder, asked.gguf, asked.numbers)
    print(
        f"{asked.gguf} is written ({size / 1e6:.1f} MB); a show speaks with it by: model: {asked.gguf.name}"
    )
    return 0


def _new(asked: argparse.Namespace) -> int:
    from installation import new

    show = new.write(asked.name, asked.into)
    print(f"{show} is written; see it with: installation rehearse {show.parent}")
    return 0
