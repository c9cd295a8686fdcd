"""An adapter's weights: for some modules of a model two narrow matrices, whose product is added to theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installation.errors import VoiceError
from installation.show.adapters import WEIGHTS, Lora, lora
from installation.voice.weights import first_line

if TYPE_CHECKING:
    import torch

_NAME = re.compile(r"(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<which>[AB])(?:\.default)?\.weight")


@dataclass(frozen=True, slots=True)
class Factors:
    """What is added to one module: scale × (up down), `down` (rank, in) and `up` (out, rank)."""

    down: torch.Tensor
    up: torch.Tensor
    scale: float

    def delta(self) -> torch.Tensor:
        """The whole of it, (in, out) in float32."""
        return (self.up @ self.down).t() * self.scale


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter as it was read: what it adds, by the module's name in the library's model."""

    folder: Path
    factors: Mapping[str, Factors]

    def delta(self, module: str, coming: int, going: int) -> torch.Tensor:
        """What is added to a module that takes `coming` numbers and gives `going`. Raises VoiceError."""
        factors = self.factors[module]
        found = factors.down.shape[1], factors.up.shape[0]
        if found != (coming, going):
            raise VoiceError(
                f"{self.folder}: {module} is made for a matrix of {found[0]} × {found[1]}, and this model's is "
                f"{coming} × {going}; take an adapter that was trained on this model"
            )
        return factors.delta()


def read_adapter(folder: Path) -> Adapter:
    """The adapter of a folder. Raises VoiceError for what cannot be read, or fits nothing."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    config = lora(folder)
    try:
        tensors = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError, ValueError) as error:
        raise VoiceError(f"{folder}: {WEIGHTS} cannot be read ({first_line(error)})") from error
    halves: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        found = _NAME.fullmatch(key)
        if found is None or tensor.dim() != 2:
            raise VoiceError(
                f"{folder}: {key} cannot be merged; only lora_A and lora_B of linear modules can"
            )
        if not tensor.isfinite().all():
            raise VoiceError(
                f"{folder}: {key} holds numbers that are none (NaN or infinite); its training went astray, "
                "take an earlier state of it"
            )
        halves.setdefault(found["module"], {})[found["which"]] = tensor.float()
    if not halves:
        raise VoiceError(f"{folder}: {WEIGHTS} is empty; save the adapter anew")
    return Adapter(
        folder, {module: _factors(folder, config, module, pair) for module, pair in halves.items()}
    )


def _factors(folder: Path, config: Lora, module: str, pair: Mapping[str, torch.Tensor]) -> Factors:
    if set(pair) != {"A", "B"}:
        raise VoiceError(
            f"{folder}: of {module} there is only lora_{next(iter(pair))}; save the adapter anew"
        )
    down, up, wanted = pair["A"], pair["B"], config.rank_of(module)
    if not down.shape[0] == up.shape[1] == wanted:
        ranks = f"lora_A has rank {down.shape[0]}, lora_B {up.shape[1]}, the configuration says {wanted}"
        raise VoiceError(f"{folder}: {module}: {ranks}; weights and configuration belong to one training")
    return Factors(down, up, config.scale(module, wanted))
