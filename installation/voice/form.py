r"""What a model's own folder says of how it is to be spoken to: `installation.json`, `pointers.json`.

`installation.json` holds `prompt_format`, the text around a prompt that the model was trained on:
`{"prompt_format": "{prompt}\n"}`; `controls`, tokens that may stand before it, such as `<storm>`; and
`never_again`, how many tokens in a row the model may not say a second time while it remembers the first.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.voice.pointers import Pointers

_ASKED = re.compile(r"\s*\[([^\[\]]*)\]\s*")


@dataclass(frozen=True)
class Form:
    """How a model is spoken to; empty for every model that says nothing of it."""

    prompt_format: str | None = None
    controls: frozenset[str] = frozenset()
    never_again: int = 0
    pointers: Pointers | None = None

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
    file, table = Path(place) / "installation.json", Path(place) / "pointers.json"
    if not file.is_file():
        return Form()
    pointers = table.read_text(encoding="utf-8") if table.is_file() else None
    return form_told(file.read_text(encoding="utf-8"), pointers, file)


def form_told(text: str, pointers: str | None, file: Path) -> Form:
    """The form that the text of an `installation.json` and that of a `pointers.json` tell; `file` is named
    where something is wrong with them."""
    found = _object(text, file)
    wanted, again = found.get("prompt_format"), found.get("never_again", 0)
    controls = found.get("controls", [])
    if wanted is not None and (not isinstance(wanted, str) or wanted.count("{prompt}") != 1):
        raise VoiceError(f"{file}: prompt_format: has to be a text that holds {{prompt}} once")
    if not isinstance(again, int) or again < 0 or again == 1:
        raise VoiceError(f"{file}: never_again: has to be a whole number of tokens, 2 or more, or 0")
    if not isinstance(controls, list) or not all(isinstance(token, str) for token in controls):
        raise VoiceError(f"{file}: controls: has to be a list of tokens such as <storm>")
    table = file.with_name("pointers.json") if file.name == "installation.json" else file
    known = Pointers.of(_object(pointers, table), table) if pointers is not None else None
    return Form(wanted, frozenset(controls), again, known)


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
