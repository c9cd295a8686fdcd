"""A child process and its pipe: begin, send, receive, notice death. Knows nothing of what the child does.

The parent's side lives on an asyncio loop and never blocks it. The child ignores Ctrl-C, which is
the parent's to answer, and ends itself when its pipe ends or when the parent is gone, even in the
midst of work.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import multiprocessing
import os
import pickle
import queue
import signal
import struct
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio  # what a child does not need, it does not wait for

Target = Callable[..., None]
_LENGTH = struct.Struct("!i")  # what multiprocessing's pipes write before each message
_GONE_WITHIN = 2.0  # seconds a child may live on without its pipe before it is killed
YOUNG = 20_000  # things more than before, at which the collector looks through the new ones


class Worker:
    """One run of a child process: `target(pipe, *args)`, a function at the top of a module.

    `on_message(message)` and `on_death(exit code)` are called on the loop; the code is negative
    for a signal, and death is told once, after the last message, but not after `stop`. While the child
    does not read, the newest message sent about each thing waits and older ones are dropped: send whole
    truths, not differences. `threads` reads and writes by threads, for loops that cannot watch a pipe (Windows).
    """

    def __init__(
        self,
        target: Target,
        args: tuple[object, ...],
        *,
        on_message: Callable[[Any], None],
        on_death: Callable[[int], None],
        name: str = "worker",
        threads: bool = sys.platform == "win32",
    ) -> None:
        import asyncio

        self._on_message = on_message
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._over = self._buried = False
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        self._process = context.Process(
            target=_child, args=(target, theirs, os.getpid(), args), name=name, daemon=True
        )
        try:
            self._process.start()
        finally:
            # Else the pipe never ends for us when the child dies.
            theirs.close()
        self._pid = self._process.pid or 0
        # A child that outlives our loop must not hold up the interpreter's own farewell.
        atexit.register(self.kill)
        side = _Threads if threads else _Watched
        self._side: _Threads | _Watched = side(ours, self._loop, self._received, self._ended)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._pid

    def send(self, message: object, about: str = "") -> None:
        """Hand a message to the child; to a dead one it is lost."""
        if not self._over:
            self._side.send(pickle.dumps(message), about)

    def kill(self) -> None:
        """End the child at once, stopped or not. `on_death` follows."""
        if not self._buried and self._process.is_alive():
            self._process.kill()

    async def stop(self, grace: float = 1.0) -> None:
        """End the pipe, give the child `grace` seconds to end itself, then kill it. No more is told."""
        import asyncio

        self._over = True
        self._side.close()
        if self._buried:
            return
        for _ in range(max(1, round(grace / 0.005))):
            if not self._process.is_alive():
                break
            await asyncio.sleep(0.005)
        else:
            self._process.kill()
            while self._process.is_alive():  # noqa: ASYNC110  the kernel needs a moment and tells nobody
                await asyncio.sleep(0.005)
        self._let_go()

    def _received(self, message: object) -> None:
        if not self._over:
            self._on_message(message)

    def _ended(self) -> None:
        if not self._over:
            self._side.close()
            self._bury(_GONE_WITHIN)

    def _bury(self, patience: float) -> None:
        """The pipe ended: the exit code is known a moment later, or the child hangs and is killed."""
        if self._over:
            return
        if self._process.is_alive():
            if patience <= 0:
                self._process.kill()
            self._loop.call_later(0.002, self._bury, patience - 0.002)
            return
        self._over, code = True, self._process.exitcode or 0
        self._let_go()
        self._on_death(code)

    def _let_go(self) -> None:
        """The child has ended: give back at once what was held for it. The collector comes seldom, and
        a child that dies again and again must not use up the descriptors that a process may have."""
        self._buried = True
        atexit.unregister(self.kill)
        self._process.close()


def spare_collections() -> None:
    """From now on the collector leaves alone what is there, looks through what is new only when YOUNG more
    things live than before, and through all that came since a hundredth as often: it stops every thread,
    measured for 0.1 s, and a show makes hardly any cycles. A frame's thousand sprites are not news."""
    gc.collect()
    gc.freeze()
    _, middle, _ = gc.get_threshold()
    gc.set_threshold(YOUNG, middle, 1000)


class _Watched:
    """The parent's end of the pipe where a loop can watch it: no thread, nothing ever waits."""

    def __init__(
        self,
        pipe: Connection,
        loop: asyncio.AbstractEventLoop,
        received: Callable[[Any], None],
        ended: Callable[[], None],
    ) -> None:
        self._pipe, self._loop, self._received, self._ended = pipe, loop, received, ended
        self._in = bytearray()
        self._out = memoryview(b"")  # the message that is partly written
        self._next: dict[str, bytes] = {}  # the newest that have not begun
        self._open = True
        os.set_blocking(pipe.fileno(), False)
        loop.add_reader(pipe.fileno(), self._read)

    def send(self, data: bytes, about: str) -> None:
        self._next[about] = _LENGTH.pack(len(data)) + data
        if self._open and not self._out:
            self._write()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._pipe.fileno())
            self._loop.remove_writer(self._pipe.fileno())
            self._pipe.close()

    def _write(self) -> None:
        try:
            while self._out or self._next:
                if not self._out:
                    self._out = memoryview(self._next.pop(next(iter(self._next))))
                self._out = self._out[os.write(self._pipe.fileno(), self._out) :]
        except BlockingIOError:
            self._loop.add_writer(self._pipe.fileno(), self._write)
            return
        except OSError:  # the child is gone; reading finds that out and tells
            self._out, self._next = memoryview(b""), {}
        self._loop.remove_writer(self._pipe.fileno())

    def _read(self) -> None:
        try:
            data = os.read(self._pipe.fileno(), 1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._in += data
        while self._open and len(self._in) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._in)[0]
            if len(self._in) < end:
                break
            message = bytes(self._in[_LENGTH.size : end])
            del self._in[:end]
            self._received(pickle.loads(message))  # noqa: S301  our own child wrote it
        if not data and self._open:
            self._ended()


class _Threads:
    """The same with a thread for each direction."""

    def __init__(
        self,
        pipe: Connection,
        loop: asyncio.AbstractEventLoop,
        received: Callable[[Any], None],
        ended: Callable[[], None],
    ) -> None:
        self._pipe, self._loop, self._received, self._ended = pipe, loop, received, ended
        self._out: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._woken, self._wake = multiprocessing.Pipe(duplex=False)
        self._writer = threading.Thread(target=self._write, name="worker-writer", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, name="worker-reader", daemon=True).start()

    def send(self, data: bytes, about: str) -> None:
        self._out.put((about, data))

    def close(self) -> None:
        self._out.put(None)
        self._wake.close()  # the reader sees its other end

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (first := self._out.get()) is not None:
                waiting = dict([first])
                while waiting:
                    while not self._out.empty():  # only the newest counts
                        newer = self._out.get()
                        if newer is None:
                            return
                        waiting |= [newer]
                    self._pipe.send_bytes(waiting.pop(next(iter(waiting))))

    def _read(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while self._woken not in wait([self._pipe, self._woken]):
                self._tell(self._received, pickle.loads(self._pipe.recv_bytes()))  # noqa: S301  our own child
        self._tell(self._ended)
        # A writer that waits for a stopped child lets go when that child is killed.
        self._out.put(None)
        self._writer.join()
        self._pipe.close()
        self._woken.close()

    def _tell(self, what: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: nobody is left to tell
            self._loop.call_soon_threadsafe(what, *args)


def _child(target: Target, pipe: Connection, parent: int, args: tuple[object, ...]) -> None:
    """Where the child begins."""
    # A terminal sends these to the whole group; ending is the parent's to decide, by ending the pipe.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    if sys.platform == "linux":
        # The thread above needs the interpreter; the kernel does not, should a library hang in it.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)
    code = 0
    try:
        target(pipe, *args)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the pipe ended: so do we
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 1
    # Large libraries take seconds to put themselves away, and a child has nothing to keep.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a worker's child has a parent"
    wait([parent.sentinel])
    os._exit(1)
