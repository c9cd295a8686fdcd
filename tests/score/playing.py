"""A small show, built by hand, and a way to play it and read what the score decided."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from installation.messages import Signal, Word
from installation.score.score import Score
from installation.score.telling import line
from installation.show import schema
from installation.show.check import Catalogue
from installation.show.expression import Expression
from installation.show.parameter import Settings, fixed, live


class Page(Settings):
    size: float = fixed(9.0, "em", ge=2, le=40)
    ink: Literal["ivory", "slate"] = live("ivory", "colour")
    glow: float = live(1.0, "glow", ge=0, le=3)
    line: bool = live(True, "a line")


class Ghosts(Settings):
    rise: float = live(1.0, "how high", ge=0, le=4)
    count: float = live(4.0, "how many", ge=0, le=12)


class Speech(Settings):
    model: str = fixed("house", "model")
    temperature: float = live(0.8, "temperature", ge=0, le=2)
    pace: float = live(4.0, "words a second", ge=0, le=1000)


CATALOGUE = Catalogue(layers={"page": Page, "ghosts": Ghosts}, voices={"scripted": Speech})
SIGNALS = {
    "presence": {"from": [("osc", "/room/presence")], "range": (0, 4)},
    "tide": {
        "from": [("mqtt", "harbour/tide"), ("mouse", "y")],
        "range": (0, 4),
        "rest": 2.0,
        "ttl": 60.0,
    },
    "slow": {"from": [("osc", "/slow")], "smooth": 1.0},
    "whisper": {"from": [("osc", "/audience/say"), ("keys", "")], "kind": "text"},
    "touch": {"from": [("osc", "/wall/touch"), ("mouse", "click")], "kind": "event"},
}


def expression(value):
    """Numbers and texts as check leaves them."""
    if isinstance(value, str):
        return Expression.parse(value, SIGNALS)
    return Expression.of(value) if not isinstance(value, bool) else value


def make_signal(name, **more):
    ways = tuple(schema.Source(protocol=p, address=a) for p, a in more.pop("from"))
    return schema.SignalSpec(name=name, sources=ways, **more)


def make_scene(name, prompt="", voice=None, **layers):
    built = tuple(
        schema.LayerSpec(
            kind=kind, name=kind, settings={k: v if k == "ink" else expression(v) for k, v in s.items()}
        )
        for kind, s in layers.items()
    )
    prompts = {"voice": prompt} if prompt else {}
    return schema.SceneSpec(
        name=name, prompts=prompts, voice={k: expression(v) for k, v in (voice or {}).items()}, layers=built
    )


def make_cue(name, trigger=None, **more):
    if "set" in more:
        more["set"] = tuple((a, expression(v)) for a, v in more["set"].items())
    if "say" in more:
        more["say"] = (("voice", more["say"]),)
    return schema.CueSpec(name=name, **({"trigger": trigger} if trigger else {}), **more)


def make_show(*cues, scenes=None, signals=None, voice=None):
    if scenes is None:
        scenes = [
            make_scene("ebb", "The tide is out.", page={"ink": "ivory"}, ghosts={"rise": "0.4 + tide"}),
            make_scene("flood", "Water!", {"temperature": 1.1}, ghosts={"rise": 2.0}),
        ]
    specs = {name: make_signal(name, **dict(more)) for name, more in (signals or SIGNALS).items()}
    voices = {"temperature": "0.5 + 0.4 * tide", "pace": 4.0} if voice is None else voice
    settings = {"model": "house", **{k: expression(v) for k, v in voices.items()}}
    return schema.Show(
        title="Tide",
        format=1,
        start=scenes[0].name,
        disclosure="off",
        voices={"voice": schema.VoiceSpec(name="voice", settings=settings)},
        signals=specs,
        scenes={scene.name: scene for scene in scenes},
        cues=cues,
        venue=schema.Venue(),
        folder=Path(),
        file=Path("show.yaml"),
        text="{}",
        hash="0" * 12,
    )


def when(text, seconds=0.0):
    return schema.When(expression=expression(text), hold_for=seconds)


def osc(address, *values, sender="10.0.0.7:9000"):
    return Signal(0.0, "osc", address, values, sender)


def mqtt(topic, *values, retained=False):
    return Signal(0.0, "mqtt", topic, values, "broker", retained)


def key(name, *values):
    return Signal(0.0, "key", name, values)


def typed(text):
    return Signal(0.0, "keys", "", (text,), private=True)


def word(text, n=0, forced=False, voice="voice"):
    return Word(voice, n, text, " ", (text.strip(".,!").casefold(),), n, n, forced)


@dataclass
class Playing:
    """A score that has begun, and its Actions as text."""

    score: Score

    def begin(self, now=0.0, scene=None):
        return [line(action) for action in self.score.begin(now, scene)]

    def step(self, now, *signals, words=()):
        return [line(action) for action in self.score.step(now, signals, words)]

    def until(self, now, start, only=""):
        """Every tick from `start` up to `now`: the lines whose target begins with `only`."""
        lines = []
        for tick in range(round(start * 50), round(now * 50) + 1):
            lines += self.step(tick / 50)
        return [text for text in lines if text.split(" ", 2)[1].startswith(only)]

    def value(self, address, now=0.0):
        return next(p for p in self.score.status(now).parameters if p.address == address)


def play(*cues, begun=True, **more):
    """A score of these cues, begun at 0."""
    playing = Playing(Score(make_show(*cues, **more), CATALOGUE, 7))
    if begun:
        playing.begin()
    return playing
