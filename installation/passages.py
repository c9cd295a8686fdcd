"""What a recording says was spoken when, and under which prompt: passages of a voice's own words.

A word is its voice's own where every token of it was sampled by that voice. It is not where it was put into
its mouth, quoted from the artist's own texts, said by the understudy or instead of it, where the word
filter stepped in, and where a visitor's words are near: see `QUIET`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from installation.archive import visitors
from installation.errors import RecordingError
from installation.messages import Action, Adopt, Steered, Token, VoiceNews, Word
from installation.part import settings_of, stands_for
from installation.replay import RECORDED
from installation.show.check import check
from installation.show.load import loads
from installation.show.schema import Show
from installation.voice.pace import ends_sentence

LONGEST = 60
"""Words after which a passage ends with its sentence; else it is a paragraph."""
QUIET = 60
"""Words after a visitor's that are passed over, since the voice may take them up."""
QUIET_FORGOTTEN = 250
"""The same where what the visitor said is forgotten, so that nobody can tell whether it was taken up."""
HEAVIEST = 0.75
"""The weight from which on one of several mixed prompts counts as the prompt."""
BACK = 200
"""Tokens that are kept behind the last word: far more than a rewind reaches."""

READ = ("prompt", "prompts", "weights", "adapter")
"""Of a voice's controls, those that say what it read."""

_REFUSED = re.compile(r"voice (.+), token (\d+): ")


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that were on the wall together. `moments`: when each of them came, in seconds. `why` says why it
    is not the voice's own; `text` is empty then."""

    voice: str
    prompt: str
    model: str
    hash: str
    text: str
    moments: tuple[float, ...]
    why: str = ""

    @property
    def began(self) -> float:
        return self.moments[0]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One word with what is known of its tokens. `under`: the prompt, and the adapter that was worn."""

    at: float
    word: Word
    under: tuple[str, str]
    why: str


@dataclass(slots=True)
class Teller:
    """One voice while its evening is read."""

    model: str
    hash: str = ""
    tokens: dict[int, Token] = field(default_factory=dict)
    controls: list[tuple[int, dict[str, Any]]] = field(default_factory=lambda: [(-1, {})])
    wanted: dict[str, Any] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    sentences: list[list[Spoken]] = field(default_factory=lambda: [[]])
    quiet: int = 0
    next: int = 0

    def under(self, serial: int) -> tuple[str, str] | None:
        """The prompt, and the adapter worn, of a token with this `steered_by`; None where several prompts were
        mixed, or nobody knows."""
        nothing: dict[str, Any] = {}
        known = next((told for since, told in reversed(self.controls) if since <= serial), nothing)
        prompts, weights = known.get("prompts") or (), known.get("weights") or ()
        if "prompt" not in known:
            return None
        adapter = str(known.get("adapter", ""))
        if not prompts:
            return str(known["prompt"]), adapter
        weight, prompt = max(zip(weights, prompts, strict=False), default=(0.0, ""))
        return (str(prompt), adapter) if weight >= HEAVIEST else None


class Telling:
    """A recording read from its beginning. `passages` are those of all voices, by their time."""

    def __init__(self, folder: Path) -> None:
        self.show: Show | None = None
        self._folder = folder
        self._forgotten = visitors.forgotten(folder)
        self._tellers: dict[str, Teller] = {}
        self._said: set[str] = set()
        self._visitors: set[str] = set()

    def hear(self, at: float, message: object) -> None:
        """The next line. RecordingError where it cannot be understood."""
        if isinstance(message, Adopt):
            self.show = check(loads(message.text, Path(message.folder)), RECORDED)
            for name in self.show.voices:
                self._tellers.setdefault(name, Teller(settings_of(self.show, name).model))
        elif isinstance(message, VoiceNews):
            if message.voice in self._tellers and message.model_hash:
                self._tellers[message.voice].hash = message.model_hash
        elif isinstance(message, Steered):
            self._steered(self._teller(message.voice), message)
        elif isinstance(message, Token):
            self._token(self._teller(stands_for(message.voice)), message)
        elif isinstance(message, Word):
            self._word(at, message)
        elif isinstance(message, Action):
            self._action(message)

    def passages(self) -> list[Passage]:
        """What was said so far, by its time."""
        found = [
            passage
            for name, teller in self._tellers.items()
            for passage in _grouped(name, teller, teller.sentences)
        ]
        return sorted(found, key=lambda passage: passage.began)

    def _teller(self, voice: str) -> Teller:
        if voice not in self._tellers:
            raise RecordingError(f"{self._folder}: {voice!r} speaks, whom the show has not")
        return self._tellers[voice]

    def _steered(self, teller: Teller, message: Steered) -> None:
        _, before = teller.controls[-1]
        changed = dict(message.changed)
        if message.private and not changed:  # forgotten: what it was told is what was wanted of it
            changed = teller.wanted
        after = before | {name: value for name, value in changed.items() if name in READ}
        if after != before:
            teller.controls.append((message.serial, after))
        teller.refused |= {n for n, _ in changed.get("refused", ())}

    def _token(self, teller: Teller, token: Token) -> None:
        known = teller.tokens.get(token.n)
        if known is None or token.take >= known.take:  # of an older take: it was dropped
            teller.tokens[token.n] = token

    def _action(self, action: Action) -> None:
        if action.target == "withdrawn" and isinstance(action.value, tuple):
            voice, to, _ = action.value
            _withdraw(self._teller(str(voice)), int(to))
        elif action.target == "moderated" and (found := _REFUSED.match(action.because)):
            self._teller(found[1]).refused.add(int(found[2]))
        elif action.target.startswith("voice.") and not action.private:
            _, voice, what = action.target.split(".", 2)
            if voice in self._tellers and what == "prompt":
                several = isinstance(action.value, tuple)
                self._tellers[voice].wanted = (
                    {"prompts": action.value, "prompt": "", "weights": ()}
                    if several
                    else {"prompts": (), "prompt": action.value, "weights": ()}
                )
            elif voice in self._tellers and what == "weights":
                self._tellers[voice].wanted |= {"weights": action.value}

    def _word(self, at: float, word: Word) -> None:
        teller = self._tellers.get(word.voice)
        if teller is None:  # `meanwhile`: lines of the show file
            teller = self._tellers.setdefault(word.voice, Teller(""))
        unseen = [teller.tokens[n] for n in range(teller.next, word.first) if n in teller.tokens]
        if word.private or any(token.private for token in unseen):
            teller.quiet = QUIET_FORGOTTEN if self._forgotten else QUIET
        teller.next = word.last + 1
        why, under = self._judged(teller, word)
        teller.quiet = max(0, teller.quiet - 1)
        self._remember(word, why)
        sentence = teller.sentences[-1]
        if sentence and word.before.count("\n") > 1:
            sentence = []
            teller.sentences.append(sentence)
        sentence.append(Spoken(at, replace(word, text="") if word.private else word, under, why))
        if ends_sentence(word.text):
            teller.sentences.append([])
        for n in [n for n in teller.tokens if n < word.first - BACK]:
            del teller.tokens[n]

    def _remember(self, word: Word, why: str) -> None:
        parts = {part for part in word.parts if len(part) > 2}
        if word.private:
            self._visitors |= parts - self._said
        elif not why:
            self._said |= parts - self._visitors

    def _judged(self, teller: Teller, word: Word) -> tuple[str, tuple[str, str]]:
        """Why a word is not its voice's own, or ``, and what it was said under."""
        tokens = [teller.tokens.get(n) for n in range(word.first, word.last + 1)]
        made = [token for token in tokens if token is not None]
        unders = {teller.under(token.steered_by) for token in made}
        if word.private:
            why = "a visitor's words"
        elif word.forced or any(token.forced for token in made):
            why = "put into its mouth"
        elif len(made) < len(tokens) or word.text not in "".join(token.text for token in made):
            why = "no words of the model"
        elif any(stands_for(token.voice) != token.voice for token in made):
            why = "the understudy's"
        elif word.source or any(token.source for token in made):
            why = "quoted"
        elif teller.refused & set(range(word.first, word.last + 1)):
            why = "the word filter stepped in"
        elif teller.quiet:
            why = "close after a visitor's words"
        elif self._visitors & set(word.parts):
            why = "takes up a visitor's word"
        elif len(unders) > 1 or None in unders:
            why = "after several prompts"
        else:
            why = ""
        return why, next(iter(unders), None) or ("", "")


def _withdraw(teller: Teller, to: int) -> None:
    """The words from token `to` on were taken back: their sentences are none any more."""
    for sentence in reversed(teller.sentences):
        if sentence and sentence[-1].word.last < to:
            break
        sentence[:] = [replace(spoken, why=spoken.why or "taken back") for spoken in sentence]


def _grouped(voice: str, teller: Teller, sentences: list[list[Spoken]]) -> Iterator[Passage]:
    """Sentences of one paragraph and one prompt together, up to LONGEST words."""
    together: list[Spoken] = []
    for n, sentence in enumerate(sentences):
        if not sentence:
            continue
        why = _whole(sentence) or ("" if n < len(sentences) - 1 else "not finished")
        if together and (why or sentence[0].word.before.count("\n") > 1 or _parts(together, sentence)):
            yield _passage(voice, teller, together)
            together = []
        if why:
            yield _passage(voice, teller, sentence, why)
        else:
            together = [*together, *sentence]
    if together:
        yield _passage(voice, teller, together)


def _whole(sentence: list[Spoken]) -> str:
    """Why a sentence is not the voice's own, or ``."""
    why = next((spoken.why for spoken in sentence if spoken.why), "")
    several = len({spoken.under for spoken in sentence}) > 1
    return why or ("after several prompts" if several else "")


def _parts(together: list[Spoken], sentence: list[Spoken]) -> bool:
    other = together[-1].under != sentence[0].under
    return other or len(together) + len(sentence) > LONGEST


def _passage(voice: str, teller: Teller, spoken: list[Spoken], why: str = "") -> Passage:
    text = "" if why else "".join(each.word.before + each.word.text for each in spoken).strip()
    moments = tuple(each.at for each in spoken)
    prompt, adapter = spoken[0].under
    model = f"{teller.model} wearing {adapter}" if adapter else teller.model
    return Passage(voice, prompt, model, teller.hash, text, moments, why)
