import random

from installation.training import controls, corpus


def test_energy_is_short_sentences_and_exclamations():
    assert controls.energy("Run! Hold it! Now!") == 4
    assert controls.energy("The lamp burns. The room sleeps. Nobody comes.") == 3
    assert controls.energy("In the evening the lamp stands by the window and waits for nobody at all.") == 0


def test_storms_have_more_energy_than_calm_texts():
    documents = corpus.load()
    mean = {
        style: sum(controls.energy(d.text) for d in documents if d.style == style) / 300
        for style in ("calm", "storm")
    }
    assert mean["storm"] > mean["calm"] + 1


def test_warmth_is_the_surplus_of_warm_words():
    assert controls.warmth("My mother gives me bread and a kind hand.") == 4
    assert controls.warmth("The cold iron broke in the dark.") == 0
    assert controls.warmth("The card is on the wall.") == 2


def test_a_row_is_short_or_long_or_neither():
    assert controls.measure("calm", ["word " * 20]).size == "short"
    assert controls.measure("calm", ["word " * 40]).size == ""
    assert controls.measure("calm", ["word " * 60, "word " * 50]).size == "long"


def test_each_control_is_dropped_one_time_in_ten_and_all_at_times():
    rng = random.Random(1)
    drawn = [controls.Controls("calm", 2, 3, "short").drawn(rng) for _ in range(3000)]
    raw = sum(not text for text in drawn) / len(drawn)
    assert abs(raw - controls.RAW) < 0.04
    with_more = [text for text in drawn if text.count("<") > 1]
    for token in ("<calm>", "<energy2>", "<warmth3>", "<short>"):
        missing = sum(token not in text for text in with_more) / len(with_more)
        assert abs(missing - controls.DROPPED) < 0.03


def test_a_row_with_one_control_only_has_its_style_two_times_in_three():
    rng = random.Random(2)
    drawn = [controls.Controls("storm", 4, 1, "").drawn(rng) for _ in range(4000)]
    alone = [text for text in drawn if text.count("<") == 1]
    assert abs(len(alone) / len(drawn) - controls.ALONE) < 0.04
    assert abs(alone.count("<storm>") / len(alone) - 0.67) < 0.06


def test_every_token_is_there_once():
    assert len(set(controls.TOKENS)) == len(controls.TOKENS) == 21
