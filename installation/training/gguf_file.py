"""A GPT-2's folder as one GGUF file, for llama.cpp and everything that speaks with it.

Names and layout are those of the GGUF specification (ggml's docs/gguf.md) for the architecture `gpt2`.
The file also holds the prompt's format, so that the model hears prompts as it was trained on them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from installation.errors import VoiceError

FORMATS = ("f32", "f16", "q8_0")
"""Number formats of the matrices; vectors stay float32."""

_LAYER = {
    "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}  # fmt: skip
_OUTSIDE = {
    "wte.weight": "token_embd.weight", "wpe.weight": "position_embd.weight",
    "ln_f.weight": "output_norm.weight", "ln_f.bias": "output_norm.bias", "lm_head.weight": "output.weight",
}  # fmt: skip


def export(folder: Path, out: Path, numbers: str = "f16") -> int:
    """Write the model in `folder` (config.json, safetensors, tokenizer.json) to `out`; its bytes.

    Raises VoiceError for a model that is no plain GPT-2, or where something is missing."""
    try:
        import gguf
    except ImportError as error:
        raise VoiceError("writing a .gguf needs: pip install 'installation[llama]'") from error
    assert numbers in FORMATS, f"one of {FORMATS}"
    config = _json(folder / "config.json")
    if config.get("model_type") != "gpt2":
        raise VoiceError(
            f"{folder}: only a GPT-2 is written as .gguf here; llama.cpp's own tools know others"
        )
    made = out.with_name(out.name + ".part")
    try:
        writer = gguf.GGUFWriter(str(made), "gpt2")
        _describe(writer, folder, config, gguf.LlamaFileType[_FILE_TYPES[numbers]])
        _spell(writer, folder, config)
        for name, weight in _tensors(folder).items():
            _add(writer, gguf, name, weight, numbers)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        made.replace(out)
    except OSError as error:
        raise VoiceError(f"{out} cannot be written: {error}") from error
    finally:
        made.unlink(missing_ok=True)
    return out.stat().st_size


_FILE_TYPES = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}


def _describe(writer: Any, folder: Path, config: Mapping[str, Any], file_type: Any) -> None:
    writer.add_name(folder.resolve().name)
    writer.add_context_length(int(config["n_positions"]))
    writer.add_embedding_length(int(config["n_embd"]))
    writer.add_block_count(int(config["n_layer"]))
    writer.add_feed_forward_length(int(config.get("n_inner") or 4 * config["n_embd"]))
    writer.add_head_count(int(config["n_head"]))
    writer.add_layer_norm_eps(float(config.get("layer_norm_epsilon", 1e-5)))
    writer.add_file_type(file_type)
    prompt = _json(folder / "installation.json", {}).get("prompt_format")
    if prompt:
        writer.add_string("installation.prompt_format", prompt)
    for key, name in (("form", "installation"), ("pointers", "pointers"), ("kinds", "kinds")):
        if (folder / f"{name}.json").is_file():
            writer.add_string(f"installation.{key}", (folder / f"{name}.json").read_text(encoding="utf-8"))


def _spell(writer: Any, folder: Path, config: Mapping[str, Any]) -> None:
    """The vocabulary: every token's spelling and kind, and the merges."""
    tokenizer = _json(folder / "tokenizer.json")
    model, added = tokenizer["model"], {each["id"]: each for each in tokenizer.get("added_tokens", [])}
    before = tokenizer.get("pre_tokenizer") or {}
    if model.get("type") != "BPE" or before.get("type") != "ByteLevel":
        raise VoiceError(f"{folder}: only GPT-2's byte-level BPE is written as .gguf here")
    size = int(config["vocab_size"])
    spelled = {at: token for token, at in model["vocab"].items()}
    spelled |= {at: each["content"] for at, each in added.items()}
    normal, control, unused = 1, 3, 5
    kinds = [
        unused if at not in spelled else control if added.get(at, {}).get("special") else normal
        for at in range(size)
    ]
    merges = model["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([spelled.get(at, f"[unused {at}]") for at in range(size)])
    writer.add_token_types(kinds)
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in merges])
    end = _first(_json(folder / "generation_config.json", {}).get("eos_token_id", config.get("eos_token_id")))
    if end is not None:
        writer.add_bos_token_id(end)
        writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)
    if before.get("add_prefix_space"):
        writer.add_string("installation.add_prefix_space", "true")


def _tensors(folder: Path) -> dict[str, Any]:
    """The weights by GGUF's names, each (out, in) as llama.cpp reads them, float32."""
    from safetensors.numpy import load_file

    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise VoiceError(f"{folder}: no weights as safetensors here")
    found: dict[str, Any] = {}
    for file in files:
        for full, weight in load_file(file).items():
            name = full.removeprefix("transformer.")
            wide = weight.astype(np.float32)
            if name in _OUTSIDE:
                found[_OUTSIDE[name]] = wide
            elif name.startswith("h."):
                _, number, rest = name.split(".", 2)
                part, _, what = rest.rpartition(".")
                if part in _LAYER:  # else a mask, which is no weight
                    turned = wide.T if wide.ndim == 2 else wide
                    found[f"blk.{number}.{_LAYER[part]}.{what}"] = np.ascontiguousarray(turned)
    if "output.weight" in found and np.array_equal(found["output.weight"], found["token_embd.weight"]):
        del found["output.weight"]  # llama.cpp takes the same for both
    return found


def _add(writer: Any, gguf: Any, name: str, weight: Any, numbers: str) -> None:
    """One tensor: vectors and places as they are, matrices in their format where their width allows."""
    kinds = gguf.GGMLQuantizationType
    if weight.ndim == 1 or name.startswith("position") or numbers == "f32":
        writer.add_tensor(name, weight)
    elif numbers == "f16" or weight.shape[1] % 32:
        writer.add_tensor(name, weight.astype(np.float16))
    else:
        writer.add_tensor(name, gguf.quants.quantize(weight, kinds.Q8_0), raw_dtype=kinds.Q8_0)


def _first(ends: list[int] | int | None) -> int | None:
    return ends[0] if isinstance(ends, list) else ends


def _json(file: Path, absent: dict[str, Any] | None = None) -> dict[str, Any]:
    """A JSON object; `absent` where there is no such file. Raises VoiceError."""
    if absent is not None and not file.exists():
        return absent
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VoiceError(f"{file}: cannot be read ({error})") from error
    return found
