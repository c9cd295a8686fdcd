"""Byte-level BPE in which every word of the lexicon is one token."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

END = "<|endoftext|>"


def train(texts: Iterable[str], words: Iterable[str], size: int, folder: Path) -> None:
    """Write the tokenizer's files to `folder`.

    Each of `words` is shown often enough, with its leading space, to become one token where the
    `size` of the vocabulary allows it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import GPT2Tokenizer

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END],
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
        model_max_length=256,
    ).save_pretrained(str(folder))


def load(folder: Path) -> Any:
    """The tokenizer of `folder`, as anybody would load it."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
