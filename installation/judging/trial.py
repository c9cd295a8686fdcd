"""One model is heard and measured, part by part."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from installation.errors import VoiceError
from installation.judging import answers, borrowing, confusion, levels, obedience, records, variety
from installation.judging.baselines import all_of
from installation.judging.ear import Ear, Heard
from installation.judging.lessons import KEPT, lessons
from installation.judging.progress import follow
from installation.judging.questions import Questions
from installation.judging.verdict import Verdict
from installation.training import held, lexicon, pretrain, reading, styles
from installation.training.plan import Plan
from installation.training.styles import Styles
from installation.voice.registrar import Registrar

ENDLESS = "the sea at night"
SAMPLES = 20
"""Texts of each style that are told, as they came."""


class Trial:
    """Hears the model of `folder`; what was found so far stands in `verdict`. Texts are heard in one order, each
    with its own seed, so that the same folder gives the same verdict."""

    def __init__(self, folder: Path, questions: Questions, name: str, kept: Path = KEPT) -> None:
        """Raises VoiceError where nothing in `folder` can speak."""
        self.folder, self.questions, self._kept = folder, questions, kept
        self.ear = Ear(folder)
        self.quick = questions.stream < 20000
        self.verdict = Verdict(name, self.ear.hash, questions.seed, self.quick)
        self.lexicon = lexicon.load()
        self.training, self.held = pretrain.sources(Plan())
        self._heard: list[Heard] = []
        self._ears: Styles | None = None

    def parts(self) -> list[tuple[str, Callable[[], None]]]:
        """What is done, in order, each with a name."""
        return [
            ("nouns", self.topics),
            ("visitors' lines", self.lines),
            ("styles", self.styles),
            ("energy, warmth, length", self.controls),
            ("records of descriptions", self.descriptions),
            ("held-out texts", self.losses),
            (f"an endless text of {self.questions.stream} tokens", self.endless),
            ("what was read before", self.borrowed),
        ]

    def run(self) -> Verdict:
        """All parts."""
        for name, part in follow(self.parts(), self.verdict.model):
            for _ in follow([name], f"  {name}"):
                part()
        return self.verdict

    def topics(self) -> None:
        """Does it keep to what it was asked about?"""
        heard = obedience.asked(self.ear, self.questions)
        self._heard += heard
        self.verdict.figures |= obedience.figures(heard, self.questions, self.lexicon) | variety.figures(
            heard
        )

    def lines(self) -> None:
        """Does it answer in kind?"""
        if self.ear.form.kinds is None:
            self._without("the model knows no kinds of visitors' lines", "answer_fit")
            return
        heard = answers.asked(self.ear, self.questions)
        self._heard += heard
        self.verdict.missed = answers.missed(heard, self.questions)
        self.verdict.figures["answer_fit"] = 1 - len(self.verdict.missed) / len(heard)

    def styles(self) -> None:
        """Does it sound like what it was asked to?"""
        heard = confusion.asked(self.ear, self.questions)
        if not heard:
            self._without("the model has no tokens for styles", "style_obedience")
            return
        self._heard += heard
        ears = self.classifier()
        found = confusion.table(((each.first(), each.style) for each in heard), ears)
        self.verdict.heard_as = found
        right = confusion.table(((each.text, each.style) for each in self.training), ears).share()
        self.verdict.figures |= {"style_obedience": found.share(), "classifier_accuracy": right}
        self.verdict.figures |= {f"style_{style}": found.of(style) for style in found.counts}
        grouped: dict[str, list[Heard]] = {}
        for each in heard:
            grouped.setdefault(each.style, []).append(each)
        self.verdict.samples = {style: texts[:SAMPLES] for style, texts in grouped.items()}

    def classifier(self) -> Styles:
        """What tells styles apart: fitted on the held-out hand-written texts, which no model of ours has seen."""
        if self._ears is None:
            self._ears = styles.fit([(each.text, each.style) for each in self.held], self.lexicon)
        return self._ears

    def controls(self) -> None:
        """Does it follow energy, warmth and length?"""
        self.verdict.levels = levels.asked(self.ear, self.questions)
        if not self.verdict.levels:
            names = ("energy_follows", "warmth_follows", "size_obedience")
            self._without("the model has no tokens for energy, warmth and length", *names)
            return
        self.verdict.figures |= levels.figures(self.verdict.levels)

    def descriptions(self) -> None:
        """Are its records JSON, whole and true?"""
        names = ("meta_valid", "meta_materials", "meta_colours")
        try:
            registrar = Registrar(self.folder)
        except VoiceError as error:
            self._without(str(error), *names)
            return

        def describe(text: str, seed: int) -> str:
            return registrar.write(registrar.read(text), seed)

        texts = [each.prompt for each in pretrain.described(Plan())[1]][: self.questions.records]
        self.verdict.records = records.asked(describe, texts, self.questions.seed + 1)
        self.verdict.figures |= records.figures(self.verdict.records, self.lexicon)

    def losses(self) -> None:
        """How well it foresees texts that it never saw."""
        documents = self.held[:: 8 if self.quick else 1]
        found = held.loss(self.folder, documents, self.lexicon, partial(follow, what="  held-out texts"))
        self.verdict.figures |= found.figures()
        log = self.folder / "loss.jsonl"
        if log.is_file():
            self.verdict.losses = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    def endless(self) -> None:
        """Does it repeat itself?"""
        questions = self.questions
        heard = self.ear.heard(ENDLESS, questions.stream, questions.seed + 5)
        self._heard.append(heard)
        self.verdict.stream = heard.text
        count = reading.repeats(heard.text)
        if self.quick:
            self._without(f"only {questions.stream} tokens were heard", "repeats_20k")
            self.verdict.figures["repeats"] = count
        else:
            self.verdict.figures["repeats_20k"] = count

    def borrowed(self) -> None:
        """How much of all that was heard has it read word for word?"""
        self.verdict.figures |= borrowing.known([*self.training, *self.held]).figures(self._heard)
        if self.quick:
            self._without("to draw all rows of a training takes minutes", "verbatim_trained")
            return
        found = lessons(self.folder, partial(follow, what="  rows of the training"), self._kept)
        if found is None:
            self._without("no training of this house is told in training.json", "verbatim_trained")
            return
        self.verdict.figures["verbatim_trained"] = found.share(self._heard)
        same = {True: "shown to be", False: "NOT", None: "not shown to be"}[found.same]
        self.verdict.notes.append(
            f"{found.rows} rows of the training were drawn again; they are {same} those that it saw"
        )

    def _without(self, why: str, *names: str) -> None:
        self.verdict.missing |= dict.fromkeys(names, why)
        self.verdict.figures |= dict.fromkeys(names)

    def baselines(self) -> None:
        """Hand-written texts, the grammar, but not where it is to be quick, and shuffled words beside it."""
        each = 0 if self.quick else self.questions.each
        self.verdict.baselines = all_of(
            self.training, self.held, self.classifier(), self.lexicon, each, self.questions.seed
        )
