"""The socket that OSC arrives on: opened, its buffer enlarged, its losses read."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys

from installation.errors import PortError

BUFFER = 4 << 20  # bytes that the kernel may keep for us; its default holds some 256 small packets

_SO_MEMINFO, _DROPS = 55, 8  # Linux: nine counters of a socket; the last counts what it threw away


async def bound(host: str, port: int) -> socket.socket:
    """A UDP socket that listens there and never blocks. Raises PortError with what to do about it."""
    opened = None
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
        family, *_, where = min(found, key=lambda each: each[0] != socket.AF_INET)  # senders know IPv4
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        if sys.platform == "win32":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        _enlarge(opened)
        opened.bind(where)
    except (OSError, UnicodeError) as error:
        if opened is not None:
            opened.close()
        raise PortError(_why(host, port, error)) from error
    return opened


def granted(opened: socket.socket) -> int:
    """Bytes of its receive buffer. Linux doubles what it is asked for, for its own use, and tells that."""
    size = opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    return size // 2 if sys.platform == "linux" else size


def lost(opened: socket.socket) -> int:
    """How many packets the kernel has thrown away because the buffer was full. Only Linux tells."""
    if sys.platform != "linux":
        return 0
    try:
        counters = opened.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * (_DROPS + 1))
    except OSError:  # some sandboxes are Linux in name only
        return 0
    return int.from_bytes(counters[4 * _DROPS :], sys.byteorder)


def _enlarge(opened: socket.socket) -> None:
    asked = BUFFER
    while asked >= 1 << 16:
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, asked)
        except OSError:  # macOS and BSD refuse what is too much; Linux grants less
            asked //= 2
        else:
            return


def _why(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return (
            f"OSC port {port} on {host} is taken by another program; close that one, "
            f"or choose another, such as {port + 1}, for `listen` in venue.yaml"
        )
    if number in {errno.EACCES, errno.EPERM}:
        return (
            f"OSC port {port} on {host} is kept for administrators; "
            f"choose one above 1023 for `listen` in venue.yaml"
        )
    return (
        f"OSC port {port} cannot be opened on {host} ({error}); `listen` in venue.yaml must name an address "
        f"of this machine: 127.0.0.1 for itself, 0.0.0.0 for the whole network"
    )
