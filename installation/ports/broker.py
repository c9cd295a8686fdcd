"""Which broker, and, where the venue says `broker: local`, one of our own for as long as we live."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import ipaddress
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from installation.errors import PortError
from installation.messages import PortState

log = logging.getLogger("installation.ports.mqtt")

HERE = "127.0.0.1"
PREFERRED = 57252
"""Our own broker's port where it is free, beside OSC's 57250 and 57251; 1883 is left to others."""
GUARD = Path(__file__).with_name("broker_guard.py")
ELSEWHERE = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", r"C:\Program Files\mosquitto")
INSTALL = (
    "broker: local finds no broker to start; install mosquitto (apt install mosquitto, brew install "
    "mosquitto, or mosquitto.org on Windows), or for development pip install 'installation[broker]'"
)
_MOSQUITTO = """\
listener {port} {host}
allow_anonymous true
persistence false
set_tcp_nodelay true
log_dest none
"""
_AMQTT = """\
listeners:
  default: {{type: tcp, bind: "{host}:{port}"}}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin: {{allow_anonymous: true}}
"""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and how it lets us in."""

    host: str
    port: int = 1883
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    cafile: str | None = None

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str] | None = None) -> BrokerAddress:
        """`host`, `host:port`, `mqtt://host:port` or `mqtts://host:port`; raises PortError.

        User, password and certificate authority come from the environment only:
        INSTALLATION_MQTT_USERNAME, INSTALLATION_MQTT_PASSWORD, INSTALLATION_MQTT_CAFILE."""
        environment = os.environ if environment is None else environment
        try:
            parts = urlsplit(text.strip() if "://" in text else f"mqtt://{text.strip()}")
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise PortError(f"broker: {text!r} is no address: {error}; write host:port") from None
        if parts.username is not None or parts.password is not None:
            raise PortError(
                "broker: a password has no place in a venue file; set INSTALLATION_MQTT_USERNAME and _PASSWORD "
                "in the environment"
            )
        if parts.scheme not in {"mqtt", "mqtts"} or not host or parts.path.strip("/") or parts.query:
            raise PortError(f"broker: {text!r} is no address; write local, host:port or mqtts://host:port")
        tls = parts.scheme == "mqtts"
        return cls(
            host,
            port or (8883 if tls else 1883),
            tls,
            environment.get("INSTALLATION_MQTT_USERNAME") or None,
            environment.get("INSTALLATION_MQTT_PASSWORD") or None,
            environment.get("INSTALLATION_MQTT_CAFILE") or None,
        )

    @property
    def exposes_password(self) -> bool:
        """Whether a password would cross a network in the clear."""
        if self.tls or not self.password or self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts://' if self.tls else ''}{host}:{self.port}"


def program(name: str) -> str | None:
    """The path of a program, also where system programs lie that an artist's PATH leaves out."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(ELSEWHERE))


async def answers(host: str, port: int, within: float = 1.0) -> bool:
    """Whether an MQTT broker there lets in a stranger (MQTT 3.1.1, sections 3.1 and 3.2)."""
    name = f"installation-{secrets.token_hex(4)}".encode()
    body = b"\x00\x04MQTT\x04\x02\x00\x05" + len(name).to_bytes(2, "big") + name
    writer = None
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"\x10" + bytes([len(body)]) + body)
            connack = await reader.readexactly(4)
            writer.write(b"\xe0\x00")
            await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    finally:
        if writer is not None:
            writer.close()
    return connack[0] == 0x20 and connack[3] == 0


def free_port(preferred: int = 0) -> int:
    """A TCP port of this machine that nobody listens on: the preferred one where it is."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            if os.name == "posix":  # on Windows this option would share a taken port
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                trial.bind((HERE, port))
                return int(trial.getsockname()[1])
    raise PortError("this machine has no free port for a broker")


class LocalBroker:
    """`broker: local`: a broker that answers here already, else a child of ours, restarted when it dies.

    The child ends when we do, however we end: it stands under a guard (broker_guard.py) that holds
    the other end of a pipe of ours. `kinds`: which brokers may be started, the best first."""

    def __init__(
        self,
        *,
        existing: tuple[str, int] | None = (HERE, 1883),
        preferred: int = PREFERRED,
        kinds: Sequence[str] = ("mosquitto", "amqtt"),
        backoff: tuple[float, float] = (0.25, 5.0),
        patience: float = 10.0,
    ) -> None:
        self._existing = existing
        self._preferred = preferred
        self._kinds = kinds
        self._backoff = backoff
        self._patience = patience
        self._kind = ""
        self._command: Sequence[str] = ()
        self._configuration = ""
        self._address: BrokerAddress | None = None
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._restarts = 0
        self._answers = False
        self.pid = 0
        """Process id of the broker that we started; 0 where we started none."""

    async def start(self) -> BrokerAddress:
        """Find or start a broker; it answers when this returns. Raises PortError saying what to install."""
        assert self._address is None, "the broker is started already"
        if self._existing and await answers(*self._existing):
            self._address = BrokerAddress(*self._existing)
            log.info("mqtt: using the broker that answers on %s", self._address)
            return self._address
        self._kind, self._command, self._configuration = self._choice()
        for preferred in (self._preferred, 0, 0):
            port = free_port(preferred)
            if await self._launch(port):
                break
            await self._end()  # somebody else was quicker to take the port
        else:
            raise PortError(f"{self._kind} was started and does not answer; see whether it runs by hand")
        self._address = BrokerAddress(HERE, port)
        self._task = asyncio.create_task(self._watch(port))
        log.info("mqtt: started %s on %s", self._kind, self._address)
        return self._address

    async def stop(self) -> None:
        """End the broker if it is ours."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._end()
        self._address = None

    def state(self) -> PortState:
        """`open` while our child answers, or where another's broker was found."""
        if self._address is None:
            return PortState("broker", "closed")
        if not self._command:
            return PortState("broker", "open", f"found on {self._address}")
        times = f", restarted {self._restarts} times" if self._restarts else ""
        return PortState(
            "broker", "open" if self._answers else "lost", f"{self._kind} on {self._address}{times}"
        )

    def _choice(self) -> tuple[str, Sequence[str], str]:
        for kind in self._kinds:
            found = program("mosquitto") if kind == "mosquitto" else None
            if found:
                return kind, (found, "-c"), _MOSQUITTO
            if kind == "amqtt" and importlib.util.find_spec("amqtt"):
                log.warning("mqtt: mosquitto is not installed; amqtt takes its place, for development only")
                return kind, (sys.executable, "-m", "amqtt.scripts.broker_script", "-c"), _AMQTT
        raise PortError(INSTALL)

    async def _launch(self, port: int) -> bool:
        """Start the child and wait until it answers; False where it dies or stays silent."""
        folder = tempfile.mkdtemp(prefix="installation-broker-")
        file = Path(folder) / "broker.conf"
        file.write_text(self._configuration.format(host=HERE, port=port), encoding="utf-8")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(GUARD), folder, *self._command, str(file),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.pid = int(await self._process.stdout.readline() or b"0")
        ended = asyncio.create_task(self._process.wait())
        try:
            async with asyncio.timeout(self._patience):
                while not ended.done():
                    if await answers(HERE, port) and not ended.done():
                        self._answers = True
                        return True
                    await asyncio.wait([ended], timeout=0.02)
        except TimeoutError:
            log.warning("mqtt: %s does not answer", self._kind)
        finally:
            ended.cancel()
        return False

    async def _watch(self, port: int) -> None:
        shortest, longest = self._backoff
        wait, clock = shortest, asyncio.get_running_loop().time
        while True:
            begun = clock()
            assert self._process is not None
            await self._process.wait()
            self.pid, self._answers = 0, False
            wait = shortest if clock() - begun > longest else min(wait * 2, longest)
            log.warning("mqtt: %s ended; starting it again", self._kind)
            await asyncio.sleep(wait)
            self._restarts += 1
            try:
                if not await self._launch(port):
                    await self._end()
            except OSError as error:  # a full disk, no more processes: it may pass
                log.warning("mqtt: %s cannot be started: %s", self._kind, error)

    async def _end(self) -> None:
        """End guard and broker and wait for both: the pipe's end is the sign."""
        self.pid, self._answers = 0, False
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(3):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
