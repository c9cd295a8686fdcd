"""What a run leaves: an adapter's folder as peft saves it, or a whole model's, and a card that tells of both."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.training import adapter
from installation.training.collection import Collection, Work
from installation.training.tuning import Outcome
from installation.training.tuning_plan import Tuning
from installation.training.tuning_state import written

ADAPTER = (adapter.WEIGHTS, adapter.CONFIG)
"""In the order in which they are put in place: a show looks for the second first."""
LISTED = 300
"""Texts that a card lists one by one."""


def save_adapter(model: Any, folder: Path, base: str) -> None:
    """The adapter of a model, on top of the model that its artist calls `base`."""
    with written(folder):
        beside = folder / ".new"
        adapter.save(model, beside, base)
        for name in ADAPTER:
            (beside / name).replace(folder / name)
        shutil.rmtree(beside)


def save_whole(model: Any, tokenizer: Any, folder: Path, source: Path | None, dtype: Any) -> None:
    """The whole model in the numbers of its own files; what else lies beside those (`source`: its prompt format,
    pointers, licence) goes with it."""
    with written(folder):
        beside = folder / ".new"
        model.config.use_cache = True
        model.to(dtype).save_pretrained(str(beside))
        tokenizer.save_pretrained(str(beside))
        for path in sorted(source.iterdir()) if source else ():
            own = path.suffix in {".safetensors", ".bin", ".gguf"} or path.name.startswith("README")
            training = path.name in {"training.json", "loss.jsonl", "model.safetensors.index.json"}
            if path.is_file() and not own and not training and not (beside / path.name).exists():
                shutil.copy(path, beside / path.name)
        for path in sorted(beside.iterdir(), key=lambda path: path.name == "config.json"):
            path.chmod(0o644)
            path.replace(folder / path.name)
        shutil.rmtree(beside)


def stored(place: str) -> Any:
    """The format of the numbers in a model's own files."""
    import torch
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(place).dtype or torch.float32


def mark_of(works: Sequence[Work]) -> str:
    """12 hexadecimal digits that name the texts with their prompts."""
    digest = hashlib.sha256()
    for work in works:
        digest.update(json.dumps([work.prompt, work.style, work.text]).encode())
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Card:
    """What the README of a result tells. `heard`: (prompt, before, after) of each sample; `verbatim` the shares of
    eight-word runs that stand in her texts, before and after, of `runs` that were said."""

    base: str
    weights: str
    """A hash of the base model's weights."""
    plan: Tuning
    rate: float
    outcome: Outcome
    collection: Collection
    mark: str
    command: str
    heard: Sequence[tuple[str, str, str]] = ()
    verbatim: tuple[float, float] = (0.0, 0.0)
    runs: int = 0

    def write(self, folder: Path) -> None:
        """As README.md."""
        with written(folder):
            (folder / "README.md").write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        """All of it."""
        parts = [self._front(), self._what(), self._figures(), self._samples(), self._texts(), self._again()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _front(self) -> str:
        library = "transformers" if self.plan.full else "peft"
        front = f"base_model: {self.base}\nlibrary_name: {library}\npipeline_tag: text-generation"
        return f"---\n{front}\n---"

    def _what(self) -> str:
        wear = "model: FOLDER" if self.plan.full else f"model: {self.base}, adapter: FOLDER"
        kind = "All weights of" if self.plan.full else "An adapter (LoRA) for"
        return (
            f"# {kind} {self.base}, tuned to {len(self.collection.texts)} texts\n\n"
            f"A show speaks with it by `voice: {{{wear}}}`. `state/` is what `--resume` goes on from; without it "
            "the rest is whole."
        )

    def _figures(self) -> str:
        o, plan = self.outcome, self.plan
        rows = [
            ("base model", f"{self.base}, weights {self.weights or 'unknown'}"),
            ("texts", f"{len(self.collection.texts)}, {self.collection.words} words, hash {self.mark}"),
            ("held-out loss before", f"{o.before:.4f} nats a token"),
            ("held-out loss after", f"{o.after:.4f} nats a token, at step {o.best} of {o.steps}"),
        ]
        if o.guard:
            rows.append(
                ("the model's own held-out answers", f"{o.guard[0]:.4f} before, {o.guard[1]:.4f} after")
            )
        before, after = self.verbatim
        said = f"{before:.1%} before, {after:.1%} after, of {self.runs} that were said"
        rows += [
            ("eight-word runs that stand in the texts word for word", said),
            ("learnt", f"{o.tokens} tokens of the texts in {o.seconds:.0f} s"),
            ("of it replayed from the model's own training", f"{plan.replay:.0%}" if o.guard else "nothing"),
            ("rank, alpha", "all weights" if plan.full else f"{plan.rank}, {plan.alpha:g}"),
            ("rate, batch, length, seed", f"{self.rate:g}, {plan.batch}, {plan.length}, {plan.seed}"),
        ]
        return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)

    def _samples(self) -> str:
        if not self.heard:
            return ""
        told = [
            f"**{_line(prompt)}**\n\nbefore: {_line(before)}\n\nafter: {_line(after)}"
            for prompt, before, after in self.heard
        ]
        return "## Heard before and after, unedited\n\n" + "\n\n".join(told)

    def _texts(self) -> str:
        works = self.collection.texts
        lines = [
            f"- {work.place}: {work.licence or 'no licence told'}"
            + (f", {work.source}" if work.source else "")
            for work in works[:LISTED]
        ]
        more = [f"- and {len(works) - LISTED} more"] if len(works) > LISTED else []
        counts = ", ".join(
            f"{name or 'not told'}: {count}" for name, count in self.collection.licences.items()
        )
        return f"## Texts and licences\n\n{counts}\n\n" + "\n".join([*lines, *more])

    def _again(self) -> str:
        return f"## The command\n\n```sh\n{self.command}\n```"


def _line(text: str) -> str:
    return " / ".join(part.strip() for part in text.split("\n") if part.strip())
