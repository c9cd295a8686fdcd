"""What an artist may set on a voice. Imports nothing heavy: `check` reads it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Union

from pydantic import AfterValidator, field_validator

from installation.show.parameter import Settings, fixed, live


class Vector(Settings):
    """A steering vector: what is typical of the sentences `towards` and not of those `away`.

    `layer`: after which layer it is added, the first being 1; `auto` is the middle."""

    towards: tuple[str, ...]
    away: tuple[str, ...]
    layer: Union[int, Literal["auto"]] = "auto"


MOST_BIAS = 100.0
"""How far a word is favoured or shunned, in logits: beyond some twenty it is always said, or never."""


def _bias(value: float) -> float:
    """Also what is no number at all, on which every draw would break, lies in no range."""
    if not -MOST_BIAS <= value <= MOST_BIAS:
        raise ValueError(f"{value:g} is out of range; a bias goes from {-MOST_BIAS:g} to {MOST_BIAS:g}")
    return value


class VoiceSettings(Settings):
    """One voice of a show. Live numbers apply to the next unsampled token."""

    model: str = fixed(
        "house",
        "house, a Hugging Face id, a folder with safetensors, a .gguf file, script:FILE, openai:NAME or "
        "anthropic:NAME",
    )
    device: str = fixed(
        "auto",
        "auto (the best there is), cpu, cuda, cuda:1 or mps; numpy speaks the house model without torch",
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16", "int8"] = fixed(
        "auto",
        "number format of the weights; auto is the quickest that loses next to nothing, int8 is for a CPU",
    )
    seed: str = fixed("day", "a whole number, or day: another evening, another text")
    chat: Literal["auto", "off"] = fixed(
        "auto", "auto uses a chat-tuned model's own template; off gives it raw text"
    )
    look_ahead: int = fixed(
        8, "how many tokens may wait unspoken; fewer answer sooner, more hide a slow model", ge=1, le=256,
        unit="tokens",
    )  # fmt: skip
    bias: dict[str, Annotated[float, AfterValidator(_bias)]] = fixed(
        {}, "words made likelier (above 0) or less likely (below), in logits, from -100 to 100"
    )
    forbidden: tuple[str, ...] = fixed((), "words that are never sampled")
    moderate: Literal["on", "off"] = fixed(
        "on", "on has the word filter read each word before it is spoken, and another one sampled for it"
    )

    vectors: dict[str, Vector] = fixed(
        {}, "directions to lean in, each made of two sets of sentences; each name is one more live number"
    )
    adapter: str = fixed(
        "", "a folder with an adapter (LoRA) that is merged into the model; scenes may name another",
        by_scene=True,
    )  # fmt: skip
    adapters: tuple[str, ...] = fixed((), "adapters to have ready, beside those that scenes name")
    hears: tuple[str, ...] = fixed(
        (), "other voices of this show: what they said stands in its text before its next sentence"
    )
    turns: int = fixed(
        2, "sentences that it says before those it is joined to by hearing have their turn; 0 waits for nobody",
        ge=0, le=100, unit="sentences",
    )  # fmt: skip
    memory: str = fixed(
        "",
        "texts of your own, in the show's folder, that the voice leans towards: a folder, or a .txt or .md",
    )

    inner: Literal["on", "off"] = fixed(
        "on", "on tells with each token what the model looked back on, how its guess formed, and its place"
    )
    attention_layer: str = fixed(
        "auto", "which layer looks back, from 1 (the lowest) up; auto is the one two thirds up"
    )

    url: str = fixed("", "for openai: and anthropic: the server, where it is not the provider's own")
    api: Literal["chat", "completions", "responses"] = fixed(
        "chat", "for openai: how the server is asked; completions suits a base model"
    )
    budget: int = fixed(
        0, "for openai: and anthropic: most tokens a day; 0 is no limit, for a server of your own only", ge=0,
        unit="tokens",
    )  # fmt: skip
    attended_by: str = fixed(
        "", "the signal that says somebody is there, and else it is silent; for openai: and anthropic: it is "
        "any message within five minutes where none is named",
    )  # fmt: skip

    temperature: float = live(0.8, "0 always takes the likeliest; above 1 it wanders", ge=0, le=2)
    top_k: float = live(50, "only the likeliest so many; 0 is all", ge=0, le=1000, unit="tokens")
    top_p: float = live(0.95, "only the likeliest that together have this probability", ge=0, le=1)
    min_p: float = live(0.0, "only those at least this share as likely as the likeliest", ge=0, le=1)
    repetition: float = live(1.1, "above 1 shuns what was said, below 1 seeks it", ge=0.5, le=2)
    remember: float = live(
        0.5,
        "how much the texts of memory count beside the model, where a long passage goes on there",
        ge=0,
        le=1,
        needs="memory",
    )
    pace: float = live(
        4.0, "0 holds its tongue; 60 and above speaks as fast as it can", ge=0, le=1000, unit="words/s"
    )

    @field_validator("hears", mode="before")
    @classmethod
    def _hears(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("attention_layer", mode="before")
    @classmethod
    def _attention_layer(cls, value: object) -> object:
        text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not re.fullmatch("auto|[1-9][0-9]{0,3}", text):
            raise ValueError("a layer is a whole number from 1 up, or auto")
        return text

    @field_validator("seed", mode="before")
    @classmethod
    def _seed(cls, value: object) -> object:
        text = str(value).strip() if isinstance(value, int | str) else ""
        if text != "day" and not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise ValueError("a seed is a whole number of at most 18 digits, or day")
        return text


def seed_of(seed: str, today: date) -> int:
    """The number that a voice's noise is drawn from; `day` is the date read as a number, 20260321."""
    return today.year * 10000 + today.month * 100 + today.day if seed == "day" else int(seed)
