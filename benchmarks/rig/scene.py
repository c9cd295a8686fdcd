"""A scene of six layers and 250 words, and a voice for it that needs no model: the same on every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from installation.catalogue import CATALOGUE
from installation.clock import HandClock
from installation.messages import Action, Candidates, Inner, Rival, Token, Word
from installation.show import check
from installation.show.schema import Show
from installation.stage.stage import Stage
from installation.stage.typesetter import Typesetter

SHOW = """\
title: Six layers
format: 1
start: page
scenes:
  page:
    prompt: the sea at night
    layers:
      - breath: {}
      - constellation: {opacity: 0.35, size: 3}
      - loom: {opacity: 0.5, size: 2.2}
      - palimpsest: {size: 2.9, leading: 1.75, margin: 6}
      - ghosts: {size: 1.6, count: 2, fade: 12}
      - superposition: {opacity: 0.3, line: 0}
"""
VOWELS, CONSONANTS = "a e i o u ea ou".split(), "b d f g l m n r s t v w th st".split()  # noqa: SIM905
OFTEN = 40
"""Words that make up half of all that is said."""


def opened(folder: Path, text: str = SHOW) -> Show:
    """The show that reads `text`, put down in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "show.yaml").write_text(text, encoding="utf-8")
    return check.read(folder, CATALOGUE)


def begun(show: Show, size: tuple[int, int], typesetter: Typesetter | None = None) -> Stage:
    """A stage of that show with its first scene up."""
    stage = Stage(show, size, HandClock(), typesetter)
    stage.take(Action(0.0, "scene", show.start))
    return stage


class Speech:
    """A voice with an inner life: words from a made-up vocabulary of so many, half of them common ones."""

    def __init__(self, seed: int = 7, vocabulary: int = 3000, voice: str = "voice") -> None:
        self._chance = random.Random(seed)
        self._words = sorted({self._word() for _ in range(vocabulary)})
        self._voice = voice
        self.said = 0

    def _word(self) -> str:
        pick = self._chance.choice
        return "".join(
            pick(CONSONANTS) + pick(VOWELS) for _ in range(self._chance.choice((1, 1, 2, 2, 3, 4)))
        )

    def _pick(self) -> str:
        chance = self._chance
        return chance.choice(
            self._words[:: len(self._words) // OFTEN] if chance.random() < 0.5 else self._words
        )

    def word(self) -> Iterator[Candidates | Token | Word]:
        """What the stage hears of one more word: what may come, the token, the finished word."""
        n, chance = self.said, self._chance
        self.said += 1
        rivals = tuple(Rival(" " + self._pick(), 0.5 ** (k + 1)) for k in range(6))
        text = rivals[0].text.strip() if chance.random() < 0.5 else self._pick()
        back = range(max(0, n - 60), n)
        looked = tuple((m, 0.5 ** (k + 1)) for k, m in enumerate(chance.sample(back, min(6, len(back)))))
        lens = tuple(tuple(chance.random() for _ in range(6)) for _ in rivals)
        place = (chance.uniform(-1, 1), chance.uniform(-1, 1))
        inner = Inner(chance.expovariate(0.3), chance.uniform(0, 6), rivals, looked, lens, place)
        before = "" if n == 0 else "\n\n" if n % 120 == 0 else " "
        yield Candidates(self._voice, n, rivals, inner.entropy)
        yield Token(self._voice, n, n, before + text, inner=inner)
        yield Word(self._voice, n, text, before, (text,), n, n, False, inner)
