import numpy as np
import pytest

from installation.judging import baselines, confusion, levels, obedience, records
from installation.judging.confusion import Confusion
from installation.judging.ear import Heard
from installation.judging.figures import BY_NAME
from installation.judging.questions import STYLES, Questions
from installation.training import lexicon
from installation.training.corpus import Document
from installation.training.styles import Styles


@pytest.fixture(scope="module")
def words():
    return lexicon.load()


def test_a_noun_counts_singular_or_plural_and_by_chance_in_others(words):
    heard = [
        Heard("the sea", "The seas are up.", noun="sea"),
        Heard("lamp", "A lamp hums by the sea.", noun="lamp"),
        Heard("otter", "Nobody came.", noun="otter"),
    ]
    asked = Questions(("sea",), ("lamp",), ("otter",), ())
    found = obedience.figures(heard, asked, words)
    assert (found["named_topics"], found["named_others"], found["named_unseen"]) == (1, 1, 0)
    assert found["topic_obedience"] == pytest.approx(2 / 3)
    assert found["topic_chance"] == pytest.approx(1 / 6)  # of six pairs, the sea by the lamp


def test_every_style_counts_alike():
    found = Confusion({"calm": {"calm": 9, "poem": 1}, "poem": {"calm": 1, "poem": 1}, "wall": {}})
    assert (found.of("calm"), found.of("poem"), found.of("wall")) == (0.9, 0.5, None)
    assert found.share() == pytest.approx(0.7)


def test_what_is_heard_stands_under_what_was_asked_for():
    weights = {"!": np.array([0, 3], dtype=np.float32)}
    styles = Styles(("calm", "storm"), weights, np.array([1, 0], dtype=np.float32), frozenset())
    found = confusion.table([("Run!", "storm"), ("Rest.", "storm"), ("Rest.", "calm")], styles)
    assert found.counts["storm"] == {"storm": 1, "calm": 1}
    assert found.counts["calm"] == {"calm": 1}
    assert set(found.counts) == set(STYLES)


def test_levels_follow_what_was_asked():
    calm = levels.measured(
        "energy 0", ["The long slow evening goes on over the wide and quiet water here."] * 2
    )
    wild = levels.measured("energy 4", ["Run! Now! It comes!"] * 2)
    short = levels.measured("short", ["One two three.\n\nAnother paragraph that is cut"])
    found = levels.figures([calm, wild, short])
    assert (found["energy0_words"], found["energy4_words"]) == (13, pytest.approx(4 / 3))
    assert (found["energy0_exclaim"], found["energy4_exclaim"]) == (0, 1)
    assert found["energy_follows"] == pytest.approx(1)
    assert found["short_words"] == 3
    assert found["size_obedience"] == 1
    assert found["warmth_follows"] is None


def test_a_record_is_whole_and_takes_only_what_is_there(words):
    good = (
        '{"title": "A", "kind": "painting", "materials": ["oil", "gold"], "colours": ["red"], '
        '"mood": "still", "tags": [], "alt": "A."}'
    )
    texts = iter([good, '{"title": "A"}', "no"])
    found = records.asked(lambda *_: next(texts), ["A red sea in oil.", "b", "c"], 1)
    figures = records.figures(found, words)
    assert figures["meta_valid"] == pytest.approx(1 / 3)
    assert figures["meta_materials"] == 0.5
    assert figures["meta_colours"] == 1


def test_goals_are_reached_or_not():
    assert BY_NAME["topic_obedience"].reached(0.95)
    assert not BY_NAME["verbatim_sentences"].reached(0.2)
    assert BY_NAME["repeats_20k"].goal() == "none"
    assert BY_NAME["style_obedience"].reached(None) is None
    assert BY_NAME["overlap_8gram"].written(0.123) == "12.3 %"


def test_shuffled_words_are_the_same_words():
    hand = baselines.written([Document("sea", style, "sea", f"One two three {style}.") for style in STYLES])
    mixed = baselines.shuffled(hand, 1)
    assert [each.style for each in hand] == list(STYLES)
    assert [sorted(each.text.split()) for each in mixed] == [sorted(each.text.split()) for each in hand]
    assert mixed == baselines.shuffled(hand, 1)
