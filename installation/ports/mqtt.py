"""The MQTT port: one connection that is always being kept, signals in, messages out.

The only file that knows aiomqtt (the present name of asyncio-mqtt). On Windows its loop must be the
selector loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import zlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from random import Random
from typing import Any

import aiomqtt

from installation.clock import Clock
from installation.errors import PortError
from installation.messages import PortState, Signal
from installation.ports.broker import BrokerAddress
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
FAREWELL = 0.5
_AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_NOT_LET_IN = frozenset({134, 135})  # bad user or password, not authorised (MQTT 5, section 2.4)
_quiet = logging.getLogger("installation.ports.mqtt.aiomqtt")
_quiet.setLevel(logging.CRITICAL)  # what it would say of a lost connection we say ourselves, once


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
        self._tls = context(self._broker)
        self._emit = emit
        self._clock = clock
        self._clean = clean
        self._wall = wall
        self._keepalive = keepalive
        self._backoff = backoff
        self._timeout = timeout
        self._random = randomness or Random(zlib.crc32(f"{venue}/{wall}".encode()))  # noqa: S311 - no secret
        self.identifier = identifier(venue, wall, host or socket.gethostname())
        self._refusals = Refusals(log)
        self._topics = Topics(wall, subscriptions)
        self._store = Store()
        self._outbox = Outbox(self._not_sent)
        self._on_change = on_change
        self._client: aiomqtt.Client | None = None  # while it is subscribed
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
            if self._client is not None:
                self.publish(f"{self.home}/online", "offline", retain=True, qos=1)
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
        if self._client is not None:
            errand = asyncio.create_task(self._change(self._client, before, self._topics.filters))
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
            except (aiomqtt.MqttError, OSError, UnicodeError) as error:
                self._lose(error)
            except Exception as error:
                log.exception("mqtt: the connection to %s ended unexpectedly", self._broker)
                self._lose(error)
            if loop.time() - begun > self._timeout + self._backoff[1]:
                attempt = 0
            shortest, longest = self._backoff
            wait = min(longest, shortest * 2.0 ** min(attempt, 16))
            attempt += 1
            await self._unless_leaving(asyncio.sleep(wait * self._random.uniform(0.5, 1.0)))

    async def _session(self) -> None:
        """One connection from its beginning to its end, which is an error unless we are leaving.

        The client is closed before anything that waits on it is cancelled: aiomqtt's callbacks trip
        over cancelled futures, and may swallow the cancellation."""
        await self._unless_leaving(self._knock())
        if self._leaving.is_set():
            return
        client = self._new_client()
        visit = asyncio.create_task(self._visit(client))
        try:
            await self._unless_leaving(asyncio.wait([visit]))
        finally:
            self._client = None
            self._open.clear()
            await _close(client)
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

    async def _visit(self, client: aiomqtt.Client) -> None:
        await client.__aenter__()
        await self._begin(client)
        await self._until_lost(client)

    async def _knock(self) -> None:
        """See whether anything listens there, and whom it says it is, in a way that can be cancelled
        and leaves no socket behind: aiomqtt's way can do neither."""
        async with asyncio.timeout(self._timeout):
            _, writer = await asyncio.open_connection(self._broker.host, self._broker.port, ssl=self._tls)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _new_client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            identifier=self.identifier,
            clean_session=True,
            keepalive=self._keepalive,
            timeout=self._timeout,
            tls_context=self._tls,
            will=aiomqtt.Will(f"{self.home}/online", "offline", qos=1, retain=True),
            socket_options=[_AT_ONCE],
            queue_type=_straight_to(self._take),
            logger=_quiet,
        )

    async def _begin(self, client: aiomqtt.Client) -> None:
        await self._subscribe(client, self._topics.filters)
        self.publish(f"{self.home}/online", "online", retain=True, qos=1)
        self._outbox.begin()
        self._client = client
        self._open.set()
        self._become("open", str(self._broker))
        log.info("mqtt: connected to %s as %s", self._broker, self.identifier)

    async def _subscribe(self, client: aiomqtt.Client, filters: dict[str, int]) -> None:
        granted = await client.subscribe(list(filters.items()))
        for topic, code in zip(filters, granted, strict=False):
            if getattr(code, "is_failure", code == 128):
                self._refusals.note("not subscribed", f"the broker denies us {topic}", self._clock.now())

    async def _change(self, client: aiomqtt.Client, before: dict[str, int], after: dict[str, int]) -> None:
        gone = [topic for topic in before if topic not in after]
        new = {topic: qos for topic, qos in after.items() if before.get(topic) != qos}
        with contextlib.suppress(aiomqtt.MqttError):  # a session that ends meanwhile subscribes afresh
            if new:
                await self._subscribe(client, new)
            if gone:
                await client.unsubscribe(gone)

    async def _until_lost(self, client: aiomqtt.Client) -> None:
        tasks = [asyncio.create_task(self._send(client)), asyncio.create_task(_listen(client))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            letter = await self._outbox.next(self._clock.now)
            try:
                await client.publish(letter.topic, letter.payload, letter.qos, letter.retain)
            except ValueError as error:
                self._not_sent("not sent", f"to {letter.topic}: {error}")
            except aiomqtt.MqttError as error:
                if not letter.retain:  # what is retained goes again with the next connection
                    self._not_sent("not sent", f"to {letter.topic}: {error}")
                raise

    def _take(self, message: aiomqtt.Message) -> None:
        """Read one message and let its signals wait for the next emit."""
        now = self._clock.now()
        heard, refused = self._topics.hear(
            message.topic.value, message.payload, message.retain, now, str(self._broker), self._clean
        )
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
        if getattr(getattr(error, "rc", None), "value", 0) in _NOT_LET_IN:
            sentence += "; set INSTALLATION_MQTT_USERNAME and INSTALLATION_MQTT_PASSWORD"
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


async def _close(client: aiomqtt.Client) -> None:
    """Close the socket in whatever state the client is (a failed entrance leaves it open), and read
    the client's last error, or asyncio would complain that nobody did."""
    client.timeout = FAREWELL
    with contextlib.suppress(aiomqtt.MqttError, asyncio.InvalidStateError):
        await client.__aexit__(None, None, None)
        await _listen(client)


async def _listen(client: aiomqtt.Client) -> None:
    """Wait for the connection's end; messages take the shorter way through the inbox."""
    async for _ in client.messages:
        raise AssertionError("the inbox keeps no messages")


def _straight_to(take: Callable[[aiomqtt.Message], None]) -> type[asyncio.Queue[aiomqtt.Message]]:
    """A queue that is none: each message goes to the store at once. The library's own keeps the oldest
    when it is full, and costs a task for each message."""

    class Inbox(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            take(item)

    return Inbox
