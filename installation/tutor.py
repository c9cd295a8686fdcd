"""What a model learns an artist's texts from, in the show's own form, and what the show's own engine says after."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from installation.errors import TrainingError
from installation.messages import Steering
from installation.training import (
    corpus,
    grammar,
    lexicon,
    pretrain,
    reading,
    tuning,
    tuning_rows,
    tuning_ship,
)
from installation.training.collection import Collection
from installation.training.corpus import Document
from installation.training.entities import Casting
from installation.training.plan import Plan
from installation.training.stream import Stream
from installation.training.substitution import Substitution
from installation.training.tokenizer import encoder
from installation.training.tuning import Material
from installation.training.tuning_plan import Tuning
from installation.training.tuning_rows import Manner, Passage, Replay
from installation.voice import transformers_model
from installation.voice.catalogue import resolve
from installation.voice.form import form_of
from installation.voice.tongue import LibraryTongue, ends_of
from installation.voice.weights import fetch

SAID, SAMPLES = 100, 6
"""Tokens of a sample, and how many are heard before and after; half of them are shown."""
OWN = 64
"""Of the house model's held-out answers, how many are heard for what it forgets."""


def place_of(model: str) -> str:
    """The folder or the id of a model that can be tuned. Raises VoiceError or TrainingError."""

    kind, place = resolve(model, Path.cwd())
    if kind != "transformers":
        raise TrainingError(
            f"{model}: a {kind} voice cannot be tuned; take house, a Hugging Face id or a folder"
        )
    return place


def fetched(place: str, device: str, *, full: bool) -> tuple[Any, Any]:
    """Model and tokenizer as they are learnt with: whole numbers, but an adapter's base on a card."""

    dtype = "auto" if device.startswith("cuda") and not full else "float32"
    return fetch(place, device, dtype)


def material_of(
    place: str, model: Any, tokenizer: Any, collection: Collection, plan: Tuning
) -> tuple[Material, list[Passage], list[Passage]]:
    """What is learnt from, and the passages to learn and held out. Raises TrainingError where they are too few."""

    vocabulary = min(model.get_input_embeddings().num_embeddings, max(tokenizer.get_vocab().values()) + 1)
    form, ends = form_of(place), ends_of(model, tokenizer, vocabulary)
    tongue = LibraryTongue(tokenizer, vocabulary, ends, form.prompt_format, True, form)
    works = [
        replace(work, text=tongue.clean(work.text), prompt=tongue.clean(work.prompt))
        for work in collection.texts
    ]
    found = tuning_rows.passages(works, lambda text: len(tongue.encode(text, "\n")), plan.length)
    if len(found) < plan.batch + 1:
        raise TrainingError(
            f"the texts make {len(found)} passage{'s' * (len(found) != 1)}, one of them is held out, and a batch takes "
            f"{plan.batch}; add texts, or take a smaller --batch or --length"
        )
    learnt, held = tuning_rows.parted(found, plan.hold, plan.seed)
    if len(learnt) < plan.batch:
        raise TrainingError(
            f"{len(learnt)} passages are left to learn, and a batch takes {plan.batch}; add texts, or take a smaller "
            "--batch, --hold or --length"
        )
    manner, replay, own = _manner(tongue, tokenizer, form, ends, plan)
    room = plan.length + (tuning_rows.BEFORE if replay else 0)
    room = min(room, getattr(model.config, "max_position_embeddings", None) or room)

    def rows(count: int) -> tuning_rows.Rows:
        return tuning_rows.Rows(learnt, manner, room, plan.seed, count, replay, plan.replay)

    heard = tuning.held_rows(manner, held, plan.length)
    guard = tuning.held_rows(manner, own, plan.length, OWN)
    return tuning.Material(rows, heard, guard, tuning_ship.mark_of(works)), learnt, held


def _manner(
    tongue: LibraryTongue, tokenizer: Any, form: Any, ends: frozenset[int], plan: Tuning
) -> tuple[Manner, Replay | None, list[Passage]]:
    """How a model is spoken to; for one trained as the house model was also what is replayed, and texts of its
    own that it was never trained on."""

    end = tokenizer.eos_token_id if tokenizer.eos_token_id in ends else min(ends, default=0)
    if form.pointers is None:
        most = plan.length // 2
        return (
            tuning_rows.Plain(lambda text: tongue.prompt(text, most), partial(tongue.answer, ""), end),
            None,
            [],
        )
    encode = encoder(tokenizer)
    stream, learnt, kept = _stream(encode, plan)
    manner = tuning_rows.House(encode, lexicon.load(), form.controls, end, tuple(d.text for d in learnt))
    own, answers = (
        [
            tuning_rows.Passage(n, d.prompt, d.style, d.text, True)
            for n, d in enumerate(documents)
            if d.style == "answer"
        ]
        for documents in (kept, learnt)
    )
    replay = tuning_rows.Replay(stream, encode, plan.seed, answers, manner) if plan.replay else None
    return manner, replay, own


def _stream(encode: Callable[[str], list[int]], plan: Tuning) -> tuple[Any, Any, Any]:
    """(rows of the house model's own training, its documents, those held out). Its grammar draws without the classifier
    of styles, which takes longer to fit than a short run takes."""
    its = Plan()
    documents, held = pretrain.sources(its)
    words, rng = lexicon.load(), random.Random(plan.seed)  # noqa: S311 - seeded, no cryptography
    writer = grammar.Grammar(*grammar.load(), Casting(words, corpus.company(documents, words), rng), rng)
    meta = [Substitution(document, words) for document in pretrain.described(its)[0]]
    texts = [Substitution(document, words) for document in documents]
    return Stream(texts, meta, writer, words, encode, plan.length, rng), documents, held


def heard(card: Any, place: str, folder: Path, passages: list[Passage]) -> Any:
    """The card with what the show's own engine says before and after to the texts' prompts, and how much of it
    stands in them word for word."""

    prompts = list(dict.fromkeys(filter(None, (passage.prompt for passage in passages))))
    prompts += list(dict.fromkeys(" ".join(p.text.split()[:4]) for p in passages))
    prompts = prompts[:SAMPLES]
    worn = (
        {"model": str(folder.resolve())}
        if card.plan.full
        else {"model": place, "adapter": str(folder.resolve())}
    )
    before, after = (_said(settings, prompts) for settings in ({"model": place}, worn))
    known = [Document("", "", "", work.text) for work in card.collection.texts]
    runs = sum(max(0, len(text.split()) - 7) for text in after)
    shares = reading.overlap(before, known), reading.overlap(after, known)
    heard = list(zip(prompts, before, after, strict=True))[: SAMPLES // 2]
    return replace(card, heard=heard, verbatim=shares, runs=runs)


def _said(settings: dict[str, str], prompts: list[str]) -> list[str]:
    """What a voice says to each prompt, with a show's usual settings."""

    voice = transformers_model.TransformersVoice({**settings, "device": "cpu"}, "tune", Path.cwd())
    voice.load()
    texts = []
    for take, prompt in enumerate(prompts, 1):
        voice.begin("", 0)
        adapter = settings.get("adapter", "")
        voice.steer(Steering("tune", take, SAID, take, prompt=prompt, seed=take, adapter=adapter))
        texts.append("".join(voice.next().text for _ in range(SAID)))
    return texts
