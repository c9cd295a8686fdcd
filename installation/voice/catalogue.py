"""The voices there are: one row each. Their code is imported when one is made, not before."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from installation.errors import VoiceError
from installation.show.texts import size
from installation.voice.near import is_near
from installation.voice.voice import Factory, Voice

if TYPE_CHECKING:
    from installation.voice.settings import VoiceSettings

NUMPY = "numpy"
"""The `device` that asks for a model of the house's shape without torch."""
SWIFT = 1_000_000
"""Bytes of texts that an understudy reads before it speaks: half a second, measured on one core."""
HOUSE = Path(__file__).parents[2] / "assets" / "house"
THERE_ARE = (
    "there are: house, a Hugging Face id or folder, a .gguf file, script:texts/file.txt, openai:NAME, "
    "anthropic:NAME"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A row: where the Factory stands."""

    module: str
    factory: str
    can: tuple[str, ...] = ()
    """See VoiceNews; a voice that finds out as it loads or speaks tells it itself."""
    sharing: tuple[str, ...] = ()
    """Settings in which voices must agree, beside the model, to speak in one process; empty: each has its own."""
    hasty: bool = False
    """It takes its settings as they are: reading them through costs a third of the time it needs to be up."""

    @property
    def settings(self) -> type[VoiceSettings]:
        """What an artist may write."""
        from installation.voice.settings import VoiceSettings

        return VoiceSettings


HOSTED = frozenset({"openai", "anthropic"})
"""Those that speak from elsewhere."""
ALL: tuple[str, ...] = ("token", "prompt", "prompts", "temperature", "top_k", "top_p", "min_p", "repetition")
ALL += ("bias", "forbidden", "seed", "remember")
MODEL = ("device", "dtype", "chat")

VOICES: Mapping[str, Kind] = {
    "scripted": Kind("installation.voice.scripted", "ScriptedVoice"),
    "transformers": Kind("installation.voice.transformers_model", "TransformersVoice", sharing=MODEL),
    NUMPY: Kind("installation.voice.numpy_model", "NumpyVoice", sharing=MODEL, hasty=True),
    "llama": Kind("installation.voice.llama_cpp_model", "LlamaVoice", (*ALL, "logprobs"), sharing=MODEL),
    "openai": Kind("installation.voice.openai_api", "OpenAIVoice"),
    "anthropic": Kind("installation.voice.anthropic_api", "AnthropicVoice"),
}


def resolve(model: str, folder: Path, device: str = "auto") -> tuple[str, str]:
    """Which row of VOICES a show's `model` and `device` mean, and its argument: a path or a Hugging
    Face id. Raises VoiceError for what does not exist, saying what does."""
    by_folder = NUMPY if device == NUMPY else "transformers"
    if model == "house":
        if not HOUSE.is_dir():
            raise VoiceError(f"the house model is not here ({HOUSE} is missing); {THERE_ARE}")
        return by_folder, str(HOUSE)
    if model.startswith("script:"):
        return "scripted", _file(model, folder / model.removeprefix("script:").strip())
    if model.endswith(".gguf"):
        return "llama", _file(model, folder / model)
    provider, colon, name = model.partition(":")
    if colon and provider in HOSTED and name.strip():
        return provider, name.strip()
    if (folder / model).is_dir():
        return by_folder, str(folder / model)
    if device == NUMPY:
        raise VoiceError(f"{model}: device: numpy reads house or a folder with a GPT-2, and fetches nothing")
    if not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", model, re.ASCII):
        raise VoiceError(f"{model}: neither a folder nor a Hugging Face id; {THERE_ARE}")
    return "transformers", model


def _file(model: str, file: Path) -> str:
    if not file.is_file():
        raise VoiceError(f"{model}: there is no file {file}")
    return str(file)


def understudy(
    model: str,
    vectors: Mapping[str, Any] = MappingProxyType({}),
    *,
    memory: str = "",
    folder: Path = Path(),
) -> Mapping[str, Any] | None:
    """The settings of the voice that stands in for `model` while that cannot speak: the house model
    without torch, which leans in the same `vectors`, each in its own middle layer, and remembers the same
    texts, unless they are so many that it would come late. None where the house model is not here, and
    for a script, which no other words fit."""
    if model.startswith("script:") or not HOUSE.is_dir():
        return None
    leant = {name: {**vector, "layer": "auto"} for name, vector in vectors.items()}
    found: dict[str, Any] = {"model": "house", "device": NUMPY} | ({"vectors": leant} if leant else {})
    return found | {"memory": memory} if memory and size(memory, folder) <= SWIFT else found


def is_hosted(model: str, url: str) -> bool:
    """Whether each word of such a voice is paid for: it is a provider's, and no server of one's own."""
    provider, colon, _ = model.partition(":")
    return bool(colon) and provider in HOSTED and not is_near(url)


def fault(settings: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """What is wrong with a voice's settings as a whole: of which, what, and what would be right."""
    if is_hosted(str(settings.get("model", "")), str(settings.get("url", ""))) and not settings.get("budget"):
        what = "a hosted voice needs a budget: most tokens that it may use in a day"
        return "budget", what, "write budget: 200000, or with url: name a server of your own"
    return None


def kind_of(settings: Mapping[str, Any], folder: Path) -> Kind:
    """The row of the voice that `settings["model"]` asks for. Raises VoiceError."""
    model, device = str(settings.get("model", "house")), str(settings.get("device", "auto"))
    return VOICES[resolve(model, folder, device)[0]]


def companies(
    voices: Mapping[str, Mapping[str, Any]], folder: Path
) -> Sequence[Mapping[str, Mapping[str, Any]]]:
    """Voices and their settings, parted into those that one process speaks for: of one model, loaded in
    the same way. Who wears adapters has a model of its own; what cannot be resolved stays alone, and its
    process will tell why."""
    found: dict[tuple[Any, ...], dict[str, Mapping[str, Any]]] = {}
    for name, settings in voices.items():
        key: tuple[Any, ...] = (name,)
        with contextlib.suppress(VoiceError):
            device = str(settings.get("device", "auto"))
            row, place = resolve(str(settings.get("model", "house")), folder, device)
            if VOICES[row].sharing and not (settings.get("adapter") or settings.get("adapters")):
                key = (row, place, *(settings.get(same, "auto") for same in VOICES[row].sharing))
        found.setdefault(key, {})[name] = settings
    return [*found.values()]


def whole(settings: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The settings as a voice takes them, missing ones with their defaults."""
    kind = kind_of(settings, folder)
    return settings if kind.hasty else kind.settings(**settings).model_dump()


def make(settings: Mapping[str, Any], name: str, folder: Path) -> Voice:
    """The voice that `settings["model"]` asks for, not loaded yet; missing settings take their defaults.

    Raises VoiceError."""
    kind = kind_of(settings, folder)
    factory: Factory = getattr(import_module(kind.module), kind.factory)
    return factory(whole(settings, folder), name, folder)
