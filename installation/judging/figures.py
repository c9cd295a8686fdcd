"""Every figure that the judge can tell: its name, its unit, what it says, and what it has to reach."""

from __future__ import annotations

from dataclasses import dataclass

SHARE, COUNT, NATS, RATIO, WORDS, LEVEL = "%", "", "nats", "ratio", "words", "level"


@dataclass(frozen=True)
class Figure:
    """`least` or `most`: the goal, where there is one. `short`: what it says where it stands alone."""

    name: str
    unit: str
    told: str
    least: float | None = None
    most: float | None = None
    short: str = ""

    def reached(self, value: float | None) -> bool | None:
        """Whether `value` is as good as the goal; None where there is no goal, or no value."""
        if value is None or (self.least is None and self.most is None):
            return None
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def goal(self) -> str:
        """The goal in words; `` where there is none."""
        if self.least is not None:
            return "always" if self.least == 1 else f"at least {self.written(self.least)}"
        if self.most is not None:
            return "none" if self.most == 0 else f"at most {self.written(self.most)}"
        return ""

    def written(self, value: float | None) -> str:
        """`value` as somebody reads it."""
        if value is None:
            return "–"
        if self.unit == SHARE:
            return f"{100 * value:.1f} %".replace(".0 %", " %")
        return f"{value:.0f}" if self.unit == COUNT else f"{value:.2f}".replace("-", "−")


FIGURES = (
    Figure(
        "topic_obedience",
        SHARE,
        "the prompted noun stands in the text; mean of the three below",
        least=0.95,
        short="what it is asked about stands in the text, also nouns that it never saw",
    ),
    Figure("named_topics", SHARE, "the same, the corpus's 64 topics"),
    Figure("named_others", SHARE, "the same, 60 other nouns of the lexicon"),
    Figure("named_unseen", SHARE, "the same, 40 nouns that stand nowhere in what was trained on"),
    Figure("topic_chance", SHARE, "by chance: the noun stands in a text that was asked about another"),
    Figure(
        "style_obedience", SHARE, "the style asked for is the style heard; mean of eight styles", least=0.95
    ),
    Figure(
        "answer_fit", SHARE, "a visitor's line is answered in kind; 100 lines never trained on", least=0.9
    ),
    Figure("meta_valid", SHARE, "the record of a description is JSON with all fields", least=1.0),
    Figure("meta_materials", SHARE, "materials of the record that stand in the description"),
    Figure("meta_colours", SHARE, "colours of the record that stand in the description"),
    Figure(
        "verbatim_sentences",
        SHARE,
        "sentences of six words or more that stand in the hand-written texts",
        most=0.15,
    ),
    Figure(
        "verbatim_trained",
        SHARE,
        "the same, in one epoch of all that was trained on",
        most=0.4,
        short="sentences of six words or more that stand in what was trained on",
    ),
    Figure("overlap_8gram", SHARE, "runs of eight words that stand in the hand-written texts", most=0.25),
    Figure("overlap_12gram", SHARE, "runs of twelve words that stand there"),
    Figure("repeats_20k", COUNT, "sentences said again within 200 words, in 20 000 tokens", most=0),
    Figure("repeats", COUNT, "the same, in the endless text as long as it was asked for"),
    Figure("distinct_2", RATIO, "different pairs of words, of all pairs in 3 000 words"),
    Figure("self_bleu", RATIO, "likeness of 64 texts to one another: BLEU-4 of each against the others"),
    Figure("compression", RATIO, "how many times smaller zlib packs 3 000 words"),
    Figure("held_loss", NATS, "loss on the held-out texts, nats a token"),
    Figure("held_loss_word", NATS, "the same, nats a word"),
    Figure("held_loss_character", NATS, "the same, nats a character"),
    Figure("energy_follows", RATIO, "energy heard with energy asked for, Pearson's r"),
    Figure("warmth_follows", RATIO, "warmth heard with warmth asked for, Pearson's r"),
    Figure("size_obedience", SHARE, "paragraphs on their own side of the middle between short and long"),
)
BY_NAME = {figure.name: figure for figure in FIGURES}
