"""What can be heard in the room: OSC and every MQTT topic, written into a ledger, and nothing done."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from installation.clock import Clock
from installation.errors import PortError
from installation.ledger import Ledger
from installation.messages import Signal
from installation.ports.broker import BrokerAddress, LocalBroker
from installation.ports.mqtt_guest import nearby, overhear
from installation.ports.mqtt_topic import Refused, Subscription, Topics, read
from installation.ports.osc import OscPort
from installation.ports.refusals import Refusals
from installation.show.schema import Show, Venue
from installation.switchboard import subscriptions
from installation.wiring import Wiring

log = logging.getLogger("installation.ports.mqtt")

AGAIN = 2.0
"""Seconds until a broker that is lost is sought again."""
LEAVES = 16
"""Values of one JSON object that are shown by their paths."""
DEPTH = 4


class Earshot:
    """Listens where the show would listen, and changes nothing. `told` is called when something came.

    `broker`: `` the venue's, `none`, or an address. Without a show any broker of this machine is heard."""

    def __init__(
        self,
        show: Show | None,
        venue: Venue,
        clock: Clock,
        clean: Callable[[str], str | None],
        *,
        broker: str = "",
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self.ledger, self.wiring = Ledger(), Wiring(show)
        self._clock, self._clean, self._told = clock, clean, told
        self._wanted = broker or venue.broker or ("none" if show else "")
        self._topics = Topics(venue.wall, subscriptions(show) if show else ())
        self._refusals = Refusals(log)
        self._own: LocalBroker | None = None
        self._visit: asyncio.Task[None] | None = None
        self.mqtt = "mqtt off"
        self.where = ("", 0)
        self.osc = OscPort(
            self._take,
            clock,
            clean,
            listen=venue.listen,
            allow=venue.allow,
            rate=venue.rate,
            addresses=self.wiring.osc,
            strays=True,
        )

    async def open(self) -> None:
        """Open the port and look for the broker. Raises PortError saying what to do."""
        try:
            await self.osc.start()
        except PortError as error:
            if getattr(error.__cause__, "errno", None) != errno.EADDRINUSE:
                raise
            raise PortError(
                "the show's OSC port is taken: most likely the show is running, and then it alone hears "
                "what is sent there. End it, or listen beside it: --port 57260, and send there too"
            ) from error
        self.where = self.osc.where
        try:
            broker = await self._broker()
        except BaseException:
            await self.osc.stop()
            raise
        if broker is not None:
            self.mqtt = f"mqtt {broker} sought"
            self._visit = asyncio.create_task(self._keep(broker))

    async def close(self) -> None:
        """Close everything, and end the broker if we started it."""
        await self.osc.stop()
        if self._visit is not None:
            self._visit.cancel()
            await asyncio.wait([self._visit])
        if self._own is not None:
            await self._own.stop()

    def lost(self) -> str:
        """What was not taken, by kind, of both; `` where everything was."""
        counts = self._refusals.counts + Counter(self.osc.counts)
        return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))

    async def _broker(self) -> BrokerAddress | None:
        if self._wanted == "none":
            return None
        if self._wanted not in {"", "local"}:
            return BrokerAddress.parse(self._wanted)
        found = await nearby()
        if found is None and self._wanted == "local":
            self._own = LocalBroker(existing=None)
            return await self._own.start()
        return found

    async def _keep(self, broker: BrokerAddress) -> None:
        def arrived() -> None:
            self.mqtt = f"mqtt {broker}"
            self._told()

        def give(topic: str, payload: bytes, retained: bool) -> None:
            self.publish(topic, payload, retained, str(broker))

        while True:
            try:
                await overhear(broker, give, arrived)
            except PortError as error:
                self.mqtt = str(error)
                self._told()
            await asyncio.sleep(AGAIN)

    def _take(self, signals: list[Signal]) -> None:
        self.ledger.take(signals)
        self._told()

    def publish(self, topic: str, payload: bytes, retained: bool, sender: str) -> None:
        """Write down what one MQTT message says: as the show reads it, else by itself."""
        now = self._clock.now()
        heard, refused = self._topics.hear(topic, payload, retained, now, sender, self._clean)
        for signal, _ in heard:
            known = topic if signal.address.startswith("/installation/") else signal.address
            self.ledger.hear(signal, known)
        if not heard and not refused:
            for address in _addresses(topic, payload):
                self._by_itself(topic, address, payload, Signal(now, "mqtt", address, (), sender, retained))
        for reason in refused:
            self._refuse(reason, Signal(now, "mqtt", topic, (), sender, retained))
        self._told()

    def _by_itself(self, topic: str, address: str, payload: bytes, signal: Signal) -> None:
        path = address[len(topic) + 1 :] or None
        try:
            values, private = read(payload, Subscription(topic, path), self._clean)
        except Refused as reason:
            return self._refuse(reason, signal)
        heard = Signal(signal.at, "mqtt", address, values, signal.sender, signal.retained, private)
        return self.ledger.hear(heard, address)

    def _refuse(self, reason: Refused, signal: Signal) -> None:
        self._refusals.note(reason.kind, reason, signal.at)
        self.ledger.hear(signal, signal.address, str(reason))


def _addresses(topic: str, payload: bytes) -> list[str]:
    """What a show file could write to hear it: the topic, or each path into its JSON object."""
    if payload[:1] == b"{" and len(payload) <= 1 << 16:
        with contextlib.suppress(ValueError, RecursionError):
            paths = [f"{topic} {path}" for path in _paths(json.loads(payload), 0)]
            return paths[:LEAVES] or [topic]
    return [topic]


def _paths(found: Any, depth: int) -> Iterator[str]:
    for key, value in found.items():
        if not key or not key.isprintable() or set(key) & set(". ") or value is None:
            continue  # no path of a show file can name it
        if not isinstance(value, dict):
            yield key
        elif depth < DEPTH:
            yield from (f"{key}.{below}" for below in _paths(value, depth + 1))
