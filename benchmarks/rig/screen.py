"""A screen to open a window on: the one that is there, else Xvfb's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def screen(size: tuple[int, int]) -> Iterator[str]:
    """A display of at least `size` while this lasts, in words. Without one and without Xvfb: SystemExit."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield "the display that is there"
        return
    program = shutil.which("Xvfb")
    if program is None:
        raise SystemExit("not measured: there is no display, and Xvfb (apt: xvfb) is not installed")
    reading, writing = os.pipe()
    width, height = size
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:  # the server writes its number once it can be used
            number = told.readline().strip()
        if not number:
            raise SystemExit("not measured: Xvfb could not be started")
        os.environ["DISPLAY"] = f":{number}"
        os.environ["SDL_VIDEODRIVER"] = "x11"
        yield "Xvfb"
    finally:
        os.environ.pop("DISPLAY", None)
        server.terminate()
        server.wait()
