"""What voices read before they write: each voice's prompts, and how much each of them counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Source: TypeAlias = tuple[str, float]
"""A prompt's text and its share, 0 to 1."""


class Sources:
    """Follows what the score tells of prompts. A prompt alone counts wholly."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, ...]] = {}
        self._weights: dict[str, tuple[float, ...]] = {}

    def enter(self, prompts: Mapping[str, Any]) -> None:
        """A scene begins, with these prompts; how several are mixed is told apart from it."""
        for voice, prompt in prompts.items():
            self.tell(
                voice, "prompt", (prompt,) if isinstance(prompt, str) else tuple(s.text for s in prompt)
            )

    def tell(self, voice: str, what: str, value: tuple[Any, ...]) -> None:
        """New texts (`prompt`) of a voice, or their `weights`."""
        if what == "prompt":
            texts = tuple(map(str, value))
            if texts != self._texts.get(voice):
                self._texts[voice], self._weights[voice] = texts, ()
        elif what == "weights":
            self._weights[voice] = tuple(map(float, value))

    def of(self, voices: tuple[str, ...]) -> tuple[Source, ...]:
        """What these voices (none: all) read, in the order of the file, each text once; shares sum to 1.
        Before weights are told, each counts as much as the others."""
        shares: dict[str, float] = {}
        for voice, texts in self._texts.items():
            if voices and voice not in voices:
                continue
            weights = self._weights.get(voice, ())
            told = weights if len(weights) == len(texts) else (1 / len(texts),) * len(texts) if texts else ()
            for text, weight in zip(texts, told, strict=True):
                shares[text] = shares.get(text, 0.0) + weight
        whole = sum(shares.values())
        return tuple((text, share / whole) for text, share in shares.items()) if whole > 0 else ()
