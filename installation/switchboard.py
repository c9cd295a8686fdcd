"""The ports of one show: what is listened to, what is sent, what is told of both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence

from installation.catalogue import CATALOGUE
from installation.clock import Clock
from installation.messages import Action, PortState, Signal, Status, Value
from installation.ports.broker import LocalBroker
from installation.ports.mqtt import MqttPort
from installation.ports.osc import OscPort
from installation.show.breaks import BREAKS
from installation.show.parameter import is_live
from installation.show.schema import Show, Source
from installation.show.vectors import leaning, names
from installation.voice.settings import VoiceSettings

GREETING = 1.0
"""Seconds the start waits for a broker, so that it can tell of it."""
CONTROLS = ("go", "panic", "blank", "scene", "cue", "mark", "release", "applause")


class Switchboard:
    """Opens a show's ports and keeps them. `emit` gets signals in order, on the loop that opened it.

    Raises PortError where the venue's settings can never work."""

    def __init__(
        self,
        show: Show,
        clock: Clock,
        emit: Callable[[Sequence[Signal]], None],
        clean: Callable[[str], str | None],
    ) -> None:
        self.show, self._clock, self._emit, self._clean = show, clock, emit, clean
        venue = show.venue
        self.osc = OscPort(
            emit,
            clock,
            clean,
            listen=venue.listen,
            allow=venue.allow,
            rate=venue.rate,
            targets=venue.send,
            addresses=osc_addresses(show),
        )
        self.broker = LocalBroker() if venue.broker == "local" else None
        self.mqtt: MqttPort | None = None
        self._echoed: dict[str, Value] = {}

    async def open(self) -> None:
        """Open every port; a broker elsewhere may answer later. PortError where one cannot be opened."""
        await self.osc.start()
        venue = self.show.venue
        if not venue.broker:
            return
        try:
            self.mqtt = MqttPort(
                self._emit,
                self._clock,
                self._clean,
                broker=await self.broker.start() if self.broker else venue.broker,
                wall=venue.wall,
                venue=venue.name,
                subscriptions=subscriptions(self.show),
            )
            await self.mqtt.start()
            with contextlib.suppress(TimeoutError):  # a broker that is not there is sought for ever
                async with asyncio.timeout(GREETING):
                    await self.mqtt.opened()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close every port that is open."""
        await self.osc.stop()
        if self.mqtt is not None:
            await self.mqtt.stop()
        if self.broker is not None:
            await self.broker.stop()

    def retune(self, show: Show) -> None:
        """Listen to what a saved show listens to; where the ports are is settled at the start."""
        self.show = show
        self.osc.addresses = osc_addresses(show)
        if self.mqtt is not None:
            self.mqtt.listen_to(subscriptions(show))

    def send(self, action: Action) -> None:
        """Carry out an `osc:` or `mqtt:` Action."""
        kind, _, target = action.target.partition(":")
        values = action.value if isinstance(action.value, tuple) else (action.value,)
        if kind == "osc":
            name, _, address = target.rpartition(":")
            self.osc.send(name or None, address, values)
        elif self.mqtt is not None:
            self.mqtt.publish(target, values)

    def states(self) -> tuple[PortState, ...]:
        """Every port as Status tells it."""
        return tuple(port.state() for port in (self.osc, self.broker, self.mqtt) if port is not None)

    def echo(self, status: Status) -> None:
        """Tell the room what changed: scene and stand-by, to all OSC targets and retained on MQTT."""
        for name, value in {"scene": status.scene, "standby": status.standby}.items():
            if self._echoed.get(name) == value:
                continue
            self._echoed[name] = value
            self.osc.send(None, f"/installation/state/{name}", (value,))
            if self.mqtt is not None:
                self.mqtt.publish(f"{self.mqtt.home}/state/{name}", value, retain=True)


def subscriptions(show: Show) -> list[tuple[str, str | None, str]]:
    """Topic, JSON path and kind of every signal that comes by MQTT."""
    sources = [
        (source, kind)
        for source, kind in _sources(show, "mqtt")
        if not source.topic.startswith("/installation/")
    ]
    return [(source.topic, source.path or None, kind) for source, kind in sources]


def osc_addresses(show: Show) -> list[str]:
    """Every address that means something to the show, for senders that write patterns."""
    layers = {layer.name: layer.kind for scene in show.scenes.values() for layer in scene.layers}
    models = {f"layer/{name}": CATALOGUE.layers[kind] for name, kind in layers.items()}
    models |= {
        f"voice/{name}": leaning(VoiceSettings, names(voice.settings)) for name, voice in show.voices.items()
    }
    parameters = {
        f"/installation/{where}/{name}"
        for where, model in models.items()
        for name, field in model.model_fields.items()
        if is_live(field)
    }
    heard = [source.address for source, _ in _sources(show, "osc")]
    breaks = [f"/installation/voice/{name}/{what}" for name in show.voices for what in BREAKS]
    return [*heard, *(f"/installation/{name}" for name in CONTROLS), *breaks, *sorted(parameters)]


def _sources(show: Show, protocol: str) -> Iterator[tuple[Source, str]]:
    for spec in show.signals.values():
        for source in spec.sources:
            if source.protocol == protocol:
                yield source, spec.kind
