"""What a show needs of this machine, looked at piece by piece; nothing is changed."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from installation.errors import InstallationError, StageError
from installation.show.schema import Show, Venue

DISK = 2 << 30
"""Bytes that should be free where recordings go."""
MEMORY = 1 << 30
"""Bytes of memory that should be free before a model is loaded."""
OLDEST = (3, 11)


class Finding(NamedTuple):
    """`state`: `ok`, `note` (the show runs, less well) or `no` (it cannot). `told`: what is, or what to do."""

    state: str
    what: str
    told: str


def examine(show: Show | None, venue: Venue) -> Iterator[Finding]:
    """One finding after the other, in the order in which they would stop a show."""
    for what, look in (
        ("python", python),
        ("pygame", pygame_ce),
        ("fonts", fonts),
        ("model", lambda: model(show)),
        ("osc", lambda: osc(venue)),
        ("broker", lambda: broker(venue)),
        ("display", lambda: display(venue)),
        ("painter", lambda: painter(venue)),
        ("disk", lambda: disk(Path("recordings"))),
        ("memory", memory),
    ):
        yield _found(what, look)


def _found(what: str, look: Callable[[], tuple[str, str]]) -> Finding:
    try:
        return Finding(what=what, **dict(zip(("state", "told"), look(), strict=True)))
    except (InstallationError, ImportError) as error:
        return Finding("no", what, str(error))


def python() -> tuple[str, str]:
    """Whether this Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST))
    right = sys.version_info >= OLDEST
    return ("ok", version) if right else ("no", f"{version}; install Python {wanted} or newer")


def pygame_ce() -> tuple[str, str]:
    """Whether pygame is pygame-ce, and alone: both install into one folder."""
    from installation.stage.displays import edition

    if any((each.metadata["Name"] or "").lower() == "pygame" for each in metadata.distributions()):
        return "no", "pygame is installed; uninstall it, then `pip install --force-reinstall pygame-ce`"
    return "ok", edition()


def fonts() -> tuple[str, str]:
    """Whether our own typefaces are there. Raises StageError naming the package."""
    from installation.stage.fonts import FACES, face_path

    return "ok", ", ".join(Path(face_path(face)).name for face in FACES)


def model(show: Show | None) -> tuple[str, str]:
    """What speaks, and on which device. Raises VoiceError where that is not there."""
    from installation.part import settings_of
    from installation.voice.catalogue import resolve
    from installation.voice.weights import device_of

    told = []
    for name in show.voices if show else ():
        settings = settings_of(show, name)  # type: ignore[arg-type]  # there is a show where there are voices
        kind, _ = resolve(settings.model, show.folder, settings.device)  # type: ignore[union-attr]
        told.append(f"{settings.model} on {device_of(settings.device) if kind == 'transformers' else kind}")
    return "ok", ", ".join(dict.fromkeys(told)) or f"torch would take {device_of('auto')}"


def osc(venue: Venue) -> tuple[str, str]:
    """Whether the port is free. Raises PortError with what to do."""
    from installation.ports import osc_socket
    from installation.ports.osc_targets import place

    async def tried() -> None:
        (await osc_socket.bound(*place(venue.listen, "listen"))).close()

    asyncio.run(tried())
    return "ok", f"{venue.listen} is free"


def broker(venue: Venue) -> tuple[str, str]:
    """Whether the broker answers or can be started."""
    from installation.ports.broker import INSTALL, BrokerAddress, answers, program
    from installation.ports.mqtt_guest import nearby

    if not venue.broker:
        return "ok", "none is asked for"
    if venue.broker == "local":
        if found := asyncio.run(nearby()):
            return "ok", f"one answers on {found}"
        path = program("mosquitto")
        return ("ok", f"{path} will be started") if path else ("no", INSTALL)
    address = BrokerAddress.parse(venue.broker)
    if address.tls or address.username:
        return "note", f"{address} is not tried here: it asks for more than a stranger has"
    if asyncio.run(answers(address.host, address.port)):
        return "ok", f"{address} answers"
    return "note", f"{address} does not answer; the show begins without it and seeks it for ever"


def display(venue: Venue) -> tuple[str, str]:
    """Which screens there are, and whether the venue's is among them."""
    from installation.stage import displays

    try:
        there = displays.screens(venue.display)
    except StageError as error:
        raise StageError(f"{error}; put one of them into `display` of venue.yaml") from None
    return ("ok", there) if there else ("note", "no screen; the words would stream in the terminal")


def painter(venue: Venue) -> tuple[str, str]:
    """What would turn frames into pixels."""
    from installation.stage import graphics

    if venue.painter == "software":
        return "ok", "the processor, as venue.yaml says"
    try:
        return "ok", f"{graphics.tried()}, by OpenGL"
    except StageError as error:
        return "note" if venue.painter == "gpu" else "ok", f"the processor: {error}"


def disk(folder: Path) -> tuple[str, str]:
    """Whether recordings find room."""
    there = folder if folder.exists() else folder.absolute().parent
    free = shutil.disk_usage(there).free
    told = f"{free / 2**30:.1f} GiB free for {folder}"
    return (
        ("ok", told) if free >= DISK else ("note", f"{told}; make room, or record elsewhere: --record FOLDER")
    )


def memory() -> tuple[str, str]:
    """How much memory is free, where the system tells."""
    try:
        rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        try:
            free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
        except (ValueError, OSError, AttributeError):
            return "ok", "this system does not tell"
    told = f"{free / 2**30:.1f} GiB free"
    return ("ok", told) if free >= MEMORY else ("note", f"{told}; end other programs before the show")
