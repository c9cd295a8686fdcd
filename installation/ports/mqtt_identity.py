"""Who we are to a broker: our name there, and how we make sure of the broker."""

from __future__ import annotations

import re
import ssl
import zlib

from installation.errors import PortError
from installation.ports.broker import BrokerAddress


def identifier(venue: str, wall: str, host: str) -> str:
    """The client's name at the broker: readable, and one for each wall of each venue on each machine."""
    readable = "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower())[:16] for part in (venue, wall, host) if part)
    return f"installation-{readable}-{zlib.crc32(repr((venue, wall, host)).encode()):08x}"


def context(broker: BrokerAddress) -> ssl.SSLContext | None:
    """What TLS needs, where the broker asks for it. PortError where its authority cannot be read."""
    if not broker.tls:
        return None
    try:
        return ssl.create_default_context(cafile=broker.cafile)
    except OSError as error:
        raise PortError(f"INSTALLATION_MQTT_CAFILE {broker.cafile}: {error.strerror or error}") from None
