"""The token loop: schedule, run, sample, postprocess; one forward a step, steered between any two.

The engine joins a `Forward` (a model's numbers and its memory of what it read) and a `Tongue` (how the
model writes); every model that runs on this machine speaks through it. It holds the text by token
number, so that forgetting is going back to a number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import regex

from installation.messages import Steering, Token
from installation.voice.adapters import Adapters
from installation.voice.again import said_before
from installation.voice.bank import Bank
from installation.voice.blend import Blend
from installation.voice.context import Tokens, Window, advance, gone_back, upcoming
from installation.voice.deciding import given
from installation.voice.detokenise import WINDOW, Held, after
from installation.voice.drawing import Drawing
from installation.voice.forward import Forward
from installation.voice.hearing import slices
from installation.voice.insight import Insight
from installation.voice.leaning import Leaning
from installation.voice.memory import Reading
from installation.voice.projection import Floats
from installation.voice.recall import Recall
from installation.voice.sampling import NEVER, Choice, key_of, uniform
from installation.voice.vectors import Direction, Leans, learn, pushes
from installation.voice.writing import Said, Tongue

RECENT = 96
"""How many last tokens the repetition penalty and the rules on words look back on."""

DEPTH = 512
"""How many tokens can be forgotten; older windows are let go, so that memory does not grow."""

PATIENCE = 24
"""How many tokens `say` waits for a word's beginning."""

SELDOM = 4
"""Tokens for each piece of an adapter that is merged while nobody waits for it."""

PARAGRAPH = "\n\n"
LETTER = regex.compile(r"[\p{L}\p{N}\p{M}]")
SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


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
        self._repertoire: tuple[str, ...] = ()
        self.tongue, self.recall = tongue, Recall()
        self._adapters: Adapters | None = None
        self._worn = ""
        self.begin(history, first)

    def learn(self, vectors: Mapping[str, Any]) -> None:
        """Learn what to lean towards, before anything else is read; see vectors.learn. Raises VoiceError."""
        if vectors and isinstance(self._forward, Leans) and self._forward.layers:
            self._directions = learn(self._forward, self._tongue, vectors)

    def dress(self, adapters: Adapters) -> None:
        """Wear from now on what a Steering names of these; nobody else may speak over the same model."""
        self._adapters = adapters
        self._change()

    def begin(self, history: str, first: int) -> None:
        """Go on behind `history` with token `first`; see Voice.begin."""
        tongue = self._tongue
        head = tongue.encode(history, "")[-self._forward.limit :] if history else ()
        self.n, self.take, self._first = first, 0, first
        self._steering: Steering | None = None
        self._texts: tuple[str, ...] = ()
        self._longest: Tokens = ()
        self._blend.begin()
        self._before = Said(-1, history, history[-1:], after(tongue.detokeniser, head[-WINDOW:]))
        self._windows = [Window(first, head)]
        self._text: list[Said] = []  # those numbered from self._windows[0].at on
        self._ids: list[int] = []  # theirs
        self._say, self._say_from, self._private = "", first, False
        self._forced: deque[int] = deque()
        self._heard: deque[tuple[int, str]] = deque()  # what others said: ids, each with a piece of it
        self._behind: Said | None = None  # what token `n` follows, where the text went back
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
            self._change()
        if self._directions and (old is None or old.vectors != steering.vectors):
            self._blend.lean(pushes(self._directions, steering.vectors))
        self._read(steering)
        if old is None or old.take != steering.take:
            self.take = steering.take
            self._forget(steering.keep)
            self._say, self._say_from = steering.say.strip(), self.n
            self._private = steering.say_private
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
        if self._heard:
            return ()
        self._seen, self._drawing = self._schedule(), None
        return self._blend.wanted(self._seen)

    def drawing(self) -> Drawing | None:
        """How token `n` will be drawn, once it is known what was `wanted`; None for one that is only heard."""
        assert self._steering is not None, "a voice is steered before it speaks"
        if self._heard:
            return None
        if self._drawing is None:
            self._drawing = self._draw(self._seen, self._steering)
        return self._drawing

    def speak(self, logits: Sequence[Any]) -> Token:
        """Sample, or force, token `n`, given the logits after what was `wanted`; they are not needed any
        more afterwards. Raises VoiceError."""
        assert self._steering is not None, "a voice is steered before it speaks"
        if self._heard:
            return self._take_in(*self._heard.popleft(), self._steering)
        drawing = self.drawing()
        assert drawing is not None, "what is heard is not drawn"
        choice, forced = self._sample(self._blend.mixed(logits), drawing)
        token = self._postprocess(choice, forced, self._steering)
        window, said = self._windows[-1], self._since(self._windows[-1])
        self._coming = upcoming(window, said, self._longest, self._forward.limit, self._tongue.stops)
        self._blend.catch_up((*window.head, *said))
        if self._adapters is not None and (self._adapters.waited_for or self.n % SELDOM == 0):
            self._adapt()
        return token

    def lags(self) -> bool:
        """Whether the context that comes after this one is known and still to be read."""
        return self._blend.lags(self._coming[len(self._longest) :])

    def look_ahead(self, pieces: int = 1) -> None:
        """Read a piece, or several, of the context that comes after this one, where it is known."""
        self._blend.look_ahead(self._coming[len(self._longest) :], pieces)

    def another(self, name: str) -> Engine:
        """A further voice over the same model."""
        bank, places = self._blend.bank, self._insight.places
        return Engine(self._forward.another(), self._plain, name, bank=bank, places=places)

    @property
    def window(self) -> int:
        """The number of the token at which the model's view of the text was last opened anew."""
        return self._windows[-1].at

    def prepare(self) -> bool:
        """Read a piece of a prompt that may come; whether there is more to read."""
        return self._adapt() or self._blend.bank.prepare()

    def _adapt(self) -> bool:
        """Merge a piece of an adapter that may be worn; whether there was one."""
        if self._adapters is None or not self._adapters.prepare():
            return False
        self._change()
        return True

    def _change(self) -> None:
        """Speak with what is worn now."""
        if self._adapters is not None and self._adapters.worn != self._worn:
            self._worn = self._adapters.worn
            self._blend.age()
            self._open()

    def _open(self) -> None:
        """Have the prompts of the show read beforehand."""
        most = self._forward.limit // 2
        prompts = [self._tongue.prompt(text, most) for text in self._repertoire]
        self._blend.bank.open(self._name, prompts, self._worn)

    def _read(self, steering: Steering) -> None:
        """Read these prompts, and let each count for its weight. While one of them stays, so does the
        text that the model sees."""
        if steering.repertoire != self._repertoire:
            self._repertoire = steering.repertoire
            self._open()
        texts = steering.prompts or (steering.prompt,)
        if texts != self._texts:
            most, before = self._forward.limit // 2, set(self._blend.shares) if self._texts else set()
            self._texts, self._prompts = texts, [self._tongue.prompt(text, most) for text in texts]
            longest = max(self._prompts, key=len)
            if before & set(self._prompts):
                self._windows = [
                    replace(window, prompt=longest) if window.prompt == self._longest else window
                    for window in self._windows
                ]
            self._longest = longest
        shares = dict.fromkeys(self._prompts, 0.0)
        for prompt, weight in zip(self._prompts, steering.weights or (1.0,), strict=True):
            shares[prompt] += weight
        self._blend.read(shares)

    def _schedule(self) -> Tokens:
        """The text that the model sees before token `n`; opens a window, and lets old ones go, where it
        is time."""
        window, limit = self._windows[-1], self._forward.limit
        said = self._since(window)
        for to in [to for to, _ in self._back if window.at != self.n]:
            window, said = gone_back(self._windows, self._ids, self.n, to), ()
            last = to - 1 - self._windows[0].at
            self._behind = self._text[last] if last >= 0 else self._before
        newer = advance(window, said, self._longest, limit, self._tongue.ends, self._tongue.stops)
        if newer is self._windows[-1]:
            return (*window.head, *said)
        self._windows.append(newer)
        while len(self._windows) > 1 and self._windows[1].at <= self.n - DEPTH:
            gone = self._windows[1].at - self._windows[0].at
            self._before = self._text[gone - 1]
            del self._text[:gone], self._ids[:gone]
            del self._windows[0]
        return newer.head

    def _draw(self, text: Tokens, steering: Steering) -> Drawing:
        """What decides token `n` behind `text`, but for the logits."""
        window, recent = self._windows[-1], text[-RECENT:]
        leaning = dict(self._leaning.at(recent))
        leaning.update(dict.fromkeys(said_before(self._ids, self._tongue.never_again), NEVER))
        if self.n - window.at < window.quiet:
            leaning.update(dict.fromkeys(self._tongue.ends, NEVER))
        leaning.update(dict.fromkeys(self._refused, NEVER))
        known = self.recall.behind(text, leaning, steering.remember)
        return Drawing(steering, uniform(self._key, self.n), recent, leaning, self._tongue.never, known)

    def _sample(self, logits: Any, drawing: Drawing) -> tuple[Choice, bool]:
        """Token `n`, and whether it is forced."""
        own = [token for _, token in self._back if token not in {-1, *self._refused}]
        if own:
            return drawing.choose(logits, own[0]), False  # what the model nearly said
        if self._forced:
            return drawing.choose(logits, self._forced.popleft()), True
        choice = drawing.choose(logits)
        if self._say and (self._begins_word(choice.id) or self.n - self._say_from >= PATIENCE):
            self._forced.extend(self._say_tokens())
        if self._forced:
            return drawing.choose(logits, self._forced.popleft()), True
        for _ in range(PATIENCE if self._last.forced or self._behind else 0):
            if not self._runs_on(choice.id):
                break  # what was said, or taken back, is not grown into another word
            leaning = {**drawing.leaning, choice.id: NEVER}
            known = self.recall.behind(self._seen, leaning, drawing.steering.remember)
            drawing = drawing.without([choice.id], known)
            choice = drawing.choose(logits)
        return choice, False

    @property
    def _refused(self) -> Collection[int]:
        """The tokens that the word filter would not have as token `n`."""
        refused = self._steering.refused if self._steering else ()
        return {token for n, tokens in refused if n == self.n for token in tokens}

    def _postprocess(self, choice: Choice, forced: bool, steering: Steering) -> Token:
        """The token as the show sees it, and the text one longer."""
        end = choice.id in self._tongue.ends
        held, text = (Held(), PARAGRAPH) if end else self._read_out(choice.id)
        self._ids.append(choice.id)
        self._text.append(Said(choice.id, text, text[-1:] or self._last.tail, held, forced))
        token = Token(
            self._name, self.n, choice.id, text, self.take, forced, steering.serial,
            self._insight.of(choice, self._blend.look, self._windows[-1], self.n), end,
            forced and self._private, self.recall.source(choice),
        )  # fmt: skip
        self.n += 1
        self._behind = None
        return token

    def _overhear(self, text: str) -> None:
        """What others said comes next; a text that has ended is followed by a new one first."""
        self._schedule()
        ids = self._tongue.heard(text, self._last.tail)
        self._heard.extend(zip(ids, slices(text, len(ids)), strict=True))

    def _take_in(self, token: int, heard: str, steering: Steering) -> Token:
        """A token of what others said: the model reads it with its next own one."""
        self._ids.append(token)
        self._text.append(Said(token, "", "\n", Held(), forced=True))
        private = steering.heard_private
        taken = Token(
            self._name, self.n, token, "", self.take, True, steering.serial, private=private, heard=heard
        )
        self.n += 1
        self._behind = None
        return taken

    @property
    def _last(self) -> Said:
        return self._behind or (self._text[-1] if self._text else self._before)

    @property
    def _back(self) -> Sequence[tuple[int, int]]:
        """The token before which the text goes back at token `n`, if it does, and what comes there or -1."""
        back = self._steering.back if self._steering else ()
        return [(to, token) for at, to, token in back if at == self.n]

    def _since(self, window: Window) -> Tokens:
        """The ids from the window's first token on."""
        return tuple(self._ids[window.at - self._windows[0].at :])

    def _forget(self, keep: int) -> None:
        """Go back to before token `keep`, as if it had never been sampled."""
        self.n = max(self._first, min(keep, self.n))
        while len(self._windows) > 1 and self._windows[-1].at >= self.n:
            self._windows.pop()
        if self._windows[0].at > self.n:  # deeper than we remember: go on from what is left
            self._windows[0] = replace(self._windows[0], at=self.n, prompt=None, numbers=())
        kept = self.n - self._windows[0].at
        del self._text[kept:], self._ids[kept:]
        self._forced.clear()
        self._heard.clear()
        self._behind = None

    def _say_tokens(self) -> Tokens:
        """What is to be said, with the space that parts it from the text; it is said once."""
        say, self._say = self._say, ""
        tail = self._last.tail
        apart = not tail or tail.isspace() or SPACELESS.match(say)
        return self._tongue.encode(say, "") if apart else self._tongue.encode(" " + say, "a")

    def _read_out(self, token: int) -> tuple[Held, str]:
        """The text that a token would add here."""
        return self._tongue.detokeniser.step(self._last.held, token)

    def _begins_word(self, token: int) -> bool:
        """Whether a token would begin a word here, or end the text."""
        if token in self._tongue.ends:
            return True
        text, tail = self._read_out(token)[1], self._last.tail
        if not text:
            return False
        return not tail or tail.isspace() or text[0].isspace() or SPACELESS.match(text) is not None

    def _runs_on(self, token: int) -> bool:
        """Whether a token would continue the word before it."""
        text = self._read_out(token)[1]
        return not self._begins_word(token) and (not text or LETTER.match(text) is not None)

    def _piece(self, token: int) -> str:
        """The token as the tongue of now has it."""
        return self._tongue.piece(token)

    def _ends_word(self, token: int) -> bool:
        piece = self._piece(token)
        return bool(piece) and LETTER.match(piece[-1]) is None
