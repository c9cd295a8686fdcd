"""A voice behind Anthropic's Messages API: `model: anthropic:NAME`.

It goes on between words: a prefilled answer is refused by every model since Claude 4.6, so the text so
far is part of the question. Temperature, top_k and top_p are gone with API version 2026-10-21; seed and
likelihoods were never there. What can be steered is the prompt, at the next sentence. (Claude docs:
Streaming messages; Errors; Migrating to API version 2026-10-21; Handle streaming refusals.)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from installation.messages import Steering
from installation.voice.dialect import (
    Cost,
    Dialect,
    Failure,
    Over,
    Piece,
    Told,
    address_of,
    key_for,
    spoken_to,
)
from installation.voice.event_stream import Event, Question
from installation.voice.hosted import HostedVoice
from installation.voice.wishes import Wishes

OWN = "https://api.anthropic.com"
KEY = "ANTHROPIC_API_KEY"
VERSION = "2026-10-21"
THOUGHT = 1024
"""Tokens beside the answer's for a model that cannot but think first; they count as its answer's."""
SILENT = ({"type": "disabled"}, {"type": "between_tools"})
"""How a model is asked not to think first; some know the first, some the second, some neither."""


class AnthropicVoice(HostedVoice):
    """The Voice protocol over the Messages API."""

    def speak_like(self) -> Dialect:
        url = address_of(self._settings, OWN)
        model = str(self._settings["model"]).removeprefix("anthropic:").strip()
        return Messages(url, model, key_for(url, OWN, KEY))


class Messages:
    """See hosted.Dialect."""

    goes_on = False
    heeds: Sequence[str] = ("prompt", "forbidden")
    can: tuple[str, ...] = ("sentence", "prompt")

    def __init__(self, url: str, model: str, key: str = "") -> None:
        self.place, self._model = url, model
        self._headers = {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
        self._wishes = Wishes()
        self._asked: dict[str, Sequence[Any]] = {"thinking": SILENT, "output_config": ({"effort": "low"},)}

    def question(self, steering: Steering, text: str, n: int, most: int) -> Question:  # noqa: ARG002
        system, question = spoken_to(steering, text)
        wishes = self._wishes.granted(self._asked)
        body: dict[str, Any] = {
            "model": self._model,
            "max_tokens": most + (0 if "thinking" in wishes else THOUGHT),
            "messages": [{"role": "user", "content": question}],
            "stream": True,
        }
        if system:
            body["system"] = system
        return Question(f"{self.place}/v1/messages", body | wishes, self._headers)

    def give_up(self, complaint: str) -> list[str]:
        return self._wishes.refuse(complaint, self._asked)

    def told(self, event: Event) -> Sequence[Told]:
        data = json.loads(event.data)
        kind = data["type"]
        if kind == "content_block_delta" and data["delta"]["type"] == "text_delta":
            return [Piece(data["delta"]["text"])]
        if kind == "message_start":
            return [_cost(data["message"].get("usage") or {})]
        if kind == "message_delta":
            return [_cost(data.get("usage") or {}), *_over(data["delta"])]
        if kind == "error":
            return [Failure(f"{data['error']['type']}: {data['error']['message']}"[:200])]
        return ()


def _cost(usage: dict[str, Any]) -> Cost:
    read = usage.get("input_tokens")
    if read is not None:
        read += (usage.get("cache_creation_input_tokens") or 0) + (usage.get("cache_read_input_tokens") or 0)
    return Cost(read, usage.get("output_tokens"))


def _over(delta: dict[str, Any]) -> list[Told]:
    reason = delta.get("stop_reason")
    if not reason:
        return []
    if reason == "refusal":
        return [Over("declined", str((delta.get("stop_details") or {}).get("category") or ""))]
    return [Over("length" if reason in {"max_tokens", "model_context_window_exceeded"} else "end")]
