"""What somebody might type: the shapes of a line, by the style that it asks for."""

from __future__ import annotations

import random

from installation.training.lexicon import Noun, articles

SHAPES = {
    "any": (
        "{a}",
        "the {a}",
        "{d}",
        "the {a} and the {b}",
        "{a}, {b}",
        "{d} and {e}",
        "about the {a}",
        "my {a}",
    ),
    "calm": (
        "the {a} at night",
        "the {a} in the evening",
        "the {a}",
        "the {a}",
        "a quiet {a}",
        "the {a} in {month}",
        "{d}",
        "{d} in the dark",
        "the last {a}",
        "{A}",
        "write about the {a}",
        "what is the {a} doing?",
    ),
    "storm": (
        "{a}!",
        "the {a} is coming",
        "hurry, the {a}",
        "the {a}",
        "the {a} breaks loose",
        "the {a} rises",
    ),
    "poem": ("a poem about {d}", "poem: {a}", "sing to the {a}", "a few lines on the {a}", "verses for {d}"),
    "describe": ("describe the {a}", "a picture of {d}", "what do you see in the {a}?", "a painting of {d}"),
    "critic": (
        "a review of the {a}",
        "review the {a}",
        "a severe word on the {a}",
        "what does the critic say?",
    ),
    "wall": ("wall text: {a}", "the room of the {a}", "a sign beside the {a}"),
    "label": ("label: {a}", "a label for the {a}"),
    "answer": (
        "I want {d}.",
        "Do you like the {a}?",
        "Hello {a}",
        "I dreamed of {d}",
        "tell me, {a}",
        "my {a}",
    ),
}


def shaped(rng: random.Random, style: str, noun: Noun, subject: str, other: str, month: str) -> str:
    """A line that somebody might type for `subject`, a form of `noun`."""
    shape = rng.choice(SHAPES[style] if rng.random() < 0.6 else SHAPES["any"])
    mass = noun.plural is None or subject != noun.singular
    filled = shape.format(
        a=subject,
        A=subject.capitalize(),
        b=other,
        d=subject if mass else f"a {subject}",
        e=f"a {other}",
        month=month,
    )
    return articles(filled.replace("a quiet " + subject, "quiet " + subject) if mass else filled)
