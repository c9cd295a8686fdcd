"""To go on with a text: a model of GPT-2's shape, and the loss of the next token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installation.training.plan import Plan

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import GPT2LMHeadModel

    from installation.training.run import Material


def build(plan: Plan, vocabulary: int = 0) -> GPT2LMHeadModel:
    """A fresh model of GPT-2's shape."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(plan.seed)
    config = GPT2Config(
        vocab_size=vocabulary or plan.vocabulary,
        n_positions=plan.length,
        n_embd=plan.width,
        n_layer=plan.layers,
        n_head=plan.width // 32,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=plan.dropout,
        embd_pdrop=plan.dropout,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    return GPT2LMHeadModel(config)


def loss_of(model: GPT2LMHeadModel, tokens: Tensor, weight: Tensor) -> Tensor:
    """Mean loss in nats over the tokens by their `weight`, 0 for not at all; both are (rows, length)."""
    import torch
    from torch.nn import functional

    with torch.autocast(tokens.device.type, torch.bfloat16):
        hidden = model.transformer(tokens, use_cache=False).last_hidden_state
        wanted = weight[:, 1:] > 0
        logits = hidden[:, :-1][wanted] @ model.transformer.wte.weight.T
    losses = functional.cross_entropy(logits.float(), tokens[:, 1:][wanted], reduction="none")
    shares = weight[:, 1:][wanted].float()
    return (losses * shares).sum() / shares.sum()


class NextToken:
    """The objective of a voice; see run.Objective."""

    linear = False

    def build(self, plan: Plan, vocabulary: int) -> GPT2LMHeadModel:
        """See `build`."""
        return build(plan, vocabulary)

    def is_matrix(self, name: str) -> bool:
        """Whether a parameter of two dimensions is a block's."""
        return ".h." in name

    def batch(self, material: Material, plan: Plan) -> tuple[Tensor, Tensor]:
        """(tokens, weight), each (batch, length)."""
        import torch

        rows = [material.row() for _ in range(plan.batch)]
        return torch.tensor([row for row, _ in rows]), torch.tensor([learn for _, learn in rows])

    def loss(self, model: Any, tokens: Tensor, weight: Tensor) -> Tensor:
        """See `loss_of`."""
        return loss_of(model, tokens, weight)

    def apart(self, model: Any, material: Material, plan: Plan) -> float:
        """Mean loss over the held-out texts, each after its own prompt; not a number where none is."""
        import torch

        total, count = 0.0, 0
        for head, body in material.apart():
            row = torch.tensor([(head + body)[: plan.length]], device=plan.device)
            learn = torch.arange(row.size(1), device=plan.device)[None] >= len(head)
            with torch.no_grad():
                total += loss_of(model, row, learn).item() * int(learn.sum())
            count += int(learn.sum())
        return total / count if count else float("nan")
