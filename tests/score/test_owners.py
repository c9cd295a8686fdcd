"""Who owns a value: expression < cue < hand, and a panic above all."""

from playing import key, make_cue, make_scene, mqtt, osc, play

from installation.messages import Signal
from installation.show import schema

TOUCH = schema.On(signal="touch")
RISE = "layer.ghosts.rise"


def short(lines, only=RISE):
    return [text.split(" (")[0] for text in lines if text.split()[1] == only]


def touched(**more):
    return make_cue("touched", TOUCH, set={RISE: 3.0}, **more)


def test_a_cue_fades_there_holds_and_fades_back_to_what_moves_beneath():
    playing = play(touched(fade=0.04, hold=0.1))
    playing.step(1, osc("/wall/touch", 1))
    assert playing.value(RISE, 1).owner == "cue"
    lines = playing.until(1.08, 1.02)
    lines += playing.step(1.1, mqtt("harbour/tide", 4)) + playing.until(2, 1.12)
    assert short(lines) == [
        f"1.02 {RISE} 1.95",
        f"1.04 {RISE} 3",
        f"1.16 {RISE} 2.2",
        f"1.18 {RISE} 1.4",
    ]
    assert playing.value(RISE).owner == "expression"


def test_without_hold_a_set_value_stays_until_the_next_scene():
    playing = play(touched(), make_cue("next", go="flood"))
    assert short(playing.step(1, osc("/wall/touch", 1))) == [f"1.00 {RISE} 3"]
    assert short(playing.until(60, 1.02)) == []
    assert short(playing.step(61, key("space"))) == [f"61.00 {RISE} 2"]
    assert playing.value(RISE).owner == "rest"


def test_a_set_expression_stays_alive():
    playing = play(make_cue("touched", TOUCH, set={RISE: "4 * tide"}))
    playing.step(1, osc("/wall/touch", 1))
    assert short(playing.step(2, mqtt("harbour/tide", 3))) == [f"2.00 {RISE} 3"]


def test_switches_and_choices_change_at_once_and_come_back():
    cue = schema.CueSpec(
        name="touched",
        trigger=TOUCH,
        hold=1,
        fade=0.5,
        set=(("layer.page.line", False), ("layer.page.ink", "slate")),
    )
    playing = play(cue)
    assert [t.split(" (")[0] for t in playing.step(1, osc("/wall/touch", 1))] == [
        "1.00 layer.page.ink slate",
        "1.00 layer.page.line off",
    ]
    assert [t.split(" (")[0] for t in playing.until(3, 1.02)] == [
        "2.50 layer.page.ink ivory",
        "2.50 layer.page.line on",
    ]


def test_a_hand_lies_above_a_cue_and_gives_back_to_it():
    playing = play(touched())
    lines = playing.step(1, osc("/installation/layer/ghosts/rise", 0.5))
    assert lines == [f"1.00 {RISE} 0.5 (osc /installation/layer/ghosts/rise (10.0.0.7:9000) at 1.00 s)"]
    assert playing.value(RISE).owner == "hand"
    assert short(playing.step(2, osc("/wall/touch", 1)) + playing.until(3, 2.02)) == []
    playing.step(3, osc("/installation/release", "ghosts.rise"))
    assert short(playing.until(4, 3.02))[-1] == f"3.50 {RISE} 3"
    assert playing.value(RISE).owner == "cue"


def test_a_cue_that_takes_wins_over_a_hand():
    playing = play(touched(take=True))
    playing.step(1, osc("/installation/layer/ghosts/rise", 0.5))
    assert short(playing.step(2, osc("/wall/touch", 1))) == [f"2.00 {RISE} 3"]
    assert playing.value(RISE).owner == "cue"


def test_a_hand_outlives_scenes_and_waits_for_its_layer():
    bare = make_scene("bare", page={"ink": "ivory"})
    ebb = make_scene("ebb", ghosts={"rise": 1.0})
    playing = play(make_cue("next", go="ebb"), scenes=[bare, ebb])
    assert playing.step(1, osc("/installation/layer/ghosts/rise", 2)) == []
    assert short(playing.step(2, key("space"))) == [f"2.00 {RISE} 2"]
    assert playing.value(RISE).owner == "hand"


def test_a_hands_value_is_clamped_where_all_can_see_it():
    playing = play()
    playing.step(1, osc("/installation/layer/ghosts/rise", "99"))
    told = playing.value(RISE)
    assert (told.value, told.owner, told.clamped) == (4, "hand", True)


def test_an_expression_is_clamped_where_all_can_see_it():
    playing = play(scenes=[make_scene("a", ghosts={"rise": "tide * 100"})])
    assert (playing.value(RISE).value, playing.value(RISE).clamped) == (4, True)


def test_what_a_hand_may_not_do_is_told():
    playing = play()
    lines = [
        playing.step(10, osc("/installation/layer/ghosts/rize", 1)),
        playing.step(20, osc("/installation/layer/page/size", 5)),
        playing.step(30, osc("/installation/layer/page/ink", "purple")),
        playing.step(40, osc("/installation/voice/voice/pace", float("nan"))),
        playing.step(50, osc("/installation/voice/voice/pace", "fast")),
        playing.step(60, osc("/installation/voice/voice/pace")),
        playing.step(61, osc("/installation/voice/voice/pace")),
    ]
    assert [text.split("told ")[1] for step in lines for text in step] == [
        "nothing is called layer.ghosts.rize; layer.ghosts has: rise, count",
        "layer.page.size cannot be moved from outside; only the show file sets it",
        "layer.page.ink: Input should be 'ivory' or 'slate'",
        "voice.voice.pace takes a number, not 'nan'",
        "voice.voice.pace takes a number, not 'fast'",
        "/installation/voice/voice/pace needs a value after it",
    ]


def test_releasing_all_gives_every_value_back():
    playing = play(voice={"pace": 4.0})
    playing.step(1, osc("/installation/layer/page/line", 0), osc("/installation/voice/voice/pace", 9))
    playing.step(2, osc("/installation/release"))
    playing.until(3, 2.02)
    assert {p.owner for p in playing.score.status(3).parameters} <= {"rest", "expression"}
    assert playing.value("voice.voice.pace").value == 4


def test_panic_is_dark_and_silent_until_go_and_nothing_fires_meanwhile():
    playing = play(
        make_cue("touched", TOUCH, mark="keep"), make_cue("next", mark="skip"), voice={"pace": 4.0}
    )
    assert playing.step(1, key("escape")) == [
        "1.00 dark 1 over 1.5 s (key escape at 1.00 s)",
        "1.00 voice.voice.pace 0 (key escape at 1.00 s)",
    ]
    assert playing.step(2, key("escape"), osc("/wall/touch", 1), osc("/installation/panic", 0)) == []
    assert playing.step(2.1, osc("/installation/voice/voice/pace", 9)) == []
    assert playing.score.status(2.5).dark == 1
    assert playing.step(3, osc("/installation/cue", "next"))[0].startswith(
        "3.00 told panic lies above cue next"
    )
    assert playing.step(4, key("space")) == [
        "4.00 dark 0 over 1.5 s (key space at 4.00 s)",
        "4.00 voice.voice.pace 9 (key space at 4.00 s)",
    ]
    assert playing.step(5, key("space")) == ["5.00 mark skip (cue next: GO: key space at 5.00 s)"]


def test_a_scene_or_a_release_lifts_a_panic_too():
    playing = play()
    playing.step(1, key("escape"))
    assert [t.split(" (")[0] for t in playing.step(2, osc("/installation/scene", "flood"))][:2] == [
        "2.00 dark 0 over 1.5 s",
        "2.00 scene flood",
    ]
    playing.step(3, osc("/installation/panic"))
    assert "4.00 dark 0 over 1.5 s" in [
        t.split(" (")[0] for t in playing.step(4, osc("/installation/release"))
    ]


def test_what_came_due_during_a_panic_happens_after_it():
    playing = play(make_cue("late", schema.After(seconds=2), mark="keep"))
    playing.step(1, key("escape"))
    assert playing.until(3, 1.02, "mark") == []
    assert [t for t in playing.step(4, key("space")) if " mark " in t] == [
        "4.00 mark keep (cue late: 2 s into the show)"
    ]


def test_blank_toggles_and_leaves_the_voice_alone():
    playing = play()
    assert playing.step(1, osc("/installation/blank", 1), osc("/installation/blank", 0)) == [
        "1.00 dark 1 over 0.3 s (osc /installation/blank (10.0.0.7:9000) at 1.00 s)"
    ]
    assert playing.step(2, osc("/installation/blank")) == [
        "2.00 dark 0 over 0.3 s (osc /installation/blank (10.0.0.7:9000) at 2.00 s)"
    ]


def test_what_a_broker_kept_from_yesterday_asks_nothing():
    playing = play(make_cue("next", mark="skip"))
    kept = [
        Signal(0, "mqtt", f"/installation/{verb}", (value,), "broker", retained=True)
        for verb, value in (
            ("go", 1),
            ("panic", 1),
            ("blank", 1),
            ("scene", "flood"),
            ("cue", "next"),
            ("mark", "keep"),
        )
    ]
    assert playing.step(1, *kept) == []


def test_commands_that_mean_nothing_are_told():
    playing = play(make_cue("next", mark="skip"))
    asked = [
        ("scene", "flod"),
        ("scene",),
        ("cue", "nxt"),
        ("mark", "maybe"),
        ("dance", 1),
        ("release", "ghosts.rise"),
    ]
    lines = [
        playing.step(10 * n, osc(f"/installation/{verb}", *rest)) for n, (verb, *rest) in enumerate(asked, 1)
    ]
    assert [text.split("told ")[1] for step in lines for text in step] == [
        "there is no scene flod; there are: ebb, flood, dark",
        "/installation/scene needs a name after it",
        "there is no cue nxt; there are: next",
        "a mark is keep or skip, not maybe",
        "nothing is called /installation/dance",
        "no hand lies on ghosts.rise",
    ]


def test_a_cue_asked_for_by_name_fires_anywhere_and_moves_the_stand_by():
    playing = play(make_cue("one", scenes=("flood",), mark="keep"), make_cue("two", mark="skip"))
    assert playing.step(1, osc("/installation/cue", "one")) == [
        "1.00 mark keep (cue one: osc /installation/cue (10.0.0.7:9000) at 1.00 s)"
    ]
    assert playing.score.status(1).standby == "two"
    assert playing.step(2, osc("/installation/mark", "skip"))[0].startswith("2.00 mark skip")


def test_an_address_that_nothing_listens_to_is_told_once():
    playing = play()
    told = playing.step(1, osc("/wall/tuch", 1), osc("/wall/tuch", 1))
    assert told == ["1.00 told nothing listens to /wall/tuch; did you mean /wall/touch?"]
    many = [osc(f"/stray/{n}", 1) for n in range(200)]
    assert len(playing.step(2, *many)) < 30
    assert playing.step(3, osc("/wall/tuch", 1), *many) == []
