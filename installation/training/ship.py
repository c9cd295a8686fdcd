"""The finished model as a folder that plain `from_pretrained` loads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.training import controls, lexicon, pointing, record
from installation.training.corpus import fingerprint
from installation.training.lexicon import CORPUS

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel

FORMAT = " {prompt}\n"
"""How a prompt becomes context. The text follows directly and begins with a space."""
CHAT = """\
{%- set known = CONTROLS -%}
{%- set turn = namespace(controls='', said='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- for item in message.content.replace('[', '').replace(']', '').split(',') -%}
{%- set token = '<' ~ item.strip().replace(' ', '') ~ '>' -%}
{%- if token in known -%}{%- set turn.controls = turn.controls ~ token -%}{%- endif -%}
{%- endfor -%}
{%- elif message.role == 'user' -%}{%- set turn.said = message.content -%}
{%- endif -%}
{%- endfor -%}
{{- turn.controls ~ ' ' ~ turn.said.strip() ~ '\\n' -}}"""
"""For who chats with it elsewhere: the last line is the prompt, and a system's `[storm, energy 4]` its controls."""
CLASSIC = "classic.json"
"""A second generation configuration, the settings of the field's own example."""
NEVER_AGAIN = 6
"""Tokens in a row that the show does not let it say twice within some three hundred words."""


def ship(model: GPT2LMHeadModel, tokenizer: Any, folder: Path, common: Sequence[int] = ()) -> None:
    """Write weights (fp16 safetensors), configuration, tokenizer, licence, prompt format, pointers and kinds of
    lines to `folder`. `common`: the tokens it was trained on, the commonest first. Tokens that are no text are
    never said by plain `generate` either."""
    settings: dict[str, Any] = {"controls": list(controls.TOKENS), "never_again": NEVER_AGAIN}
    settings["trained_on"] = fingerprint()
    tokenizer.chat_template = CHAT.replace("CONTROLS", json.dumps(list(controls.TOKENS)))
    ship_plain(
        model, tokenizer, folder, settings | {"record": record.blank(lexicon.load()), "common": list(common)}
    )
    lines = json.dumps(controls.kinds(), separators=(",", ":"))
    (folder / "kinds.json").write_text(lines + "\n", encoding="utf-8")
    table = json.dumps(pointing.table(lexicon.load()), separators=(",", ":"))
    (folder / "pointers.json").write_text(table + "\n", encoding="utf-8")
    shutil.copy(CORPUS / "LICENSE", folder / "LICENSE")


def ship_plain(model: GPT2LMHeadModel, tokenizer: Any, folder: Path, settings: Mapping[str, Any]) -> None:
    """Weights, configuration, tokenizer and prompt format alone, with the `settings` of installation.json."""
    from transformers import GenerationConfig

    special = sorted(set(tokenizer.added_tokens_decoder) - {tokenizer.eos_token_id})
    generation = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True,
        temperature=0.6,
        top_p=0.9,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
        suppress_tokens=special or None,
    )
    ship_weights(model, tokenizer, folder, generation)
    _classic(folder, special)
    text = json.dumps({"prompt_format": FORMAT, **settings}) + "\n"
    (folder / "installation.json").write_text(text, encoding="utf-8")


def ship_weights(model: Any, tokenizer: Any, folder: Path, generation: Any = None) -> None:
    """Weights, configuration and tokenizer of a model of any kind."""
    import copy

    import torch

    folder.mkdir(parents=True, exist_ok=True)
    small = copy.deepcopy(model).cpu()
    small.to(torch.float16).eval()
    if generation is not None:
        small.generation_config = generation
    small.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    tokenizer.backend_tokenizer.model.save(str(folder))  # vocab.json and merges.txt, for older libraries
    for path in folder.glob("*.safetensors"):
        path.chmod(0o644)


def _classic(folder: Path, special: Sequence[int]) -> None:
    from transformers import GenerationConfig

    GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True, num_beams=5, num_return_sequences=3, early_stopping=True, max_length=100,
        temperature=0.7, top_k=50, top_p=0.95, bos_token_id=0, eos_token_id=0, pad_token_id=0,
        suppress_tokens=list(special) or None,
    ).save_pretrained(str(folder), CLASSIC)  # fmt: skip
