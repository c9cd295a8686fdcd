"""A voice over the engine: what every model that runs on this machine has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from installation.messages import Steering, Token, VoiceNews
from installation.voice.drawing import Drawing
from installation.voice.engine import Engine
from installation.voice.memory import Reading
from installation.voice.own_texts import recollection, summary
from installation.voice.recall import Recall
from installation.voice.recollection import Recollection


class ModelVoice:
    """The Voice protocol, and a choir's Singer, but for `load`, which ends with `_take_up`; see
    voice.Factory for the arguments."""

    def __init__(self, settings: Mapping[str, Any], name: str, folder: Path) -> None:
        self.n, self.take = 0, 0
        self.company = 1
        self._settings, self._name, self._folder = settings, name, folder
        self._engine: Engine | None = None
        self._memories: dict[str, Recollection] = {}  # by what a show calls them
        self.tell: Callable[[VoiceNews], None] = lambda _news: None
        self.known = ""
        """See Tells."""

    def begin(self, history: str, first: int) -> None:
        """Go on behind `history` with token `first`; see Voice.begin."""
        engine = self._loaded()
        engine.begin(history, first)
        self.n, self.take = engine.n, engine.take

    def steer(self, steering: Steering) -> None:
        """Obey from the next token on; see Voice.steer."""
        engine = self._loaded()
        engine.steer(steering)
        self.n, self.take = engine.n, engine.take

    def next(self) -> Token:
        """Token `n`; see Voice.next."""
        engine = self._loaded()
        token = engine.next()
        self.n = engine.n
        return token

    def wanted(self) -> Sequence[Reading]:
        """What has to be read before token `n`."""
        return self._loaded().wanted()

    def drawing(self) -> Drawing | None:
        """How token `n` will be drawn, once it has said what it wanted."""
        return self._loaded().drawing()

    def speak(self, logits: Sequence[Any]) -> Token:
        """Token `n`, given the logits after each of what was wanted."""
        engine = self._loaded()
        token = engine.speak(logits)
        self.n = engine.n
        return token

    def lags(self) -> bool:
        """Whether the context that comes after this one is known and still to be read."""
        return self._loaded().lags()

    def look_ahead(self, pieces: int = 1) -> None:
        """Read a piece, or several, of the context that comes after this one, where it is known."""
        self._loaded().look_ahead(pieces)

    def another(self, settings: Mapping[str, Any], name: str) -> Self:
        """A further voice over the same model, which is loaded; `settings` may differ in what is said of
        the voice, not of the model."""
        other = type(self)(settings, name, self._folder)
        other._memories, other.tell = self._memories, self.tell
        other._take_up(self._loaded().another(name))
        return other

    def prepare(self) -> bool:
        """Read a piece of a prompt that may come; see Prepares."""
        return self._loaded().prepare()

    def _take_up(self, engine: Engine) -> None:
        """Speak with this engine, and remember what the settings ask for."""
        engine.learn(self._settings.get("vectors") or {})
        self._engine = engine
        named = str(self._settings.get("memory") or "")
        if not named:
            return

        def tell(progress: str) -> None:
            self.tell(VoiceNews(self._name, "loading", progress))

        if named not in self._memories:
            self._memories[named] = recollection(named, self._folder, engine.tongue, tell)
        engine.recall = Recall(self._memories[named])
        self.known = summary(named, self._folder, self._memories[named])

    def _loaded(self) -> Engine:
        assert self._engine is not None, "a voice is loaded before it is steered"
        return self._engine
