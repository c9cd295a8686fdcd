"""To fill in what is missing: a small model that reads both ways, and the loss of masked tokens.

Of a row's tokens 15 % are to be found: of those 80 % are masked, 10 % are another token, 10 % stay as they are
(Devlin et al., 2019).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from installation.training.plan import Plan

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import BertForMaskedLM

    from installation.training.run import Material

TORN, HIDDEN, OTHER = 0.15, 0.8, 0.9
"""The share of tokens to be found; of those, masked up to the first, another up to the second, else as they are."""
CUT = 0.4
"""How often a batch is of beginnings only: who fills in a label has one line, and not a page."""
LINE = 24
"""Tokens in such a beginning, at most."""


def build(plan: Plan, vocabulary: int) -> BertForMaskedLM:
    """A fresh model of BERT's shape."""
    import torch
    from transformers import BertConfig, BertForMaskedLM

    torch.manual_seed(plan.seed)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=plan.width,
        num_hidden_layers=plan.layers,
        num_attention_heads=plan.width // 32,
        intermediate_size=4 * plan.width,
        max_position_embeddings=plan.length,
        type_vocab_size=1,
        hidden_dropout_prob=plan.dropout,
        attention_probs_dropout_prob=0.0,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    return BertForMaskedLM(config)


def torn(
    row: list[int], mask: int, size: int, rng: random.Random, unsaid: frozenset[int]
) -> tuple[list[int], list[int]]:
    """(`row` with places torn, what stood there, -1 elsewhere); one place at least. `unsaid` are neither to be
    found nor put in; `size` is that of the vocabulary."""
    read, wanted = list(row), [-1] * len(row)
    places = [at for at, token in enumerate(row) if token not in unsaid]
    if not places:
        return read, wanted
    chosen = [at for at in places if rng.random() < TORN] or [rng.choice(places)]
    for at in chosen:
        wanted[at] = row[at]
        chance = rng.random()
        if chance < HIDDEN:
            read[at] = mask
        elif chance < OTHER:
            other = rng.randrange(size)
            read[at] = other if other not in unsaid else mask
    return read, wanted


def loss_of(model: Any, tokens: Tensor, wanted: Tensor) -> Tensor:
    """Mean loss in nats of what is `wanted`, -1 for nothing; both are (rows, length)."""
    import torch
    from torch.nn import functional

    with torch.autocast(tokens.device.type, torch.bfloat16):
        hidden = model.bert(tokens).last_hidden_state
        there = wanted >= 0
        logits = model.cls(hidden[there])
    return functional.cross_entropy(logits.float(), wanted[there])


class Masked:
    """The objective of a torn label; see run.Objective."""

    linear = True

    def build(self, plan: Plan, vocabulary: int) -> BertForMaskedLM:
        """See `build`."""
        return build(plan, vocabulary)

    def is_matrix(self, name: str) -> bool:
        """Whether a parameter of two dimensions is a block's."""
        return ".layer." in name

    def batch(self, material: Material, plan: Plan) -> tuple[Tensor, Tensor]:
        """(torn tokens, what stood there), each (batch, length) or (batch, less)."""
        import torch

        rng = material.rng
        length = rng.randrange(6, LINE + 1) if rng.random() < CUT else plan.length
        rows = [material.row()[0][:length] for _ in range(plan.batch)]
        pairs = [
            torn(row, material.tokenizer.mask_token_id, material.vocabulary, rng, material.unsaid)
            for row in rows
        ]
        return torch.tensor([read for read, _ in pairs]), torch.tensor([wanted for _, wanted in pairs])

    def loss(self, model: Any, tokens: Tensor, wanted: Tensor) -> Tensor:
        """See `loss_of`."""
        return loss_of(model, tokens, wanted)

    def apart(self, model: Any, material: Material, plan: Plan) -> float:
        """Mean loss over the held-out texts, torn at the same places every time; not a number where none is."""
        import torch

        rng = random.Random(plan.seed)  # noqa: S311 - seeded, no cryptography
        total, count = 0.0, 0
        for _, body in material.apart():
            row = body[: plan.length]
            read, wanted = torn(
                row, material.tokenizer.mask_token_id, material.vocabulary, rng, material.unsaid
            )
            there = sum(each >= 0 for each in wanted)
            if not there:
                continue
            with torch.no_grad():
                pair = (torch.tensor([each], device=plan.device) for each in (read, wanted))
                total += loss_of(model, *pair).item() * there
            count += there
        return total / count if count else float("nan")
