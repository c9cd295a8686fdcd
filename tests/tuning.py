"""Texts with a voice of their own, tiny models to learn them, and the command as an artist calls it."""

import random
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from installation import cli

sys.path.insert(0, str(Path(__file__).parent / "voice"))
import tiny_models

WATCHES = ("First", "Middle", "Morning", "Forenoon", "Dog")
WHO = ("The quartermaster", "Old Brannock", "Widow Maule", "The second engineer", "Our pilot")
DID = ("marked the sounding", "hauled in the lead line", "trimmed the binnacle lamp", "wrote up the log")
FOUND = (
    "seven fathoms, grit and shell",
    "nine fathoms, blue mud",
    "no bottom at twenty",
    "six fathoms, weed",
)
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def written(folder, count=24, seed=3):
    """A logbook of `count` entries as Markdown, with a licence."""
    rng = random.Random(seed)
    folder.mkdir(parents=True)
    for number in range(count):
        thing = ("lamp", "harbour", "fog", "bell", "sea")[number % 5]
        lines = [
            f"{rng.choice(WATCHES)} watch. {rng.choice(WHO)} {rng.choice(DID)}: {rng.choice(FOUND)}. "
            f"{rng.choice(WHO)} said the {thing} was a debt, and {rng.choice(DID)} without another word."
            for _ in range(2)
        ]
        (folder / f"{number:02}.md").write_text(f"# The {thing}\n\n" + "\n\n".join(lines) + "\n")
    (folder / "LICENSE").write_text("CC0 1.0 Universal\n")
    return folder


def tokenizer():
    """A byte-level one with the marks of a conversation."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=[tiny_models.END, "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator([*WHO, *DID, *FOUND, *WATCHES] * 5, trainer)
    return made


def chatty(folder):
    """A tiny Qwen that was tuned to chat, as far as its template says."""
    from transformers import PreTrainedTokenizerFast

    tiny_models.save(folder, "qwen2", tokenizer=tokenizer(), initializer_range=0.05)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer(), eos_token="<|im_end|>")  # noqa: S106
    wrapped.chat_template = CHAT
    wrapped.save_pretrained(folder)
    return folder


def model(folder, family, **changes):
    return tiny_models.save(folder, family, tokenizer=tokenizer(), initializer_range=0.05, **changes)


def tune(*arguments):
    return cli.main(["tune", *map(str, arguments)])


def figures(told):
    """The figures that were printed."""
    lines = [line.split() for line in told.splitlines() if line.startswith("figure ")]
    return {name: float(value) for _, name, value in lines}
