"""Learning from pairs by direct preference optimisation (Rafailov and others, 2023), held back on all sides.

Knows no text, only token ids. What is learnt is an adapter (LoRA): the model itself is the reference, and
stays as it is. After every few steps four things are measured on what is never learnt from, and the state
that is kept is the best of those that keep to the limits; where none does, nothing was learnt.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.errors import InstallationError
from installation.training.adapter import quiet

if TYPE_CHECKING:
    import torch

LEAST_BETA = 0.3
"""Below, some hundred pairs of one evening pull a model further than they are worth."""
MOST_RATE = 1e-3
GAIN = 0.003
"""Nats by which a state has to be better than the best before it: what is less may be chance."""
NEEDED = ("trl", "peft", "datasets", "accelerate")


class PreferenceError(InstallationError):
    """Nothing can be learnt, or what was learnt is not kept."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A pair as token ids: what was read, what was liked better behind it, what less."""

    prompt: tuple[int, ...]
    chosen: tuple[int, ...]
    rejected: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How it is learnt, and how far it may go. `drift`: nats a token, see Measured. `rise`: the share by which
    the loss on ordinary texts may rise. `patience`: looks without a better one after which it ends."""

    beta: float = LEAST_BETA
    rate: float = 1e-4
    steps: int = 200
    look: int = 10
    patience: int = 4
    drift: float = 0.25
    rise: float = 0.02
    rank: int = 8
    batch: int = 8
    seed: int = 7

    def check(self) -> None:
        """PreferenceError where they would not hold anything back."""
        if not self.beta >= LEAST_BETA:
            raise PreferenceError(
                f"beta {self.beta:g} is too small: below {LEAST_BETA:g} a model runs after a handful of pairs and "
                f"forgets the rest; write {LEAST_BETA:g} or more"
            )
        if not 0 < self.rate <= MOST_RATE:
            raise PreferenceError(f"rate {self.rate:g} is not above 0 and up to {MOST_RATE:g}; 1e-4 is usual")
        if min(self.steps, self.look, self.rank, self.batch) < 1:
            raise PreferenceError("steps, rank and batch are whole numbers from 1 on")


@dataclass(frozen=True, slots=True)
class Measured:
    """What is true after `step` steps, over the held-out pairs: the loss of the preference; the share of pairs
    that the model has come to prefer rightly, against itself as it was (a draw is a half), and the mean of
    beta times how much (`margin`, nats); the share whose better text is likelier a token than the worse; `drift`,
    how far a token's log-probability lies from what it was, in the mean. `ordinary`: the loss on ordinary
    texts, nats a token."""

    step: int
    loss: float
    accuracy: float
    margin: float
    likelier: float
    drift: float
    ordinary: float

    def fault(self, limits: Limits, before: Measured) -> str:
        """Which limit it breaks, or ``."""
        rise = self.ordinary / before.ordinary - 1
        if rise > limits.rise:
            return f"the loss on ordinary texts rose by {rise:.1%}, and {limits.rise:.1%} is allowed"
        if self.drift > limits.drift:
            return f"it drifted by {self.drift:.3f} nats a token, and {limits.drift:g} is allowed"
        return ""


@dataclass(slots=True)
class Learnt:
    """What came of it. `kept` is the state that the model is in now; `ended`: why it went on no longer."""

    before: Measured
    kept: Measured
    looks: list[Measured] = field(default_factory=list)
    ended: str = ""


class Course:
    """One learning run over a `dressed` model. `ordinary` are (prompt, text) as token ids; `tell` hears each look."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        held: Sequence[Lesson],
        ordinary: Sequence[tuple[tuple[int, ...], tuple[int, ...]]],
        limits: Limits,
        tell: Callable[[Measured], None] = lambda _: None,
    ) -> None:
        limits.check()
        self.model, self.tokenizer, self.limits, self._tell = model, tokenizer, limits, tell
        self._held, self._ordinary = held, ordinary
        with model.disable_adapter():
            self._reference = [self._both(lesson) for lesson in held]
        before = self._measure(0)
        self.learnt = Learnt(before, before)
        self._best: dict[str, torch.Tensor] = self._state()
        self._waited = 0

    def run(self, lessons: Sequence[Lesson], *, bar: bool = False) -> Learnt:
        """Learn; whatever ends it, the model is then in the best state that keeps to the limits."""
        try:
            with tempfile.TemporaryDirectory() as folder, quiet():
                self._trainer(lessons, Path(folder), bar=bar).train()
            self.learnt.ended = self.learnt.ended or f"all {self.limits.steps} steps were made"
        except KeyboardInterrupt:
            self.learnt.ended = "it was interrupted"
        self._go_back()
        return self.learnt

    def look(self, step: int) -> bool:
        """Measure after `step` steps; whether it shall go on."""
        found = self._measure(step)
        learnt, limits = self.learnt, self.limits
        learnt.looks.append(found)
        self._tell(found)
        if fault := found.fault(limits, learnt.before):
            learnt.ended = f"after {step} steps {fault}"
            return False
        if found.loss < learnt.kept.loss - GAIN:
            learnt.kept, self._best, self._waited = found, self._state(), 0
            return True
        self._waited += 1
        if self._waited >= limits.patience:
            learnt.ended = (
                f"after {step} steps the held-out pairs had not been better for {self._waited} looks"
            )
            return False
        return True

    def _measure(self, step: int) -> Measured:
        import torch
        from torch.nn import functional

        self.model.eval()
        now = [self._both(lesson) for lesson in self._held]
        gains = [
            [new - old for new, old in zip(*both, strict=True)]
            for both in zip(now, self._reference, strict=True)
        ]
        margins = (
            torch.stack([chosen.sum() - rejected.sum() for chosen, rejected in gains]) * self.limits.beta
        )
        rights = [0.5 if margin == 0 else float(margin > 0) for margin in margins.tolist()]
        likelier = [float(chosen.mean() > rejected.mean()) for chosen, rejected in now]
        moved = torch.cat([part for both in gains for part in both]).abs().mean()
        texts = torch.cat([self._logs(prompt, text) for prompt, text in self._ordinary])
        return Measured(
            step, -functional.logsigmoid(margins).mean().item(), sum(rights) / len(rights), margins.mean().item(),
            sum(likelier) / len(likelier), moved.item(), -texts.mean().item(),
        )  # fmt: skip

    def _both(self, lesson: Lesson) -> tuple[torch.Tensor, torch.Tensor]:
        return self._logs(lesson.prompt, lesson.chosen), self._logs(lesson.prompt, lesson.rejected)

    def _logs(self, prompt: Sequence[int], text: Sequence[int]) -> torch.Tensor:
        """The log-probability of each token of `text`."""
        import torch

        ids = torch.tensor([[*prompt, *text]], device=self.model.device)
        with torch.no_grad():
            logits = self.model(input_ids=ids).logits[0, len(prompt) - 1 : -1].float()
        found: torch.Tensor = logits.log_softmax(-1).gather(1, ids[0, len(prompt) :, None])[:, 0].cpu()
        return found

    def _state(self) -> dict[str, torch.Tensor]:
        """What is learnt, as it is now."""
        return {
            name: part.detach().clone() for name, part in self.model.named_parameters() if part.requires_grad
        }

    def _go_back(self) -> None:
        """To the best state, without the copy of the adapter that trl compared it with."""
        import torch

        if "ref" in self.model.peft_config:
            self.model.delete_adapter("ref")
        with torch.no_grad():
            for name, part in self.model.named_parameters():
                if name in self._best:
                    part.copy_(self._best[name])

    def _trainer(self, lessons: Sequence[Lesson], folder: Path, *, bar: bool) -> Any:
        from transformers import PrinterCallback, TrainerCallback

        trl: Any = import_module("trl")  # neither of the two brings types
        datasets: Any = import_module("datasets")

        limits, course = self.limits, self

        class Looking(TrainerCallback):
            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
                if state.global_step % limits.look == 0 or state.global_step == limits.steps:
                    control.should_training_stop |= not course.look(state.global_step)

        class Trainer(trl.DPOTrainer):  # type: ignore[misc]
            def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
                return dataset  # tokenised as the show does it: with controls, pointers, and no end put on

        rows = [
            {"prompt_ids": [*one.prompt], "chosen_ids": [*one.chosen], "rejected_ids": [*one.rejected]}
            for one in lessons
        ]
        config = trl.DPOConfig(
            output_dir=str(folder), beta=limits.beta, learning_rate=limits.rate, max_steps=limits.steps,
            per_device_train_batch_size=min(limits.batch, len(rows)), lr_scheduler_type="constant", seed=limits.seed,
            max_grad_norm=1.0, max_length=None, gradient_checkpointing=False, bf16=False, save_strategy="no",
            logging_strategy="no", report_to="none", disable_tqdm=not bar, use_cpu=self.model.device.type == "cpu",
            dataloader_pin_memory=False,
        )  # fmt: skip
        trainer = Trainer(
            self.model, args=config, train_dataset=datasets.Dataset.from_list(rows), processing_class=self.tokenizer,
            callbacks=[Looking()],
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        return trainer
