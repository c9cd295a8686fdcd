import random
import re

import pytest

from installation.training import corpus, grammar, lexicon
from installation.training.entities import Casting


def writer(seed):
    rng = random.Random(seed)
    words = lexicon.load()
    documents = corpus.load()[:400]
    return grammar.Grammar(*grammar.load(), Casting(words, corpus.company(documents, words), rng), rng)


@pytest.fixture(scope="module")
def paragraphs():
    write = writer(1)
    found = []
    for number in range(300):
        write.begin()
        found.append(write.about(("calm", "storm", "poem", "describe", "critic", "wall")[number % 6]))
    return found


def test_every_slot_is_filled(paragraphs):
    assert not [p.text for p in paragraphs if re.search(r"[{}]", p.text)]


def test_the_subject_is_named(paragraphs):
    named = [p.cast.subject.singular in p.text.lower() for p in paragraphs]
    assert sum(named) > 0.95 * len(named)


def test_sentences_begin_with_a_capital(paragraphs):
    assert not [p.text for p in paragraphs if re.search(r"(^|[.!?] )[a-z]", p.text)]


def test_no_frame_comes_twice_in_a_paragraph(paragraphs):
    for paragraph in paragraphs:
        sentences = re.split(r"(?<=[.!?])\s", paragraph.text)
        long = [s for s in sentences if len(s.split()) > 5]
        assert len(long) == len(set(long)), paragraph.text


def test_the_same_seed_writes_the_same():
    assert [writer(3).about("calm").text for _ in range(3)] == [
        writer(3).about("calm").text for _ in range(3)
    ]


def test_a_visitor_gets_an_answer_to_her_own_line():
    write = writer(2)
    answer = write.answer("greeting")
    assert answer.prompts[0] in dict(write._intents["greeting"])["prompts"]


def test_a_person_is_she_or_he_and_never_it():
    write = writer(4)
    subject, group = write.subject("grandmother")
    for _ in range(40):
        write.begin()
        assert "he " not in re.findall(r"\bhe \b", write.about("calm", subject, group).text.split("The ")[0])
        assert not re.search(r"\b(buy|paint\w*|wipes?) it\b", write.about("calm", subject, group).text)


def test_things_that_stand_together_in_the_corpus_keep_company():
    words = lexicon.load()
    friends = corpus.company(corpus.load(), words)["sea"]
    assert "gull" in {noun.singular for noun in friends["bird"]}
