"""A training run that can be interrupted: what is learnt from, what is asked of the model, and the steps."""

from __future__ import annotations

import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from installation.errors import TrainingError
from installation.training.losses import Losses
from installation.training.muon import Muon
from installation.training.plan import Plan
from installation.training.progress import Progress
from installation.training.schedule import Schedule
from installation.training.tuning_state import written

if TYPE_CHECKING:
    from torch import Tensor

KEPT = 120.0
"""Seconds between two states that are kept, about."""
OFTEN = 20
"""Steps between two lines of the log."""
AGAIN = "make room and give the same command again"
"""What goes on with a run after a full disk."""


class OtherRun(TrainingError):
    """The kept state is of another plan."""


class Material(Protocol):
    """What is learnt from. All chance is in `rng`, so that its state is the material's."""

    tokenizer: Any
    rng: random.Random
    vocabulary: int
    """Tokens that there are."""
    unsaid: frozenset[int]
    """Tokens that are no text."""

    def row(self) -> tuple[list[int], list[float]]:
        """`length` tokens, and what each counts in the loss, 0 for not at all."""

    def apart(self) -> Iterator[tuple[list[int], list[int]]]:
        """(prompt, text) of every text that is never learnt."""


class Objective(Protocol):
    """What is asked of a model."""

    linear: bool
    """Whether its matrices are (out, in)."""

    def build(self, plan: Plan, vocabulary: int) -> Any:
        """A fresh model."""

    def is_matrix(self, name: str) -> bool:
        """Whether a parameter of two dimensions is a block's."""

    def batch(self, material: Material, plan: Plan) -> tuple[Tensor, Tensor]:
        """Tokens, and what is wanted of them, each (batch, length) or less."""

    def loss(self, model: Any, tokens: Tensor, wanted: Tensor) -> Tensor:
        """Mean loss in nats."""

    def apart(self, model: Any, material: Material, plan: Plan) -> float:
        """The same over what is held out; not a number where nothing is."""


class Run:
    """Its state lies in `folder` and is taken up again."""

    def __init__(
        self, plan: Plan, folder: Path, material: Material, objective: Objective, *, compiled: bool = False
    ) -> None:
        """`compiled`: the step is compiled first, which takes a minute and a C++ compiler and is a sixth
        quicker from then on. Raises OtherRun where the state is of another plan."""
        import torch

        torch.set_num_threads(plan.threads)
        self.plan, self.folder, self.material, self.objective = plan, folder, material, objective
        self.tokenizer = material.tokenizer
        self.model = objective.build(plan, material.vocabulary).to(plan.device)
        self.loss_of: Callable[[Any, Tensor, Tensor], Tensor] = objective.loss
        if compiled:
            self.loss_of = torch.compile(objective.loss)
        blocks: list[Any] = []
        others: list[Any] = []
        for name, parameter in self.model.named_parameters():
            (blocks if parameter.ndim == 2 and objective.is_matrix(name) else others).append(parameter)
        self.muon = Muon(blocks, linear=objective.linear)
        self.adam = torch.optim.AdamW(others, lr=plan.other_rate, betas=(0.9, 0.95), weight_decay=0.0)
        self.schedule = Schedule(plan.steps)
        self.step, self.spent, self.tokens = 0, 0.0, 0
        self.losses = Losses(folder)
        self._resume()

    def batch(self) -> tuple[Tensor, Tensor]:
        """See Objective.batch; on the plan's device."""
        tokens, wanted = self.objective.batch(self.material, self.plan)
        return tokens.to(self.plan.device), wanted.to(self.plan.device)

    def once(self) -> float:
        """One step; its loss."""
        import torch

        began = time.monotonic()
        tokens, wanted = self.batch()
        loss = self.loss_of(self.model, tokens, wanted)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        factor = self.schedule.rate(self.step)
        self.muon.step(self.plan.matrix_rate * factor, decay=self.plan.decay)
        for group in self.adam.param_groups:
            group["lr"] = self.plan.other_rate * factor
        self.adam.step()
        self.model.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += tokens.numel()
        self.spent += time.monotonic() - began
        self.schedule = self.schedule.decided(self.step, self.spent, self.plan.minutes * 60)
        return loss.item()

    def held_loss(self) -> float:
        """Mean loss over what is held out."""
        self.model.eval()
        try:
            return self.objective.apart(self.model, self.material, self.plan)
        finally:
            self.model.train()

    def common(self, rows: int = 1500) -> list[int]:
        """The tokens of text in so many further rows, the commonest first."""
        seen: Counter[int] = Counter()
        for _ in range(rows):
            seen.update(self.material.row()[0])
        return sorted(seen.keys() - self.material.unsaid, key=lambda token: (-seen[token], token))

    @property
    def done(self) -> bool:
        """Whether all steps are."""
        return bool(self.schedule.steps) and self.step >= self.schedule.steps

    def train(self, stopped: Callable[[], bool] = lambda: False, progress: Progress | None = None) -> None:
        """All steps, or until `stopped`, with a log and a state kept every two minutes or so. Raises
        TrainingError where the disk is full; the state kept before is whole then."""
        progress = progress or Progress()
        mean, kept = math.nan, time.monotonic()
        try:
            while not self.done and not stopped():
                loss = self.once()
                mean = loss if math.isnan(mean) else mean + 0.05 * (loss - mean)
                progress.show(self.step, self.schedule.steps, mean, self.tokens / self.spent, *self._far())
                if self.step % OFTEN == 0:
                    self._log(loss=mean, tokens=self.tokens, seconds=self.spent)
                if time.monotonic() - kept > KEPT:
                    self.keep()
                    kept = time.monotonic()
        finally:
            progress.end()
        self.keep()

    def _far(self) -> tuple[float, float]:
        """(the share that is done, seconds that are left)."""
        if self.schedule.steps:
            share = self.step / self.schedule.steps
        else:
            share = min(1.0, self.spent / (self.plan.minutes * 60))
        return share, self.spent * (1 / max(share, 1e-9) - 1)

    def keep(self) -> None:
        """Save, and log what the held-out texts cost. Raises TrainingError where that cannot be written."""
        self.save()
        self._log(held=self.held_loss())

    def _log(self, **figures: float) -> None:
        with written(self.folder / "loss.jsonl", AGAIN):
            self.losses.add(step=self.step, **figures)

    def save(self) -> None:
        """Write everything that a later run needs to go on from here: wholly or not at all."""
        import torch

        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state(),
            "adam": self.adam.state_dict(),
            "rng": self.material.rng.getstate(),
            "torch": torch.get_rng_state(),
            "progress": (self.step, self.spent, self.tokens, self.schedule.steps),
            "plan": asdict(self.plan),
        }
        # Into memory first: where the disk fills up under torch, it ends the whole process.
        whole = BytesIO()
        torch.save(state, whole)
        part = self.folder / "state.tmp"
        with written(self.folder, AGAIN):
            try:
                part.write_bytes(whole.getbuffer())
                part.replace(self.folder / "state.pt")
            except OSError:
                part.unlink(missing_ok=True)
                raise

    def _resume(self) -> None:
        import torch

        path = self.folder / "state.pt"
        if not path.exists():
            return
        try:
            state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        except Exception as error:
            raise TrainingError(f"{path} is no state of a run; remove it or name another --state") from error
        changed = self.plan.differs(state["plan"])
        if changed:
            raise OtherRun(f"{path} is of a run with another {changed}: remove it or name another --state")
        self.model.load_state_dict(state["model"])
        self.muon.restore(state["muon"])
        self.adam.load_state_dict(state["adam"])
        version, numbers, gauss = state["rng"]
        self.material.rng.setstate((version, tuple(numbers), gauss))
        if "torch" in state:
            torch.set_rng_state(state["torch"])
        self.step, self.spent, self.tokens, steps = state["progress"]
        self.schedule = Schedule(steps)
        self.losses.forget(self.step)

    def write_down(self, folder: Path) -> None:
        """The plan, what became of it, and the loss log with its plot, beside the model."""
        done = {"steps_done": self.step, "tokens_seen": self.tokens, "seconds": round(self.spent)}
        text = json.dumps({**asdict(self.plan), **done}, indent=2)
        (folder / "training.json").write_text(text + "\n", encoding="utf-8")
        (folder / "loss.jsonl").write_text(self.losses.text(), encoding="utf-8")
        (folder / "loss.svg").write_text(self.losses.plot(f"{self.step} steps"), encoding="utf-8")


def quiet() -> None:
    """The library's own bars and advice are none of an artist's."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def finish(folder: Path, write: Callable[[Path], None]) -> None:
    """What `write` puts into the folder it is given comes to `folder`, beside what else is there, once it is all
    written. Raises TrainingError where that cannot be."""
    import shutil

    with written(folder, AGAIN):
        beside = folder / ".new"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            beside.mkdir(parents=True)
            write(beside)
            for path in sorted(beside.iterdir(), key=lambda path: path.name == "config.json"):
                path.chmod(0o644)
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
