"""The desk: every fader of the present scene's layers and of the voices, and where a hand lies.

It knows addresses and owners, nothing of cues or of signals. Addresses are Action targets:
`layer.NAME.PARAMETER`, `voice.NAME.PARAMETER`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from installation.messages import Action, Parameter, Value
from installation.score.fader import Fader, Held, Reason, Setting
from installation.score.knob import Knob, knobs
from installation.show import schema
from installation.show.expression import Expression
from installation.show.parameter import Settings
from installation.show.vectors import leaning, names

GIVEN_BACK = 0.5
"""Seconds in which a value travels home after a hand has left it."""

PACE = "pace"
"""The parameter of a voice that is 0 where it must hold its tongue."""


class Desk:
    """All faders. `hands` are the values that somebody set from outside; they outlive scenes."""

    def __init__(
        self, show: schema.Show, layers: Mapping[str, type[Settings]], voices: Mapping[str, type[Settings]]
    ) -> None:
        self.show = show
        self.faders: dict[str, Fader] = {}
        self.hands: dict[str, Value] = {}
        self.hushed = False
        self._last: dict[str, Value] = {}
        self._whose: dict[str, Reason] = {}
        self._layers = {
            kind: tuple(knobs("", model)) for kind, model in layers.items() if kind in _kinds(show)
        }
        either = next(iter(voices.values()))
        self._voices = {
            name: tuple(
                knob
                for knob in knobs("", leaning(voices.get(name, either), names(voice.settings)))
                if not knob.needs or voice.settings.get(knob.needs)
            )
            for name, voice in show.voices.items()
        }
        self.known = {
            knob.address: knob
            for scene in show.scenes.values()
            for layer in scene.layers
            for knob in _under(f"layer.{layer.name}", self._layers[layer.kind])
        } | {k.address: k for name, own in self._voices.items() for k in _under(f"voice.{name}", own)}

    @property
    def owners(self) -> list[str]:
        """Whose parameters there are: `layer.ghosts`, `voice.voice`."""
        return list(dict.fromkeys(address.rpartition(".")[0] for address in self.known))

    def enter(self, scene: schema.SceneSpec | None, now: float, seconds: float, reason: Reason) -> None:
        """Lay out a scene's faders (None: dark, no layers and no word). Cues' holds end here.

        Layers begin at their values; what a voice is to change, it changes over `seconds`."""
        voices = {a: f for a, f in self.faders.items() if a.startswith("voice.")}
        self.faders = {f.knob.address: f for f in self._of_layers(scene, reason)}
        for knob, setting in self._of_voices(scene):
            fader = voices.get(knob.address)
            if fader is None:
                fader = Fader(knob, setting, reason, self.hands.get(knob.address))
                fader.hushed = self.hushed and knob.name == PACE
                fader.change(now, 0, reason)
            elif fader.cue is not None or fader.setting != setting:
                fader.cue, fader.setting = None, setting
                if fader.hand is None and not fader.hushed:
                    fader.change(now, seconds, reason)
            self.faders[knob.address] = fader

    def hold(self, address: str, setting: Setting, cue: schema.CueSpec, now: float, reason: Reason) -> None:
        """A cue lays hold of a value. Where a hand lies it waits beneath, unless the cue takes it.

        An address that the present scene does not have is passed over."""
        fader = self.faders.get(address)
        if fader is None:
            return
        if cue.take:
            self.hands.pop(address, None)
            fader.hand = None
        until = None if cue.hold is None else now + cue.fade + cue.hold
        fader.cue = Held(setting, until, cue.fade, cue.curve, reason)
        if fader.hand is None and not fader.hushed:
            fader.change(now, cue.fade, reason, cue.curve)

    def hand(self, address: str, value: Value, now: float, reason: Reason) -> None:
        """Somebody moves a value from outside. ValueError says why that cannot be."""
        knob = self.known.get(address)
        if knob is None:
            raise ValueError(self._unknown(address[:80]))
        if not knob.live:
            raise ValueError(f"{address} cannot be moved from outside; only the show file sets it")
        taken = self.hands[address] = knob.accept(value)
        self._whose[address] = reason
        fader = self.faders.get(address)
        if fader is not None:
            fader.hand = taken
            if not fader.hushed:
                fader.change(now, 0, reason)

    def _unknown(self, address: str) -> str:
        owner = address.rpartition(".")[0]
        beside = [k.name for a, k in self.known.items() if k.live and a.rpartition(".")[0] == owner]
        has = f"{owner} has: {', '.join(beside)}" if beside else f"there are: {', '.join(self.owners)}"
        return f"nothing is called {address}; {has}"

    def release(self, address: str, now: float, reason: Reason) -> bool:
        """Take the hand off one value (`` all); whether there was one."""
        left = [address] if address in self.hands else [] if address else list(self.hands)
        for one in left:
            del self.hands[one]
            fader = self.faders.get(one)
            if fader is not None:
                fader.hand = None
                if not fader.hushed:
                    fader.change(now, GIVEN_BACK, reason)
        return bool(left)

    def hush(self, hushed: bool, now: float, reason: Reason) -> None:
        """All voices hold their tongues, above every owner; or no longer."""
        self.hushed = hushed
        for fader in self.faders.values():
            if fader.knob.name == PACE and fader.knob.address.startswith("voice."):
                fader.hushed = hushed
                fader.change(now, 0, reason)

    def move(
        self, env: Mapping[str, float], changed: set[str], now: float, tell: Callable[[Iterable[str]], str]
    ) -> Iterator[Action]:
        """Bring every fader up to `now`; an Action for each that is worth one.

        `tell` says of signals what they are, from whom and since when."""
        for address, fader in self.faders.items():
            if not fader.stirs(changed):
                continue
            travelling = fader.glide is not None or fader.fresh
            if fader.look(env, now):
                because = _because(fader, travelling or fader.fresh, tell)
                value = self._last[address] = fader.told()
                yield Action(now, address, value, fader.reason.cue, because)
            fader.fresh = False

    def faults(self) -> Iterator[tuple[str, str]]:
        """Addresses whose expression has no value now, with a sentence."""
        for address, fader in self.faders.items():
            if fader.fault:
                yield address, f"{address}: {fader.fault}; {fader.value:.4g} is kept"

    def state(self) -> tuple[Parameter, ...]:
        return tuple(f.state() for f in self.faders.values() if f.knob.live and f.value is not None)

    def take_over(self, old: Desk, now: float) -> None:
        """Keep what an older show's desk knew: hands, holds, journeys, values on their way.

        All values are told again: whoever listens may have begun anew with the file's."""
        self._last, self._whose = old._last, old._whose
        for address, value in old.hands.items():
            self.place(address, value)
        for address, fader in self.faders.items():
            before = old.faders.get(address)
            fader.hand = self.hands.get(address)
            if before is None or before.knob.kind != fader.knob.kind:
                fader.change(now, 0, fader.reason)
                continue
            fader.cue, fader.hushed, fader.value = before.cue, before.hushed, before.value
            fader.change(now, 0, fader.reason)
            if before.target == fader.target:
                fader.glide = before.glide
            if not fader.written and before.sent != fader.knob.default:
                fader.sent = None

    def place(self, address: str, value: Value) -> None:
        """Remember a hand's value for when its fader appears; what no longer fits is dropped."""
        knob = self.known.get(address)
        if knob is not None and knob.live:
            try:
                self.hands[address] = knob.accept(value)
            except ValueError:
                return

    def _of_layers(self, scene: schema.SceneSpec | None, reason: Reason) -> Iterator[Fader]:
        for layer in () if scene is None else scene.layers:
            for knob in _under(f"layer.{layer.name}", self._layers[layer.kind]):
                setting = _plain(layer.settings.get(knob.name))
                if setting is None and not knob.live:
                    continue
                hand = self.hands.get(knob.address) if knob.live else None
                why = reason if hand is None else self._whose.get(knob.address, reason)
                fader = Fader(knob, setting, why, hand)
                if not fader.written:
                    fader.sent = self._last.get(knob.address, knob.default)
                yield fader

    def _of_voices(self, scene: schema.SceneSpec | None) -> Iterator[tuple[Knob, Setting]]:
        for name, own in self._voices.items():
            for knob in _under(f"voice.{name}", own):
                if not (knob.live or (knob.by_scene and self._written(name, knob.name))):
                    continue
                setting = _plain(self.show.voices[name].settings.get(knob.name))
                if scene is None:
                    setting = 0.0 if knob.name == PACE else setting
                else:
                    here = {**scene.voice, **scene.voices.get(name, {})}
                    setting = _plain(here[knob.name]) if knob.name in here else setting
                yield knob, knob.default if setting is None else setting

    def _written(self, voice: str, setting: str) -> bool:
        """Whether the show, or a scene of it, says anything of a voice's setting."""
        scenes = self.show.scenes.values()
        own = self.show.voices[voice].settings
        return setting in own or any(setting in {**s.voice, **s.voices.get(voice, {})} for s in scenes)


def _because(fader: Fader, because: bool, tell: Callable[[Iterable[str]], str]) -> str:
    parts = [fader.reason.because] if because else []
    target = fader.target
    if isinstance(target, Expression) and fader.names:
        told = tell(target.signals)
        parts.append(f"{target.text}, {told}" if told else target.text)
    return "; ".join(parts)


def _kinds(show: schema.Show) -> set[str]:
    return {layer.kind for scene in show.scenes.values() for layer in scene.layers}


def _under(prefix: str, own: Iterable[Knob]) -> Iterator[Knob]:
    return (knob.at(f"{prefix}.{knob.name}") for knob in own)


def _plain(setting: Any) -> Setting | None:
    """A setting that can be an Action's value; lists and mappings are read from the show itself."""
    return setting if isinstance(setting, Expression | str | float | int | bool) else None
