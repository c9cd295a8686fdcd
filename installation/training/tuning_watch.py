"""Who watches a run: tells how it goes, ends it when its time is over or somebody wants it to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class News:
    """How a run goes: `held` is the held-out loss where it was just heard, `better` whether it is the best yet."""

    step: int
    steps: int
    seconds: float
    loss: float
    held: float | None = None
    better: bool = False


Told = Callable[[News], None]


class Watch:
    """`limit` in seconds of learning, 0 for none; what went before a resumed run counts."""

    def __init__(self, told: Told, stopped: Callable[[], bool], limit: float, before: float) -> None:
        self._told, self._stopped, self._limit = told, stopped, limit
        self.best = before
        self.spent = self.loss = 0.0
        self._because = ""

    def why(self, done: int, steps: int) -> str:
        """Why it ended; see Outcome."""
        return self._because or ("end" if done >= steps else "risen")

    def over(self) -> bool:
        """Whether it has to end now."""
        self._because = "stopped" if self._stopped() else self._because
        if self._limit and self.spent >= self._limit:
            self._because = self._because or "minutes"
        return bool(self._because)

    def callback(self) -> Any:
        """What the library's loop calls."""
        from transformers import TrainerCallback
        from transformers.trainer_callback import ExportableState

        watch = self

        # the library names what it gives, so what is not read keeps its name
        class Watching(TrainerCallback, ExportableState):
            """Its state goes into every checkpoint."""

            def __init__(self, spent: float = 0.0, best: float = watch.best) -> None:
                watch.spent, watch.best = spent, best
                self._last = time.monotonic()

            def state(self) -> dict[str, Any]:
                return {"args": {"spent": watch.spent, "best": watch.best}, "attributes": {}}

            def on_train_begin(self, *_given: Any, **_named: Any) -> None:
                self._last = time.monotonic()

            def on_step_end(self, args: Any, state: Any, control: Any, **_named: Any) -> Any:  # noqa: ARG002
                now = time.monotonic()
                watch.spent, self._last = watch.spent + now - self._last, now
                if watch.over():
                    control.should_training_stop = True
                if watch.over() or state.global_step >= state.max_steps:
                    control.should_log = control.should_evaluate = control.should_save = True
                watch.tell(state, None)
                return control

            def on_log(self, args: Any, state: Any, control: Any, **named: Any) -> None:  # noqa: ARG002
                watch.loss = named["logs"].get("loss", watch.loss)

            def on_evaluate(self, args: Any, state: Any, control: Any, **named: Any) -> None:  # noqa: ARG002
                watch.tell(state, named["metrics"]["eval_loss"])

        return Watching()

    def tell(self, state: Any, held: float | None) -> None:
        """Pass on how it goes."""
        better = held is not None and held < self.best
        if held is not None and better:
            self.best = held
        self._told(News(state.global_step, state.max_steps, self.spent, self.loss, held, better))
