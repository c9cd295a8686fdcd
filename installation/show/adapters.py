"""An adapter's folder as a show names it: what peft saves, read as far as that needs no weights.

Low-rank adaptation: Hu and others, LoRA, 2021. The format is that of the peft library, whose name stands
in it; the library is not needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.errors import VoiceError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


@dataclass(frozen=True, slots=True)
class Lora:
    """A configuration: `rank` and `alpha` hold where neither pattern names the module. `rooted`: the scale
    is alpha over the square root of the rank (Kalajdzievski, 2023), not over the rank."""

    rank: int
    alpha: float
    rooted: bool
    ranks: Mapping[str, int]
    alphas: Mapping[str, float]

    def rank_of(self, module: str) -> int:
        """The rank of a module's two matrices."""
        return next((rank for end, rank in self.ranks.items() if _names(end, module)), self.rank)

    def scale(self, module: str, rank: int) -> float:
        """What the product of a module's two matrices is multiplied by."""
        alpha = next((alpha for end, alpha in self.alphas.items() if _names(end, module)), self.alpha)
        return float(alpha / (rank**0.5 if self.rooted else rank))


def lora(folder: Path) -> Lora:
    """The configuration of an adapter. Raises VoiceError for what is missing, or cannot be merged."""
    if not folder.is_dir():
        raise VoiceError(f"there is no folder {folder}; an adapter is a folder with {CONFIG} and {WEIGHTS}")
    found = _read(folder)
    if not (folder / WEIGHTS).is_file():
        other = folder / "adapter_model.bin"
        why = (
            "adapter_model.bin can run code and is not read" if other.is_file() else f"{CONFIG} stands alone"
        )
        raise VoiceError(f"{folder}: {WEIGHTS} is missing ({why}); save the adapter as safetensors")
    kind = str(found.get("peft_type", "")).upper()
    if kind != "LORA":
        raise VoiceError(f"{folder}: peft_type is {kind or 'missing'}; only LORA can be merged into a model")
    for key, right in _REFUSED.items():
        if found.get(key) not in (None, False, [], {}, "none"):
            raise VoiceError(f"{folder}: {key} is set, and cannot be merged here; {right}")
    try:
        return Lora(
            int(found["r"]), float(found["lora_alpha"]), bool(found.get("use_rslora")),
            {str(end): int(rank) for end, rank in (found.get("rank_pattern") or {}).items()},
            {str(end): float(alpha) for end, alpha in (found.get("alpha_pattern") or {}).items()},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VoiceError(f"{folder}: {CONFIG} gives no r and lora_alpha as numbers") from error


_REFUSED = {
    "use_dora": "train it with use_dora=False",
    "modules_to_save": "train it without modules of its own",
    "bias": "train it with bias='none'",
    "trainable_token_indices": "train it without tokens of its own",
    "layer_replication": "train it for the layers that the model has",
}


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise VoiceError(
            f"{folder}: {CONFIG} is missing; an adapter is a folder with it and {WEIGHTS}"
        ) from None
    except (OSError, ValueError) as error:
        raise VoiceError(f"{folder}: {CONFIG} cannot be read as JSON; save the adapter anew") from error
    if not isinstance(found, dict):
        raise VoiceError(f"{folder}: {CONFIG} is no JSON object; save the adapter anew")
    return found


def _names(end: str, module: str) -> bool:
    """Whether a pattern's key means a module: its whole path, or the end of it."""
    return module == end or module.endswith("." + end)
