"""A random model of GPT-2's shape with the house model's own tokens, which keeps records."""

import json
from pathlib import Path

import numpy as np

from installation.training import lexicon, pointing, pretrain, record, tokenizer
from installation.voice.blank import Blank

FORM = record.blank(lexicon.load())
BLANK = Blank.of(FORM, Path("installation.json"))
KINDS = BLANK.fields[1].choices
WIDTH, PLACES = 32, 512
TEXTS = [" the sea at night\n A lamp, red and blue; the sailor's oil-painting of a gull's egg."]


def write(folder, seed=1, spread=0.4, **changes):
    """The model's folder. `changes`: of its installation.json."""
    words = ["sea", "lamp", "gull", "red", "blue", "linen", "the", "painting", "oil", "quiet"]
    tokenizer.train(TEXTS * 4, words, 480, folder, pretrain.specials())
    named = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    size = len(named["model"]["vocab"])
    config = {
        "model_type": "gpt2", "vocab_size": size, "n_head": 2, "n_layer": 1, "n_embd": WIDTH, "n_positions": PLACES,
        "eos_token_id": 0, "activation_function": "gelu_pytorch_tanh", "architectures": ["GPT2LMHeadModel"],
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    weights(folder, size, seed, spread)
    form = {"prompt_format": " {prompt}\n", "controls": ["<meta>", "<describe>"], "record": FORM}
    (folder / "installation.json").write_text(json.dumps(form | changes))
    (folder / "pointers.json").write_text(json.dumps(pointing.table(lexicon.load())))
    return folder


def weights(folder, size, seed, spread=0.4):
    """Random ones, as safetensors."""
    from safetensors.numpy import save_file

    drawn = np.random.default_rng(seed)
    shapes = {
        "wte.weight": (size, WIDTH), "wpe.weight": (PLACES, WIDTH), "ln_f.weight": (WIDTH,), "ln_f.bias": (WIDTH,),
        "h.0.ln_1.weight": (WIDTH,), "h.0.ln_1.bias": (WIDTH,), "h.0.ln_2.weight": (WIDTH,), "h.0.ln_2.bias": (WIDTH,),
        "h.0.attn.c_attn.weight": (WIDTH, 3 * WIDTH), "h.0.attn.c_attn.bias": (3 * WIDTH,),
        "h.0.attn.c_proj.weight": (WIDTH, WIDTH), "h.0.attn.c_proj.bias": (WIDTH,),
        "h.0.mlp.c_fc.weight": (WIDTH, 4 * WIDTH), "h.0.mlp.c_fc.bias": (4 * WIDTH,),
        "h.0.mlp.c_proj.weight": (4 * WIDTH, WIDTH), "h.0.mlp.c_proj.bias": (WIDTH,),
    }  # fmt: skip
    made = {f"transformer.{n}": drawn.normal(0, spread, s).astype(np.float32) for n, s in shapes.items()}
    save_file(made, folder / "model.safetensors", metadata={"format": "pt"})


def is_record(found):
    """Assert that it is one, within all its limits."""
    assert list(found) == list(record.ORDER)
    assert found["kind"] in KINDS
    for field in BLANK.fields:
        texts = found[field.name] if field.entries else [found[field.name]]
        assert isinstance(texts, list)
        assert len(texts) <= max(1, field.entries)
        assert len({text.casefold() for text in texts}) == len(texts)
        for text in texts:
            assert text
            assert text == text.strip()
            assert len(text.split()) <= field.words
            assert text.isprintable()
            assert not set(text) & set('"\\{}[]')
    assert found["alt"].endswith(".")
    assert found["alt"].count(".") == 1
