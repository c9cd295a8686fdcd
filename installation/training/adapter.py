"""A small addition to a model's weights (LoRA: Hu and others, 2021), put on with peft to be learnt, and saved as a
show wears it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from installation.errors import TrainingError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
MERGED = {
    "gpt2": ("c_attn", "c_proj", "c_fc"),
    "llama": ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
}
"""Modules that a show can merge an adapter into, where a model has them; of other models any linear one."""


def equipped(what: str, libraries: Sequence[str]) -> None:
    """Raises TrainingError where one of the libraries that `what` needs is missing."""
    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        raise TrainingError(f"{what} needs {' and '.join(missing)}: pip install 'installation[train]'")


def targets(model: Any) -> list[str]:
    """The names of the modules that an adapter changes. Raises TrainingError where there is none."""
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    last = model.get_output_embeddings()
    linear = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, Linear | Conv1D) and module is not last and module.weight.dim() == 2
    }
    for names in MERGED.values():
        if linear.issuperset(names):
            return sorted(names)
    if not linear:
        kind = model.config.model_type
        raise TrainingError(
            f"this {kind} has no linear modules in its layers, which an adapter could be merged into; "
            "take another model, or tune all its weights with --full"
        )
    return sorted(linear)


def dressed(model: Any, seed: int, rank: int, alpha: float, dropout: float = 0.0) -> Any:
    """The model wearing a fresh adapter, which says nothing yet and alone is learnt. Raises TrainingError where it
    has nowhere to be."""
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    set_seed(seed)

    lies = any(type(module).__name__ == "Conv1D" for module in model.modules())
    config = LoraConfig(
        r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=targets(model), bias="none",  # type: ignore[arg-type]
        fan_in_fan_out=lies, task_type="CAUSAL_LM",
    )  # fmt: skip
    with quiet():
        return get_peft_model(model, config)


def save(model: Any, folder: Path, base: str) -> None:
    """Write the adapter that `model` wears, on top of the model that its artist calls `base`, to a fresh `folder`."""
    model.save_pretrained(str(folder), save_embedding_layers=False)
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": base, "inference_mode": True}
    config["target_modules"] = sorted(config["target_modules"])
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    for name in (CONFIG, WEIGHTS):
        (folder / name).chmod(0o644)


@contextmanager
def quiet() -> Iterator[None]:
    """Without what the libraries tell of one another."""
    with warnings.catch_warnings():
        for kind in (FutureWarning, DeprecationWarning):
            warnings.simplefilter("ignore", kind)
        yield
