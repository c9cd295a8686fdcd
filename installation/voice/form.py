r"""What a model's own folder says of how it is to be spoken to: `installation.json`,
`pointers.json`, `kinds.json`.

`installation.json` holds `prompt_format`, the text around a prompt that the model was trained on:
`{"prompt_format": "{prompt}\n"}`; `controls`, tokens that may stand before it, such as `<storm>`;
`never_again`, how many tokens in a row the model may not say a second time while it remembers the first;
`never_said`, signs that a token it says may not hold; `record`, the blank of the records that it writes
(`blank.py`); and `common`, its tokens from the commonest on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.voice.blank import Blank
from installation.voice.kinds import Kinds
from installation.voice.pointers import Pointed, Pointers

RECORD, PROSE = "<meta>", "<describe>"
"""What asks for a record, and what a wall is asked for instead: its parts are never said."""
_ASKED = re.compile(r"\s*\[([^\[\]]*)\]\s*")


@dataclass(frozen=True)
class Form:
    """How a model is spoken to; empty for every model that says nothing of it."""

    prompt_format: str | None = None
    controls: frozenset[str] = frozenset()
    never_again: int = 0
    pointers: Pointers | None = None
    kinds: Kinds | None = None
    common: tuple[int, ...] = ()
    """The tokens that it uses, the commonest first; empty where that is not told."""
    never_said: tuple[str, ...] = ()
    record: Blank | None = None

    def whole(self, text: str) -> str:
        """A prompt as the model was trained on it, with its controls, the kind of a visitor's line and pointers.
        There is a `prompt_format`. Of a model that keeps records a wall hears the description, not the record."""
        asked, text = self.asked(text)
        if self.record is not None:
            asked = asked.replace(RECORD, PROSE)
        marked, _, kind = self._heard(text, not asked or "<answer>" in asked)
        marked += f"<to:{kind}>" if kind else ""
        return asked + (self.prompt_format or "{prompt}").replace("{prompt}", marked)

    def nouns(self, text: str) -> tuple[Pointed, ...]:
        """What the pointers of a prompt stand for."""
        asked, text = self.asked(text)
        return self._heard(text, not asked or "<answer>" in asked)[1]

    def _heard(self, text: str, answers: bool) -> tuple[str, tuple[Pointed, ...], str]:
        """(a prompt with its pointers, what they stand for, its kind). Where a visitor's line is known by its own
        nouns, or by what a strange word was meant to be, no strange word has a pointer."""
        marked, nouns = self.pointers.mark(text) if self.pointers is not None else (text, ())
        if self.kinds is None or not answers:
            return marked, nouns, ""
        if self.pointers is None:
            return marked, nouns, self.kinds.told(text)
        weight, kind = self.kinds.weighed(marked, self.pointers.knows)
        typed, meant = self.kinds.weighed(text, self.pointers.knows) if nouns else (0.0, "")
        return (*self.pointers.mark(text, sure=True), meant) if typed > weight else (marked, nouns, kind)

    def recorded(self, text: str) -> str:
        """A description as the model was trained to write a record of it."""
        if self.pointers is not None:
            text = self.pointers.mark(text)[0]
        return RECORD + (self.prompt_format or "{prompt}\n").replace("{prompt}", text)

    def asked(self, text: str) -> tuple[str, str]:
        """(control tokens, the prompt without them): `[storm, energy 4, short] the sea`. Words in brackets that
        are no controls of this model are part of the prompt."""
        match = _ASKED.match(text)
        if match is None or not self.controls:
            return "", text
        found = [f"<{re.sub(r'[^a-z0-9]', '', item.lower())}>" for item in match[1].split(",")]
        if not self.controls.issuperset(found):
            return "", text
        return "".join(found), text[match.end() :]


def form_of(place: str) -> Form:
    """What the folder `place` says; an empty form where it says nothing. Raises VoiceError on what is wrong."""
    files = {name: Path(place) / f"{name}.json" for name in ("installation", "pointers", "kinds")}
    return form_told({n: f.read_text(encoding="utf-8") for n, f in files.items() if f.is_file()}, Path(place))


def form_told(texts: Mapping[str, str], place: Path) -> Form:
    """The form that the texts of `installation`, `pointers` and `kinds` tell; `place` is named where something
    is wrong with them."""
    if "installation" not in texts:
        return Form()
    file = place / "installation.json"
    found = _object(texts["installation"], file)
    wanted, again = found.get("prompt_format"), found.get("never_again", 0)
    controls = found.get("controls", [])
    if wanted is not None and (not isinstance(wanted, str) or wanted.count("{prompt}") != 1):
        raise VoiceError(f"{file}: prompt_format: has to be a text that holds {{prompt}} once")
    if not isinstance(again, int) or again < 0 or again == 1:
        raise VoiceError(f"{file}: never_again: has to be a whole number of tokens, 2 or more, or 0")
    unsaid = found.get("never_said", [])
    if not isinstance(unsaid, list) or not all(isinstance(sign, str) and sign for sign in unsaid):
        raise VoiceError(f"{file}: never_said: has to be a list of signs such as {{")
    if not isinstance(controls, list) or not all(isinstance(token, str) for token in controls):
        raise VoiceError(f"{file}: controls: has to be a list of tokens such as <storm>")
    pointers = kinds = None
    if "pointers" in texts:
        pointers = Pointers.of(_object(texts["pointers"], place / "pointers.json"), place / "pointers.json")
    if "kinds" in texts:
        kinds = Kinds.of(_object(texts["kinds"], place / "kinds.json"), place / "kinds.json")
    common = found.get("common", [])
    if not isinstance(common, list) or not all(isinstance(token, int) and token >= 0 for token in common):
        raise VoiceError(f"{file}: common: has to be a list of token numbers")
    record = Blank.of(found["record"], file) if "record" in found else None
    return Form(wanted, frozenset(controls), again, pointers, kinds, tuple(common), tuple(unsaid), record)


def format_of(place: str) -> str | None:
    """The `prompt_format` of a model's folder, or None. Raises VoiceError on one that is wrong."""
    return form_of(place).prompt_format


def _object(text: str, file: Path) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise VoiceError(f'{file}: not a JSON object; write {{"prompt_format": "{{prompt}}\\n"}}') from error
    if not isinstance(found, dict):
        raise VoiceError(f'{file}: not a JSON object; write {{"prompt_format": "{{prompt}}\\n"}}')
    return found
