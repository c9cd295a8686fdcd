"""What an address moves in a show: which signals listen to it, and what in the show listens to those."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from installation.errors import ExpressionError
from installation.show.expression import Expression
from installation.show.schema import On, SceneSpec, Share, Show, SignalSpec, When
from installation.show.spelling import nearest
from installation.show.template import blanks
from installation.switchboard import osc_addresses, subscriptions

OURS = "/installation/"
TELLS = f"{OURS}state/"
LONGEST = 120
"""Characters of an address that are looked for among the known ones."""


class Wiring:
    """The show's lines from addresses to what they move. Without a show nothing is known."""

    def __init__(self, show: Show | None) -> None:
        self._show = show
        self.osc = tuple(osc_addresses(show)) if show else ()
        self._signals: dict[tuple[str, str], list[SignalSpec]] = {}
        for spec in show.signals.values() if show else ():
            for source in spec.sources:
                self._signals.setdefault((source.protocol, source.address), []).append(spec)
        self._uses = _uses(show) if show else {}
        self.topics = tuple(dict.fromkeys(topic for topic, *_ in subscriptions(show))) if show else ()

    def moves(self, protocol: str, address: str) -> str:
        """What a message to it moves, as a person reads it: `nothing` with what may have been meant."""
        if self._show is None:
            return ""
        if specs := self._signals.get((protocol, address)):
            return "; ".join(self._tell(spec) for spec in specs)
        if address.startswith(TELLS):
            return "nothing; it is what a show tells"
        if address.startswith(OURS) and address in self.osc:
            return _command(address)
        known = self.osc if protocol == "osc" or address.startswith(OURS) else self._mqtt()
        meant = nearest(address, known) if len(address) <= LONGEST else ""
        return f"nothing; did you mean {meant}?" if meant else "nothing"

    def _mqtt(self) -> list[str]:
        """Every topic and path that a signal names, and the wall's commands."""
        assert self._show is not None, "without a show there is nothing to look for"
        home = f"installation/{self._show.venue.wall}/"
        commands = [home + address.removeprefix(OURS) for address in self.osc if address.startswith(OURS)]
        return [address for protocol, address in self._signals if protocol == "mqtt"] + commands

    def _tell(self, spec: SignalSpec) -> str:
        low, high = spec.range
        name = f"{spec.name} [{low:g} {high:g}]" if spec.kind == "value" else spec.name
        return f"{name} → {', '.join(self._uses.get(spec.name, ())) or 'nothing uses it'}"


def _command(address: str) -> str:
    sort, _, rest = address.removeprefix(OURS).partition("/")
    if sort in {"layer", "voice"} and rest:
        return f"{rest.replace('/', '.')} by hand"
    return "GO" if sort == "go" else sort


def _uses(show: Show) -> dict[str, list[str]]:
    """For each signal whatever asks for it, each once, in the file's order."""
    found: dict[str, list[str]] = {}
    for user, value in _places(show):
        for signal in sorted(_asked(value, show.signals.keys())):
            if user not in found.setdefault(signal, []):
                found[signal].append(user)
    return found


def _places(show: Show) -> Iterator[tuple[str, Any]]:
    """All places in which a signal can stand: what it is called, and what stands there."""
    for name, voice in show.voices.items():
        for key, value in voice.settings.items():
            yield f"{name}.{key}", (On(signal=str(value)) if key == "attended_by" else value)
    for scene in show.scenes.values():
        yield from _scene(scene)
    for cue in show.cues:
        yield f"cue {cue.name}", (cue.trigger, cue.set, cue.say, cue.send)


def _scene(scene: SceneSpec) -> Iterator[tuple[str, Any]]:
    for name, settings in {"voice": scene.voice, **scene.voices}.items():
        yield from ((f"{name}.{key}", value) for key, value in settings.items())
    yield from ((f"{name}.prompt", prompt) for name, prompt in scene.prompts.items())
    for layer in scene.layers:
        yield from ((f"{layer.name}.{key}", value) for key, value in layer.settings.items())
    yield f"scene {scene.name}", tuple(scene.meanwhile.values())


def _asked(value: Any, signals: Collection[str]) -> set[str]:
    """The signals that stand in a value."""
    if isinstance(value, Expression):
        return set(value.signals)
    if isinstance(value, When):
        return set(value.expression.signals)
    if isinstance(value, On):
        return {value.signal}.intersection(signals)
    if isinstance(value, Share):
        return _asked((value.weight, value.text), signals)
    if isinstance(value, str):
        with contextlib.suppress(ExpressionError):
            return set(blanks(value)).intersection(signals)
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return set().union(*(_asked(part, signals) for part in parts))
