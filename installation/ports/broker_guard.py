"""A program by itself: runs a broker for as long as somebody holds the other end of its standard input.

    python broker_guard.py FOLDER COMMAND...

The show that is killed -9 cannot end its children, but its pipe ends with it: then the broker is
ended and FOLDER, which holds its configuration, is removed. The broker's process id is the first
line of standard output. Where this process itself is killed, Linux ends the broker.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
GRACE = 1.0
"""Seconds the broker has to end by itself."""


def _dying_with_us() -> Callable[[], None] | None:
    """What the child does before it becomes the broker: safe, for we have one thread until then."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:  # a stopped process does not hear the first request
        child.kill()


def _wait_for_the_end(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1024):
        pass
    _end(child)


def main(folder: str, command: list[str]) -> int:
    """Run the command; its exit status."""
    child = subprocess.Popen(  # noqa: S603 - our own show wrote this command
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=_dying_with_us(),  # noqa: PLW1509 - one thread
    )  # fmt: skip
    with contextlib.suppress(OSError):
        os.write(1, f"{child.pid}\n".encode())
    threading.Thread(target=_wait_for_the_end, args=(child,), daemon=True).start()
    try:
        return child.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
