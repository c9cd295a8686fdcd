"""The score: signals, words and the passing of time go in, Actions come out. Pure and deterministic.

It decides and never does. The same calls in the same order give the same Actions. Within a step:
what came from outside, in its order; then words; then cues that fire by themselves, in file order;
then every value moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from installation.messages import Action, Signal, Status, Word
from installation.score.commands import PREFIX, Command, command
from installation.score.fader import Reason
from installation.score.playhead import Playhead
from installation.score.repetition import Repetition
from installation.score.signals import MOST_EVENTS, NamedSignal
from installation.show import schema
from installation.show.check import Catalogue

UNHEARD = 20
"""Addresses that nothing listens to, told at most: then it is another's traffic, not a slip."""


class Score:
    """Plays a show. `seed` is the performance's own; it is only kept, for whoever asks.

    Every call's `now` is in show seconds; one below the last call's counts as the last call's."""

    def __init__(self, show: schema.Show, catalogue: Catalogue, seed: int = 0) -> None:
        self.seed = seed
        self._head = Playhead(show, catalogue.layers, catalogue.voices)
        self._unheard: set[str] = set()
        self._repetition = Repetition()

    @property
    def show(self) -> schema.Show:
        return self._head.show

    @property
    def scene(self) -> str:
        return self._head.scene

    @property
    def signals(self) -> Mapping[str, NamedSignal]:
        """The show's signals as they are."""
        return self._head.signals.named

    def begin(self, now: float, scene: str | None = None) -> list[Action]:
        """The first Actions: the scene, every value, the prompts. `scene`: instead of the show's start,
        or of the one that `restore` found."""
        head = self._head
        head.at(now)
        first = scene if scene is not None and head.exists(scene) else head.scene
        head.enter(first, 0, Reason("", "the show begins"))
        if head.curtain.down:
            head.shade(0, Reason("", "it was dark when the show was left"))
        return head.moved()

    def step(self, now: float, signals: Sequence[Signal] = (), words: Sequence[Word] = ()) -> list[Action]:
        """What is decided at `now`, given what came since the last step."""
        head = self._head
        head.at(now)
        for signal in signals:
            self._hear(signal)
        self._watch(words)
        for word in words:
            for cue, wanted in head.cues.waiting_for(word):
                head.fire(cue, f'{word.voice} said "{wanted}", word {word.n}')
        head.play()
        return head.moved()

    def adopt(self, show: schema.Show, now: float) -> list[Action]:
        """Take up an edited show: playhead by names, values on their way and hands' values stay."""
        self._head.at(now)
        self._head.take_up(show)
        return self._head.moved()

    def status(self, now: float) -> Status:
        """What is true now. Voices and ports are others' business and stay empty."""
        head = self._head
        standby = head.cues.standby(head.scene)
        return Status(
            at=now,
            title=head.show.title,
            scene=head.scene,
            scene_for=max(now - head.since, 0.0),
            standby=standby.spec.name if standby is not None else "",
            dark=head.curtain.level(now),
            parameters=head.desk.state(),
            signals=tuple(named.state(now) for named in head.signals.named.values()),
            last_error=head.telling.last,
        )

    def snapshot(self) -> dict[str, Any]:
        """Where to go on after a restart, as plain JSON."""
        head = self._head
        return {
            "format": 1,
            "scene": head.scene,
            "passed": head.cues.passed,
            "hands": dict(head.desk.hands),
            "panicked": head.curtain.panicked,
            "blanked": head.curtain.blanked,
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot; called before `begin`. What the show no longer has is passed over."""
        head = self._head
        scene, passed, hands = (snapshot.get(key) for key in ("scene", "passed", "hands"))
        if isinstance(scene, str) and head.exists(scene):
            head.scene = scene
        if isinstance(passed, str) and passed in head.cues.cues:
            head.cues.passed = passed
        for address, value in hands.items() if isinstance(hands, Mapping) else ():
            if isinstance(value, str | float | int | bool):
                head.desk.place(str(address), value)
        head.curtain.panicked = snapshot.get("panicked") is True
        head.curtain.blanked = snapshot.get("blanked") is True

    def _hear(self, signal: Signal) -> None:
        head = self._head
        before = head.scene  # `in:` means the scene that the signal found: one press is not two
        asked, meant = command(signal), head.signals.meant(signal)
        if asked is not None and not ((asked.fault or asked.yields) and meant):
            self._obey(asked, signal)
        if not meant and signal.source == "osc" and not signal.address.startswith(PREFIX):
            self._tell_unheard(signal.address)
        for named, argument in meant:
            fires, fault = head.signals.hear(named, signal, argument, head.now)
            name = named.spec.name
            if fault:
                head.tell(f"signal {name}", fault)
            if named.lost:
                head.tell(f"lost {name}", f"{name}: more than {MOST_EVENTS} at once; the rest is lost")
            for cue in head.cues.listening(name) if fires else ():
                if cue.plays_in(before):
                    head.fire(cue, _arrival(named))

    def withdraw(self, voice: str, first: int) -> None:
        """A voice took back what it said from token `first` on: that no longer repeats anything."""
        self._repetition.withdraw(voice, first)

    def _watch(self, words: Sequence[Word]) -> None:
        """Let the signals that tell of repetition follow the words."""
        head, repetition = self._head, self._repetition
        heard = dict.fromkeys(word.voice for word in words if repetition.hear(word))
        told = {f"repeating_{voice}": repetition.share(voice) for voice in heard}
        for name, share in {"repeating": repetition.most(), **told}.items() if heard else ():
            signal = Signal(head.now, "voice", name, (share,))
            for named, argument in head.signals.meant(signal):
                head.signals.hear(named, signal, argument, head.now)

    def _tell_unheard(self, address: str) -> None:
        """An address that means nothing here is told once: a slip of the pen, or another's traffic."""
        if address in self._unheard or len(self._unheard) >= UNHEARD:
            return
        self._unheard.add(address)
        signals = self._head.show.signals.values()
        known = [source.address for spec in signals for source in spec.sources if source.protocol == "osc"]
        close = get_close_matches(address, known, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        self._head.tell(f"unheard {address}", f"nothing listens to {address[:80]}{hint}")

    def _obey(self, asked: Command, signal: Signal) -> None:
        sender = f" ({signal.sender})" if signal.sender else ""
        reason = Reason("", f"{signal.source} {signal.address}{sender} at {self._head.now:.2f} s")
        fault = asked.fault or self._do(asked, reason)
        if fault:
            self._head.tell(f"command {asked.verb}", fault, after=5)

    def _do(self, asked: Command, reason: Reason) -> str:
        """Do what is asked; why it cannot be done, or ``."""
        head = self._head
        match asked.verb:
            case "panic":
                head.panic(True, reason)
            case "blank":
                head.blank(reason)
            case "mark":
                head.act("mark", asked.name, reason)
            case "interrupt" | "rewind" | "fork":
                return self._break(asked, reason)
            case _:
                do = {"go": self._go, "scene": self._scene, "cue": self._cue, "hand": self._hand}
                return do.get(asked.verb, self._release)(asked, reason)
        return ""

    def _go(self, _: Command, reason: Reason) -> str:
        """GO: out of a panic back into the light, otherwise the cue that stands by."""
        head = self._head
        if head.curtain.panicked:
            head.panic(False, reason)
            return ""
        cue = head.cues.standby(head.scene)
        if cue is None:
            return "GO: no cue stands by"
        head.fire(cue, f"GO: {reason.because}")
        return ""

    def _scene(self, asked: Command, reason: Reason) -> str:
        head = self._head
        if not head.exists(asked.name):
            return f"there is no scene {asked.name[:80]}; there are: {', '.join(head.show.scenes)}, dark"
        head.panic(False, reason)
        if asked.name != head.scene:
            head.enter(asked.name, 0, reason)
        return ""

    def _cue(self, asked: Command, reason: Reason) -> str:
        head = self._head
        cue = head.cues.cues.get(asked.name)
        if cue is None:
            return f"there is no cue {asked.name[:80]}; there are: {', '.join(head.cues.cues)}"
        if head.curtain.panicked:
            return f"panic lies above cue {cue.spec.name}; GO, a scene or release lifts it"
        head.fire(cue, reason.because, anywhere=True)
        return ""

    def _break(self, asked: Command, reason: Reason) -> str:
        head = self._head
        voices = [asked.name] if asked.name else list(head.show.voices)
        if unknown := next((name for name in voices if name not in head.show.voices), ""):
            return f"there is no voice {unknown[:80]}; there are: {', '.join(head.show.voices)}"
        for name in voices:
            value = asked.value if asked.verb == "rewind" else True
            head.act(f"voice.{name}.{asked.verb}", value, reason)
        return ""

    def _hand(self, asked: Command, reason: Reason) -> str:
        try:
            self._head.desk.hand(asked.name, asked.value, self._head.now, reason)
        except ValueError as wrong:
            return str(wrong)
        return ""

    def _release(self, asked: Command, reason: Reason) -> str:
        head, name = self._head, asked.name
        if name in {"", "panic"}:
            head.panic(False, reason)
        if name == "panic":
            return ""
        hands = head.desk.hands
        address = next((a for a in (name, f"layer.{name}", f"voice.{name}") if a in hands), name)
        if not head.desk.release(address, head.now, reason) and name:
            return f"no hand lies on {name[:80]}"
        return ""


def _arrival(named: NamedSignal) -> str:
    """Why an event or a text fires: from whom and when, an event's numbers, never a visitor's words."""
    values = named.values if named.spec.kind == "event" else ()
    numbers = [f"{value:g}" for value in values if not isinstance(value, str)]
    return ", ".join([named.tell(), *([" ".join(numbers)] if numbers else [])])
