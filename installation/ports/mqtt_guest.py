"""A guest at a broker: it says one thing, or hears every topic, and is no wall.

It has a name of its own for each visit, leaves no will and announces nothing, so a wall that plays
beside it is not disturbed.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiomqtt

from installation.errors import PortError
from installation.ports.broker import HERE, PREFERRED, BrokerAddress, answers
from installation.ports.mqtt_identity import context
from installation.ports.mqtt_topic import sound

PATIENCE = 5.0
"""Seconds a broker may take for one answer."""
STANDARD = 1883
MOST_WAITING = 4096
"""Messages that wait to be heard; what comes on top is thrown away, and said so by the count."""
_quiet = logging.getLogger("installation.ports.mqtt.guest")
_quiet.setLevel(logging.CRITICAL)  # what it would say is raised


async def nearby() -> BrokerAddress | None:
    """The broker that answers on this machine: the usual port first, then that of a show's own."""
    for port in (STANDARD, PREFERRED):
        if await answers(HERE, port):
            return BrokerAddress(HERE, port)
    return None


@asynccontextmanager
async def visiting(broker: BrokerAddress) -> AsyncIterator[aiomqtt.Client]:
    """A connection to the broker. Raises PortError where it does not answer, or lets nobody in."""
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=f"installation-guest-{os.getpid()}-{secrets.token_hex(3)}",
        timeout=PATIENCE,
        tls_context=context(broker),
        logger=_quiet,
        max_queued_incoming_messages=MOST_WAITING,
    )
    try:
        async with client:
            yield client
    except (aiomqtt.MqttError, OSError, UnicodeError) as error:
        raise PortError(
            f"mqtt: the broker {broker} cannot be talked to: {error}; "
            "is it running, and are INSTALLATION_MQTT_USERNAME and _PASSWORD right where it asks for them?"
        ) from error


async def say(broker: BrokerAddress, topic: str, payload: bytes) -> None:
    """Publish one message and wait until the broker has it (QoS 1). Raises PortError."""
    if not sound(topic):
        raise PortError(f"{topic!r} is no topic to send to; it holds none of + and #, as in harbour/tide")
    async with visiting(broker) as client:
        await client.publish(topic, payload, qos=1)


async def overhear(
    broker: BrokerAddress, give: Callable[[str, bytes, bool], None], arrived: Callable[[], None]
) -> None:
    """Give topic, payload and whether it was retained of every message, for ever; `arrived` is called
    once it listens. Raises PortError where the broker is not there, goes, or denies it."""
    async with visiting(broker) as client:
        (granted, *_) = await client.subscribe("#", qos=0)
        if getattr(granted, "is_failure", granted == 128):
            raise PortError(f"mqtt: the broker {broker} lets nobody listen to all topics")
        arrived()
        async for message in client.messages:
            give(message.topic.value, bytes(message.payload or b""), bool(message.retain))
