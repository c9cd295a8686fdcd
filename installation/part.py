"""One voice in the conductor's score: its speech, what is wanted of it, and who has the word. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from installation.messages import Steered, Steering, Token, VoiceNews, VoiceState, Word
from installation.show.schema import Show
from installation.voice.moderation import Moderation
from installation.voice.quoted import Quoted
from installation.voice.sentences import Sentence
from installation.voice.settings import VoiceSettings
from installation.voice.speech import Speech, Spoken

MEANWHILE_AFTER = 1.5
"""Seconds of silence after which a voice that cannot speak is stood in for by the scene's lines."""
HUNG_AFTER = 2.0
"""Seconds without a token after which a voice that should speak loses the word; twice as many each
time that it was only slow."""
CONTROLS: tuple[str, ...] = ("take", "keep", "say", "prompt", "prompts", "weights", "seed", "bias")
CONTROLS += ("forbidden", "temperature", "top_k", "top_p", "min_p", "repetition", "refused")
ALWAYS = frozenset(CONTROLS)
"""Of these the first Steering is told whole, of the others where it says more than nothing."""
CONTROLS += ("heard", "vectors", "adapter", "remember", "back")
"""What of a Steering the recording keeps: its controls, not its book-keeping."""
LONG_SENTENCE = 60
"""Tokens after which an understudy ends at a word, should its sentence have no end."""


def understudy_of(voice: str) -> str:
    """The name under which a voice's understudy speaks to the show process."""
    return f"{voice}/understudy"


def stands_for(speaker: str) -> str:
    """The voice that a process speaks for: itself, or the one whose understudy it is."""
    return speaker.removesuffix("/understudy")


class Part:
    """The voice itself has the word while it can speak. When it is lost, hung or loading, its understudy
    finishes the sentence and speaks on, where there is one; once the voice is ready again, the next
    sentence is the voice's. Both speak by one Speech, as one text. `meanwhile` says the scene's own
    lines while neither can speak."""

    def __init__(self, show: Show, name: str, seed: int, moderation: Moderation | None = None) -> None:
        self.name, self.understudy = name, understudy_of(name)
        self.settings = settings_of(show, name)
        self.moderation = moderation if self.settings.moderate == "on" else None
        self.speech = Speech(name, self.settings, self.moderation)
        alone = len(show.voices) == 1
        self.meanwhile = Speech("meanwhile" if alone else f"{name}/meanwhile", self.settings)
        self.wanted: dict[str, Any] = self.settings.model_dump() | {"seed": seed_in(show, name, seed)}
        self.repertoire = repertoire_of(show, name)
        self.speaker = ""
        """The process that has the word, `` while none can speak."""
        self.lines: Iterator[str] = iter(())
        self._ready: set[str] = set()
        self._hung = False
        self._patience = HUNG_AFTER
        self._lively_at = 0.0  # when the speaker last had no reason to hurry
        self._awaited_at = 0  # number of the next token when the voice was ready to take over
        self._heard_at = 0.0
        self._stood_in = 0
        self._steered: Steering | None = None
        self._quoted = Quoted()

    @property
    def pace(self) -> float:
        """Words a second; 0 while nobody is there."""
        return float(self.wanted["pace"]) if self.speech.attended else 0.0

    @property
    def filled(self) -> bool:
        """Whether it holds all that it may: its whole look-ahead, while somebody is there."""
        return self.speech.filled or not self.speech.attended

    @property
    def ready(self) -> bool:
        """Whether the voice itself can speak."""
        return self.name in self._ready

    def hear(self, news: VoiceNews) -> None:
        """News of a process: who cannot speak does not keep the word."""
        if news.voice == self.name:
            self.speech.hear(news)
            self._hung = False
        if news.state == "ready":
            self._ready.add(news.voice)
            self._awaited_at = self.speech.next
            return
        self._ready.discard(news.voice)
        if self.speaker == news.voice:
            self.speaker = ""

    def arrive(self, token: Token) -> bool:
        """A token of a process; False where it was not its turn, and the token is dropped."""
        if token.voice == self.name and self._hung:
            self._hung, self._patience = False, 2 * self._patience
            self._ready.add(self.name)
            self._awaited_at = self.speech.next
        if token.voice != self.speaker:
            return False
        return self.speech.arrive(token if token.voice == self.name else replace(token, voice=self.name))

    def pass_word(self, now: float) -> None:
        """Give the word to whoever shall have it; it speaks from the next Steering on."""
        if self.speaker == self.name:
            if self.understudy not in self._ready or not self._too_long(now):
                return
            self._hung = True
            self._ready.discard(self.name)
        if self.speaker == self.understudy and not (self.ready and self._sentence_over()):
            return
        speaker = next((who for who in (self.name, self.understudy) if who in self._ready), "")
        if speaker:
            self.speaker, self._lively_at = speaker, now
            self.speech.begin_turn()

    def break_off(self, what: str, words: int) -> tuple[int, int] | None:
        """Interrupt, rewind or fork; what is withdrawn: see Speech. ValueError says why that cannot be."""
        if what == "interrupt":
            self.speech.interrupt()
            return None
        gone = self.speech.rewind(words) if what == "rewind" else self.speech.fork()
        if gone is None and what == "fork":
            raise ValueError(
                f"{self.name} does not fork: of what it said lately there is nothing left that it nearly said otherwise"
            )
        return gone

    def release(self, now: float, fastest: float, sentences: float = math.inf) -> list[Spoken]:
        """What is said by `now`, up to the end of so many sentences: a line that was begun is finished
        before the voice goes on."""
        pace = min(fastest, self.pace)
        if not self.speaker:
            self.speech.settle()
        speech = self.meanwhile if self.meanwhile.ahead else self.speech
        said = speech.release(now, pace, sentences)
        if speech is self.speech:
            self._quoted.hear(message for message in said if isinstance(message, Word))
        self._heard_at = now if said else self._heard_at
        return said

    def sentences(self) -> list[Sentence]:
        """What was said since the last call, by whole sentences."""
        return self.meanwhile.sentences() + self.speech.sentences()

    def can_speak(self, lines: Sequence[str]) -> bool:
        """Whether anything may come of it: a process has the word, or there are `lines` instead."""
        able = bool(self.speaker or self.speech.ahead or self.meanwhile.ahead or lines)
        return able and self.pace > 0

    def stand_in(self, now: float, lines: Sequence[str]) -> None:
        """Say the next of `lines`, where nobody has the word and it has been silent for a while."""
        busy = self.speaker or self.speech.ahead or self.meanwhile.ahead or not self.pace
        if busy or now - self._heard_at < MEANWHILE_AFTER:
            return
        line = next(self.lines, None)
        if line is None and lines:
            self.lines = itertools.cycle(lines)
            line = next(self.lines)
        for piece in ["", *(f" {word}" for word in (line or "").split()), ""] if line else []:
            token = Token(self.meanwhile.voice, self._stood_in, -1, piece, forced=True, end=not piece)
            self.meanwhile.arrive(token)
            self._stood_in += 1

    def steering(self) -> Steering | None:
        """What whoever has the word needs to be told, if anything."""
        steering = self.speech.steering(self.wanted) if self.speaker else None
        return replace(steering, voice=self.speaker, repertoire=self.repertoire) if steering else None

    def steered(self, steering: Steering) -> Steered | None:
        """What of its controls a Steering changed since the last one."""
        before, self._steered = self._steered, steering
        last = before or Steering(self.name, 0, 0)
        changed = tuple(
            (name, getattr(steering, name))
            for name in CONTROLS
            if (before is None and name in ALWAYS) or getattr(steering, name) != getattr(last, name)
        )
        hidden = {"say": steering.say_private, "heard": steering.heard_private}
        private = any(hidden.get(name, False) for name, _ in changed)
        return Steered(self.name, steering.serial, changed, private) if changed else None

    def state(self) -> VoiceState:
        """The voice as Status tells it, with who speaks for it."""
        state = self.speech.state()
        if self.settings.memory:
            state = replace(state, quoted=self._quoted.share)
        if not self.speech.attended and state.state in {"speaking", "silent"}:
            return replace(state, state="silent", detail="nobody is there")
        if self.speaker != self.understudy:
            return state
        why = "it says nothing" if self._hung else f"{state.state} {state.detail}".strip()
        return replace(state, state="understudy", detail=why)

    def _too_long(self, now: float) -> bool:
        """Whether the speaker owes a token for longer than patience lasts."""
        if self.speech.sayable or self.meanwhile.ahead or not self.pace:
            self._lively_at = now
        return now - self._lively_at > self._patience

    def _sentence_over(self) -> bool:
        """Whether the understudy is at its sentence's end; what it holds beyond is taken back."""
        endless = self.speech.next - self._awaited_at > LONG_SENTENCE
        return self.speech.cut(sentence=not endless)


def settings_of(show: Show, voice: str) -> VoiceSettings:
    """A voice's settings as far as they are fixed; what is live has its rest value here."""
    settings = show.voices[voice].settings
    known = VoiceSettings.model_fields
    fixed = {
        name: value for name, value in settings.items() if name in known and not hasattr(value, "evaluate")
    }
    scenes = [{**scene.voice, **scene.voices.get(voice, {})} for scene in show.scenes.values()]
    named = (*fixed.get("adapters", ()), *(scene.get("adapter") for scene in scenes))
    fixed["adapters"] = tuple(dict.fromkeys(str(adapter) for adapter in named if adapter))
    return VoiceSettings(**fixed)


def seed_in(show: Show, voice: str, evening: int) -> int:
    """A voice's seed: the evening's, which the first voice's is, unless it names another number."""
    first, own = (settings_of(show, name).seed for name in (next(iter(show.voices)), voice))
    return evening if own in {first, "day"} else int(own)


def repertoire_of(show: Show, voice: str) -> tuple[str, ...]:
    """Every prompt that a scene gives a voice, in the order of the show."""
    given = [scene.prompts[voice] for scene in show.scenes.values() if voice in scene.prompts]
    texts = [[prompt] if isinstance(prompt, str) else [share.text for share in prompt] for prompt in given]
    return tuple(dict.fromkeys(text for several in texts for text in several if text))
