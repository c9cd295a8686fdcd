import math

import pytest
from playing import make_signal, mqtt, osc

from installation.messages import Signal
from installation.score.signals import MOST_EVENTS, Signals
from installation.show import schema


def hear(signals, signal, now=0.0):
    return [signals.hear(named, signal, argument, now) for named, argument in signals.meant(signal)]


def one(name="tide", now=0.0, **more):
    return Signals(
        {name: make_signal(name, **{"from": [("osc", "/tide"), ("mqtt", "tide level")], **more})}, now
    )


def test_a_value_lies_in_its_range_and_the_last_writer_wins():
    signals = one(range=(0, 4))
    hear(signals, osc("/tide", 1))
    hear(signals, mqtt("tide level", 3))
    assert signals.env["tide"] == 0.75
    assert signals.env["raw(tide)"] == 3
    hear(signals, osc("/tide", 9))
    assert signals.env["tide"] == 1
    assert signals.env["raw(tide)"] == 9


@pytest.mark.parametrize(("value", "expected"), [("1.5", 0.75), (True, 0.5), ("on", 0.5), (1, 0.5)])
def test_numbers_may_come_as_text_or_as_a_switch(value, expected):
    signals = one(range=(0, 2))
    assert hear(signals, osc("/tide", value)) == [(False, "")]
    assert signals.env["tide"] == expected


@pytest.mark.parametrize("values", [(math.nan,), (math.inf,), ("-inf",), ("high",), ()])
def test_what_is_no_number_changes_nothing_and_is_named(values):
    signals = one()
    hear(signals, osc("/tide", 0.5))
    [(fires, fault)] = hear(signals, osc("/tide", *values), 1.0)
    assert not fires
    assert fault.startswith("tide: osc /tide ")
    assert signals.env["tide"] == 0.5
    assert signals.named["tide"].at == 0.0


def test_the_mouse_covers_the_whole_range():
    signals = Signals({"tide": make_signal("tide", **{"from": [("mouse", "y")], "range": (2, 6)})}, 0.0)
    hear(signals, Signal(0.0, "mouse", "y", (0.25,)))
    assert signals.env["raw(tide)"] == 3
    assert signals.env["tide"] == 0.25


def test_silence_beyond_its_time_means_rest():
    signals = one(range=(0, 4), rest=2, ttl=10)
    assert signals.env["tide"] == 0.5
    hear(signals, osc("/tide", 4), 1.0)
    signals.advance(10.9)
    assert signals.env["tide"] == 1
    signals.advance(11.0)
    assert (signals.env["tide"], signals.env["raw(tide)"]) == (0.5, 2)
    assert signals.named["tide"].tell() == "tide 2 from osc /tide (10.0.0.7:9000) at 1.00 s, silent for 10 s"


def test_without_a_time_to_live_the_last_value_holds_for_ever():
    signals = one()
    hear(signals, osc("/tide", 1))
    signals.advance(1e6)
    assert signals.env["tide"] == 1


def test_another_argument_may_be_meant():
    spec = schema.SignalSpec(name="y", sources=(schema.Source(protocol="osc", address="/xy", argument=2),))
    signals = Signals({"y": spec}, 0.0)
    hear(signals, osc("/xy", 0.1, 0.9))
    assert signals.env["y"] == 0.9


def test_smoothing_curve_and_dead_band():
    signals = one(smooth=1.0)
    hear(signals, osc("/tide", 1))
    signals.advance(1.0)
    assert signals.env["tide"] == pytest.approx(0.632, abs=1e-3)
    signals = one(smooth=schema.AttackRelease(attack=0, release=1))
    hear(signals, osc("/tide", 1))
    assert signals.env["tide"] == 1
    signals = one(curve="in", dead=0.2)
    hear(signals, osc("/tide", 0.5))
    hear(signals, osc("/tide", 0.6))
    assert signals.env["tide"] == 0.25


def test_each_event_counts_and_losses_are_counted():
    signals = one("touch", kind="event")
    fired = [hear(signals, osc("/tide", 1))[0][0] for _ in range(MOST_EVENTS + 3)]
    assert sum(fired) == MOST_EVENTS
    assert signals.named["touch"].lost == 3
    signals.settle()
    assert hear(signals, osc("/tide"))[0][0]


def test_an_event_is_1_in_its_step_only_and_its_arguments_stay():
    signals = one("touch", kind="event")
    hear(signals, osc("/tide", 3, 0.5))
    assert signals.env["touch"] == 1
    assert signals.env["arg(touch, 2)"] == 0.5
    signals.settle()
    assert signals.env["touch"] == 0
    assert signals.changed == {"touch"}
    assert signals.env["arg(touch, 1)"] == 3


def test_what_the_broker_kept_is_a_value_but_no_event_and_no_text():
    assert hear(one(), mqtt("tide level", 1, retained=True)) == [(False, "")]
    for kind in ("event", "text"):
        signals = one("touch", kind=kind)
        assert hear(signals, mqtt("tide level", "1", retained=True)) == [(False, "")]
        assert signals.named["touch"].at is None


def test_a_text_without_letters_does_not_fire_and_is_never_told():
    signals = one("whisper", kind="text")
    assert hear(signals, osc("/tide", "  ")) == [(False, "")]
    assert hear(signals, osc("/tide", "secret")) == [(True, "")]
    assert signals.fillings() == {"whisper": "secret"}
    assert "secret" not in signals.tell(["whisper"])


def test_status_knows_age_rate_and_sender():
    signals = one()
    assert signals.named["tide"].state(5.0).age is None
    for k in range(500):
        hear(signals, osc("/tide", k / 500), k / 100)
    state = signals.named["tide"].state(5.0)
    assert state.age == pytest.approx(0.01)
    assert state.rate == pytest.approx(100, rel=0.02)
    assert state.sender == "osc /tide (10.0.0.7:9000)"
