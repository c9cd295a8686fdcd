"""The loss of any causal model on texts that it was not trained on, each after its own prompt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.training import pointing, tokenizer
from installation.training.corpus import Document
from installation.training.lexicon import Lexicon
from installation.training.stream import spaced, unspaced

Pair = tuple[list[int], list[int]]
"""The tokens of a prompt, and those of its text with the end."""


@dataclass(frozen=True)
class Loss:
    """`nats`: in all, over `tokens`, which are `words` words of `characters` characters as they were written."""

    nats: float
    tokens: int
    words: int
    characters: int

    def figures(self) -> dict[str, float | None]:
        """For each token, which only models of one tokenizer share; for each word and character, which all do."""
        return {
            "held_loss": self.nats / max(1, self.tokens),
            "held_loss_word": self.nats / max(1, self.words),
            "held_loss_character": self.nats / max(1, self.characters),
        }


def pairs(folder: Path, library: Any, lexicon: Lexicon) -> Callable[[Document], Pair]:
    """How the model of `folder` reads a document: one of ours with pointers, as in its training, every other
    as the prompt, a line break and the text."""
    ends = [] if library.eos_token_id is None else [int(library.eos_token_id)]
    if (folder / "pointers.json").is_file() and (folder / "installation.json").is_file():
        form = json.loads((folder / "installation.json").read_text(encoding="utf-8"))["prompt_format"]
        encode = tokenizer.encoder(library)

        def ours(document: Document) -> Pair:
            prompt, texts = pointing.pointed(document.prompt, [document.text], lexicon)
            head = unspaced(form.replace("{prompt}", prompt.strip().replace("\n", "\n ")))
            return encode(head), [*encode(spaced(texts[0])), *ends]

        return ours

    def plain(text: str) -> list[int]:
        return [int(token) for token in library.encode(text, add_special_tokens=False)]

    return lambda document: (plain(f"{document.prompt}\n"), [*plain(document.text), *ends])


def loss(
    folder: Path,
    documents: Sequence[Document],
    lexicon: Lexicon,
    follow: Callable[[Iterable[Document]], Iterable[Document]] = lambda documents: documents,
) -> Loss:
    """Over all `documents`, each cut where the model's context ends. `follow` goes through them and tells how
    far it is. Raises what the library raises where no such model lies in `folder`."""
    import torch
    from torch.nn import functional
    from transformers import AutoModelForCausalLM, AutoTokenizer

    library = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32, local_files_only=True)
    model.eval()
    room = int(getattr(model.config, "max_position_embeddings", 0) or 1 << 20)
    read = pairs(folder, library, lexicon)
    nats, tokens, words, characters = 0.0, 0, 0, 0
    for document in follow(documents):
        head, body = read(document)
        if not head or len(head) + len(body) > room:
            head = head[-max(1, room - len(body)) :] or [0]
            body = body[: room - len(head)]
        ids = torch.tensor([[*head, *body]])
        with torch.no_grad():
            out = model(ids, attention_mask=torch.ones_like(ids), use_cache=False)
        logits = out.logits[0, len(head) - 1 : -1].float()
        nats += functional.cross_entropy(logits, ids[0, len(head) :], reduction="sum").item()
        tokens += len(body)
        words += len(document.text.split())
        characters += len(document.text)
    return Loss(nats, tokens, words, characters)
