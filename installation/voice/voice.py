"""What a model must be to speak here. A voice lives in its own process and knows tokens, not time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from installation.messages import Steering, Token, VoiceNews

if TYPE_CHECKING:
    from installation.voice.drawing import Drawing
    from installation.voice.memory import Reading  # what a script does not need, it does not wait for


class Voice(Protocol):
    """A model that can speak, as its process sees it.

    `n` is the number of the token that `next` will give; `take` that of the newest Steering.
    """

    n: int
    take: int

    def load(self) -> VoiceNews:
        """Fetch the weights; the news is `ready` with device, model hash and context length (tokens).

        Raises VoiceError with a sentence for the operator."""

    def begin(self, history: str, first: int) -> None:
        """The word is passed to this voice: go on behind `history`, the tail of what was said (empty
        at first), with token number `first`. Called after `load` and before `steer`, and again
        whenever others have spoken meanwhile; nothing said or steered before counts any more."""

    def steer(self, steering: Steering) -> None:
        """Obey from the next token on. Called before the first `next`, then whenever one came.

        Some may have been skipped: only the newest counts. A new `take` means: forget the own
        tokens numbered `keep` and above (never below `first`), number on from there, and force
        `say`, if any, before the first token that would begin a word. The same take again does
        not force again. The first Steering after `begin` is a new take, whatever its number."""

    def next(self) -> Token | VoiceNews | None:
        """Sample, or force, token `n`, and count on. Never waits for long, never ends.

        A voice that waits for somebody else gives None while there is nothing, and news of itself
        when it is `lost` for a while and when it is `ready` again.

        An end of text is a token with `end`; the next one begins a new document.
        Raises VoiceError when the model cannot go on; the process then ends and is begun anew."""


@runtime_checkable
class Prepares(Protocol):
    """A Voice that can make use of the time in which it has no credit."""

    def prepare(self) -> bool:
        """Do a piece of what will be needed, no longer than a token takes; whether there is more."""


@runtime_checkable
class Singer(Voice, Protocol):
    """A voice beside which others can speak with the same model, each step taken by all together."""

    company: int
    """How many will speak with the model, this one among them: told before it is loaded."""

    def another(self, settings: Mapping[str, Any], name: str) -> Self:
        """A further voice over the same model, which is loaded; `settings` may differ in what is said of
        the voice, not of the model. Raises VoiceError."""

    def wanted(self) -> Sequence[Reading]:
        """What has to be read before token `n`. Raises VoiceError."""

    def drawing(self) -> Drawing | None:
        """How token `n` will be drawn, once it has said what it wanted; None: it needs no logits."""

    def speak(self, logits: Sequence[Any]) -> Token:
        """Token `n`, given the logits after each of what was wanted, or what a model Decided of it.
        Raises VoiceError."""

    def lags(self) -> bool:
        """Whether the context that comes after this one is known and still to be read."""

    def look_ahead(self, pieces: int = 1) -> None:
        """Read a piece, or several, of the context that comes after this one, where it is known."""


@runtime_checkable
class Tells(Protocol):
    """A voice that has more to tell of itself than that it is ready."""

    tell: Callable[[VoiceNews], None]
    """Called while it loads, with `loading` and how far it is."""

    known: str
    """What texts it remembers, in a few words, once it is loaded; `` none."""


class Factory(Protocol):
    """Makes a voice that has not loaded yet: cheap, imports nothing heavy.

    `settings` are the fixed fields of the show's voice (see VoiceSettings), complete with
    defaults; `folder` is the show's folder, where relative paths begin."""

    def __call__(self, settings: Mapping[str, Any], name: str, folder: Path) -> Voice: ...
