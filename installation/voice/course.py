"""What is wanted of a voice, written down as its Steering whenever something of account has moved. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from textwrap import shorten
from typing import Any

from installation.messages import Steering
from installation.show.parameter import span
from installation.voice.settings import VoiceSettings

MOVED = 0.005
"""Part of a number's range that it must move by to be told to the voice for its own sake."""
BEGINNING = 40
"""Characters of a prompt by which an operator knows it."""
SLIGHT = 0.05
"""The share of prompts that have faded out: when they leave, nothing is taken back."""
REVOKES = frozenset({"prompt", "seed", "forbidden"})
"""What takes back the look-ahead when it changes."""

_RANGES = {
    name: high - low
    for name in ("temperature", "top_k", "top_p", "min_p", "repetition", "remember")
    if (reach := span(VoiceSettings.model_fields[name])) is not None
    for low, high in [reach]
}


class Course:
    """The wishes for one voice and the last Steering that was sent."""

    def __init__(self, voice: str, settings: VoiceSettings) -> None:
        self._voice = voice
        self._wanted: dict[str, Any] = {"bias": settings.bias, "forbidden": settings.forbidden}
        self._sent: Steering | None = None
        self._serial = 0

    def want(self, wanted: Mapping[str, Any]) -> bool:
        """Take up what is wanted now; whether that takes back what is held. See Speech.steering."""
        changed = {key for key, value in wanted.items() if self._wanted.get(key, value) != value}
        before = _shares(self._wanted)
        self._wanted |= wanted
        if "prompt" in changed:
            after = _shares(self._wanted)
            left = sum(share for text, share in before.items() if text not in after)
            if before.keys() >= after.keys() and left <= SLIGHT:
                changed.remove("prompt")
        return bool(changed & REVOKES)

    def begin_turn(self) -> None:
        """Who has the word now has heard nothing yet."""
        self._sent = None

    def steering(self, **present: Any) -> Steering | None:
        """The Steering for what is wanted, `present` being its other fields; None when nothing of
        account moved since the last."""
        fresh = self._written(present)
        if self._sent is not None and not _moved(self._sent, fresh):
            return None
        self._serial += 1
        self._sent = replace(fresh, serial=self._serial)
        return self._sent

    @property
    def prompts(self) -> tuple[tuple[str, float], ...]:
        """The beginnings of the prompts that are mixed, with their weights, as they were sent last."""
        sent = self._sent
        named = zip(sent.prompts, sent.weights, strict=True) if sent else ()
        return tuple((shorten(text, BEGINNING, placeholder="…"), weight) for text, weight in named)

    def _written(self, present: Mapping[str, Any]) -> Steering:
        wanted = self._wanted
        numbers: dict[str, Any] = {name: float(wanted[name]) for name in _RANGES if name in wanted}
        top_k = round(numbers.pop("top_k", 50))
        if not wanted.get("memory"):
            numbers.pop("remember", None)
        prompt: Any = wanted.get("prompt", "")
        prompts: tuple[str, ...] = ()
        weights: tuple[float, ...] = ()
        if not isinstance(prompt, str):
            prompts, weights = prompt, wanted.get("weights") or (1 / len(prompt),) * len(prompt)
            prompt = prompts[weights.index(max(weights))]
        return Steering(
            self._voice,
            0,
            prompt=prompt,
            seed=int(wanted.get("seed", 0)),
            top_k=top_k,
            bias=tuple(sorted(dict(wanted.get("bias", {})).items())),
            forbidden=tuple(wanted.get("forbidden", ())),
            prompts=prompts,
            weights=weights,
            vectors=tuple(
                (name, w) for name in wanted.get("vectors", ()) if (w := float(wanted.get(name, 0)))
            ),
            adapter=str(wanted.get("adapter", "")),
            **numbers,
            **present,
        )


def _shares(wanted: Mapping[str, Any]) -> dict[str, float]:
    """The prompts that are wanted, each with its weight."""
    prompt: str | tuple[str, ...] = wanted.get("prompt", "")
    texts = (prompt,) if isinstance(prompt, str) else prompt
    weights = wanted.get("weights") or (1 / len(texts),) * len(texts)
    return dict(zip(texts, weights, strict=True)) if len(weights) == len(texts) else dict.fromkeys(texts, 1.0)


def _moved(before: Steering, after: Steering) -> bool:
    """Whether a voice needs to hear of the difference."""
    numbers = {name: getattr(before, name) for name in _RANGES}
    if replace(after, serial=before.serial, **numbers) != before:
        return True
    return any(abs(getattr(after, name) - was) > MOVED * _RANGES[name] for name, was in numbers.items())
