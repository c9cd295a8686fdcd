from installation.training.schedule import Schedule


def test_it_warms_up_stays_and_falls_to_nothing():
    schedule = Schedule(steps=1000, warm=10, falling=0.3)
    assert schedule.rate(0) == 0.1
    assert schedule.rate(500) == 1.0
    assert 0.49 < schedule.rate(850) < 0.51
    assert schedule.rate(999) < 0.01


def test_the_clock_decides_the_length_once():
    open_ended = Schedule(steps=0)
    assert open_ended.decided(700, spent=60, budget=100) is open_ended
    decided = open_ended.decided(700, spent=70, budget=100)
    assert decided.steps == 1000
    assert decided.decided(800, spent=99, budget=100) is decided


def test_the_length_found_by_the_clock_gives_the_same_rates_when_asked_for():
    found = Schedule(steps=0).decided(700, spent=70, budget=100)
    asked = Schedule(steps=1000)
    assert [Schedule(0).rate(s) for s in range(700)] == [asked.rate(s) for s in range(700)]
    assert [found.rate(s) for s in range(700, 1000)] == [asked.rate(s) for s in range(700, 1000)]
