"""A tokenizer.json without `transformers`: what LibraryTongue asks of a tokenizer, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from installation.errors import VoiceError


class PlainTokenizer:
    """The library's names over `tokenizers`, which is quick to import. `config` is the model's.

    `ends`: the tokens with which the model ends a text; `size`: one more than the last token."""

    chat_template = None

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        from tokenizers import Tokenizer

        try:
            self.backend_tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises nothing more special
            raise VoiceError(f"{folder}: no tokenizer.json that can be read ({error})") from error
        self.backend_tokenizer.no_truncation()
        self.backend_tokenizer.no_padding()
        self.size = 1 + max(self.backend_tokenizer.get_vocab().values())
        written = _read(folder / "tokenizer_config.json")
        self.bos_token_id = self._id(written.get("bos_token"))
        named = [self._id(value) for name, value in written.items() if name.endswith("_token")]
        named += [self._id(value) for value in written.get("extra_special_tokens") or ()]
        self.added_tokens_decoder = self.backend_tokenizer.get_added_tokens_decoder()
        self.all_special_ids = [token for token in dict.fromkeys(named) if token is not None]
        told = (config.get("eos_token_id"), _read(folder / "generation_config.json").get("eos_token_id"))
        self.ends = frozenset(
            end
            for ends in (*told, self._id(written.get("eos_token")))
            for end in (ends if isinstance(ends, list) else () if ends is None else (ends,))
        )

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        ids: list[int] = self.backend_tokenizer.encode(text, add_special_tokens=add_special_tokens).ids
        return ids

    def decode(self, tokens: Sequence[int], *, clean_up_tokenization_spaces: bool = False) -> str:
        assert not clean_up_tokenization_spaces, "what was shown is not unsaid"
        text: str = self.backend_tokenizer.decode(list(tokens), skip_special_tokens=False)
        return text

    def convert_ids_to_tokens(self, ids: int | Iterable[int]) -> Any:
        if isinstance(ids, int):
            return self.backend_tokenizer.id_to_token(ids)
        return [self.backend_tokenizer.id_to_token(token) for token in ids]

    def _id(self, named: Any) -> int | None:
        """The token that tokenizer_config.json names, plainly or as an object with `content`."""
        content = named.get("content") if isinstance(named, dict) else named
        token: int | None = self.backend_tokenizer.token_to_id(content) if isinstance(content, str) else None
        return token


def _read(file: Path) -> dict[str, Any]:
    """A JSON object; empty where there is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
