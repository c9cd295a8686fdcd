"""Hears one model through the show's own engine, with the default settings of a voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from installation.errors import InstallationError, VoiceError
from installation.messages import Steering, Token
from installation.voice.catalogue import HOUSE, make
from installation.voice.form import form_of
from installation.voice.voice import Voice

PARAGRAPH = "\n\n"
"""What a voice says where a text of the model has ended."""


@dataclass(frozen=True)
class Heard:
    """A text, what was asked for it, and in which style. `named`: the forms of the prompt's nouns that the model
    points to; `noun`: the one it was asked about."""

    prompt: str
    text: str
    style: str = ""
    noun: str = ""
    named: tuple[str, ...] = ()

    def first(self) -> str:
        """The text's first paragraph."""
        return self.text.strip().split(PARAGRAPH)[0].strip()

    def body(self) -> str:
        """The text, without the first line of each paragraph where it is a label: that names a work."""
        if self.style != "label":
            return self.text
        parts = self.text.strip().split(PARAGRAPH)
        return PARAGRAPH.join(part.partition("\n")[2] or part for part in parts)


def place_of(model: str) -> Path:
    """The folder that `model` means: `house` or a path. Raises InstallationError where there is no model."""
    folder = HOUSE if model == "house" and not Path(model).is_dir() else Path(model)
    if not folder.is_dir():
        raise InstallationError(f"{model}: there is no such folder; name one with a model in it, or house")
    if not (folder / "config.json").is_file():
        raise InstallationError(
            f"{model}: no model lies here (config.json is missing); name a model's folder"
        )
    return folder.resolve()


class Ear:
    """Hears the model of a folder: a GPT-2 in numpy, everything else with transformers."""

    def __init__(self, folder: Path) -> None:
        """Raises VoiceError where nothing there can speak."""
        self.folder = folder.resolve()
        self.form = form_of(str(self.folder))
        self.hash = ""
        self._voice = self._loaded()
        self._take = 0

    def _loaded(self) -> Voice:
        settings: dict[str, Any] = {"model": str(self.folder)}
        try:
            voice = make(settings | {"device": "numpy"}, "judge", self.folder)
            self.hash = voice.load().model_hash
        except VoiceError:  # another shape
            voice = make(settings, "judge", self.folder)
            self.hash = voice.load().model_hash
        return voice

    def hear(self, prompt: str, length: int, seed: int = 1, until: str = "", **settings: Any) -> str:
        """`length` tokens after `prompt`, from nothing; fewer where the text comes to hold `until` before."""
        self._take += 1
        told = Steering("judge", self._take, length, self._take, prompt=prompt, seed=seed)
        self._voice.begin("", 0)
        self._voice.steer(replace(told, **settings))
        said = ""
        for _ in range(length):
            token = self._voice.next()
            said += token.text if isinstance(token, Token) else ""
            if until and until in said.lstrip():
                break
        return said

    def heard(self, prompt: str, length: int, seed: int, **about: str) -> Heard:
        """The text after `prompt` with what is known of it; `until` as in `hear`."""
        until = about.pop("until", "")
        return Heard(prompt, self.hear(prompt, length, seed, until), named=self.pointed(prompt), **about)

    def pointed(self, prompt: str) -> tuple[str, ...]:
        """The forms of those nouns of `prompt` that this model points to, small."""
        if self.form.pointers is None:
            return ()
        found = self.form.pointers.find(self.form.asked(prompt)[1])
        forms = (form.lower() for noun in found for form in (noun.singular, noun.plural) if form)
        return tuple(dict.fromkeys(forms))

    def obeys(self, *controls: str) -> bool:
        """Whether the model has all these control tokens."""
        return self.form.controls.issuperset(controls)
