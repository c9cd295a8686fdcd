import random

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


def test_no_pronoun_of_a_person_hangs_at_the_joint(joined):
    documents = {document.text for document, _ in joined}
    for old, new in joined:
        assert new.style == old.style
        assert new.prompt == old.prompt or new.text not in documents


def test_they_are_no_longer_than_a_paragraph(joined):
    assert max(len(new.text.split()) for _, new in joined) <= 95
