"""The README of a model of an artist's texts: how it came to be, and whose words are in it."""

from __future__ import annotations

from installation.training.collection import Collection
from installation.training.own import verdict
from installation.training.plan import MASKED
from installation.training.run import Run

LISTED = 300
"""Texts that are listed one by one."""


def card(run: Run, collection: Collection, command: str) -> str:
    """Markdown; `command` is what was typed."""
    plan = run.plan
    size = sum(parameter.numel() for parameter in run.model.parameters())
    held = [line["held"] for line in run.losses.read() if "held" in line]
    shape = f"{plan.layers} layers of {plan.width}, {run.material.vocabulary} tokens, {plan.length} places"
    lines = [
        "# "
        + ("A model that fills in a torn word" if plan.objective == MASKED else "A voice of these texts"),
        "",
        verdict(collection, plan.objective),
        "",
        f"- **Shape**: {size / 1e6:.2f} million parameters ({shape})",
        f"- **Trained**: {run.step} steps, {run.tokens} tokens, {run.spent:.0f} seconds, seed {plan.seed}",
        *([f"- **Held-out texts**: {held[-1]:.3f} nats a token"] if held else []),
        f"- **Command**: `{command}`",
        f"- **Texts**: {len(collection.texts)}, {collection.words} words (hash {plan.texts})",
        "",
        "![The loss of the training and of the held-out texts](loss.svg)",
        "",
        "## Licences",
        "",
        *(f"- {licence or 'none named'}: {n} texts" for licence, n in sorted(collection.licences.items())),
        "",
        "## Texts",
        "",
    ]
    for work in collection.texts[:LISTED]:
        source = f", from {work.source}" if work.source else ""
        lines += [f"- {work.place}{source}"]
    more = len(collection.texts) - LISTED
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else []), ""])
