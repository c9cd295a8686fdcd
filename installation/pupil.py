"""A model that is to learn, read into memory, and the texts that it learns from as the show would give them to it."""

from __future__ import annotations

import random
from pathlib import Path

from installation.errors import VoiceError
from installation.training import corpus
from installation.training.pairs import Pair
from installation.training.plan import Plan
from installation.training.preference import Lesson
from installation.voice.catalogue import resolve
from installation.voice.form import form_of
from installation.voice.tongue import LibraryTongue, ends_of
from installation.voice.weights import device_of, fetch, model_hash

LONGEST = 512
"""Tokens of a prompt and its text that are read at most; what is longer loses its end."""
ORDINARY = 64
"""Held-out texts by which it is told whether ordinary prompts are spoken as before."""


class Pupil:
    """`name` as a show file has it. Raises VoiceError for what cannot
    be loaded, or has no weights here."""

    def __init__(self, name: str, device: str = "auto") -> None:
        row, place = resolve(name, Path())
        if row != "transformers":
            raise VoiceError(
                f"{name}: only the weights of house, a folder or a Hugging Face id can learn; {row} has none here"
            )
        self.name = name
        self.hash = model_hash(place)
        self.model, self.tokenizer = fetch(place, device_of(device), "float32")
        vocabulary = min(
            self.model.get_input_embeddings().num_embeddings, max(self.tokenizer.get_vocab().values()) + 1
        )
        ends, form = ends_of(self.model, self.tokenizer, vocabulary), form_of(place)
        self._tongue = LibraryTongue(self.tokenizer, vocabulary, ends, form.prompt_format, True, form)
        config = self.model.config.get_text_config(decoder=True)
        self._most = min(LONGEST, getattr(config, "max_position_embeddings", None) or LONGEST)

    def lesson(self, pair: Pair) -> Lesson:
        """A pair as this model reads and says it."""
        prompt = self._tongue.prompt(pair.prompt, self._most // 2)
        room = self._most - len(prompt)
        chosen, rejected = (
            self._tongue.answer(pair.prompt, text)[:room] for text in (pair.chosen, pair.rejected)
        )
        return Lesson(prompt, chosen, rejected)

    def ordinary(self, seed: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Prompts with texts that the house model never learnt from."""
        plan = Plan()
        _, held = corpus.split(corpus.load(), plan.held, plan.seed)
        drawn = random.Random(seed).sample(held, min(ORDINARY, len(held)))  # noqa: S311 - seeded, no cryptography
        found = [
            (self._tongue.prompt(d.prompt, self._most // 2), self._tongue.answer(d.prompt, d.text))
            for d in drawn
        ]
        return [(prompt, text[: self._most - len(prompt)]) for prompt, text in found]
