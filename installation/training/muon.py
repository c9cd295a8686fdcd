"""Muon: momentum whose matrices are made orthogonal before they become a step (Jordan et al., 2024)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

# Coefficients of the quintic iteration as published with the method.
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonal(matrices: Tensor, steps: int) -> Tensor:
    """`matrices` (..., rows, columns) with singular values near 1, by `steps` of Newton-Schulz."""
    tall = matrices.size(-2) > matrices.size(-1)
    x: Tensor = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return x.mT if tall else x


class Muon:
    """For matrices only: (in, out) as GPT-2 has them, whose joint projection (n, 3n) is taken as three, or, where
    they are `linear`, (out, in)."""

    def __init__(
        self, matrices: Iterable[Tensor], momentum: float = 0.95, steps: int = 3, *, linear: bool = False
    ) -> None:
        import torch

        self._matrices = list(matrices)
        self._momentum = momentum
        self._steps = steps
        self._linear = linear
        self._buffers = [torch.zeros_like(matrix) for matrix in self._matrices]

    def step(self, rate: float, decay: float = 0.0) -> None:
        """One step of every matrix against its gradient; `rate` is per unit of spectral norm."""
        import torch

        with torch.no_grad():
            for matrix, buffer in zip(self._matrices, self._buffers, strict=True):
                if matrix.grad is None:
                    continue
                buffer.lerp_(matrix.grad, 1 - self._momentum)
                ahead = matrix.grad.lerp(buffer, self._momentum)
                rows, columns = ahead.shape
                if columns == 3 * rows and not self._linear:
                    parts = ahead.view(rows, 3, rows).transpose(0, 1)
                    update = orthogonal(parts, self._steps).transpose(0, 1).reshape(rows, columns)
                else:
                    wider = rows / columns if self._linear else columns / rows
                    update = orthogonal(ahead, self._steps) * max(1.0, wider) ** 0.5
                matrix.mul_(1 - rate * decay).add_(update, alpha=-rate)

    def state(self) -> list[Tensor]:
        """What must be kept to go on later."""
        return self._buffers

    def restore(self, state: list[Tensor]) -> None:
        """Go on from a kept state."""
        for buffer, kept in zip(self._buffers, state, strict=True):
            buffer.copy_(kept)
