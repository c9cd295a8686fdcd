"""A model's weights: fetched, put on a device, named by a hash. Whatever goes wrong is a sentence.

Weights are read from safetensors only, and no code that comes with a model is run. Hugging Face's own
variables (HF_HOME, HF_TOKEN, HF_HUB_OFFLINE) are obeyed by its libraries.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from installation.errors import VoiceError

WHOLE_FILE = 64 << 20
SAMPLES, SAMPLE = 32, 64 << 10

CAUSES = (
    ((r"gated", r"\b401\b", r"\b403\b"), "this model asks for permission: accept its terms, set HF_TOKEN"),
    (
        (r"does not appear .*safetensors", r"no file named .*safetensors"),
        "no weights as safetensors here, and other formats are not read, because they can run code",
    ),
    ((r"safetensorerror",), "the weights are broken, fetch them again"),
    (
        (r"trust_remote_code", r"custom code"),
        "this model brings its own code, which is not run; take another",
    ),
    (
        (r"couldn't connect", r"connection", r"offline", r"internet"),
        "not on this machine, and the network does not give it; put it in a folder and name that",
    ),
    (
        (r"not a valid model identifier", r"repository not found", r"\b404\b"),
        "there is no such model on Hugging Face, nor a folder of that name",
    ),
    ((r"out of memory",), "too large for this device; take a smaller model, or device: cpu"),
)
"""What signs in a library's error mean."""


def fetch(place: str, device: str, dtype: str) -> tuple[Any, Any]:
    """Model, ready to run, and tokenizer; `stored` is the numbers' format in the model's own files.

    Raises VoiceError saying what to do."""
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")  # nobody is asked to convert pickles
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of texts that we cut ourselves
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))  # one is left to whoever draws
    if dtype in {"auto", "int8"}:  # int8 is our own decoder's; the library takes the device's usual
        dtype = {"cpu": "float32", "mps": "float16"}.get(device, "bfloat16")
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
        model: Any = AutoModelForCausalLM.from_pretrained(
            place,
            dtype="auto" if dtype == "stored" else getattr(torch, dtype),
            use_safetensors=True,
            trust_remote_code=False,
        )
        model = model.to(device).eval()
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        raise VoiceError(_why(place, error)) from error
    model.config.pad_token_id = None  # nothing is padded here, so there is nothing to warn of
    return model, tokenizer


def _why(place: str, error: Exception) -> str:
    """A sentence on what went wrong while loading, and what to do."""
    line = first_line(error)
    said = f"{type(error).__name__} {error}".lower()
    found = next((what for signs, what in CAUSES if any(re.search(sign, said) for sign in signs)), None)
    return f"{place}: {found or 'the model cannot be loaded'} ({line})"


def first_line(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def device_of(wanted: str) -> str:
    """The device to run on; `auto` takes CUDA, else MPS, else the CPU. Raises VoiceError."""
    import torch

    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    kind = wanted.partition(":")[0]
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if kind not in there:
        raise VoiceError(f"device: {wanted}: there are auto, cpu, cuda, cuda:1 and mps")
    if not there[kind]:
        raise VoiceError(f"device: {wanted}: this machine has none that torch can use; take auto")
    return wanted


def model_hash(place: str) -> str:
    """12 hexadecimal digits that name the weights: SHA-256 over small files whole, over large ones'
    header, length and evenly spaced samples. Empty where the weights' files cannot be found."""
    folder = Path(place)
    if not folder.is_dir():
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(place, "config.json")
        folder = Path(found).parent if isinstance(found, str) else folder
    return hash_of(sorted(folder.glob("*.safetensors")) if folder.is_dir() else [])


def hash_of(files: Sequence[Path]) -> str:
    """As `model_hash`, of these files; empty for none."""
    digest = hashlib.sha256()
    for file in files:
        _add_to(digest, file)
    return digest.hexdigest()[:12] if files else ""


def _add_to(digest: Any, path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= WHOLE_FILE:
            digest.update(file.read())
            return
        header = int.from_bytes(file.read(8), "little")
        digest.update(size.to_bytes(8, "little") + file.read(min(header, WHOLE_FILE)))
        for at in range(SAMPLES):
            file.seek(at * (size - SAMPLE) // (SAMPLES - 1))
            digest.update(file.read(SAMPLE))
