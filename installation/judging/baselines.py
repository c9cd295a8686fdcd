"""What stands beside a model's figures: hand-written texts, the grammar alone, and words shuffled."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from installation.judging import borrowing, confusion, obedience, variety
from installation.judging.borrowing import Known
from installation.judging.confusion import Confusion
from installation.judging.ear import Heard
from installation.judging.questions import STYLES
from installation.training import pretrain
from installation.training.corpus import Document
from installation.training.lexicon import Lexicon
from installation.training.plan import Plan
from installation.training.styles import Styles

NAMES = ("hand-written", "grammar", "shuffled")


@dataclass(frozen=True)
class Baseline:
    """Another voice, measured as the model is; figures that do not apply to it are missing."""

    name: str
    figures: dict[str, float | None]
    confusion: Confusion


def written(documents: Sequence[Document]) -> list[Heard]:
    """Texts as if they had been heard, one topic after the other, another style each time."""
    groups: dict[str, list[Document]] = {}
    for document in sorted(documents, key=lambda each: (each.topic, STYLES.index(each.style))):
        groups.setdefault(document.topic, []).append(document)
    order = [
        group[(turn + at) % len(group)]
        for turn in range(max(map(len, groups.values()), default=0))
        for at, group in enumerate(groups.values())
        if turn < len(group)
    ]
    return [Heard(each.prompt, each.text, each.style, each.topic) for each in order]


def shuffled(heard: Sequence[Heard], seed: int) -> list[Heard]:
    """The same texts, the words of each in any order."""
    rng = random.Random(seed)  # noqa: S311 - seeded, no cryptography

    def mixed(text: str) -> str:
        words = text.split()
        return " ".join(rng.sample(words, len(words)))

    return [replace(each, text=mixed(each.text)) for each in heard]


def framed(documents: list[Document], each: int, seed: int) -> list[Heard]:
    """`each` first paragraphs of every style as the grammar wrote them into the rows of a training."""
    plan = replace(Plan(), seed=seed)
    stream = pretrain.stream(plan, documents, lambda _: [1] * plan.length)
    found: dict[str, list[Heard]] = {style: [] for style in STYLES}
    for _ in range(200 * each * len(STYLES)):
        draft = stream.drafts.framed()
        if len(found[draft.style]) < each:
            found[draft.style].append(Heard(draft.prompt, draft.paragraphs[0], draft.style))
        if all(len(texts) == each for texts in found.values()):
            break
    return [found[style][at] for at in range(each) for style in STYLES if at < len(found[style])]


def measured(
    name: str, heard: Sequence[Heard], known: Known, heard_as: Confusion, lexicon: Lexicon
) -> Baseline:
    """The figures that can be had of mere texts, sentences and runs compared with `known`."""
    asked = [each for each in heard if each.noun]
    figures: dict[str, float | None] = {"style_obedience": heard_as.share()}
    if asked:
        figures["topic_obedience"] = obedience.share(asked, lexicon)
    figures |= known.figures(heard) | variety.figures(heard)
    if name == NAMES[2]:  # without sentences there is nothing to be said again
        figures["verbatim_sentences"] = None
    return Baseline(name, figures, heard_as)


def all_of(
    training: list[Document], held: list[Document], styles: Styles, lexicon: Lexicon, each: int, seed: int = 0
) -> list[Baseline]:
    """The three; the grammar only where `each` is not 0. The held-out texts are compared with those trained on,
    the grammar's with all. The styles are those heard in the texts trained on, since `styles` was fitted on the
    held-out ones."""

    def heard_as(texts: Sequence[Heard]) -> Confusion:
        return confusion.table(((text.text, text.style) for text in texts), styles)

    hand, own, known = written(held), borrowing.known(training), written(training)
    found = [measured(NAMES[0], hand, own, heard_as(known), lexicon)]
    if each:
        everything = borrowing.known([*training, *held])
        texts = framed(training, each, Plan.seed + 1 + seed)
        found.append(measured(NAMES[1], texts, everything, heard_as(texts), lexicon))
    mixed = heard_as(shuffled(known, seed))
    return [*found, measured(NAMES[2], shuffled(hand, seed), own, mixed, lexicon)]
