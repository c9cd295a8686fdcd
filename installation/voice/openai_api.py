"""A voice behind OpenAI's interface, at OpenAI or at any server that speaks it.

vLLM, the llama.cpp server, Ollama, LM Studio, `transformers serve`: `model: openai:NAME` with their
`url`. `api: completions` goes on behind any character and suits a base model; `chat` and `responses`
go on between words and suit a model that answers. (OpenAI, API reference: Completions, Chat
Completions, Responses and their streaming events; vLLM, OpenAI-compatible server, extra parameters.)
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from installation.messages import Inner, Rival, Steering
from installation.voice.dialect import (
    Cost,
    Dialect,
    Failure,
    Over,
    Piece,
    Told,
    address_of,
    complaint_of,
    key_for,
    spoken_to,
)
from installation.voice.event_stream import Event, Question
from installation.voice.hosted import HostedVoice
from installation.voice.wishes import Wishes

OWN = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
RIVALS = 8
"""Tokens whose likelihood is asked for beside the one that was taken."""


class OpenAIVoice(HostedVoice):
    """The Voice protocol over OpenAI's interface."""

    def speak_like(self) -> Dialect:
        url = address_of(self._settings, OWN)
        kinds = {"completions": Completions, "chat": Chat, "responses": Responses}
        model = str(self._settings["model"]).removeprefix("openai:").strip()
        return kinds[str(self._settings.get("api", "chat"))](url, model, key_for(url, OWN, KEY))


class OpenAIDialect:
    """What the three interfaces have in common; see hosted.Dialect."""

    goes_on = False
    path = ""
    heeds: Sequence[str] = ("prompt", "temperature", "top_p", "forbidden")

    def __init__(self, url: str, model: str, key: str = "") -> None:
        self.place, self._model = url, model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._wishes = Wishes()
        self._asked: Mapping[str, Sequence[Any]] = self.wishes(Steering("", 0, 0), 0)

    @property
    def can(self) -> tuple[str, ...]:
        sent = self._wishes.granted(self._asked)
        inner = ("logprobs",) if {"logprobs", "top_logprobs"} & set(sent) else ()
        steered = ("temperature", "top_p", "top_k", "min_p", "seed")
        return ("sentence", "prompt", *(name for name in steered if name in sent), *inner)

    def question(self, steering: Steering, text: str, n: int, most: int) -> Question:
        self._asked = self.wishes(steering, n)
        body = {"model": self._model, "stream": True, **self.body(steering, text, most)}
        return Question(f"{self.place}{self.path}", body | self._wishes.granted(self._asked), self._headers)

    def give_up(self, complaint: str) -> list[str]:
        return self._wishes.refuse(complaint, self._asked)

    def told(self, event: Event) -> Sequence[Told]:
        if event.data.strip() in {"", "[DONE]"}:
            return ()
        data = json.loads(event.data)
        if data.get("error") or data.get("type") == "error":
            return [Failure(complaint_of(event.data))]
        return self.read(data)

    @property
    def at_home(self) -> bool:
        """Whether this is OpenAI itself, which takes no field that it does not know."""
        return self.place == OWN

    def wishes(self, steering: Steering, n: int) -> dict[str, Sequence[Any]]:
        """What may be refused."""
        wishes: dict[str, Sequence[Any]] = {
            "temperature": (round(steering.temperature, 3),),
            "top_p": (round(steering.top_p, 3),),
            "seed": ((steering.seed + n) % 2**31,),
            "stream_options": ({"include_usage": True},),
        }
        if not self.at_home:
            wishes |= {
                "top_k": (steering.top_k,),
                "min_p": (round(steering.min_p, 3),),
                "repetition_penalty": (round(steering.repetition, 3),),
            }
        return wishes

    def body(self, steering: Steering, text: str, most: int) -> dict[str, Any]:
        """What is asked for in any case."""
        raise NotImplementedError

    def read(self, data: Mapping[str, Any]) -> Sequence[Told]:
        """What an event's data say."""
        raise NotImplementedError


class Completions(OpenAIDialect):
    """The oldest of them: a text goes in, its next tokens come out. No template, no chat."""

    goes_on = True
    path = "/completions"
    heeds: Sequence[str] = ("prompt", "temperature", "top_p", "top_k", "min_p", "repetition")

    def wishes(self, steering: Steering, n: int) -> dict[str, Sequence[Any]]:
        return super().wishes(steering, n) | {"logprobs": (5,)}  # the most that OpenAI allowed

    def body(self, steering: Steering, text: str, most: int) -> dict[str, Any]:
        prompt = steering.prompt.rstrip()
        text = text.rstrip(" ")  # in most vocabularies a space is the beginning of the word behind it
        return {"prompt": (f"{prompt}\n\n{text}" if prompt else text) or "\n", "max_tokens": most}

    def read(self, data: Mapping[str, Any]) -> Sequence[Told]:
        told: list[Told] = []
        for choice in data["choices"] or ():
            inner = choice.get("logprobs") or {}
            if "tokens" in inner and "".join(inner["tokens"]) == choice.get("text"):
                told += _with_logprobs(inner)
            elif "content" in inner:  # the llama.cpp server answers as for a chat
                told += _as_chat(choice.get("text"), choice)
            else:
                told.append(Piece(choice.get("text") or ""))
            told += _over(choice.get("finish_reason"))
        return _with_usage(told, data.get("usage"), "prompt_tokens", "completion_tokens")


class Chat(OpenAIDialect):
    """Chat Completions: a prompt for the system, and the text so far as a question."""

    path = "/chat/completions"
    heeds: Sequence[str] = (*OpenAIDialect.heeds, "top_k", "min_p", "repetition")

    def wishes(self, steering: Steering, n: int) -> dict[str, Sequence[Any]]:
        wishes = super().wishes(steering, n) | {"logprobs": (True,), "top_logprobs": (RIVALS,)}
        return wishes | ({"reasoning_effort": ("none", "minimal", "low")} if self.at_home else {})

    def body(self, steering: Steering, text: str, most: int) -> dict[str, Any]:
        system, question = spoken_to(steering, text)
        messages = [{"role": "system", "content": system}] if system else []
        limit = "max_completion_tokens" if self.at_home else "max_tokens"
        return {"messages": [*messages, {"role": "user", "content": question}], limit: most}

    def read(self, data: Mapping[str, Any]) -> Sequence[Told]:
        told: list[Told] = []
        for choice in data["choices"] or ():
            told += _as_chat(choice["delta"].get("content"), choice)
            told += _over(choice.get("finish_reason"))
        return _with_usage(told, data.get("usage"), "prompt_tokens", "completion_tokens")


class Responses(OpenAIDialect):
    """Responses: OpenAI's present interface, with events by name."""

    path = "/responses"

    def wishes(self, steering: Steering, n: int) -> dict[str, Sequence[Any]]:
        wishes = super().wishes(steering, n)
        for unknown in ("seed", "stream_options", "min_p", "repetition_penalty", "top_k"):
            wishes.pop(unknown, None)
        if self.at_home:
            wishes["reasoning"] = ({"effort": "none"}, {"effort": "minimal"}, {"effort": "low"})
            wishes["include"] = (["message.output_text.logprobs"],)
            wishes["top_logprobs"] = (RIVALS,)
            wishes["store"] = (False,)
        return wishes

    def body(self, steering: Steering, text: str, most: int) -> dict[str, Any]:
        system, question = spoken_to(steering, text)
        instructions = {"instructions": system} if system else {}
        return {**instructions, "input": question, "max_output_tokens": max(16, most)}

    def read(self, data: Mapping[str, Any]) -> Sequence[Told]:
        kind = data["type"]
        if kind == "response.output_text.delta":
            return _chat_tokens(data["delta"], data.get("logprobs"))
        if kind not in {"response.completed", "response.incomplete", "response.failed"}:
            return ()
        response = data["response"]
        if kind == "response.failed":
            return [Failure(str((response.get("error") or {}).get("message", "it failed"))[:200])]
        why = (response.get("incomplete_details") or {}).get("reason")
        reason = {None: "stop", "max_output_tokens": "length"}.get(why, "content_filter")
        return _with_usage(_over(reason), response.get("usage"), "input_tokens", "output_tokens")


def _over(reason: str | None) -> list[Told]:
    if not reason:
        return []
    if reason in {"content_filter", "refusal"}:
        return [Over("declined")]
    return [Over("length" if reason in {"length", "max_tokens"} else "end")]


def _with_usage(told: list[Told], usage: Any, prompt: str, answer: str) -> Sequence[Told]:
    """What the server counts comes before the end."""
    return [Cost(usage.get(prompt), usage.get(answer)), *told] if isinstance(usage, dict) else told


def _as_chat(text: str | None, choice: Mapping[str, Any]) -> list[Told]:
    return _chat_tokens(text or "", (choice.get("logprobs") or {}).get("content"))


def _chat_tokens(text: str, entries: Any) -> list[Told]:
    """The tokens of a chunk with what the model knew of each, where that is told and fits the text."""
    entries = entries or []
    if not text or "".join(entry["token"] for entry in entries) != text:
        return [Piece(text)] if text else []
    return [
        Piece(
            entry["token"],
            _inner(
                entry["logprob"],
                [
                    (top["token"], top["logprob"])
                    for top in entry.get("top_logprobs") or ()
                    if top.get("logprob") is not None
                ],
            ),
        )
        for entry in entries
    ]


def _with_logprobs(inner: Mapping[str, Any]) -> list[Told]:
    tops = inner.get("top_logprobs") or [None] * len(inner["tokens"])
    return [
        Piece(token, _inner(logprob, list((top or {}).items())))
        for token, logprob, top in zip(inner["tokens"], inner["token_logprobs"], tops, strict=True)
    ]


def _inner(logprob: float | None, tops: Sequence[tuple[str, float]]) -> Inner:
    """What the model knew of a token. Entropy would need all tokens and is not told."""
    if logprob is None:
        return Inner()
    rivals = tuple(
        Rival(text, math.exp(share)) for text, share in sorted(tops, key=lambda top: -top[1])[:RIVALS] if text
    )
    return Inner(max(0.0, -logprob / math.log(2)), None, rivals or None)
