"""What a show is, once its file has been read: frozen values, nothing of YAML left.

Times are seconds. Signals' `range` and `rest` are raw units, `dead` is a part of 0 to 1.
Before `check`, settings are raw (text, lists, maps); after it they are as `Setting` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, Union

from pydantic import BaseModel, ConfigDict, Field

from installation.show.expression import Expression

Setting: TypeAlias = Any
"""A live number is an Expression (also when constant). Everything else is the checked value of its
field: float, int, bool, str, or a tuple or mapping of them."""

Curve: TypeAlias = Literal["linear", "ease", "in", "out"]
"""How 0 to 1 is gone through: straight, soft at both ends, slow at first, slow at last."""

DARK = "dark"
"""The scene that every show has."""


class Place(NamedTuple):
    """Where something stands, `line` and `column` from 1."""

    file: str
    line: int
    column: int = 1


class Part(BaseModel):
    """Whatever a show is made of. Frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class VoiceSpec(Part):
    """A voice as the whole show sets it. A sole voice is named `voice`."""

    name: str
    settings: Mapping[str, Setting]


class Source(Part):
    """Where a signal comes from. `address` equals `Signal.address`: an OSC address, an MQTT topic
    with its JSON path after a space, a key, `` for typed lines (`keys`), `x`, `y` or `click`. What the
    `voice`s themselves tell has a name of ours.

    `argument` counts from 1 and belongs to OSC; `path` repeats the JSON path."""

    protocol: Literal["osc", "mqtt", "key", "keys", "mouse", "voice"]
    address: str
    argument: int = 1
    path: str = ""

    @property
    def topic(self) -> str:
        """The MQTT topic to subscribe to."""
        return self.address.split(" ")[0]


class OneEuro(Part):
    """The 1 € filter (Casiez and others, 2012): `min_cutoff` in Hz, `beta` in Hz per unit a second."""

    min_cutoff: float
    beta: float


class AttackRelease(Part):
    """Seconds to 63 % upwards and downwards."""

    attack: float
    release: float


class SignalSpec(Part):
    """A named signal. `range` may run downwards; then it is turned over. `ttl` None: holds for ever."""

    name: str
    sources: tuple[Source, ...]
    kind: Literal["value", "event", "text"] = "value"
    range: tuple[float, float] = (0.0, 1.0)
    smooth: float | OneEuro | AttackRelease = 0.0
    curve: Curve = "linear"
    dead: float = 0.0
    rest: float = 0.0
    ttl: float | None = None


class LayerSpec(Part):
    """One look in a scene. `name` is the kind unless the show says otherwise.

    `path`: where it stands in the file."""

    kind: str
    name: str
    settings: Mapping[str, Setting]
    path: str = ""


class Share(Part):
    """One of several prompts that are mixed: its text, the file already read, and how much it counts."""

    text: str
    weight: Expression


Prompt: TypeAlias = Union[str, tuple[Share, ...]]
"""A text, or at least two that are mixed: each another text."""


class SceneSpec(Part):
    """A named state. `prompts`: each voice's. `voice`: what this scene sets otherwise than the show, by
    parameter, for all voices, and `voices` for some by their names. `meanwhile`: each voice's lines.
    Layers are drawn in order."""

    name: str
    prompts: Mapping[str, Prompt]
    voice: Mapping[str, Setting]
    layers: tuple[LayerSpec, ...]
    meanwhile: Mapping[str, tuple[str, ...]] = {}
    voices: Mapping[str, Mapping[str, Setting]] = {}


class At(Part):
    """`seconds` into the cue's one scene."""

    seconds: float


class After(Part):
    """`seconds` into the show."""

    seconds: float


class When(Part):
    """The expression turns from 0 to anything else and stays so for `hold_for` seconds."""

    expression: Expression
    hold_for: float = 0.0


class On(Part):
    """An event or a text of this signal arrives."""

    signal: str


class WordIs(Part):
    """A word is shown. `word` is case folded; `said`: also when it was forced. `voice` None: any."""

    word: str
    voice: str | None = None
    said: bool = False


class Go(Part):
    """Somebody presses GO while this cue stands by."""


Trigger: TypeAlias = Union[At, After, When, On, WordIs, Go]


class CueSpec(Part):
    """When something, then something. `scenes` empty: in all. `go`, `say`, `mark`, `follow` empty: not.

    `set`: (target, Expression | bool | str), where check has made each address an Action target:
    `layer.NAME.PARAMETER` or `voice.NAME.PARAMETER`.
    `send`: (target, arguments); targets are Action targets (`osc:/address`, `osc:NAME:/address`,
    `mqtt:topic`); an argument is a float, an Expression (a number) or a str, the template of a text.
    `breaks`: what (`interrupt`, `rewind`, `fork`), by which voice, over how many words (0: the sentence).
    `say`: (voice, template). `hold` None: what was set stays until the next scene."""

    name: str
    scenes: tuple[str, ...] = ()
    trigger: Trigger = Field(default_factory=Go)
    go: str = ""
    fade: float = 0.0
    page: Literal["keep", "clear"] = "keep"
    again: bool = False
    set: tuple[tuple[str, Setting], ...] = ()
    curve: Curve = "linear"
    hold: float | None = None
    take: bool = False
    breaks: tuple[tuple[str, str, int], ...] = ()
    say: tuple[tuple[str, str], ...] = ()
    send: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    mark: Literal["", "keep", "skip"] = ""
    follow: str = ""
    line: int = 1
    path: str = ""


class Venue(Part):
    """The place. `broker`: `` none, `local`, `host:port`, `mqtts://host:port`. `rate`: messages a
    second that one sender beyond loopback may send. `display` is a name or a number, `` any.
    `feedback`: what part of a light is still there after half a second; only a graphics card does that."""

    name: str = ""
    wall: str = "wall"
    listen: str = "127.0.0.1:57250"
    allow: tuple[str, ...] = ()
    rate: float = 2000.0
    send: Mapping[str, str] = {}
    broker: str = ""
    display: str = ""
    size: tuple[int, int] = (1280, 720)
    fullscreen: bool | None = None
    painter: Literal["auto", "software", "gpu"] = "auto"
    feedback: float = 0.0


class Show(Part):
    """A whole show. `text`: show and venue merged, as JSON that `load.loads` reads again, prompts
    in full; `hash`: 12 hex digits of its SHA-256. `visitors`: hours that visitors' words are kept.

    `files`: all that it was read from, to be watched. `places`: where each path of it stands."""

    title: str
    format: int
    start: str
    disclosure: Literal["corner", "off"]
    visitors: float = 24.0
    voices: Mapping[str, VoiceSpec]
    signals: Mapping[str, SignalSpec]
    scenes: Mapping[str, SceneSpec]
    cues: tuple[CueSpec, ...]
    venue: Venue
    folder: Path
    file: Path
    text: str
    hash: str
    files: tuple[Path, ...] = ()
    places: Mapping[str, Place] = Field(default={}, repr=False)
