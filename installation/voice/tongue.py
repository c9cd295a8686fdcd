r"""How a model of the `transformers` library writes: prompts, texts and pieces through its own tokenizer.

A model's folder may hold an `installation.json` with `prompt_format`, the text around a prompt that the
model was trained on: `{"prompt_format": "{prompt}\n"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from installation.errors import VoiceError
from installation.voice.context import Tokens
from installation.voice.detokenise import Held, after, detokeniser, specials
from installation.voice.sampling import NEVER

RAW = "{prompt}\n\n"
STOPS = (".", "!", "?", "…", "。", "！", "？", "\n")
TURN = "said before"
"""What stands for this model's own turn where the form of a conversation is looked up."""
CLOSING = "\"'”’»)] "


class LibraryTongue:
    """A Hugging Face tokenizer as the engine needs it. What a visitor wrote never becomes a special token."""

    def __init__(
        self, tokenizer: Any, vocabulary: int, ends: frozenset[int], prompt_format: str | None, chat: bool
    ) -> None:
        self._tokenizer, self._format, self._vocabulary = tokenizer, prompt_format, vocabulary
        self._chat = chat and prompt_format is None and tokenizer.chat_template is not None
        special = specials(tokenizer)
        self.ends = ends
        self.never: Mapping[int, float] = {
            token: NEVER for token in sorted(special - ends) if token < vocabulary
        }
        self._strings = sorted(tokenizer.convert_ids_to_tokens(sorted(special)), key=len, reverse=True)
        self.detokeniser = detokeniser(tokenizer)
        self._inside = after(self.detokeniser, self._ids("a"))
        self.piece = cache(self._piece)
        self.stops = cache(self._stops)
        self._lead = self._beginning()

    def prompt(self, text: str, most: int) -> Tokens:
        """The tokens before the text; a prompt that is too long loses its end."""
        text = self.clean(text)
        ids = self._whole(text)
        while len(ids) > most and text:
            text = text[: min(len(text) - 1, len(text) * most // len(ids))]
            ids = self._whole(text)
        return (ids or self._lead or (min(self.ends, default=0),))[:most]

    def heard(self, text: str, before: str) -> Tokens:
        """What others said, behind `before`, as this model has learnt to read another's words: in a chat
        its partner's turn; where a model knows prompts, what it answers; else a paragraph."""
        text = self.clean(text)
        if self._chat and (turn := self._turn(text)):
            return turn
        gap = "\n" if self._format is not None else "\n\n"
        return self.encode(gap + (self._format or RAW).replace("{prompt}", text), before[-1:])

    def encode(self, text: str, before: str) -> Tokens:
        """The tokens of `text` as it follows `before`."""
        text = self.clean(text)
        head, whole = self._ids(before) if before else (), self._ids(before + text)
        return whole[len(head) :] if whole[: len(head)] == head else self._ids(text)

    def clean(self, text: str) -> str:
        """The text without anything that reads as a special token."""
        before = None
        while before != text:
            before = text
            for string in self._strings:
                text = text.replace(string, "")
        return text

    def placed(self, text: str) -> tuple[Tokens, Sequence[int]]:
        """The tokens of a text, and behind which character of it each ends; -1 for one without a logit."""
        quick = getattr(self._tokenizer, "backend_tokenizer", None)
        if quick is not None:
            found = quick.encode(text, add_special_tokens=False)
            ids, behind = found.ids, [end for _, end in found.offsets]
        else:
            ids, behind, held, at = self._ids(text), [], Held(), 0
            for token in ids:
                held, more = self.detokeniser.step(held, token)
                at += len(more)
                behind.append(at)
            behind = [place + len(text) - at for place in behind]  # some put a space before it all
        return tuple(token if token < self._vocabulary else -1 for token in ids), behind

    def _whole(self, text: str) -> Tokens:
        if self._format is not None:
            return self._ids(self._format.replace("{prompt}", text))
        if self._chat and text:
            turn = [{"role": "user", "content": text}]
            # thinking aloud before the answer would be spoken; templates that know no such thing ignore it
            return self._ids(
                self._tokenizer.apply_chat_template(
                    turn, add_generation_prompt=True, tokenize=False, enable_thinking=False
                )
            )
        return self._lead + (self._ids(RAW.replace("{prompt}", text)) if text else ())

    def _turn(self, text: str) -> Tokens:
        """From the end of this model's turn over its partner's to the beginning of its next one; nothing
        where its template does not show where that is."""
        turns = (("user", "x"), ("assistant", TURN), ("user", text))
        whole = self._tokenizer.apply_chat_template(
            [{"role": role, "content": content} for role, content in turns],
            add_generation_prompt=True, tokenize=False, enable_thinking=False,
        )  # fmt: skip
        return self._ids(whole.partition(TURN)[2])

    def _ids(self, text: str) -> Tokens:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False))

    def _beginning(self) -> Tokens:
        """What the model expects at the beginning of a text: what its tokenizer puts there, or, where
        one token both ends and begins texts, that one."""
        bare, dressed = self._ids("a"), tuple(self._tokenizer.encode("a"))
        for at in range(len(dressed) - len(bare) + 1):
            if at and dressed[at : at + len(bare)] == bare:
                return dressed[:at]
        first = self._tokenizer.bos_token_id
        return (first,) if first is not None and first in self.ends else ()

    def _piece(self, token: int) -> str:
        return self.detokeniser.step(self._inside, token)[1]

    def _stops(self, token: int) -> bool:
        piece = self.piece(token)
        return piece.endswith("\n") or piece.rstrip(CLOSING).endswith(STOPS)


def ends_of(model: Any, tokenizer: Any, vocabulary: int) -> frozenset[int]:
    """The tokens with which this model ends a text."""
    found: set[int] = set()
    for ends in (model.generation_config.eos_token_id, model.config.eos_token_id, tokenizer.eos_token_id):
        found.update(ends if isinstance(ends, list | tuple) else () if ends is None else (ends,))
    return frozenset(end for end in found if 0 <= end < vocabulary)


def format_of(place: str) -> str | None:
    """The `prompt_format` of a model's folder, or None. Raises VoiceError on one that is wrong."""
    file = Path(place) / "installation.json"
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        wanted = found.get("prompt_format")
    except (ValueError, AttributeError) as error:
        raise VoiceError(f'{file}: not a JSON object; write {{"prompt_format": "{{prompt}}\\n"}}') from error
    if wanted is not None and (not isinstance(wanted, str) or wanted.count("{prompt}") != 1):
        raise VoiceError(f"{file}: prompt_format: has to be a text that holds {{prompt}} once")
    return wanted
