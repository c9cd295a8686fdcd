"""A small show on disk, the program really started on it, a screen, a datagram: what tests of whole evenings share."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from pythonosc.osc_message_builder import OscMessageBuilder

TEXT = "The sea at night puts away its colours. Only the sound stays out, walking up the sand and back.\n"
PATIENCE = 20.0
"""Seconds after which an event that did not come is a failure; nothing here ever sleeps that long."""
SHOW = """\
title: Small
format: 1
start: a
voice: {model: 'script:texts/a.txt', pace: 12, seed: 7}
signals:
  x: {from: [osc /x, mouse y], range: [0, 1], rest: 0}
  say: {from: [osc /say, keys], kind: text}
scenes:
  a: {prompt: hello, layers: [palimpsest, ghosts: {rise: 0.4 + x}], meanwhile: [Wait with me.]}
  b: {prompt: there, layers: [palimpsest]}
cues:
  - {cue: whisper, on: say, say: 'Someone says {say}.'}
  - {cue: up, when: x > 0.5, go: b, fade: 0.2}
  - {cue: back, go: a}
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_show(folder, *changes, port=None, venue=""):
    """The show above in `folder`, each of `changes` (old, new) made; its port."""
    text = SHOW
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    (folder / "texts" / "a.txt").write_text(TEXT)
    (folder / "show.yaml").write_text(text)
    port = port or free_port()
    (folder / "venue.yaml").write_text(f"listen: 127.0.0.1:{port}\nsize: [320, 180]\n{venue}")
    return port


def tell(port, address, *values):
    """One OSC message, really sent."""
    message = OscMessageBuilder(address)
    for value in values:
        message.add_arg(value)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.build().dgram, ("127.0.0.1", port))


def children(pid):
    """The process ids under `pid`."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # that thread has just ended
            found += map(int, (task / "children").read_text().split())
    return found


def gone(pid, seconds=PATIENCE):
    """Wait until the process `pid` has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def voice_of(pid):
    """The process id of the voice under the show `pid`."""
    for child in children(pid):
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return 0


def eventually(true):
    """Wait until `true()` is."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: {true}")
        threading.Event().wait(0.02)
    return found


class Program:
    """`installation` really started in `folder`; what it prints is read as it comes. `blocks`: no file
    may become longer than so many times 512 bytes."""

    def __init__(self, folder, *arguments, blocks=None, **environment):
        unseen = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}
        env = {name: value for name, value in os.environ.items() if name not in unseen}
        self.printed = {"out": "", "err": ""}
        self._news = threading.Condition()
        limit = ["sh", "-c", 'ulimit -f "$0"; exec "$@"', str(blocks)] if blocks else []
        self._process = subprocess.Popen(
            [*limit, sys.executable, "-m", "installation", *map(str, arguments)],
            cwd=folder,
            env=env | {"PYTHONUNBUFFERED": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        streams = {"out": self._process.stdout, "err": self._process.stderr}
        self._readers = [
            threading.Thread(target=self._read, args=item, daemon=True) for item in streams.items()
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self):
        return self._process.pid

    @property
    def out(self):
        return self.printed["out"]

    @property
    def err(self):
        return self.printed["err"]

    def until(self, pattern, stream="out", after=0):
        """Wait until `pattern` (a regular expression) was printed behind place `after`; the match."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while not (found := re.compile(pattern, re.DOTALL).search(self.printed[stream], after)):
                left = deadline - time.monotonic()
                ended = not any(reader.is_alive() for reader in self._readers)
                if left < 0 or ended:
                    raise AssertionError(f"no {pattern!r} in\n{self.out}\n{self.err}")
                self._news.wait(min(left, 0.5))
            return found

    def send(self, number):
        self._process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """Send a signal and wait; the exit code."""
        self.send(number)
        return self.code()

    def code(self):
        code = self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(PATIENCE)
        self._process.stdout.close()
        self._process.stderr.close()

    def _read(self, name, stream):
        while data := os.read(stream.fileno(), 65536):
            with self._news:
                self.printed[name] += data.decode("utf-8", "replace")
                self._news.notify_all()


@contextlib.contextmanager
def screen(xvfb, size="640x480"):
    """A display of its own in memory; its name."""
    command = [xvfb, "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            yield f":{server.stdout.readline().decode().strip()}"
        finally:
            server.terminate()
