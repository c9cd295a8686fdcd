"""How fast to learn at which step, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Warm up, stay, decay to zero. `steps` is 0 until a clock has decided the length."""

    steps: int
    warm: int = 60
    falling: float = 0.3
    """The share of all steps in which the rate falls."""

    def rate(self, step: int) -> float:
        """The factor, 0 to 1, of the learning rate at `step` (from 0)."""
        factor = min(1.0, (step + 1) / self.warm)
        if self.steps:
            factor = min(factor, (self.steps - step) / max(1.0, self.steps * self.falling))
        return max(0.0, factor)

    def decided(self, step: int, spent: float, budget: float) -> Schedule:
        """The schedule once `spent` of `budget` seconds went into `step` steps.

        The length is fixed when the time to fall has come, so that the run can be repeated exactly
        with that number of steps and no clock."""
        if self.steps or step == 0 or spent < budget * (1 - self.falling):
            return self
        return Schedule(round(step / (1 - self.falling)), self.warm, self.falling)
