"""Byte-level BPE in which every word of the lexicon is one token."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

END = "<|endoftext|>"
MASK = "<mask>"
"""What stands for a torn word where a masked model fills it in."""
POSITIONS = 512


def train(
    texts: Iterable[str],
    words: Iterable[str],
    size: int,
    folder: Path,
    special: Sequence[str] = (),
    positions: int = POSITIONS,
) -> None:
    """Write the tokenizer's files to `folder`.

    Each of `words` is shown often enough, with its leading space, to become one token where the
    `size` of the vocabulary allows it. `special` are tokens that no text of anybody's holds; a model
    reads `positions` of them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import GPT2Tokenizer

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END, *special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    lists = [" " + " ".join(words)] * 60
    tokenizer.train_from_iterator([*texts, *lists], trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    GPT2Tokenizer(
        tokenizer_file=str(folder / "tokenizer.json"),
        add_prefix_space=True,
        bos_token=END,
        eos_token=END,
        unk_token=END,
        pad_token=END,
        model_max_length=positions,
        extra_special_tokens=list(special),
    ).save_pretrained(str(folder))


def kept(place: Path, train: Callable[[Path], None]) -> Any:
    """The tokenizer of the folder `place`; `train` writes it where there is none. It is there whole or not at
    all."""
    if not (place / "tokenizer.json").exists():
        part = place.with_name(place.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        train(part)
        os.replace(part, place)  # noqa: PTH105 - atomic, and said so
    tokenizer = load(place)
    if MASK in tokenizer.get_vocab():
        tokenizer.mask_token = MASK
    return tokenizer


def load(folder: Path) -> Any:
    """The tokenizer of `folder`, as anybody would load it."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


def encoder(tokenizer: Any) -> Callable[[str], list[int]]:
    """What turns a text with special tokens in it into ids.

    The tokenizer puts a space before a text that has none; what follows a special token directly (a comma,
    a line break) is to have none, so it is read behind a letter, which is one token of its own."""
    quick = tokenizer.backend_tokenizer
    special = {token.content: number for number, token in quick.get_added_tokens_decoder().items()}
    parts = re.compile("(" + "|".join(map(re.escape, special)) + ")")

    def plain(text: str) -> list[int]:
        ids: list[int] = quick.encode(text, add_special_tokens=False).ids
        return ids

    def encode(text: str) -> list[int]:
        ids: list[int] = []
        for at, part in enumerate(parts.split(text)):
            if part in special:
                ids.append(special[part])
            elif part and (part[0] == " " or at == 0):
                ids += plain(part)
            elif part:
                ids += plain(" a" + part)[1:]
        return ids

    return encode
