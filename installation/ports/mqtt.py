"""The MQTT port: one connection that is always being kept, signals in, messages out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import zlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from random import Random
from typing import Any

from installation.clock import Clock
from installation.errors import PortError
from installation.messages import PortState, Signal
from installation.ports.broker import BrokerAddress
from installation.ports.mqtt_connection import FAREWELL, Connection, Terms, knock
from installation.ports.mqtt_identity import context, identifier
from installation.ports.mqtt_outbox import Letter, Outbox
from installation.ports.mqtt_store import Store
from installation.ports.mqtt_topic import Payload, Topics, payload_of, sound
from installation.ports.refusals import Refusals

log = logging.getLogger("installation.ports.mqtt")

GAP = 0.004
"""Seconds at least between two emits: what comes thicker is coalesced, what comes first is not delayed."""
TIMEOUT = 5.0
"""Seconds a broker may take for one answer."""


class MqttPort:
    """Keeps a connection to `broker` for ever, listens to a wall's commands and to `subscriptions`
    (topic, JSON path or None, kind), and gives the signals to `emit`, on the loop.

    Sessions are clean: what was published while we were away is gone, which is meant for a GO.
    `installation/WALL/online` holds `online` or `offline`, retained. `clean` is the word filter (None:
    refused). `backoff`: shortest and longest wait between attempts, jittered by `randomness`.
    `on_change` is told when the connection comes or goes.
    Raises PortError where the settings can never work."""

    def __init__(
        self,
        emit: Callable[[list[Signal]], None],
        clock: Clock,
        clean: Callable[[str], str | None],
        *,
        broker: BrokerAddress | str,
        wall: str = "wall",
        venue: str = "",
        host: str = "",
        subscriptions: Iterable[Sequence[str | None]] = (),
        keepalive: int = 5,
        backoff: tuple[float, float] = (0.25, 5.0),
        timeout: float = TIMEOUT,
        randomness: Random | None = None,
        on_change: Callable[[PortState], None] | None = None,
    ) -> None:
        if not sound(f"installation/{wall}") or "/" in wall or not wall:
            raise PortError(f"venue: wall: {wall!r} cannot stand in a topic; use a word without / + and #")
        self._broker = BrokerAddress.parse(broker) if isinstance(broker, str) else broker
        self._emit = emit
        self._clock = clock
        self._clean = clean
        self._wall = wall
        self._backoff = backoff
        self._random = randomness or Random(zlib.crc32(f"{venue}/{wall}".encode()))  # noqa: S311 - no secret
        self.identifier = identifier(venue, wall, host or socket.gethostname())
        self._refusals = Refusals(log)
        self._topics = Topics(wall, subscriptions)
        tls, online = context(self._broker), f"{self.home}/online"
        self._terms = Terms(self._broker, tls, self.identifier, online, keepalive, timeout)
        self._store = Store()
        self._outbox = Outbox(self._not_sent)
        self._on_change = on_change
        self._connection: Connection | None = None  # while it is subscribed
        self._task: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._flush: asyncio.Handle | None = None
        self._given = float("-inf")
        self._received = 0
        self._state, self._detail = "closed", ""
        self._open = asyncio.Event()
        self._leaving = asyncio.Event()

    @property
    def home(self) -> str:
        """The topic under which this wall's own topics stand: `installation/WALL`."""
        return self._topics.home

    async def start(self) -> None:
        """Begin to connect; does not wait for it."""
        assert self._task is None, "the port is open already"
        if self._broker.exposes_password:
            log.warning("mqtt: the password for %s is sent in the clear; use mqtts://", self._broker)
        self._become("connecting", str(self._broker))
        self._leaving.clear()
        self._task = asyncio.create_task(self._keep(), name="mqtt")

    async def opened(self) -> None:
        """Wait until it is connected and subscribed."""
        await self._open.wait()

    async def stop(self) -> None:
        """Say `offline`, send what waits, and close; takes about a second at most."""
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            if self._connection is not None:
                self.publish(self._terms.online, "offline", retain=True, qos=1)
                async with asyncio.timeout(FAREWELL):
                    await self._outbox.emptied()
        self._leaving.set()
        await asyncio.wait([self._task, *self._errands])
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._task = None
        self._become("closed", "")

    def publish(self, topic: str, values: Payload, *, retain: bool = False, qos: int = 0) -> None:
        """Send when it can be sent; never waits and never raises. What cannot go is counted."""
        try:
            payload = payload_of(values)
        except (ValueError, TypeError) as error:
            return self._not_sent("not sent", f"to {topic[:80]!r}: {error}")
        if not sound(topic):
            return self._not_sent("not sent", f"{topic[:80]!r} is no topic to send to")
        self._outbox.put(Letter(self._clock.now(), topic, payload, retain, qos))
        return None

    def listen_to(self, subscriptions: Iterable[Sequence[str | None]]) -> None:
        """From now on listen to these (a show was saved); a connection stays as it is."""
        before, self._topics = self._topics.filters, Topics(self._wall, subscriptions)
        if self._connection is not None:
            errand = asyncio.create_task(self._connection.change(before, self._topics.filters))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    def state(self) -> PortState:
        """`received` counts signals; `dropped` what was refused, lost, or not sent."""
        detail = self._detail + (f"; {self._refusals}" if self._refusals.counts else "")
        return PortState("mqtt", self._state, detail, self._received, self._refusals.counts.total())

    async def _keep(self) -> None:
        """One session after another. Waits start anew only after a session that lasted, so that two
        walls of one identity, which the broker lets evict each other, do not do so at full speed."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while not self._leaving.is_set():
            begun = loop.time()
            try:
                await self._session()
            except (OSError, UnicodeError) as error:
                self._lose(error)
            except Exception as error:
                log.exception("mqtt: the connection to %s ended unexpectedly", self._broker)
                self._lose(error)
            if loop.time() - begun > self._terms.timeout + self._backoff[1]:
                attempt = 0
            shortest, longest = self._backoff
            wait = min(longest, shortest * 2.0 ** min(attempt, 16))
            attempt += 1
            await self._unless_leaving(asyncio.sleep(wait * self._random.uniform(0.5, 1.0)))

    async def _session(self) -> None:
        """One connection from its beginning to its end, which is an error unless we are leaving.

        The client is closed before anything that waits on it is cancelled: aiomqtt's callbacks trip
        over cancelled futures, and may swallow the cancellation."""
        await self._unless_leaving(knock(self._terms))
        if self._leaving.is_set():
            return
        connection = Connection(self._terms, self._take, self._not_sent)
        begun, letter = partial(self._begin, connection), partial(self._outbox.next, self._clock.now)
        visit = asyncio.create_task(connection.last(lambda: self._topics.filters, begun, letter))
        try:
            await self._unless_leaving(asyncio.wait([visit]))
        finally:
            self._connection = None
            self._open.clear()
            await connection.close()
            visit.cancel()
            await asyncio.wait([visit], timeout=FAREWELL)
        error = visit.exception() if visit.done() and not visit.cancelled() else None
        if not self._leaving.is_set():
            raise error or ConnectionError("the connection broke off")

    async def _unless_leaving(self, other: Coroutine[Any, Any, object]) -> None:
        """Wait for the other, or until we are leaving, whichever comes first; raises what it raises."""
        tasks = [asyncio.create_task(other), asyncio.create_task(self._leaving.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not tasks[0].cancelled():
            tasks[0].result()

    def _begin(self, connection: Connection) -> None:
        """It is connected and subscribed."""
        self.publish(self._terms.online, "online", retain=True, qos=1)
        self._outbox.begin()
        self._connection = connection
        self._open.set()
        self._become("open", str(self._broker))
        log.info("mqtt: connected to %s as %s", self._broker, self.identifier)

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        """Read one message and let its signals wait for the next emit."""
        now = self._clock.now()
        heard, refused = self._topics.hear(topic, payload, retained, now, str(self._broker), self._clean)
        for reason in refused:
            self._refusals.note(reason.kind, reason, now)
        for each in heard:
            if not self._store.put(each):
                self._refusals.note("lost", "more came in a moment than can wait", now)
        if heard and self._flush is None:
            loop = asyncio.get_running_loop()
            due = self._given + GAP
            self._flush = loop.call_soon(self._give) if due <= loop.time() else loop.call_at(due, self._give)

    def _give(self) -> None:
        self._flush = None
        self._given = asyncio.get_running_loop().time()
        signals = self._store.take()
        self._received += len(signals)
        self._emit(signals)

    def _lose(self, error: Exception) -> None:
        """Tell a loss once, and again only when it has another cause."""
        sentence = str(error) or type(error).__name__
        detail = f"{self._broker}: {sentence}"
        if detail != self._detail:
            log.warning("mqtt: no connection to %s; trying on", detail)
        self._become("lost", detail)

    def _become(self, state: str, detail: str) -> None:
        changed = (state, detail) != (self._state, self._detail)
        self._state, self._detail = state, detail
        if changed and self._on_change is not None:
            self._on_change(self.state())

    def _not_sent(self, kind: str, sentence: str) -> None:
        self._refusals.note(kind, sentence, self._clock.now())
