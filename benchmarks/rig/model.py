"""The model that speaks: the house model, or, where it is not trained yet, one of its shape that learnt nothing."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from installation.voice.catalogue import HOUSE


def model(folder: Path) -> tuple[str, str]:
    """What a show writes after `model:`, and what that is in words; a stand-in is written to `folder`."""
    if (HOUSE / "config.json").is_file() and list(HOUSE.glob("*.safetensors")):
        return "house", "the house model"
    # In a process of its own: the show process never imports torch.
    maker = multiprocessing.get_context("spawn").Process(target=write, args=(folder,))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise SystemExit("not measured: no house model, and the stand-in could not be written")
    return str(folder), "NOT the house model: one of its shape with random weights (its text is noise)"


def write(folder: Path) -> None:
    """A model of the house model's shape with random weights, and a tokenizer of our texts."""
    from installation.training import corpus, lexicon, tokenizer
    from installation.training.plan import Plan
    from installation.training.pretrain import build
    from installation.training.ship import ship

    plan = Plan()
    texts = (document.text for document in corpus.load())
    tokenizer.train(texts, lexicon.load().words(), plan.vocabulary, folder)
    ship(build(plan), tokenizer.load(folder), folder)
