"""Everything that is sent to a show, live: `installation listen SHOW`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from installation.messages import Value

if TYPE_CHECKING:
    from installation.earshot import Earshot
    from installation.ledger import Entry
    from installation.show.schema import Show, Venue

EVERY = 0.2
"""Seconds between two drawings of the table."""
HEAD = ("", "address", "rate", "range", "last", "from", "moves")
LONGEST = (4, 44, 7, 24, 28, 26, 200)
"""Columns of the terminal that each column of the table may take."""


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "show every message on OSC and MQTT live: its rate, range, sender, and what it moves in the show"
    command = commands.add_parser("listen", help=text, description=text)
    command.add_argument(
        "show", type=Path, nargs="?", help="a show's folder or file, or a venue.yaml; none: the usual port"
    )
    command.add_argument(
        "--port", type=int, choices=range(1, 65536), metavar="N", help="instead of the show's own OSC port"
    )
    command.add_argument(
        "--broker", default="", metavar="WHICH", help="instead of the venue's: none, local, host:port"
    )
    command.add_argument("--seconds", type=float, help="end by itself after so long")
    command.set_defaults(do=listen, log="WARNING")


def listen(asked: argparse.Namespace) -> int:
    """Listen until it is ended. Raises PortError where the port is taken."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_listen(asked, sys.stdout))
    return 0


async def _listen(asked: argparse.Namespace, out: TextIO) -> None:
    from installation.clock import LiveClock
    from installation.earshot import Earshot
    from installation.filter import Filter

    show, venue = heard_by(asked.show)
    if asked.port:
        venue = venue.model_copy(update={"listen": f"{venue.listen.rpartition(':')[0]}:{asked.port}"})
    if out.isatty():  # the table has the counts; a line of the log would run through it
        logging.getLogger("installation").setLevel(logging.ERROR)
    came = asyncio.Event()
    clock = LiveClock()
    earshot = Earshot(show, venue, clock, Filter().clean, broker=asked.broker, told=came.set)
    await earshot.open()
    screen = Table(earshot, out) if out.isatty() else Lines(earshot, out)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(asked.seconds):
                while True:
                    screen.draw(clock.now())
                    came.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(EVERY if out.isatty() else None):
                            await came.wait()
                    if out.isatty():
                        await asyncio.sleep(EVERY / 4)
    finally:
        screen.draw(clock.now())
        await earshot.close()
        out.write(f"{summary(earshot)}\n")
        out.flush()


def heard_by(path: Path | None) -> tuple[Show | None, Venue]:
    """The show that `path` means, if any, and its venue. Raises ShowErrors."""
    from installation.catalogue import CATALOGUE
    from installation.show import check
    from installation.show.load import venue_alone
    from installation.show.schema import Venue

    if path is None:
        return None, Venue()
    alone = venue_alone(path) if path.is_file() else None
    beside = path.with_name("show.yaml")
    if alone is not None and not beside.exists():
        return None, alone
    show = check.read(path, CATALOGUE) if alone is None else check.read(beside, CATALOGUE, path)
    return show, show.venue


def summary(earshot: Earshot) -> str:
    """Where it listens, how much it heard, and what was not taken."""
    ledger = earshot.ledger
    host, port = earshot.where
    parts = [f"osc {host}:{port}", earshot.mqtt, f"{ledger.heard} heard", f"{len(ledger.entries)} addresses"]
    if ledger.beyond:
        parts.append(f"{ledger.beyond} to addresses beyond")
    return " · ".join([*parts, *filter(None, [earshot.lost()])])


def row(entry: Entry, moves: str, now: float) -> tuple[str, ...]:
    """One line of the table, as HEAD says."""
    spans = " ".join(f"{low:.4g}..{high:.4g}" if low <= high else "-" for low, high in entry.spans)
    last = entry.fault or " ".join(map(_shown, entry.last)) or "(no values)"
    sender = f"{entry.sender} retained" if entry.retained else entry.sender
    return entry.protocol, entry.address, f"{entry.rate(now):.1f}/s", spans, last, sender, moves


def _shown(value: Value) -> str:
    return (
        f"{value:.4g}" if isinstance(value, float) else f'"{value}"' if isinstance(value, str) else str(value)
    )


def plain(text: str) -> str:
    """What a terminal shows and does not obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def fit(text: str, width: int) -> str:
    """`text` in so many columns: cut, or filled with spaces; wide letters take two."""
    taken, kept = 0, ""
    for letter in plain(text):
        wide = 0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        if taken + wide > width:
            return f"{kept[:-1]}…" if kept and taken == width else f"{kept}…"
        taken, kept = taken + wide, kept + letter
    return kept + " " * (width - taken)


class Lines:
    """One line for each new address, for a file or a pipe."""

    def __init__(self, earshot: Earshot, out: TextIO) -> None:
        self._earshot, self._out = earshot, out
        self._told = 0
        self._mqtt = earshot.mqtt
        out.write(f"listening: {summary(earshot)}\n")

    def draw(self, now: float) -> None:
        """Tell of every address that is new."""
        if self._mqtt != self._earshot.mqtt:
            self._mqtt = self._earshot.mqtt
            self._out.write(f"{plain(self._mqtt)}\n")
        for entry in list(self._earshot.ledger.entries.values())[self._told :]:
            moves = self._earshot.wiring.moves(entry.protocol, entry.moved)
            protocol, address, _, _, last, sender, _ = row(entry, moves, now)
            told = f"{protocol} {address}  {last}  from {sender}" + (f"  moves {moves}" if moves else "")
            self._out.write(f"{plain(told)}\n")
            self._told += 1
        self._out.flush()


class Table:
    """All addresses, drawn again in place. Those that were heard last stay where the screen is too low."""

    def __init__(self, earshot: Earshot, out: TextIO) -> None:
        self._earshot, self._out = earshot, out
        self._height = 0
        self._moves: dict[tuple[str, str], str] = {}

    def draw(self, now: float) -> None:
        """Draw it over what was drawn before (ECMA-48: CPL, EL and ED)."""
        size = shutil.get_terminal_size()
        drawn = self.lines(now, size.columns - 1, size.lines - 1)
        up = f"\x1b[{self._height}F" if self._height else ""
        self._out.write(up + "".join(f"{line}\x1b[K\n" for line in drawn) + "\x1b[J")
        self._out.flush()
        self._height = len(drawn)

    def lines(self, now: float, columns: int, lines: int) -> list[str]:
        """The table in so much room."""
        latest = sorted(self._earshot.ledger.entries.values(), key=lambda e: -e.at)[: max(1, lines - 3)]
        shown = sorted(latest, key=lambda entry: (entry.protocol, entry.address))
        rows = [HEAD, *(row(entry, self._moved(entry), now) for entry in shown)]
        widths = [
            min(most, max(len(plain(cell)) + 1 for cell in column))
            for column, most in zip(zip(*rows, strict=True), LONGEST, strict=True)
        ]
        body = [fit("".join(fit(c, w) + " " for c, w in zip(r, widths, strict=True)), columns) for r in rows]
        return [fit(summary(self._earshot), columns), *(line.rstrip() for line in body)]

    def _moved(self, entry: Entry) -> str:
        key = (entry.protocol, entry.moved)
        if key not in self._moves:
            self._moves[key] = self._earshot.wiring.moves(*key)
        return self._moves[key]
