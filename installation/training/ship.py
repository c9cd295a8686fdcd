"""The finished model as a folder that plain `from_pretrained` loads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.training.lexicon import CORPUS

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel

FORMAT = " {prompt}\n"
"""How a prompt becomes context. The text follows directly and begins with a space."""


def ship(model: GPT2LMHeadModel, tokenizer: Any, folder: Path) -> None:
    """Write weights (fp16 safetensors), configuration, tokenizer, licence and prompt format to `folder`."""
    import copy

    import torch
    from transformers import GenerationConfig

    folder.mkdir(parents=True, exist_ok=True)
    small: Any = copy.deepcopy(model)
    small.to(torch.float16).eval()
    small.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True, temperature=0.6, top_p=0.9, bos_token_id=0, eos_token_id=0, pad_token_id=0
    )
    small.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    tokenizer.backend_tokenizer.model.save(str(folder))  # vocab.json and merges.txt, for older libraries
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)
    settings = json.dumps({"prompt_format": FORMAT}, indent=2)
    (folder / "installation.json").write_text(settings + "\n", encoding="utf-8")
    shutil.copy(CORPUS / "LICENSE", folder / "LICENSE")
