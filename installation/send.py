"""One message by hand: `installation send /room/presence 3`, `installation send mqtt:harbour/tide 3.1`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import re
import socket
import sys
from typing import Any

from installation.errors import PortError
from installation.messages import Value

MQTT = "mqtt:"
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_SWITCH = {"true": True, "false": False}


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "send one message: OSC to /an/address, MQTT to mqtt:a/topic"
    command = commands.add_parser("send", help=text, description=text)
    command.add_argument("address", metavar="ADDRESS", help="/an/osc/address, or mqtt:a/topic")
    command.add_argument(
        "values",
        nargs="*",
        metavar="VALUE",
        help="3 is a whole number, 3.0 a float, true and false switches, everything else text",
    )
    command.add_argument("--float", action="store_true", help="send every number as a float")
    command.add_argument(
        "--to",
        default="",
        metavar="HOST:PORT",
        help="where to (OSC: 127.0.0.1:57250, where shows listen; MQTT: the broker of this machine)",
    )
    command.set_defaults(do=send, log="WARNING")


def send(asked: argparse.Namespace) -> int:
    """Send what was asked for and say what went where. Raises PortError."""
    values = tuple(read(text, floats=asked.float) for text in asked.values)
    if asked.address.startswith(MQTT):
        # A lone value goes as it was written: 3.10 stays 3.10.
        plain = asked.values[0] if len(values) == 1 and not asked.float else values
        where = asyncio.run(_publish(asked.address.removeprefix(MQTT), plain, asked.to))
    else:
        where = _send_osc(asked.address.removeprefix("osc:"), values, asked.to)
    told = " ".join(f"{text} ({_kind(value)})" for text, value in zip(asked.values, values, strict=True))
    sys.stdout.write(f"{asked.address} {told or '(no values)'} → {where}\n")
    return 0


def read(text: str, *, floats: bool = False) -> Value:
    """What somebody typed as the value it looks like. Every text is one."""
    if text.lower() in _SWITCH:
        return _SWITCH[text.lower()]
    if _WHOLE.fullmatch(text) and not floats:
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else None
    return text if number is None or abs(number) == float("inf") else number


def _kind(value: Value) -> str:
    kinds = {bool: "switch", int: "whole number", float: "float"}
    return kinds.get(type(value), "text")


def _send_osc(address: str, values: tuple[Value, ...], to: str) -> str:
    from installation.ports.osc import LISTEN
    from installation.ports.osc_targets import build

    host, port = place(to or LISTEN)
    try:
        datagram = build(address, values)
    except ValueError as error:
        raise PortError(f"{error}; write /an/address for OSC, or mqtt:a/topic") from None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, *_, where = min(found, key=lambda each: each[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_DGRAM) as opened:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            opened.connect(where)
            opened.send(datagram)
            refused = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
    except (OSError, UnicodeError) as error:
        raise PortError(f"nothing can be sent to {host}:{port}: {error}") from None
    if refused:  # only this machine itself says so at once
        raise PortError(f"nobody listens on {host}:{port}; start the show, or name another place with --to")
    return f"{host}:{port}"


def place(text: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[::1]:port` or a lone port of this machine. Raises PortError."""
    from installation.ports import osc_targets

    with contextlib.suppress(PortError):
        return osc_targets.place(f"127.0.0.1:{text}" if text.isdigit() else text, "--to")
    raise PortError(f"--to {text}: this is no place; write host:port, as in 127.0.0.1:57250")


async def _publish(topic: str, values: str | tuple[Value, ...], to: str) -> str:
    from installation.ports.broker import BrokerAddress
    from installation.ports.mqtt_guest import nearby, say
    from installation.ports.mqtt_topic import payload_of

    broker = BrokerAddress.parse(to) if to else await nearby()
    if broker is None:
        raise PortError("no broker answers on this machine; start the show, or name one with --to host:port")
    await say(broker, topic, payload_of(values))
    return str(broker)
