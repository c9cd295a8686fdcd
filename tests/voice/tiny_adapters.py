"""Adapters of a few kilobytes, saved as peft saves them, and models into which they were merged by hand."""

import copy
import json

TARGETS = {
    "gpt2": ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"),
    "llama": (
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
    ),
}  # fmt: skip


def targets(model, only=None):
    """The modules of a model that an adapter may change, by name; `only` those that end so."""
    kind = "gpt2" if model.config.model_type == "gpt2" else "llama"
    ends = tuple(f".{end}" for end in TARGETS[kind] if only is None or end in only)
    return {name: module for name, module in model.named_modules() if name.endswith(ends)}


def write(folder, model, only=None, *, rank=4, alpha=8, seed=5, size=0.3, tensors=None, **config):
    """An adapter for these modules with random weights; `tensors`: what is saved otherwise, None: not."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    given = torch.Generator().manual_seed(seed)
    saved = {}
    for name, module in targets(model, only).items():
        first, second = module.weight.shape
        coming, going = (first, second) if conv(module) else (second, first)
        own = next((r for end, r in config.get("rank_pattern", {}).items() if name.endswith(end)), rank)
        stem = f"base_model.model.{name}"
        saved[f"{stem}.lora_A.weight"] = torch.randn(own, coming, generator=given) * size
        saved[f"{stem}.lora_B.weight"] = torch.randn(going, own, generator=given) * size
    saved = {name: tensor for name, tensor in (saved | (tensors or {})).items() if tensor is not None}
    save_file(saved, folder / "adapter_model.safetensors")
    whole = {"peft_type": "LORA", "r": rank, "lora_alpha": alpha, "bias": "none", "use_dora": False} | config
    (folder / "adapter_config.json").write_text(json.dumps(whole))
    return folder


def merged(model, folder, scale=2.0):
    """The model with W + scale B A for each module; `scale`: one for all, or by the end of their names."""
    import torch
    from safetensors.torch import load_file

    tensors = load_file(folder / "adapter_model.safetensors")
    made = copy.deepcopy(model)
    with torch.no_grad():
        for name, module in made.named_modules():
            stem = f"base_model.model.{name}.lora_"
            if f"{stem}A.weight" in tensors:
                by = (
                    scale
                    if isinstance(scale, float)
                    else next(s for e, s in scale.items() if name.endswith(e))
                )
                delta = by * tensors[f"{stem}B.weight"] @ tensors[f"{stem}A.weight"]
                module.weight += delta.t() if conv(module) else delta
    return made


def conv(module):
    return type(module).__name__ == "Conv1D"
