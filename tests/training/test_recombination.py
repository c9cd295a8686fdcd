import random
import re
from difflib import SequenceMatcher

import pytest

from installation.training import corpus, lexicon
from installation.training.recombination import Recombination
from installation.training.substitution import Substitution


@pytest.fixture(scope="module")
def joined():
    words = lexicon.load()
    entries = [Substitution(document, words) for document in corpus.load()]
    recombination = Recombination(entries, words)
    rng = random.Random(3)
    return [(entry.document, recombination.join(entry, rng, 0.0)) for entry in rng.sample(entries, 300)]


def test_many_texts_have_another_end(joined):
    changed = [(old, new) for old, new in joined if new.text.split(".")[-2:] != old.text.split(".")[-2:]]
    assert len(changed) > 100


def joint(old, new):
    """The first sentence that is none of the old text, `` where all are; numbers and nouns may have changed."""
    ours, theirs = (re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", document.text) for document in (old, new))
    alike = (max(SequenceMatcher(None, own, other).ratio() for own in ours) > 0.6 for other in theirs)
    return next((other for other, known in zip(theirs, alike, strict=True) if not known), "")


def test_no_pronoun_of_a_person_hangs_at_the_joint(joined):
    joints = [(new, sentence) for old, new in joined if (sentence := joint(old, new))]
    assert len(joints) > 100
    for new, sentence in joints:
        assert not re.search(r"\b(he|she|his|him|her|hers)\b", sentence, re.IGNORECASE), new.text
        assert not re.match(r"(It|They|Them|Its|Their|But|And|Then)\b", sentence), new.text


def test_what_is_joined_stays_of_its_style(joined):
    assert all(new.style == old.style for old, new in joined)


def test_they_are_no_longer_than_a_paragraph(joined):
    assert max(len(new.text.split()) for _, new in joined) <= 95
