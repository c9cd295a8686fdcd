"""The words that a masked model finds for the torn places of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from installation.errors import VoiceError
from installation.training import tokenizer
from installation.training.stream import spaced
from installation.training.tokenizer import MASK

HOW = "installation train TEXTS --objective masked --out FOLDER"
_PLACE = re.compile(rf"[ \t]*{re.escape(MASK)}")


@dataclass(frozen=True)
class Place:
    """A torn place, the `number`-th of the text from 1: (word, probability), the most probable first."""

    number: int
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Filled:
    """The text with the most probable words, and its places in the order of the text."""

    text: str
    places: tuple[Place, ...]


class Filler:
    """A masked model of a folder. A word that is several of its tokens is not among those it finds."""

    def __init__(self, folder: Path) -> None:
        """Raises VoiceError where the folder holds no such model."""
        import torch
        from transformers import AutoModelForMaskedLM

        if not (folder / "config.json").is_file():
            raise VoiceError(f"{folder} holds no model; train one: {HOW}")
        try:
            self._tokenizer = tokenizer.load(folder)
            self._model = AutoModelForMaskedLM.from_pretrained(
                str(folder), local_files_only=True, dtype=torch.float32
            ).eval()
        except (ValueError, OSError) as error:
            raise VoiceError(f"{folder} goes on with texts and fills nothing in; train one: {HOW}") from error
        if self._tokenizer.get_vocab().get(MASK) is None:
            raise VoiceError(f"the model of {folder} knows no {MASK}; it was trained elsewhere")
        self._mask: int = self._tokenizer.convert_tokens_to_ids(MASK)
        self._encode = tokenizer.encoder(self._tokenizer)
        known = {number: self._tokenizer.decode([number]) for number in range(len(self._tokenizer))}
        self._words = {
            n: text for n, text in known.items() if re.fullmatch(r" [^\W\d_]+(?:['’-][^\W\d_]+)*", text)
        }
        self._pieces = {n: text for n, text in known.items() if re.fullmatch(r"[^\W\d_]+", text)}
        self._room: int = self._model.config.max_position_embeddings

    def fill(self, text: str, top: int) -> Filled:
        """Every place is heard with the others still torn; the surest is filled in and the rest heard again, so
        that words agree. Raises VoiceError where the text is too long."""
        whole = spaced(text)
        glued = [not match[0][:1].isspace() and match.start() > 0 for match in _PLACE.finditer(whole)]
        tokens = self._encode(_PLACE.sub(MASK, whole))
        if len(tokens) > self._room:
            raise VoiceError(
                f"the text has {len(tokens)} tokens, the model reads {self._room}; take a part of it"
            )
        torn = {at: number for number, at in enumerate(n for n, t in enumerate(tokens) if t == self._mask)}
        found: dict[int, Place] = {}
        while torn:
            heard = {
                at: self._heard(tokens, at, self._pieces if glued[number] else self._words)
                for at, number in torn.items()
            }
            surest = max(heard, key=lambda at: heard[at][0][1])
            best = heard[surest]
            tokens[surest] = best[0][0]
            number = torn.pop(surest)
            shown = tuple((self._tokenizer.decode([token]).strip(), p) for token, p in best[:top])
            found[number] = Place(number + 1, shown)
        filled = self._tokenizer.decode(tokens, clean_up_tokenization_spaces=False)
        lines = "\n".join(line.removeprefix(" ") for line in filled.split("\n"))
        return Filled(lines, tuple(found[number] for number in sorted(found)))

    def _heard(self, tokens: list[int], at: int, words: dict[int, str]) -> list[tuple[int, float]]:
        """(token, probability among all tokens) of all `words`, the most probable first."""
        import torch

        with torch.no_grad():
            logits = self._model(torch.tensor([tokens])).logits[0, at]
        shares = logits.softmax(-1)
        return sorted(((t, float(shares[t])) for t in words), key=lambda each: (-each[1], each[0]))
