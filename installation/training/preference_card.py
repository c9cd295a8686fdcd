"""What a run leaves: an adapter's folder as peft saves it, its pairs, and a README that tells how it came to be."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.training import adapter, pairs
from installation.training.pairs import Pair
from installation.training.preference import Learnt, Limits, PreferenceError

PAIRS, CARD = "pairs.jsonl", "README.md"


@dataclass(frozen=True, slots=True)
class Run:
    """What is told of a run. `new` and `old`: pairs that were learnt from; `held`: those that were not."""

    model: str
    hash: str
    command: str
    limits: Limits
    new: Sequence[Pair]
    old: Sequence[Pair]
    held: Sequence[Pair]
    learnt: Learnt


def may_hold(folder: Path) -> None:
    """PreferenceError where `folder` holds something that is no adapter, so that it is not written over."""
    if folder.is_file() or (
        folder.is_dir() and any(folder.iterdir()) and not (folder / adapter.CONFIG).is_file()
    ):
        raise PreferenceError(f"{folder} holds something else than an adapter; name another --out")


def save(model: Any, run: Run, folder: Path) -> None:
    """Write the adapter that `model` wears; an earlier one gives way once this one is whole."""
    fresh = folder.with_name(folder.name + ".new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        adapter.save(model, fresh, run.model)
        pairs.write(fresh / PAIRS, [*run.new, *run.old, *run.held])
        (fresh / CARD).write_text(card(run), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    except OSError as error:
        raise PreferenceError(
            f"{folder} cannot be written: {error.strerror}; what was learnt is not kept, the pairs are"
        ) from error


def card(run: Run) -> str:
    """The README: pairs, figures, and how to wear it."""
    before, after, limits = run.learnt.before, run.learnt.kept, run.limits
    rows = [
        ("held-out pairs preferred rightly", f"{before.accuracy:.0%}", f"{after.accuracy:.0%}"),
        ("held-out pairs whose better text is likelier", f"{before.likelier:.0%}", f"{after.likelier:.0%}"),
        ("margin on them, nats × beta", f"{before.margin:.3f}", f"{after.margin:.3f}"),
        ("loss of the preference", f"{before.loss:.4f}", f"{after.loss:.4f}"),
        ("drift, nats a token", "0", f"{after.drift:.4f}"),
        ("loss on ordinary texts, nats a token", f"{before.ordinary:.4f}", f"{after.ordinary:.4f}"),
    ]
    table = "\n".join(f"| {name} | {was} | {now} |" for name, was, now in rows)
    shown = (*run.new, *run.held, *run.old)[:3]
    samples = "\n\n".join(
        f"`{p.prompt}`\n\n> {_one(p.chosen)}\n\nrather than\n\n> {_one(p.rejected)}" for p in shown
    )
    return f"""---
base_model: {run.model}
library_name: peft
---
# What was liked

An adapter (LoRA) for {run.model} (weights {run.hash or "of unknown hash"}), learnt from an audience's preferences by
direct preference optimisation. A show wears it by `voice: {{model: {run.model}, adapter: FOLDER}}`.

| | before | after {after.step} steps |
|---|---|---|
{table}

Before it has learnt anything, a model prefers nothing to what it would have said itself: that is a draw, 50 %.
It ended because {run.learnt.ended}. Kept is the best state within the limits: a drift of {limits.drift:g} nats a token
at most, a loss on ordinary texts that rose by {limits.rise:.0%} at most.

Pairs: {len(run.new)} new ones and {len(run.old)} old ones were learnt, {len(run.held)} never; all stand in `{PAIRS}`,
with the recording and the second that each passage is from.

beta {limits.beta:g}, rate {limits.rate:g}, rank {limits.rank}, {limits.batch} pairs a step, seed {limits.seed}

```sh
{run.command}
```

## Some of the pairs

{samples}
"""


def _one(text: str) -> str:
    return " ".join(text.split())
