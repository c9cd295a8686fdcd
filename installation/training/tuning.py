"""Tune a causal language model to an artist's texts: an adapter (LoRA: Hu and others, 2021) or all weights.

The loop is that of the transformers library, the adapter peft's. The held-out texts are heard about once a round,
the state that hears them best is kept, and where none was better for a while the run ends. What a run needs to go
on lies in `state` in the folder of the result, also after it was broken off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from installation.errors import TrainingError
from installation.training import tuning_state as kept
from installation.training.adapter import dressed, equipped, quiet
from installation.training.tuning_plan import ENDLESS, SHAPE, Tuning
from installation.training.tuning_rows import IGNORED, Rows, learnt, together
from installation.training.tuning_watch import Told, Watch

Loss = dict[str, list[list[int]]]

NEEDED = ("accelerate", "peft")


def loss_of(model: Any, rows: Sequence[dict[str, list[int]]], batch: int = 8) -> float:
    """Mean loss in nats of the learnt tokens of `rows`."""
    import torch
    from torch.nn import functional

    total, count, device = 0.0, 0, next(model.parameters()).device
    was, _ = model.training, model.eval()
    for at in range(0, len(rows), batch):
        found = {k: torch.tensor(v, device=device) for k, v in together(rows[at : at + batch]).items()}
        labels = found.pop("labels")[:, 1:]
        with torch.no_grad():
            logits = model(**found, use_cache=False).logits[:, :-1].float()
        losses = functional.cross_entropy(
            logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum"
        )
        total += losses.item()
        count += int((labels != IGNORED).sum())
    model.train(was)
    return total / max(1, count)


@dataclass(frozen=True)
class Outcome:
    """What became of a run. Losses are nats a token of the held-out texts; `guard` that of the model's own."""

    before: float
    after: float
    best: int
    steps: int
    seconds: float
    tokens: int
    why: str
    """`end`, `risen` (the held-out loss), `minutes` or `stopped`."""
    guard: tuple[float, float] | None = None


@dataclass(frozen=True)
class Material:
    """What is learnt from and heard: rows to learn, held-out rows, and of the model's own, where there are."""

    rows: Callable[[int], Rows]
    """How many rows -> them."""
    held: Sequence[dict[str, list[int]]]
    own: Sequence[dict[str, list[int]]] = ()
    mark: str = ""
    """A hash of the texts."""


class Run:
    """A run in `folder`. `stopped` is asked after each step whether somebody wants it to end."""

    def __init__(
        self, model: Any, plan: Tuning, material: Material, folder: Path, device: str, name: str
    ) -> None:
        from transformers import set_seed

        equipped("tuning", NEEDED)
        self.plan, self.material, self.folder = plan, material, folder
        self.state = folder / kept.STATE
        self._device = device
        set_seed(plan.seed)
        self.parameters = sum(p.numel() for p in model.parameters())
        self._identity = {key: value for key, value in asdict(plan).items() if key in SHAPE}
        self._identity |= {"model": name, "texts": material.mark}
        model.config.use_cache = False
        self.model = model if plan.full else dressed(model, plan.seed, plan.rank, plan.alpha, plan.dropout)

    def go(self, told: Told, stopped: Callable[[], bool], *, resume: bool) -> Outcome:
        """Learn until the end, or as long as the plan says; the best state is in `model` then. Raises
        TrainingError."""
        latest = self._begin(resume=resume)
        first = self.material.rows(1)
        steps, every = self.plan.steps_for(first.round), self.plan.every_for(first.round)
        if steps < ENDLESS and latest and kept.steps_done(latest) >= steps:
            steps = kept.steps_done(latest)
        noted = kept.noted(self.state)
        if "before" not in noted:
            noted["before"] = loss_of(self.model, self.material.held)
            noted["own"] = loss_of(self.model, self.material.own) if self.material.own else None
            kept.note(self.state, noted)
        watch = Watch(told, stopped, self.plan.minutes * 60, noted["before"])
        trainer = self._trainer(self.material.rows(steps * self.plan.batch), steps, every, watch)
        with kept.written(self.folder), quiet():
            trainer.train(resume_from_checkpoint=str(latest) if latest else None)
        after = trainer.state.best_metric
        own = loss_of(self.model, self.material.own) if self.material.own else None
        done = trainer.state.global_step
        return Outcome(
            noted["before"], after if after is not None else noted["before"], trainer.state.best_global_step or 0,
            done, watch.spent, done * self.plan.batch * first.tokens // max(1, first.round),
            watch.why(done, steps), None if own is None else (noted["own"], own),
        )  # fmt: skip

    def _begin(self, *, resume: bool) -> Path | None:
        """The state to go on from, if any. Raises TrainingError where it is none, or of another run."""
        latest = kept.latest(self.state)
        if resume:
            kept.same(self.state, self._identity)
            return latest
        if self.state.exists() or any(self.folder.glob("*.safetensors")):
            raise TrainingError(
                f"{self.folder} holds a run already; go on with it with --resume, or name another --out"
            )
        with kept.written(self.folder):
            self.state.mkdir(parents=True)
            kept.note(self.state, {"run": self._identity})
        return None

    def _trainer(self, rows: Rows, steps: int, every: int, watch: Watch) -> Any:
        import torch
        from transformers import EarlyStoppingCallback, PrinterCallback, ProgressCallback, TrainingArguments

        def batch(found: Sequence[dict[str, list[int]]]) -> dict[str, Any]:
            return {key: torch.tensor(value) for key, value in together(found).items()}

        cuda = self._device.startswith("cuda")
        arguments = TrainingArguments(
            output_dir=str(self.state), max_steps=steps, per_device_train_batch_size=self.plan.batch,
            learning_rate=self.plan.rate_for(self.parameters), lr_scheduler_type="constant_with_warmup",
            warmup_steps=min(20, max(1, steps // 10)), weight_decay=0.01, max_grad_norm=1.0,
            eval_strategy="steps", eval_steps=every, save_strategy="steps", save_steps=every,
            save_total_limit=2, load_best_model_at_end=True, metric_for_best_model="loss",
            greater_is_better=False, restore_callback_states_from_checkpoint=True, logging_steps=every,
            report_to="none", disable_tqdm=True, use_cpu=self._device == "cpu", seed=self.plan.seed,
            bf16=cuda and torch.cuda.is_bf16_supported(), train_sampling_strategy="sequential",
            remove_unused_columns=False, dataloader_pin_memory=cuda, label_names=["labels"],
        )  # fmt: skip
        trainer = _trainer_type()(
            model=self.model, args=arguments, train_dataset=rows, eval_dataset=self.material.held,
            data_collator=batch,
            callbacks=[watch.callback(), EarlyStoppingCallback(self.plan.patience)],
        )  # fmt: skip
        for callback in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(callback)
        return trainer


def _trainer_type() -> Any:
    from transformers import Trainer

    class HeldOut(Trainer):  # type: ignore[misc, unused-ignore]
        """The library's loop, whose held-out loss is the mean over tokens and not over rows."""

        def evaluate(self, *_given: Any, **_named: Any) -> dict[str, float]:
            held: Any = self.eval_dataset
            found = {"eval_loss": loss_of(self.model, held)}
            self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, found)
            return found

    return HeldOut


def held_rows(
    manner: Any, passages: Sequence[Any], length: int, most: int = 160
) -> list[dict[str, list[int]]]:
    """Held-out passages as rows in their plainest form, `most` of them, evenly drawn."""
    step = max(1, -(-len(passages) // most))
    return [learnt(manner.row(passage, None), length) for passage in passages[::step]]


def fitted(plan: Tuning, limit: int) -> Tuning:
    """The plan for a model that reads `limit` tokens at most."""
    return replace(plan, length=min(plan.length, limit))
