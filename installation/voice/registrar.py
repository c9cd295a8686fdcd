"""Who keeps the records of a collection: a description is read, and its record filled in, by the numpy model.

What is written goes into a blank (`filling.py`), so that it is always JSON. Nouns of the description that the
model points to are put back as they were typed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from installation.errors import VoiceError
from installation.voice.blank import Blank
from installation.voice.context import Tokens
from installation.voice.detokenise import UNFINISHED, specials
from installation.voice.filling import Filling
from installation.voice.form import form_of
from installation.voice.numpy_forward import Floats, NumpyForward
from installation.voice.numpy_model import read_config, read_weights
from installation.voice.plain_tokenizer import PlainTokenizer
from installation.voice.pointers import POINTER, parted
from installation.voice.signs import Described, Signs

TEMPERATURE, TOP_P = 0.4, 0.9
LONGEST = 4000
"""Characters of a description that are looked at: far more than any room holds."""


_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Read:
    """A description as the model has read it. `cut` says what was left out, a sentence or nothing."""

    ids: Tokens
    signs: Signs
    logits: Floats
    cut: str = ""


class Registrar:
    """Records by the model of a folder, in GPT-2's shape. Raises VoiceError where it keeps none."""

    def __init__(self, folder: Path) -> None:
        self._form = form_of(str(folder))
        if self._form.record is None:
            raise VoiceError(
                f"{folder}: this model keeps no records; take one whose installation.json has a record, "
                "as `python -m installation.training.pretrain` writes it"
            )
        self.blank: Blank = self._form.record
        config = read_config(str(folder))
        self._tokenizer = PlainTokenizer(folder, config)
        vocabulary = min(int(config["vocab_size"]), self._tokenizer.size)
        ids = sorted(specials(self._tokenizer))
        named = zip(self._tokenizer.convert_ids_to_tokens(ids), ids, strict=True)
        self._special: dict[str, int] = dict(sorted(named, key=lambda pair: -len(pair[0])))
        missing = [token for token in self.blank.tokens if self._special.get(token, vocabulary) >= vocabulary]
        if missing:
            raise VoiceError(
                f"{folder}: its tokenizer has no token {missing[0]}, which its record is made of"
            )
        taken = set(ids)
        self._pieces = {
            token: text
            for token in range(vocabulary)
            if token not in taken and UNFINISHED not in (text := self._tokenizer.decode([token]))
        }
        self._forward = NumpyForward(config, read_weights(str(folder)), vocabulary)
        self._most = self._forward.limit - self.blank.size
        if self._most < 1 or self.blank.size >= self._forward.limit:
            raise VoiceError(f"{folder}: it reads {self._forward.limit} tokens, too few for its records")
        self._vocabulary = vocabulary

    def read(self, description: str) -> Read:
        """Read a description, or as much of it as there is room for. Raises VoiceError where it is empty."""
        text = self._clean(description)
        if not text:
            raise VoiceError("there is no description; write what the work shows, in a sentence or two")
        text, ids, whole = self._fitted(text)
        cut = ""
        if not whole or len(description) > LONGEST:
            cut = f"the description is too long to be read whole; it was read up to: … {text[-40:]}"
        self._forward.crop(0)
        return Read(ids, self._signs(text), self._forward.run(ids), cut)

    def write(self, read: Read, seed: int) -> str:
        """The record of what was read last, as JSON. The same seed writes the same."""
        drawn = np.random.default_rng(seed)
        self._forward.crop(len(read.ids))
        filling, logits = Filling(read.signs), read.logits
        groups = _Groups(read.signs, self._vocabulary)
        while True:
            token = groups.choose(filling, logits, drawn)
            filling = filling.then(token)
            if filling.full:
                return filling.json()
            logits = self._forward.run([token])

    def _clean(self, description: str) -> str:
        """On one line, without what is no text, and without anything that reads as one of the model's tokens."""
        text = "".join(
            " " if unicodedata.category(sign)[0] in "CZ" else sign for sign in description[:LONGEST]
        )
        before = None
        while before != text:
            before = text
            for name in self._special:
                text = text.replace(name, "")
        return " ".join(text.split())

    def _fitted(self, text: str) -> tuple[str, Tokens, bool]:
        """As much of a text as there is room for, its tokens, and whether that is all of it."""
        words, whole = text.split(" "), True
        ids = self._ids(text)
        while len(ids) > self._most and len(text) > 1:
            share, whole = self._most / len(ids), False
            if len(words) > 1:
                words = words[: max(1, min(len(words) - 1, int(len(words) * share)))]
                text = " ".join(words)
            else:
                text = text[: max(1, min(len(text) - 1, int(len(text) * share)))]
            ids = self._ids(text)
        return text, ids[: self._most], whole

    def _encode(self, text: str) -> Tokens:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False))

    def _ids(self, text: str) -> Tokens:
        return parted(self._form.recorded(text), self._special, self._encode)

    def _signs(self, text: str) -> Signs:
        """What the model's tokens say under this description."""
        put: dict[int, str] = {}
        singulars = self._form.pointers.singulars if self._form.pointers is not None else {}
        typed = _WORD.findall(text.casefold())
        words = frozenset((*typed, *(singulars.get(word, word) for word in typed)))
        if self._form.pointers is not None:
            nouns = self._form.pointers.find(text)
            pointers = {
                t: n for n, t in self._special.items() if POINTER.fullmatch(n) and t < self._vocabulary
            }
            found = ((token, self._form.pointers.put(name, nouns)) for token, name in pointers.items())
            put = {token: word for token, word in found if word}
        return Signs.of(
            self.blank, self._pieces, self._special, put, self._encode, Described(words, singulars)
        )


class _Groups:
    """The groups of tokens that a filling takes, as arrays."""

    def __init__(self, signs: Signs, vocabulary: int) -> None:
        self._vocabulary = vocabulary
        self._begins, self._goes_on, self._marks = (
            np.fromiter(group, np.int64, len(group)) for group in (signs.begins, signs.goes_on, signs.marks)
        )

    def choose(self, filling: Filling, logits: Floats, drawn: np.random.Generator) -> int:
        """One of the likeliest tokens that may come, by chance."""
        may = filling.may
        open_: NDArray[np.bool_] = np.zeros(self._vocabulary, np.bool_)
        open_[list(may.exactly)] = True
        for allowed, group in (
            (may.begins, self._begins), (may.goes_on, self._goes_on), (may.marks, self._marks),
        ):  # fmt: skip
            if allowed:
                open_[group] = True
        if (
            may.goes_on and not may.begins
        ):  # inside a word, where few letters of all lead to one that there is
            open_[self._goes_on] = [filling.takes(token) for token in self._goes_on.tolist()]
        weights = np.where(open_, np.nan_to_num(logits.astype(np.float64)) / TEMPERATURE, -np.inf)
        while True:
            token = nucleus(weights, drawn)
            if filling.takes(token):
                return token
            weights[token] = -np.inf


def nucleus(weights: NDArray[np.float64], drawn: np.random.Generator) -> int:
    """A place of `weights` by chance, of the likeliest that hold TOP_P together; -inf is never drawn."""
    shares = np.exp(weights - weights.max())
    order = np.argsort(-shares, kind="stable")
    sums = np.cumsum(shares[order])
    kept = int(np.searchsorted(sums, TOP_P * sums[-1]))
    return int(order[np.searchsorted(sums, drawn.random() * sums[kept], side="right")])
