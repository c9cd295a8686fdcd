"""Train the house model from nothing: `python -m installation.training.pretrain --out FOLDER`."""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installation.errors import InstallationError
from installation.training import controls, corpus, grammar, lexicon, pointing, record, styles, tokenizer
from installation.training.entities import Casting
from installation.training.muon import Muon
from installation.training.plan import Plan
from installation.training.schedule import Schedule
from installation.training.ship import ship
from installation.training.stream import Stream, spaced
from installation.training.substitution import Substitution

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import GPT2LMHeadModel


MASK = "<mask>"
"""What stands for a torn word where a masked model fills it in."""
_SHAPE = ("seed", "batch", "length", "width", "layers", "vocabulary", "held")


class OtherRun(InstallationError):
    """The kept state is of another plan."""


def sources(plan: Plan) -> tuple[list[corpus.Document], list[corpus.Document]]:
    """(training documents, held-out documents)."""
    return corpus.split(corpus.load(), plan.held, plan.seed)


def described(plan: Plan) -> tuple[list[corpus.Document], list[corpus.Document]]:
    """(training, held out) of the descriptions with their records."""
    return corpus.split(corpus.load(styles=("meta",)), plan.held, plan.seed)


def stream(plan: Plan, documents: list[corpus.Document], encode: Any) -> Stream:
    """The rows that `plan` trains on."""
    rng = random.Random(plan.seed)  # noqa: S311 - seeded, no cryptography
    words = lexicon.load()
    casting = Casting(words, corpus.company(documents, words), rng)
    writer = grammar.Grammar(*grammar.load(), casting, rng)
    meta = [Substitution(d, words) for d in described(plan)[0]]
    texts = [Substitution(d, words) for d in documents]
    heard = styles.fit([(d.text, d.style) for d in documents], words)
    return Stream(texts, meta, writer, words, encode, plan.length, rng, heard)


def specials() -> tuple[str, ...]:
    """Every token that is no text, but for the end."""
    kinds = (controls.kind_token(kind) for kind in controls.kinds())
    return (*controls.TOKENS, *pointing.tokens(), *kinds, *record.tokens(), MASK)


def build(plan: Plan) -> GPT2LMHeadModel:
    """A fresh model of GPT-2's shape."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(plan.seed)
    config = GPT2Config(
        vocab_size=plan.vocabulary,
        n_positions=plan.length,
        n_embd=plan.width,
        n_layer=plan.layers,
        n_head=plan.width // 32,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    return GPT2LMHeadModel(config)


def loss_of(model: GPT2LMHeadModel, tokens: Tensor, weight: Tensor) -> Tensor:
    """Mean loss in nats over the tokens by their `weight`, 0 for not at all; both are (rows, length)."""
    import torch
    from torch.nn import functional

    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.transformer(tokens, use_cache=False).last_hidden_state
        wanted = weight[:, 1:] > 0
        logits = hidden[:, :-1][wanted] @ model.transformer.wte.weight.T
    losses = functional.cross_entropy(logits.float(), tokens[:, 1:][wanted], reduction="none")
    shares = weight[:, 1:][wanted].float()
    return (losses * shares).sum() / shares.sum()


def named_again(row: list[int], nouns: frozenset[int]) -> list[bool]:
    """For each token of `row` whether it is one of `nouns` and stood in the row before."""
    seen: set[int] = set()
    again = []
    for token in row:
        again.append(token in seen)
        if token in nouns:
            seen.add(token)
    return again


class Run:
    """A training run that can be interrupted: its state lies in `folder` and is taken up again."""

    def __init__(self, plan: Plan, folder: Path, *, compiled: bool = False) -> None:
        """`compiled`: the step is compiled first, which takes a minute and a C++ compiler and is a sixth
        quicker from then on."""
        import torch

        torch.set_num_threads(plan.threads)
        self.plan, self.folder = plan, folder
        self.training, self.held = sources(plan)
        self.tokenizer = self._tokenizer()
        self.encode = tokenizer.encoder(self.tokenizer)
        self.rows = stream(plan, self.training, self.encode)
        single = (self.encode(f" {word}") for word in lexicon.load().forms)
        self.nouns = frozenset(ids[0] for ids in single if len(ids) == 1)
        self.pointers = [self.encode(token)[0] for token in pointing.tokens() if "P" in token]
        self.model = build(plan)
        self.loss_of: Callable[[GPT2LMHeadModel, Tensor, Tensor], Tensor] = loss_of
        if compiled:
            self.loss_of = torch.compile(loss_of)
        blocks = [p for n, p in self.model.named_parameters() if p.ndim == 2 and ".h." in n]
        others = [p for n, p in self.model.named_parameters() if not (p.ndim == 2 and ".h." in n)]
        self.muon = Muon(blocks)
        self.adam = torch.optim.AdamW(others, lr=plan.other_rate, betas=(0.9, 0.95), weight_decay=0.0)
        self.schedule = Schedule(plan.steps)
        self.step, self.spent, self.tokens = 0, 0.0, 0
        self._resume()

    def _tokenizer(self) -> Any:
        """The tokenizer of this run, trained first where there is none."""
        place = self.folder / "tokenizer"
        if not (place / "tokenizer.json").exists():
            rows = stream(self.plan, self.training, lambda _: [1] * self.plan.length)
            framed = [spaced(rows.sample()) for _ in range(6000)]
            written = [spaced(f"{d.prompt}\n{d.text}") for d in self.training]
            written += [spaced(f"{d.prompt}\n{record.plain(d.text)}") for d in described(self.plan)[0]]
            words = lexicon.load().words()
            tokenizer.train([*framed, *written], words, self.plan.vocabulary, place, specials())
        return tokenizer.load(place)

    def batch(self) -> tuple[Tensor, Tensor]:
        """(tokens, weight), each (batch, length)."""
        import torch

        rows = [self.rows.row() for _ in range(self.plan.batch)]
        tokens = torch.tensor([row for row, _ in rows])
        weight = torch.tensor([learn for _, learn in rows])
        again = torch.tensor([named_again(row, self.nouns) for row, _ in rows])
        again |= torch.isin(tokens, torch.tensor(self.pointers))
        return tokens, weight * torch.where(again, self.plan.emphasis, 1.0)

    def once(self) -> float:
        """One step; its loss."""
        import torch

        began = time.monotonic()
        tokens, weight = self.batch()
        loss = self.loss_of(self.model, tokens, weight)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        factor = self.schedule.rate(self.step)
        self.muon.step(self.plan.matrix_rate * factor, decay=0.02)
        for group in self.adam.param_groups:
            group["lr"] = self.plan.other_rate * factor
        self.adam.step()
        self.model.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += tokens.numel()
        self.spent += time.monotonic() - began
        self.schedule = self.schedule.decided(self.step, self.spent, self.plan.minutes * 60)
        return loss.item()

    def held_loss(self) -> float:
        """Mean loss over the held-out documents, each after its own prompt."""
        import torch

        total, count = 0.0, 0
        words = lexicon.load()
        for document in self.held:
            prompt, texts = pointing.pointed(document.prompt, [document.text], words)
            head = self.encode(spaced(prompt) + "\n")
            body = [*self.encode(spaced(texts[0])), 0]
            row = torch.tensor([(head + body)[: self.plan.length]])
            learn = torch.arange(row.size(1))[None] >= len(head)
            with torch.no_grad():
                total += loss_of(self.model, row, learn).item() * int(learn.sum())
            count += int(learn.sum())
        return total / count

    def common(self, rows: int = 1500) -> list[int]:
        """The tokens of text in so many further rows, the commonest first."""
        seen: Counter[int] = Counter()
        for _ in range(rows):
            seen.update(self.rows.row()[0])
        special = set(self.tokenizer.added_tokens_decoder)
        return sorted(seen.keys() - special, key=lambda token: (-seen[token], token))

    def save(self) -> None:
        """Write everything that a later run needs to go on from here."""
        import torch

        state = {
            "model": self.model.state_dict(),
            "muon": self.muon.state(),
            "adam": self.adam.state_dict(),
            "rng": self.rows.rng.getstate(),
            "progress": (self.step, self.spent, self.tokens, self.schedule.steps),
            "plan": asdict(self.plan),
        }
        torch.save(state, self.folder / "state.tmp")
        (self.folder / "state.tmp").replace(self.folder / "state.pt")

    def _resume(self) -> None:
        import torch

        path = self.folder / "state.pt"
        if not path.exists():
            return
        state: dict[str, Any] = torch.load(path, weights_only=True)
        changed = [key for key in _SHAPE if state["plan"][key] != asdict(self.plan)[key]]
        if changed:
            raise OtherRun(f"{path} is of a run with another {changed[0]}: remove it or name another --state")
        self.model.load_state_dict(state["model"])
        self.muon.restore(state["muon"])
        self.adam.load_state_dict(state["adam"])
        version, numbers, gauss = state["rng"]
        self.rows.rng.setstate((version, tuple(numbers), gauss))
        self.step, self.spent, self.tokens, steps = state["progress"]
        self.schedule = Schedule(steps)
        log = self.folder / "loss.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= self.step]
        log.write_text("".join(kept), encoding="utf-8")

    def log(self, **figures: float) -> None:
        """One line of the loss log."""
        with (self.folder / "loss.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({key: round(value, 4) for key, value in figures.items()}) + "\n")

    def write_down(self, folder: Path) -> None:
        """The plan, what became of it, and the loss log, beside the model."""
        done = {"steps_done": self.step, "tokens_seen": self.tokens, "seconds": round(self.spent)}
        text = json.dumps({**asdict(self.plan), **done}, indent=2)
        (folder / "training.json").write_text(text + "\n", encoding="utf-8")
        log = (self.folder / "loss.jsonl").read_text(encoding="utf-8")
        (folder / "loss.jsonl").write_text(log, encoding="utf-8")

    def train(self) -> None:
        """All steps, with a line of progress, a log and a state kept every two minutes or so."""
        mean, kept = math.nan, time.monotonic()
        while not self.schedule.steps or self.step < self.schedule.steps:
            loss = self.once()
            mean = loss if math.isnan(mean) else mean + 0.05 * (loss - mean)
            if self.step % 20 == 0:
                speed = self.tokens / self.spent
                self.log(step=self.step, loss=mean, tokens=self.tokens, seconds=self.spent)
                place = f"step {self.step}/{self.schedule.steps or '?'}"
                sys.stderr.write(
                    f"{place}  loss {mean:.3f}  {speed:.0f} tokens/s  {self.spent / 60:.1f} min\n"
                )
            if time.monotonic() - kept > 120:
                kept = time.monotonic()
                self.save()
                self.log(step=self.step, held=self.held_loss())
        self.save()
        self.log(step=self.step, held=self.held_loss())


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder that gets the finished model")
    parser.add_argument(
        "--state", type=Path, default=Path("state/house"), help="where an interrupted run waits to go on"
    )
    parser.add_argument("--minutes", type=float, default=Plan.minutes, help="how long to train")
    parser.add_argument("--steps", type=int, default=0, help="the number of steps, instead of minutes")
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--threads", type=int, default=Plan.threads)
    parser.add_argument("--now", action="store_true", help="train no further: ship what was kept")
    parser.add_argument("--compile", action="store_true", help="compile the step first; takes a C++ compiler")
    given = parser.parse_args(arguments)
    plan = Plan(seed=given.seed, minutes=given.minutes, steps=given.steps, threads=given.threads)
    given.state.mkdir(parents=True, exist_ok=True)
    run = Run(plan, given.state, compiled=given.compile)
    if not given.now:
        run.train()
    ship(run.model, run.tokenizer, given.out, run.common())
    run.write_down(given.out)


if __name__ == "__main__":
    main()
