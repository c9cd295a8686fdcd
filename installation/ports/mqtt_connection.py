"""One connection to an MQTT broker, from its beginning to its end.

Beside mqtt_guest.py the only file that knows aiomqtt (the present name of asyncio-mqtt). On Windows its
loop must be the selector loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiomqtt

from installation.ports.broker import BrokerAddress
from installation.ports.mqtt_outbox import Letter

FAREWELL = 0.5
"""Seconds for what is done while leaving."""
_AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
_NOT_LET_IN = frozenset({134, 135})  # bad user or password, not authorised (MQTT 5, section 2.4)
_quiet = logging.getLogger("installation.ports.mqtt.aiomqtt")
_quiet.setLevel(logging.CRITICAL)  # what it would say of a lost connection we say ourselves, once

Take = Callable[[str, Any, bool], None]
"""What is given each message: topic, payload, and whether it was retained."""
Refuse = Callable[[str, str], None]
"""What is told what could not be done: its kind, and a sentence."""


class Lost(ConnectionError):
    """The connection broke off, or did not come about; what it says is for the operator."""


@dataclass(frozen=True)
class Terms:
    """How a connection is kept. `timeout`: seconds a broker may take for one answer; `online`: the topic
    at which the broker says `offline` for us, should we be gone without a word."""

    broker: BrokerAddress
    tls: ssl.SSLContext | None
    identifier: str
    online: str
    keepalive: int
    timeout: float


async def knock(terms: Terms) -> None:
    """See whether anything listens there, and whom it says it is, in a way that can be cancelled
    and leaves no socket behind: aiomqtt's way can do neither. Raises OSError."""
    async with asyncio.timeout(terms.timeout):
        _, writer = await asyncio.open_connection(terms.broker.host, terms.broker.port, ssl=terms.tls)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class Connection:
    """Not connected yet. Messages go to `take` as they come. Sessions are clean."""

    def __init__(self, terms: Terms, take: Take, refuse: Refuse) -> None:
        self._refuse = refuse
        self._client = aiomqtt.Client(
            terms.broker.host,
            terms.broker.port,
            username=terms.broker.username,
            password=terms.broker.password,
            identifier=terms.identifier,
            clean_session=True,
            keepalive=terms.keepalive,
            timeout=terms.timeout,
            tls_context=terms.tls,
            will=aiomqtt.Will(terms.online, "offline", qos=1, retain=True),
            socket_options=[_AT_ONCE],
            queue_type=_straight_to(take),
            logger=_quiet,
        )

    async def last(
        self,
        filters: Callable[[], Mapping[str, int]],
        begun: Callable[[], None],
        letter: Callable[[], Awaitable[Letter]],
    ) -> None:
        """Connect, subscribe to what `filters` gives then (topics and their quality of service), say that it
        has `begun`, and send what `letter` gives. Ends in an error: Lost, or another OSError."""
        try:
            await self._client.__aenter__()
            await self._subscribe(filters())
            begun()
            await self._until_lost(letter)
        except aiomqtt.MqttError as error:
            sentence = str(error) or type(error).__name__
            if getattr(getattr(error, "rc", None), "value", 0) in _NOT_LET_IN:
                sentence += "; set INSTALLATION_MQTT_USERNAME and INSTALLATION_MQTT_PASSWORD"
            raise Lost(sentence) from error

    async def change(self, before: Mapping[str, int], after: Mapping[str, int]) -> None:
        """Be subscribed to other filters than `before`; what they have in common stays as it is."""
        gone = [topic for topic in before if topic not in after]
        new = {topic: qos for topic, qos in after.items() if before.get(topic) != qos}
        with contextlib.suppress(aiomqtt.MqttError):  # a session that ends meanwhile subscribes afresh
            if new:
                await self._subscribe(new)
            if gone:
                await self._client.unsubscribe(gone)

    async def close(self) -> None:
        """Close the socket in whatever state the client is (a failed entrance leaves it open), and read
        the client's last error, or asyncio would complain that nobody did."""
        self._client.timeout = FAREWELL
        with contextlib.suppress(aiomqtt.MqttError, asyncio.InvalidStateError):
            await self._client.__aexit__(None, None, None)
            await self._listen()

    async def _subscribe(self, filters: Mapping[str, int]) -> None:
        granted = await self._client.subscribe(list(filters.items()))
        for topic, code in zip(filters, granted, strict=False):
            if getattr(code, "is_failure", code == 128):
                self._refuse("not subscribed", f"the broker denies us {topic}")

    async def _until_lost(self, letter: Callable[[], Awaitable[Letter]]) -> None:
        tasks = [asyncio.create_task(self._send(letter)), asyncio.create_task(self._listen())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, letter: Callable[[], Awaitable[Letter]]) -> None:
        while True:
            next_one = await letter()
            topic = next_one.topic
            try:
                await self._client.publish(topic, next_one.payload, next_one.qos, next_one.retain)
            except ValueError as error:
                self._refuse("not sent", f"to {topic}: {error}")
            except aiomqtt.MqttError as error:
                if not next_one.retain:  # what is retained goes again with the next connection
                    self._refuse("not sent", f"to {topic}: {error}")
                raise

    async def _listen(self) -> None:
        """Wait for the connection's end; messages take the shorter way through the inbox."""
        async for _ in self._client.messages:
            raise AssertionError("the inbox keeps no messages")


def _straight_to(take: Take) -> type[asyncio.Queue[aiomqtt.Message]]:
    """A queue that is none: each message is taken at once. The library's own keeps the oldest
    when it is full, and costs a task for each message."""

    class Inbox(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            take(item.topic.value, item.payload, item.retain)

    return Inbox
