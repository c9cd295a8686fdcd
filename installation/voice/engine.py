"""The token loop: schedule, run, sample, postprocess; one forward a step, steered between any two.

The engine joins a `Forward` (a model's numbers and its memory of what it read) and a `Tongue` (how the
model writes); every model that runs on this machine speaks through it. Its text is a `Scroll`, by token
number, so that forgetting is going back to a number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from installation.messages import Steering, Token
from installation.voice.adapters import Adapters
from installation.voice.again import said_before
from installation.voice.bank import Bank
from installation.voice.blend import Blend
from installation.voice.context import Tokens
from installation.voice.deciding import given
from installation.voice.detokenise import WINDOW, Held, after
from installation.voice.dictation import Dictation
from installation.voice.drawing import Drawing
from installation.voice.forward import Forward
from installation.voice.insight import Insight
from installation.voice.leaning import Leaning
from installation.voice.memory import Reading
from installation.voice.projection import Floats
from installation.voice.prompts import Prompts
from installation.voice.recall import Recall
from installation.voice.sampling import NEVER, Choice, key_of, uniform
from installation.voice.scroll import Scroll
from installation.voice.seam import begins_word, ends_word, runs_on
from installation.voice.vectors import Direction, Leans, learn, pushes
from installation.voice.writing import Said, Tongue

RECENT = 96
"""How many last tokens the repetition penalty and the rules on words look back on."""

FUSED = 24
"""How many tokens are tried for one that does not go on with a word which is over."""

SELDOM = 4
"""Tokens for each piece of an adapter that is merged while nobody waits for it."""

PARAGRAPH = "\n\n"


class Engine:
    """A voice over any Forward and Tongue; `n`, `take`, `begin`, `steer`, `next` as the Voice protocol says."""

    def __init__(
        self,
        forward: Forward,
        tongue: Tongue,
        name: str,
        history: str = "",
        first: int = 0,
        bank: Bank | None = None,
        places: Floats | None = None,
    ) -> None:
        self._forward, self._plain, self._tongue, self._name = forward, tongue, tongue, name
        self._blend = Blend(forward, bank)
        self._insight = Insight(self._piece, places)
        self._directions: Mapping[str, Direction] = {}
        self._prompts = Prompts(self._blend, name, forward.limit // 2)
        self.tongue, self.recall = tongue, Recall()
        self._adapters: Adapters | None = None
        self._steering: Steering | None
        self.begin(history, first)

    @property
    def n(self) -> int:
        """The number of the next token."""
        return self._scroll.n

    @property
    def window(self) -> int:
        """The number of the token at which the model's view of the text was last opened anew."""
        return self._scroll.window.at

    def learn(self, vectors: Mapping[str, Any]) -> None:
        """Learn what to lean towards, before anything else is read; see vectors.learn. Raises VoiceError."""
        if vectors and isinstance(self._forward, Leans) and self._forward.layers:
            self._directions = learn(self._forward, self._tongue, vectors)

    def dress(self, adapters: Adapters) -> None:
        """Wear from now on what a Steering names of these; nobody else may speak over the same model."""
        self._adapters = adapters
        self._prompts.wear(adapters.worn, self._tongue)

    def begin(self, history: str, first: int) -> None:
        """Go on behind `history` with token `first`; see Voice.begin."""
        tongue = self._tongue
        head = tongue.encode(history, "")[-self._forward.limit :] if history else ()
        self.take, self._steering = 0, None
        self._prompts.begin()
        self._scroll = Scroll(first, history, head, after(tongue.detokeniser, head[-WINDOW:]))
        self._dictation = Dictation()
        self._seen: Tokens = ()
        self._coming: Tokens = ()
        self._drawing: Drawing | None = None

    def steer(self, steering: Steering) -> None:
        """Obey from the next token on; see Voice.steer."""
        old, self._steering = self._steering, steering
        self._tongue = self._plain.under(steering)
        if old is None or (old.forbidden, old.bias) != (steering.forbidden, steering.bias):
            self._leaning = Leaning(steering, self._tongue.encode, self._ends_word)
        if old is None or old.seed != steering.seed:
            self._key = key_of(steering.seed, self._name)
        if self._adapters is not None:
            self._adapters.want(steering.adapter)
            self._prompts.wear(self._adapters.worn, self._tongue)
        if self._directions and (old is None or old.vectors != steering.vectors):
            self._blend.lean(pushes(self._directions, steering.vectors))
        self._prompts.read(steering, self._tongue, self._scroll)
        if old is None or old.take != steering.take:
            self.take = steering.take
            self._scroll.forget(steering.keep)
            self._dictation = Dictation(steering.say.strip(), self.n, private=steering.say_private)
            if steering.heard:
                self._overhear(steering.heard)

    def next(self) -> Token:
        """Sample, or force, token `n`; see Voice.next."""
        token = self.speak(*given([self], [self.wanted()]))
        self._blend.keep()
        self.look_ahead()
        return token

    def wanted(self) -> Sequence[Reading]:
        """What the model has to read before token `n`; nothing for a token that is only heard."""
        if self._dictation.hearing:
            return ()
        self._seen, self._drawing = self._schedule(), None
        return self._blend.wanted(self._seen)

    def drawing(self) -> Drawing | None:
        """How token `n` will be drawn, once it is known what was `wanted`; None for one that is only heard."""
        assert self._steering is not None, "a voice is steered before it speaks"
        if self._dictation.hearing:
            return None
        if self._drawing is None:
            self._drawing = self._draw(self._seen, self._steering)
        return self._drawing

    def speak(self, logits: Sequence[Any]) -> Token:
        """Sample, or force, token `n`, given the logits after what was `wanted`; they are not needed any
        more afterwards. Raises VoiceError."""
        assert self._steering is not None, "a voice is steered before it speaks"
        drawing = self.drawing()
        if drawing is None:
            return self._take_in(*self._dictation.heard(), self._steering)
        choice, forced = self._sample(self._blend.mixed(logits), drawing)
        token = self._postprocess(choice, forced, self._steering)
        self._coming = self._scroll.coming(self._prompts.longest, self._forward.limit, self._tongue.stops)
        self._blend.catch_up(self._scroll.seen)
        if self._adapters is not None and (self._adapters.waited_for or self.n % SELDOM == 0):
            self._adapt()
        return token

    def lags(self) -> bool:
        """Whether the context that comes after this one is known and still to be read."""
        return self._blend.lags(self._coming[len(self._prompts.longest) :])

    def look_ahead(self, pieces: int = 1) -> None:
        """Read a piece, or several, of the context that comes after this one, where it is known."""
        self._blend.look_ahead(self._coming[len(self._prompts.longest) :], pieces)

    def another(self, name: str) -> Engine:
        """A further voice over the same model."""
        bank, places = self._blend.bank, self._insight.places
        return Engine(self._forward.another(), self._plain, name, bank=bank, places=places)

    def prepare(self) -> bool:
        """Read a piece of a prompt that may come; whether there is more to read."""
        return self._adapt() or self._blend.bank.prepare()

    def _adapt(self) -> bool:
        """Merge a piece of an adapter that may be worn; whether there was one."""
        if self._adapters is None or not self._adapters.prepare():
            return False
        self._prompts.wear(self._adapters.worn, self._tongue)
        return True

    def _schedule(self) -> Tokens:
        """The text that the model sees before token `n`."""
        tongue, back = self._tongue, self._back
        to = back[-1][0] if back else None
        return self._scroll.advance(self._prompts.longest, self._forward.limit, tongue.ends, tongue.stops, to)

    def _draw(self, text: Tokens, steering: Steering) -> Drawing:
        """What decides token `n` behind `text`, but for the logits."""
        recent, tongue = text[-RECENT:], self._tongue
        leaning = dict(self._leaning.at(recent))
        leaning.update(dict.fromkeys(said_before(self._scroll.ids, tongue.never_again), NEVER))
        if self._scroll.quiet:
            leaning.update(dict.fromkeys(tongue.ends, NEVER))
        leaning.update(dict.fromkeys(self._refused, NEVER))
        known = self.recall.behind(text, leaning, steering.remember)
        return Drawing(steering, uniform(self._key, self.n), recent, leaning, tongue.never, known)

    def _sample(self, logits: Any, drawing: Drawing) -> tuple[Choice, bool]:
        """Token `n`, and whether it is forced."""
        own = [token for _, token in self._back if token not in {-1, *self._refused}]
        if own:
            return drawing.choose(logits, own[0]), False  # what the model nearly said
        dictation, forced = self._dictation, self._dictation.next()
        if forced is not None:
            return drawing.choose(logits, forced), True
        choice = drawing.choose(logits)
        if dictation.waiting and (dictation.late(self.n) or self._begins_word(choice.id)):
            dictation.begin(self._tongue, self._scroll.last.tail)
            forced = dictation.next()
        if forced is not None:
            return drawing.choose(logits, forced), True
        if self._scroll.last.forced or self._scroll.returned:
            choice = self._unfused(choice, logits, drawing)
        return choice, False

    def _unfused(self, choice: Choice, logits: Any, drawing: Drawing) -> Choice:
        """This choice, or one like it: what was said, or taken back, is not grown into another word."""
        for _ in range(FUSED):
            if not self._runs_on(choice.id):
                break
            leaning = {**drawing.leaning, choice.id: NEVER}
            known = self.recall.behind(self._seen, leaning, drawing.steering.remember)
            drawing = drawing.without([choice.id], known)
            choice = drawing.choose(logits)
        return choice

    def _postprocess(self, choice: Choice, forced: bool, steering: Steering) -> Token:
        """The token as the show sees it, and the text one longer."""
        end, scroll = choice.id in self._tongue.ends, self._scroll
        held, text = (Held(), PARAGRAPH) if end else self._read_out(choice.id)
        token = Token(
            self._name, scroll.n, choice.id, text, self.take, forced, steering.serial,
            self._insight.of(choice, self._blend.look, scroll.window, scroll.n), end,
            forced and self._dictation.private, self.recall.source(choice),
        )  # fmt: skip
        scroll.write(Said(choice.id, text, text[-1:] or scroll.last.tail, held, forced))
        return token

    def _overhear(self, text: str) -> None:
        """What others said comes next; a text that has ended is followed by a new one first."""
        self._schedule()
        self._dictation.overhear(self._tongue.heard(text, self._scroll.last.tail), text)

    def _take_in(self, token: int, heard: str, steering: Steering) -> Token:
        """A token of what others said: the model reads it with its next own one."""
        private = steering.heard_private
        taken = Token(
            self._name, self.n, token, "", self.take, True, steering.serial, private=private, heard=heard
        )
        self._scroll.write(Said(token, "", "\n", Held(), forced=True))
        return taken

    @property
    def _back(self) -> Sequence[tuple[int, int]]:
        """The token before which the text goes back at token `n`, if it does, and what comes there or -1."""
        back = self._steering.back if self._steering else ()
        return [(to, token) for at, to, token in back if at == self.n]

    @property
    def _refused(self) -> Collection[int]:
        """The tokens that the word filter would not have as token `n`."""
        refused = self._steering.refused if self._steering else ()
        return {token for n, tokens in refused if n == self.n for token in tokens}

    def _read_out(self, token: int) -> tuple[Held, str]:
        """The text that a token would add here."""
        return self._tongue.detokeniser.step(self._scroll.last.held, token)

    def _begins_word(self, token: int) -> bool:
        """Whether a token would begin a word here, or end the text."""
        return token in self._tongue.ends or begins_word(self._scroll.last.tail, self._read_out(token)[1])

    def _runs_on(self, token: int) -> bool:
        """Whether a token would continue the word before it."""
        return token not in self._tongue.ends and runs_on(self._scroll.last.tail, self._read_out(token)[1])

    def _piece(self, token: int) -> str:
        """The token as the tongue of now has it."""
        return self._tongue.piece(token)

    def _ends_word(self, token: int) -> bool:
        return ends_word(self._piece(token))
