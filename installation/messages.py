"""Every value that crosses a thread, a process or a wire. Frozen; no behaviour.

Times (`at`, `now`) are seconds on the show's own monotonic clock, counted from its start.
A voice's tokens are numbered from 0 and its words from 0; each message names its voice.
`private` marks what holds a visitor's own words: the recording keeps those apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union

Value = Union[float, int, bool, str]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something happened outside.

    `source` is the protocol (`osc`, `mqtt`, `key`, `keys`, `mouse`, `web`); `address` is what a
    show file writes after it (`/room/presence`, `harbour/tide level.now`, `y`). Text in `values`
    has passed the word filter. `retained` is MQTT's flag: known before we listened, so no event.
    """

    at: float
    source: str
    address: str
    values: tuple[Value, ...] = ()
    sender: str = ""
    retained: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """The score decided. `target` is one of

    `scene` (value: scene name, or `dark`) · `page` (`clear`) · `layer.NAME.PARAMETER` ·
    `voice.NAME.PARAMETER` (`say` among them, and `prompt`: one text, or a tuple of several, whose shares
    are told as `weights`; and `interrupt`, `rewind`, whose value is a number of words, 0: to the
    sentence's beginning, `fork`) · `osc:/address`, `osc:NAME:/address`,
    `mqtt:topic` (value: tuple of arguments) · `mark` (`keep`, `skip`) · `dark` (0 lit to 1 dark)
    · `told` (value: a sentence for the operator) · `moderated` (value: the entry of a word list for
    which a voice had to say something else) · `withdrawn` (value: voice, the first token that is taken
    back, and the number of the next to be spoken).
    `fade` is in seconds and belongs to `scene` and `dark`; faded numbers arrive as many Actions.
    `cue` is the cue's name, or ``; `because` says why in words, sender and time included.
    """

    at: float
    target: str
    value: Value | tuple[Value, ...]
    cue: str = ""
    because: str = ""
    fade: float = 0.0
    private: bool = False


@dataclass(frozen=True, slots=True)
class Steering:
    """How a voice shall speak from the next token on; whole, not a difference.

    `credit`: it may sample tokens numbered below this. `take` counts revocations: a voice that
    sees a new take forgets its tokens from `keep` on and numbers on from there. `say` is forced
    at the first word boundary of that take. `forbidden` and `bias` are words, bias in logits.
    `turn` counts how often the word was passed to a process, this one or another: one that sees a
    new turn goes on behind `text`, the tail of all that was said, with token number `first`.
    `refused`: numbers of tokens, each with ids that the word filter would not have there.
    `prompts` are those that are mixed, with `weights` that sum to 1; `prompt` is then the heaviest of
    them, for who cannot mix. Both are empty where there is one prompt only.
    `vectors`: names of the voice's steering vectors, each with its signed weight; none is 0.
    `remember`, 0 to 1: how much the artist's own texts count beside the model. `adapter`: a folder, or ``.
    `heard`: what others said, forced silently as the first tokens of that take, before `say`.
    `repertoire`: every prompt that a scene may give, to be read while there is no credit.
    `back`: from token number `at` on, the text seen by the model is that before token `to` and then what
    was sampled from `at` on; each is (at, to, id), and `id` is forced as token `at`, -1: none is.
    """

    voice: str
    serial: int
    credit: int
    take: int = 0
    keep: int = 0
    say: str = ""
    say_private: bool = False
    prompt: str = ""
    seed: int = 0
    temperature: float = 0.8
    top_k: int = 50
    top_p: float = 0.95
    min_p: float = 0.0
    repetition: float = 1.1
    bias: tuple[tuple[str, float], ...] = ()
    forbidden: tuple[str, ...] = ()
    turn: int = 0
    text: str = ""
    first: int = 0
    refused: tuple[tuple[int, tuple[int, ...]], ...] = ()
    prompts: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    vectors: tuple[tuple[str, float], ...] = ()
    remember: float = 0.0
    adapter: str = ""
    back: tuple[tuple[int, int, int], ...] = ()
    repertoire: tuple[str, ...] = ()
    heard: str = ""
    heard_private: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """What the model nearly said: its text and its probability, 0 to 1. `id`: its token, -1: not known."""

    text: str
    probability: float
    id: int = -1


@dataclass(frozen=True, slots=True)
class Inner:
    """What the model knew of a token. `surprise` and `entropy` in bits; `rivals` most likely
    first, the chosen token among them when it was likely enough. None: the back end cannot say.

    `attention`: numbers of at most 8 earlier tokens of this voice, each with its share of the whole look
    that one layer took before this token (0 to 1), largest first; what fell on the prompt is left out.
    `lens`: for each of `rivals`, in that order, its share among them after each layer, or after twelve of
    them, the lowest first. `place`: x and y, each -1 to 1, in a fixed projection of the embedding."""

    surprise: float | None = None
    entropy: float | None = None
    rivals: tuple[Rival, ...] | None = None
    attention: tuple[tuple[int, float], ...] | None = None
    lens: tuple[tuple[float, ...], ...] | None = None
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """What the model gave. `text` never holds half a character and may be empty.

    `forced`: put into its mouth by `say`. `steered_by`: serial of the Steering in force.
    `end`: the model's end of text, shown as a paragraph. `source`: the file and line of the artist's own
    texts that it was taken from, `` where it was not. `heard`: a piece of what others said, taken in
    silently, as it stands in the text: a paragraph; `text` is empty then."""

    voice: str
    n: int
    id: int
    text: str
    take: int = 0
    forced: bool = False
    steered_by: int = 0
    inner: Inner = Inner()
    end: bool = False
    private: bool = False
    source: str = ""
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The next token of a voice is drawn but not yet spoken: what it may turn out to be."""

    voice: str
    n: int
    rivals: tuple[Rival, ...]
    entropy: float | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A finished word as layers draw it: no white space, its punctuation attached.

    `before`: the white space it follows (``, one space, or line breaks). `parts`: its words by
    Unicode word boundaries, case folded, punctuation gone. Tokens `first` to `last` made it.
    `inner`: surprise summed over its tokens, all else of its first. `source`: see Token, of its first."""

    voice: str
    n: int
    text: str
    before: str
    parts: tuple[str, ...]
    first: int
    last: int
    forced: bool = False
    inner: Inner = Inner()
    private: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that may be moved, as Status tells it. `owner`: rest, expression, cue or hand."""

    address: str
    value: Value
    owner: str
    clamped: bool = False


@dataclass(frozen=True, slots=True)
class SignalState:
    """A named signal as Status tells it. `age` in seconds since its last message, None if never."""

    name: str
    value: float
    raw: float
    age: float | None
    rate: float
    sender: str = ""


@dataclass(frozen=True, slots=True)
class VoiceState:
    """A voice as Status tells it. `state`: loading, speaking, silent, lost, or understudy while that
    one speaks for it. `can`: see VoiceNews. `quoted`: the share of its last words that stand in the
    artist's own texts, None where it has none. `prompts`: the beginnings of those that are mixed, with
    their weights."""

    name: str
    state: str
    model: str = ""
    tokens_per_second: float = 0.0
    ahead: int = 0
    spoken: int = 0
    detail: str = ""
    can: tuple[str, ...] = ()
    quoted: float | None = None
    prompts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PortState:
    """A port as Status tells it. `state`: open, connecting, lost, closed."""

    name: str
    state: str
    detail: str = ""
    received: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """What is true now. Built once a tick when something changed; HUD, OSC echo and MQTT read it."""

    at: float
    title: str = ""
    scene: str = ""
    scene_for: float = 0.0
    standby: str = ""
    dark: float = 0.0
    parameters: tuple[Parameter, ...] = ()
    signals: tuple[SignalState, ...] = ()
    voices: tuple[VoiceState, ...] = ()
    ports: tuple[PortState, ...] = ()
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class VoiceNews:
    """A voice process tells of itself. `state`: loading, ready, lost, error.

    `detail` is a sentence; `device` and `model_hash` are known once ready, and so is what it `can`:
    `token` or `sentence` (when it hears a Steering), the fields of Steering that it obeys, and what it
    tells of a token: `logprobs`, `attention`, `lens`, `place`."""

    voice: str
    state: str
    detail: str = ""
    device: str = ""
    model_hash: str = ""
    context: int = 0
    can: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameMark:
    """One drawn frame: its number, its time, the number of stage messages it had taken in,
    the governor's level, its size, a CRC-32 of its sprite rows, and of its pixels now and then."""

    n: int
    now: float
    upto: int
    level: int
    width: int
    height: int
    rows: int
    pixels: int | None = None


@dataclass(frozen=True, slots=True)
class Adopt:
    """A show was taken up. `text`: show and venue merged, prompts in full; `files`: name and SHA-256
    of what else it is made of (typefaces, adapters); `resume`: the score's snapshot as JSON, `` for a fresh start."""

    hash: str
    text: str
    folder: str
    seed: int
    files: tuple[tuple[str, str], ...] = ()
    resume: str = ""


@dataclass(frozen=True, slots=True)
class Steered:
    """What a Steering changed of a voice's controls, as the recording keeps it: all but its credit.

    A token's `steered_by` leads to the last of these with no higher `serial`."""

    voice: str
    serial: int
    changed: tuple[tuple[str, Any], ...]
    private: bool = False


StageMessage = Union[Action, Token, Word, Candidates, Status]
