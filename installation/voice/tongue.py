"""How a model of the `transformers` library writes: prompts, texts and pieces through its own tokenizer.

What a model's folder says of its prompts (`form.py`) is obeyed: the text around them, controls, pointers.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from installation.messages import Steering
from installation.voice.context import Tokens
from installation.voice.detokenise import Detokeniser, Held, after, detokeniser, specials
from installation.voice.form import Form
from installation.voice.pointers import POINTER, heaviest, parted
from installation.voice.sampling import NEVER

RAW = "{prompt}\n\n"
STOPS = (".", "!", "?", "…", "。", "！", "？", "\n")
TURN = "said before"
"""What stands for this model's own turn where the form of a conversation is looked up."""
CLOSING = "\"'”’»)] "


class LibraryTongue:
    """A Hugging Face tokenizer as the engine needs it. What a visitor wrote never becomes a special token."""

    def __init__(
        self,
        tokenizer: Any,
        vocabulary: int,
        ends: frozenset[int],
        prompt_format: str | None,
        chat: bool,
        form: Form | None = None,
    ) -> None:
        self._tokenizer, self._format, self._vocabulary = tokenizer, prompt_format, vocabulary
        self._form = form or Form()
        self.never_again = self._form.never_again
        self._chat = chat and prompt_format is None and tokenizer.chat_template is not None
        special = specials(tokenizer)
        named = zip(tokenizer.convert_ids_to_tokens(sorted(special)), sorted(special), strict=True)
        self._special: dict[str, int] = dict(sorted(named, key=lambda pair: -len(pair[0])))
        self._pointers = {
            token: text
            for text, token in self._special.items()
            if self._form.pointers is not None and token < vocabulary and POINTER.fullmatch(text)
        }
        self.ends = ends
        spelled = tokenizer.convert_ids_to_tokens(range(vocabulary)) if self._form.never_said else ()
        unsaid = {
            token for token, text in enumerate(spelled) if any(sign in text for sign in self._form.never_said)
        }
        never = (special | unsaid) - ends - self._pointers.keys()
        self.never: Mapping[int, float] = {token: NEVER for token in sorted(never) if token < vocabulary}
        self.detokeniser: Detokeniser = detokeniser(tokenizer)
        self._inside = after(self.detokeniser, self._ids("a"))
        self.piece = cache(self._piece)
        self.stops = cache(self._stops)
        self._lead = self._beginning()
        self._under = lru_cache(16)(self._pointed)

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

    def answer(self, prompt: str, text: str) -> Tokens:
        """The tokens of a text as this model says it behind a prompt, with pointers for what that names."""
        text = self.clean(text).strip()
        table = self._form.pointers
        if table is None or not self._pointers:
            return self.encode(text, "" if self._chat else "\n")
        nouns = table.find(self._form.asked(self.clean(prompt))[1])
        spaced = text.replace("\n", "\n ")  # a model with pointers knows words by the space before them
        return parted(table.point(spaced, nouns), self._special, self._ids)

    def clean(self, text: str) -> str:
        """The text without anything that reads as a special token."""
        before = None
        while before != text:
            before = text
            for string in self._special:
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

    def under(self, steering: Steering) -> LibraryTongue:
        """As this model writes under `steering`: with what its pointers stand for."""
        if not self._pointers:
            return self
        prompts = steering.prompts or (steering.prompt,)
        weighed = sorted(
            zip(steering.weights or (1.0,), range(len(prompts)), strict=True), key=lambda w: -w[0]
        )
        return self._under(tuple(prompts[at] for weight, at in weighed if weight > 0), steering.forbidden)

    def _pointed(self, prompts: tuple[str, ...], forbidden: tuple[str, ...]) -> LibraryTongue:
        """Under `prompts`, the heaviest first. A pointer to nothing, or to a word that is forbidden, is never
        said."""
        table = self._form.pointers
        assert table is not None, "there are pointers"
        found = [self._form.nouns(self.clean(text)) for text in prompts]
        nouns = heaviest((-float(at), nouns) for at, nouns in enumerate(found))
        shunned = {word.strip().casefold() for word in forbidden}
        words = {}
        for token, text in self._pointers.items():
            put = table.put(text, nouns)
            if put is not None and not shunned & {put.strip().casefold(), put.split()[-1].casefold()}:
                words[token] = put
        made = copy.copy(self)
        made.never = {**self.never, **dict.fromkeys(self._pointers.keys() - words.keys(), NEVER)}
        made.detokeniser = _PutBack(self.detokeniser, words)
        made.piece = cache(made._piece)
        made.stops = cache(made._stops)
        return made

    def _whole(self, text: str) -> Tokens:
        if self._format is not None:
            whole = (
                self._form.whole(text) if self._form.prompt_format else self._format.replace("{prompt}", text)
            )
            return parted(whole, self._special, self._ids) if self._special else self._ids(whole)
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


class _PutBack:
    """A detokeniser for which some tokens stand for whole words."""

    def __init__(self, plain: Detokeniser, words: Mapping[int, str]) -> None:
        self._plain, self._words = plain, words

    def step(self, held: Held, token: int) -> tuple[Held, str]:
        """The text that `token` completes, and what is held from then on."""
        word = self._words.get(token)
        return self._plain.step(held, token) if word is None else (Held(), word)


def ends_of(model: Any, tokenizer: Any, vocabulary: int) -> frozenset[int]:
    """The tokens with which this model ends a text."""
    found: set[int] = set()
    for ends in (model.generation_config.eos_token_id, model.config.eos_token_id, tokenizer.eos_token_id):
        found.update(ends if isinstance(ends, list | tuple) else () if ends is None else (ends,))
    return frozenset(end for end in found if 0 <= end < vocabulary)
