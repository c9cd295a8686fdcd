"""A model that speaks more like an artist's own texts: `installation tune house texts/ --out adapters/mine`."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.errors import VoiceError
from installation.messages import Steering
from installation.training.tuning_plan import EPOCHS, Tuning, TuningError

if TYPE_CHECKING:
    from installation.training.collection import Collection
    from installation.training.tuning import Material, Outcome
    from installation.training.tuning_rows import Manner, Passage, Replay
    from installation.training.tuning_watch import News
    from installation.voice.tongue import LibraryTongue

SAID, SAMPLES = 100, 6
"""Tokens of a sample, and how many are heard before and after; half of them are shown."""
OWN = 64
"""Of the house model's held-out texts, how many are heard for what it forgets."""


def add(commands: Any) -> None:
    """The command's place in the command line."""
    text = "tune a model to texts of your own: an adapter (LoRA), or with --full the whole model"
    command = commands.add_parser("tune", help=text, description=text)
    command.add_argument("model", metavar="MODEL", help="house, a Hugging Face id or a folder with a model")
    command.add_argument("texts", type=Path, metavar="TEXTS", help="a folder or file: .txt, .md, .jsonl")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the folder for the result")
    command.add_argument("--full", action="store_true", help="learn all weights; the result is a whole model")
    command.add_argument("--rank", type=_whole, default=Tuning.rank, help="of the adapter (%(default)s)")
    command.add_argument("--alpha", type=_above, default=None, help="the adapter's weight (twice the rank)")
    command.add_argument("--minutes", type=_above, default=0.0, help="learn so long at most")
    command.add_argument("--steps", type=_whole, default=0, help="learn so many steps at most")
    rounds = f"go through the texts so often at most ({EPOCHS}, where no other end is given)"
    command.add_argument("--epochs", type=_above, default=0.0, help=rounds)
    command.add_argument("--rate", type=_above, default=0.0, help="learning rate (chosen for the model)")
    command.add_argument("--batch", type=_whole, default=Tuning.batch, help="passages a step (%(default)s)")
    command.add_argument("--length", type=_long, default=Tuning.length, help="tokens a passage (%(default)s)")
    command.add_argument("--hold", type=_share, default=Tuning.hold, help="share of texts held out (%(default)s)")
    command.add_argument(
        "--replay",
        type=_share,
        default=Tuning.replay,
        help="the house model: share of its own texts in what it learns, so that it forgets less (%(default)s)",
    )
    command.add_argument("--seed", type=int, default=Tuning.seed, help="(%(default)s)")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps (%(default)s)")
    command.add_argument("--resume", action="store_true", help="go on with the run that FOLDER holds")
    command.set_defaults(do=tune, log="WARNING")


def tune(asked: argparse.Namespace) -> int:
    """Learn, write the result, and tell what became of it; 130 where Ctrl-C ended it. Raises
    InstallationError."""
    from installation.training import tuning, tuning_ship
    from installation.training.collection import collect
    from installation.voice.weights import device_of, model_hash

    tuning.equipped()
    place, device = _place(asked.model), device_of(asked.device)
    collection = collect(asked.texts)
    for told in collection.told:
        _tell(told)
    plan = _plan(asked)
    model, tokenizer = _fetched(place, device, full=plan.full)
    plan = tuning.fitted(plan, getattr(model.config, "max_position_embeddings", None) or plan.length)
    material, learnt, held = _material(place, model, tokenizer, collection, plan)
    _intend(asked, collection, learnt, held, plan)
    run = tuning.Run(model, plan, material, asked.out, device, asked.model)
    bar = Bar()
    with _stoppable() as stopped:
        outcome = run.go(bar.told, stopped, resume=asked.resume)
    bar.close()
    source = Path(place) if Path(place).is_dir() else None
    if plan.full:
        tuning_ship.save_whole(run.model, tokenizer, asked.out, source, _stored(place))
    else:
        tuning_ship.save_adapter(run.model, asked.out, asked.model)
    card = tuning_ship.Card(
        asked.model, model_hash(place), plan, plan.rate_for(run.parameters), outcome, collection, material.mark,
        shlex.join(["installation", *sys.argv[1:]]),
    )  # fmt: skip
    card.write(asked.out)
    card = _heard(card, place, asked.out, [*held, *learnt])
    card.write(asked.out)
    _conclude(card, asked.out)
    return 130 if outcome.why == "stopped" else 0


def _plan(asked: argparse.Namespace) -> Tuning:
    return Tuning(
        full=asked.full, rank=asked.rank, alpha=asked.alpha or 2.0 * asked.rank, rate=asked.rate,
        minutes=asked.minutes, steps=asked.steps, epochs=asked.epochs, batch=asked.batch, length=asked.length,
        hold=asked.hold, replay=asked.replay, seed=asked.seed,
    )  # fmt: skip


def _place(model: str) -> str:
    """The folder or the id of a model that can be tuned. Raises VoiceError or TuningError."""
    from installation.voice.catalogue import resolve

    kind, place = resolve(model, Path.cwd())
    if kind != "transformers":
        raise TuningError(f"{model}: a {kind} voice cannot be tuned; take house, a Hugging Face id or a folder")
    return place


def _fetched(place: str, device: str, *, full: bool) -> tuple[Any, Any]:
    """Model and tokenizer as they are learnt with: whole numbers, but an adapter's base on a card."""
    from installation.voice.weights import fetch

    dtype = "auto" if device.startswith("cuda") and not full else "float32"
    return fetch(place, device, dtype)


def _stored(place: str) -> Any:
    """The format of the numbers in a model's own files."""
    import torch
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(place).dtype or torch.float32


def _material(
    place: str, model: Any, tokenizer: Any, collection: Collection, plan: Tuning
) -> tuple[Material, list[Passage], list[Passage]]:
    """What is learnt from, and the passages to learn and held out. Raises TuningError where they are too few."""
    from installation.training import tuning, tuning_rows, tuning_ship
    from installation.voice.form import form_of
    from installation.voice.tongue import LibraryTongue, ends_of

    vocabulary = min(model.get_input_embeddings().num_embeddings, max(tokenizer.get_vocab().values()) + 1)
    form, ends = form_of(place), ends_of(model, tokenizer, vocabulary)
    tongue = LibraryTongue(tokenizer, vocabulary, ends, form.prompt_format, True, form)
    works = [replace(work, text=tongue.clean(work.text), prompt=tongue.clean(work.prompt)) for work in collection.texts]
    found = tuning_rows.passages(works, lambda text: len(tongue.encode(text, "\n")), plan.length)
    if len(found) < plan.batch + 1:
        raise TuningError(
            f"the texts make {len(found)} passage{'s' * (len(found) != 1)}, one of them is held out, and a batch takes "
            f"{plan.batch}; add texts, or take a smaller --batch or --length"
        )
    learnt, held = tuning_rows.parted(found, plan.hold, plan.seed)
    if len(learnt) < plan.batch:
        raise TuningError(
            f"{len(learnt)} passages are left to learn, and a batch takes {plan.batch}; add texts, or take a smaller "
            "--batch, --hold or --length"
        )
    manner, replay, own = _manner(tongue, tokenizer, form, ends, plan)

    def rows(count: int) -> tuning_rows.Rows:
        return tuning_rows.Rows(learnt, manner, plan.length, plan.seed, count, replay, plan.replay)

    heard = tuning.held_rows(manner, held, plan.length)
    guard = tuning.held_rows(manner, own, plan.length, OWN)
    return tuning.Material(rows, heard, guard, tuning_ship.mark_of(works)), learnt, held


def _manner(
    tongue: LibraryTongue, tokenizer: Any, form: Any, ends: frozenset[int], plan: Tuning
) -> tuple[Manner, Replay | None, list[Passage]]:
    """How a model is spoken to; for one trained as the house model was also what is replayed, and texts of its
    own that it was never trained on."""
    from installation.training import tuning_rows
    from installation.training.lexicon import load as load_lexicon
    from installation.training.tokenizer import encoder

    end = tokenizer.eos_token_id if tokenizer.eos_token_id in ends else min(ends, default=0)
    if form.pointers is None:
        most = plan.length // 2
        return tuning_rows.Plain(lambda text: tongue.prompt(text, most), lambda text: tongue.encode(text, "\n"), end), None, []
    encode = encoder(tokenizer)
    manner = tuning_rows.House(encode, load_lexicon(), form.controls, end)
    stream, documents = _stream(encode, plan)
    own = [tuning_rows.Passage(n, d.prompt, d.style, d.text, True) for n, d in enumerate(documents)]
    return manner, tuning_rows.Replay(stream, plan.seed) if plan.replay else None, own


def _stream(encode: Callable[[str], list[int]], plan: Tuning) -> tuple[Any, Any]:
    """(rows of the house model's own training, its held-out documents). Its grammar draws without the classifier
    of styles, which takes longer to fit than a short run takes."""
    import random

    from installation.training import corpus, grammar, lexicon, pretrain
    from installation.training.entities import Casting
    from installation.training.plan import Plan
    from installation.training.stream import Stream
    from installation.training.substitution import Substitution

    its = Plan()
    documents, held = pretrain.sources(its)
    words, rng = lexicon.load(), random.Random(plan.seed)  # noqa: S311 - seeded, no cryptography
    writer = grammar.Grammar(*grammar.load(), Casting(words, corpus.company(documents, words), rng), rng)
    meta = [Substitution(document, words) for document in pretrain.described(its)[0]]
    texts = [Substitution(document, words) for document in documents]
    return Stream(texts, meta, writer, words, encode, plan.length, rng), held


def _heard(card: Any, place: str, folder: Path, passages: list[Passage]) -> Any:
    """The card with what the show's own engine says before and after to the texts' prompts, and how much of it
    stands in them word for word."""
    from installation.training import reading
    from installation.training.corpus import Document

    prompts = list(dict.fromkeys(filter(None, (passage.prompt for passage in passages))))
    prompts += list(dict.fromkeys(" ".join(p.text.split()[:4]) for p in passages))
    prompts = prompts[:SAMPLES]
    worn = {"model": str(folder.resolve())} if card.plan.full else {"model": place, "adapter": str(folder.resolve())}
    before, after = (_said(settings, prompts) for settings in ({"model": place}, worn))
    known = [Document("", "", "", work.text) for work in card.collection.texts]
    runs = sum(max(0, len(text.split()) - 7) for text in after)
    shares = reading.overlap(before, known), reading.overlap(after, known)
    heard = list(zip(prompts, before, after, strict=True))[: SAMPLES // 2]
    return replace(card, heard=heard, verbatim=shares, runs=runs)


def _said(settings: dict[str, str], prompts: list[str]) -> list[str]:
    """What a voice says to each prompt, with a show's usual settings."""
    from installation.voice.transformers_model import TransformersVoice

    voice = TransformersVoice({**settings, "device": "cpu"}, "tune", Path.cwd())
    voice.load()
    texts = []
    for take, prompt in enumerate(prompts, 1):
        voice.begin("", 0)
        adapter = settings.get("adapter", "")
        voice.steer(Steering("tune", take, SAID, take, prompt=prompt, seed=take, adapter=adapter))
        texts.append("".join(voice.next().text for _ in range(SAID)))
    return texts


class Bar:
    """How far a run is: a bar where somebody looks on, else a line whenever the held-out texts were heard."""

    def __init__(self) -> None:
        self._bar: Any = None

    def told(self, news: News) -> None:
        """See tuning_watch.Told."""
        if sys.stderr.isatty():
            self._draw(news)
        if news.held is not None:
            best = ", the best so far" if news.better else ""
            total = f"/{news.steps}" if news.steps < 1_000_000 else ""
            self._line(
                f"step {news.step}{total}  {news.seconds:.0f} s  learnt {news.loss:.3f}  held out {news.held:.4f}{best}"
            )

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _draw(self, news: News) -> None:
        from tqdm import tqdm

        if self._bar is None:
            total = news.steps if news.steps < 1_000_000 else None
            self._bar = tqdm(total=total, initial=news.step, unit="step", leave=False)
        self._bar.update(news.step - self._bar.n)

    def _line(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text, file=sys.stderr)
        else:
            _tell(text)


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: the first time the step is finished and kept, the second time nothing is."""
    pressed = threading.Event()

    def press(*_given: Any) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()
        _tell("stopping: what was learnt is kept; Ctrl-C again breaks off at once")

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _intend(
    asked: argparse.Namespace, collection: Collection, learnt: list[Passage], held: list[Passage], plan: Tuning
) -> None:
    """Say what is about to be done."""
    how = "all weights" if plan.full else f"an adapter of rank {plan.rank}"
    _tell(
        f"{asked.model}: {how}; {len(collection.texts)} texts, {collection.words} words; {len(learnt)} passages to learn, "
        f"{len(held)} held out"
    )


def _conclude(card: Any, folder: Path) -> None:
    """Say what became of it."""
    outcome: Outcome = card.outcome
    out = sys.stdout.write
    for prompt, before, after in card.heard:
        out(f"\n[{prompt}]\nbefore: {before.strip()}\nafter:  {after.strip()}\n")
    out(f"\nfigure held_before {outcome.before:.4f}\nfigure held_after {outcome.after:.4f}\n")
    if outcome.guard:
        out(f"figure own_before {outcome.guard[0]:.4f}\nfigure own_after {outcome.guard[1]:.4f}\n")
    before, after = card.verbatim
    out(f"figure verbatim_before {before:.3f}\nfigure verbatim_after {after:.3f}\n")
    out(f"of {card.runs} eight-word runs that it said, {after:.1%} stand in the texts word for word (before: {before:.1%})\n")
    out(f"{_ENDED[outcome.why].format(best=outcome.best, steps=outcome.steps)}\n")
    if outcome.after >= outcome.before:
        out("it does not know these texts better than before: give it more texts, or a smaller --rate\n")
    wear = f"model: {folder}" if card.plan.full else f"model: {card.base}, adapter: {folder}"
    out(f"{folder} is written; a show speaks with it by: voice: {{{wear}}}\n")


_ENDED = {
    "end": "all {steps} steps are done; the best, step {best}, is kept",
    "risen": "the held-out loss rose, so it ended at step {steps}; the best, step {best}, is kept",
    "minutes": "the time is over at step {steps}; the best, step {best}, is kept",
    "stopped": "stopped at step {steps}; the best, step {best}, is kept; --resume goes on",
}


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _long(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 64 <= int(text) <= 131_072):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 64 on")
    return int(text)


def _above(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 0.9:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 0.9, as in 0.1")
    return number
