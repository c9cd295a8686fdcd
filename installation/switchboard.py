"""The ports of one show: what is listened to, what is sent, what is told of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from installation.clock import Clock
from installation.messages import Action, PortState, Signal, Status, Value
from installation.ports.osc import OscPort
from installation.show.schema import Show

CONTROLS = ("go", "panic", "blank", "scene", "cue", "mark", "release")


class Switchboard:
    """Opens a show's ports and keeps them. `emit` gets signals in order, on the loop that opened it."""

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
            emit, clock, clean, listen=venue.listen, allow=venue.allow, rate=venue.rate, targets=venue.send
        )
        self.osc.addresses = osc_addresses(show)
        self._echoed: dict[str, Value] = {}

    async def open(self) -> None:
        """Open every port. PortError where one cannot be opened at all."""
        await self.osc.start()

    async def close(self) -> None:
        await self.osc.stop()

    def retune(self, show: Show) -> None:
        """Listen to what an edited show listens to."""
        self.show = show
        self.osc.addresses = osc_addresses(show)

    def send(self, action: Action) -> None:
        """Carry out an `osc:` or `mqtt:` Action."""
        kind, _, target = action.target.partition(":")
        values = action.value if isinstance(action.value, tuple) else (action.value,)
        if kind == "osc":
            name, _, address = target.rpartition(":")
            self.osc.send(name or None, address, values)

    def states(self) -> tuple[PortState, ...]:
        """Every port as Status tells it."""
        return (self.osc.state(),)

    def echo(self, status: Status) -> None:
        """Tell the room what changed: scene and stand-by to all OSC targets."""
        for name, value in {"scene": status.scene, "standby": status.standby}.items():
            if self._echoed.get(name) != value:
                self._echoed[name] = value
                self.osc.send(None, f"/installation/{name}", (value,))


def osc_addresses(show: Show) -> list[str]:
    """Every address that means something to the show, for senders that write patterns."""
    heard = [
        source.address
        for spec in show.signals.values()
        for source in spec.sources
        if source.protocol == "osc"
    ]
    layers = {
        f"/installation/layer/{layer.name}/{name}"
        for scene in show.scenes.values()
        for layer in scene.layers
        for name in layer.settings
    }
    return [*heard, *(f"/installation/{name}" for name in CONTROLS), *sorted(layers)]
