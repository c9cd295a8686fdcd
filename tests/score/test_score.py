"""What the score decides, read as lists of lines."""

from playing import (
    SIGNALS,
    key,
    make_cue,
    make_scene,
    make_show,
    mqtt,
    osc,
    play,
    typed,
    when,
    word,
)

from installation.score.telling import line
from installation.show import schema
from installation.show.expression import Expression

TIDE = "tide 3.5 from mqtt harbour/tide (broker) at 0.02 s"
ON_TOUCH = schema.On(signal="touch")
QUIET = {"pace": 4.0}


def test_a_show_begins_with_its_scene_every_value_and_the_prompt():
    assert play(begun=False).begin() == [
        "0.00 scene ebb (the show begins)",
        "0.00 layer.page.ink ivory (the show begins)",
        "0.00 layer.ghosts.rise 0.9 (the show begins; 0.4 + tide, tide 2 at rest)",
        "0.00 voice.voice.temperature 0.7 (the show begins; 0.5 + 0.4 * tide, tide 2 at rest)",
        "0.00 voice.voice.pace 4 (the show begins)",
        "0.00 voice.voice.prompt The tide is out. (the show begins)",
    ]


def test_rehearsal_may_begin_in_another_scene():
    assert play(begun=False).begin(0, "flood")[0] == "0.00 scene flood (the show begins)"


def test_a_room_where_nothing_happens_makes_no_work():
    playing = play()
    assert playing.until(2, 0.02) == []


def test_a_value_moves_what_depends_on_it():
    playing = play()
    assert playing.step(0.02, mqtt("harbour/tide", 3.5)) == [
        f"0.02 layer.ghosts.rise 1.275 (0.4 + tide, {TIDE})",
        f"0.02 voice.voice.temperature 0.85 (0.5 + 0.4 * tide, {TIDE})",
    ]


def test_half_a_per_cent_is_not_worth_an_action():
    playing = play()
    assert playing.step(0.02, mqtt("harbour/tide", 2.07)) == []
    assert [text.split()[1] for text in playing.step(0.04, mqtt("harbour/tide", 2.09))] == [
        "layer.ghosts.rise"
    ]


def test_a_condition_that_holds_goes_to_a_scene():
    playing = play(
        make_cue("rising", when("tide > 0.8", 3), scenes=("ebb",), go="flood", fade=8), voice=QUIET
    )
    assert playing.step(0.02, mqtt("harbour/tide", 3.5), mqtt("harbour/tide", 3.5))[1:] == []
    because = f"(cue rising: tide 0.875 > 0.8 for 3 s; {TIDE})"
    lines = playing.until(4, 0.04)
    assert lines[:3] == [
        f"3.02 scene flood over 8 s {because}",
        f"3.02 layer.ghosts.rise 2 {because}",
        f"3.02 voice.voice.prompt Water! The tide is out. {because}",
    ]
    assert lines[3] == f"3.02 voice.voice.weights 0 1 {because}"
    assert lines[4].startswith("3.04 voice.voice.temperature 0.8008 (cue rising: ")
    assert len([line for line in lines if ".temperature " in line]) == 49


def test_a_condition_that_is_true_on_entering_its_scene_counts_from_there():
    falling = make_cue("falling", when("tide < 0.6", 1), scenes=("flood",), go="ebb")
    playing = play(falling, make_cue("rise", go="flood"), voice=QUIET)
    playing.until(5, 0)
    assert "5.02 scene flood (cue rise: GO: key space at 5.02 s)" in playing.step(5.02, key("space"))
    assert [text.split(" (")[0] for text in playing.until(7, 5.04, "scene")] == ["6.02 scene ebb"]


def test_a_cue_of_all_scenes_fires_only_when_its_condition_turns_true():
    playing = play(make_cue("wet", when("tide > 0.6"), mark="keep"), make_cue("next", go="flood"))
    assert [text.split()[2] for text in playing.step(1, mqtt("harbour/tide", 3)) if " mark " in text] == [
        "keep"
    ]
    assert not [text for text in playing.step(2, key("space")) if " mark " in text]


def test_times_in_scene_and_show():
    at = make_cue("early", schema.At(seconds=0.5), scenes=("ebb",), mark="keep")
    after = make_cue("late", schema.After(seconds=1), page="clear")
    playing = play(at, after)
    assert playing.until(2, 0.02) == [
        "0.50 mark keep (cue early: 0.5 s into ebb)",
        "1.00 page clear (cue late: 1 s into the show)",
    ]


def test_a_time_in_a_scene_counts_again_when_the_scene_does():
    at = make_cue("round", schema.At(seconds=0.5), scenes=("ebb",), go="ebb", again=True)
    lines = play(at).until(1.6, 0.02, "scene")
    assert [text.split(" (")[0] for text in lines] == ["0.50 scene ebb", "1.00 scene ebb", "1.50 scene ebb"]


def test_going_to_the_present_scene_is_nothing_but_the_rest_is_done():
    playing = play(make_cue("here", ON_TOUCH, go="ebb", page="clear"))
    assert playing.step(1, osc("/wall/touch")) == [
        "1.00 page clear (cue here: touch from osc /wall/touch (10.0.0.7:9000) at 1.00 s)"
    ]


def test_a_word_that_was_sampled_fires_and_one_that_was_forced_does_not():
    water = make_cue("water", schema.WordIs(word="water"), mark="keep")
    said = make_cue("said", schema.WordIs(word="water", said=True), mark="skip")
    playing = play(water, said)
    assert playing.step(1, words=[word("Water,", 7)]) == [
        '1.00 mark keep (cue water: voice said "water", word 7)',
        '1.00 mark skip (cue said: voice said "water", word 7)',
    ]
    assert playing.step(2, words=[word("water", 8, forced=True)]) == [
        '2.00 mark skip (cue said: voice said "water", word 8)'
    ]


def test_every_event_counts_and_a_button_let_go_does_not():
    playing = play(make_cue("touched", ON_TOUCH, mark="keep"))
    lines = playing.step(1, osc("/wall/touch", 1), osc("/wall/touch", 0), osc("/wall/touch"))
    assert [text.split(" (")[0] for text in lines] == ["1.00 mark keep"] * 2


def test_what_a_visitor_whispers_is_said_privately_and_never_expanded_again():
    playing = play(make_cue("whisper", schema.On(signal="whisper"), say="Someone whispers: {whisper} {{x}}"))
    [action] = playing.score.step(1.0, [typed("I am {tide}")])
    assert action.target == "voice.voice.say"
    assert action.value == "Someone whispers: I am {tide} {x}"
    assert action.private
    assert "I am" not in action.because
    assert "I am" not in line(action)


def test_a_text_of_the_show_itself_is_not_private():
    playing = play(make_cue("touched", ON_TOUCH, say="The tide is {tide}."))
    [action] = playing.score.step(1.0, [osc("/wall/touch", 1)])
    assert (action.value, action.private) == ("The tide is 0.50.", False)


def test_sending_numbers_expressions_and_texts():
    send = (
        ("osc:/lamp", (1.0, Expression.parse("tide * 2", SIGNALS))),
        ("mqtt:wall/text", ("say {whisper}",)),
        ("osc:desk:/bad", (Expression.parse("1 / (tide - 0.5)", SIGNALS),)),
    )
    actions = play(make_cue("out", ON_TOUCH, send=send)).score.step(1.0, [typed("hi"), osc("/wall/touch", 1)])
    assert [(a.target, a.value, a.private) for a in actions] == [
        ("osc:/lamp", (1.0, 1.0), False),
        ("mqtt:wall/text", ("say hi",), True),
        ("osc:desk:/bad", (0.0,), False),
    ]


def test_one_cue_follows_another_when_its_fade_is_over():
    first = make_cue("first", ON_TOUCH, go="flood", fade=0.5, follow="second")
    second = make_cue("second", schema.After(seconds=1e6), mark="keep", follow="third")
    playing = play(first, second, make_cue("third", schema.After(seconds=1e6), mark="skip"))
    playing.step(1, osc("/wall/touch", 1))
    assert playing.until(3, 1.02, "mark") == [
        "1.50 mark keep (cue second: follows first)",
        "1.52 mark skip (cue third: follows second)",
    ]


def test_dark_is_built_in_and_the_voice_slows_to_silence():
    playing = play(
        make_cue("close", go="dark", fade=0.04), make_cue("talk", ON_TOUCH, say="hello"), voice=QUIET
    )
    assert playing.step(1, key("space")) == [
        "1.00 scene dark over 0.04 s (cue close: GO: key space at 1.00 s)"
    ]
    assert playing.until(2, 1.02) == [
        "1.02 voice.voice.pace 2 (cue close: GO: key space at 1.00 s)",
        "1.04 voice.voice.pace 0 (cue close: GO: key space at 1.00 s)",
    ]
    assert playing.step(3, osc("/wall/touch", 1)) == []
    status = playing.score.status(3)
    assert (status.scene, status.dark, status.standby) == ("dark", 1, "")


def test_a_scene_sets_its_voice_and_leaving_it_restores():
    playing = play(make_cue("there", go="flood"), make_cue("back", go="ebb"), voice={"temperature": 0.5})
    assert [t.split(" (")[0] for t in playing.step(1, key("space"))] == [
        "1.00 scene flood",
        "1.00 layer.ghosts.rise 2",
        "1.00 voice.voice.temperature 1.1",
        "1.00 voice.voice.prompt Water!",
    ]
    assert "2.00 voice.voice.temperature 0.5" in [t.split(" (")[0] for t in playing.step(2, key("space"))]


def test_go_takes_the_cues_without_a_trigger_in_file_order():
    cues = [
        make_cue("one", mark="keep"),
        make_cue("only flood", scenes=("flood",), mark="skip"),
        make_cue("two", go="flood"),
        make_cue("three", scenes=("ebb",), mark="skip"),
    ]
    playing = play(*cues)
    names = []
    for now in range(1, 5):
        names.append(playing.score.status(now).standby)
        playing.step(now, osc("/installation/go", 1), osc("/installation/go", 0))
    assert names == ["one", "two", "", ""]
    assert playing.score.status(9).last_error == "GO: no cue stands by"


def test_division_by_zero_keeps_the_last_value_and_is_told_once():
    playing = play(scenes=[make_scene("a", ghosts={"rise": "1 / tide"})], voice=QUIET)
    lines = playing.step(1, mqtt("harbour/tide", 0)) + playing.until(2, 1.02)
    assert lines == ["1.00 told layer.ghosts.rise: 1 / tide has no value now; 2 is kept"]
    playing.step(3, mqtt("harbour/tide", 2.1))
    assert playing.step(4, mqtt("harbour/tide", 0)) == []


def test_a_condition_without_a_value_stays_as_it_was_and_is_told_once():
    playing = play(make_cue("odd", when("1 / tide > 1.5"), mark="keep"), voice=QUIET)
    assert playing.step(1, mqtt("harbour/tide", 0))[0] == (
        "1.00 told cue odd: 1 / tide > 1.5 has no value now; it stays as it was"
    )
    assert [t for t in playing.until(2, 1.02) if "odd" in t] == []


def test_nan_is_refused_and_told_once():
    playing = play()
    assert playing.step(1, osc("/room/presence", float("nan"))) == [
        "1.00 told presence: osc /room/presence brought nan; the last value is kept"
    ]
    assert playing.step(2, osc("/room/presence", float("inf"))) == []


def test_a_flood_of_events_is_bounded_and_told():
    playing = play()
    assert playing.step(1, *[osc("/wall/touch", 1)] * 2000) == [
        "1.00 told touch: more than 1024 at once; the rest is lost"
    ]


def test_the_same_inputs_give_the_same_actions():
    cues = [
        make_cue("rising", when("tide > 0.6", 0.2), scenes=("ebb",), go="flood", fade=0.3),
        make_cue("falling", when("tide < 0.4", 0.2), scenes=("flood",), go="ebb"),
        make_cue("touched", ON_TOUCH, set={"layer.ghosts.rise": "noise(now) * 4"}, fade=0.1, hold=0.2),
        make_cue("whisper", schema.On(signal="whisper"), say="{whisper}"),
    ]

    def run():
        score = play(*cues).score
        actions = []
        for k in range(1, 400):
            signals = [mqtt("harbour/tide", 4 * (k // 50 % 2)), osc("/slow", k % 3)][: k % 3]
            signals += [osc("/wall/touch", 1)] if k % 31 == 0 else []
            signals += [typed(f"line {k}")] if k % 57 == 0 else []
            actions += score.step(k / 50, signals, [word("tide", k)] if k % 11 == 0 else [])
        return actions

    first = run()
    assert first == run()
    assert {"scene", "layer.ghosts.rise", "voice.voice.say"} <= {action.target for action in first}


def test_time_never_runs_backwards():
    playing = play()
    playing.step(2)
    assert playing.step(1, osc("/installation/mark", "keep"))[0].startswith("2.00 mark keep")


def test_the_show_stays_what_it_was():
    show = make_show(make_cue("touched", ON_TOUCH, mark="keep"))
    before = show.model_dump_json(exclude={"voices", "scenes", "cues"})
    assert play().score.show.title == show.title
    assert show.model_dump_json(exclude={"voices", "scenes", "cues"}) == before


def test_one_press_is_one_step_between_two_scenes():
    touch = schema.On(signal="touch")
    playing = play(
        make_cue("there", trigger=touch, scenes=("ebb",), go="flood"),
        make_cue("back", trigger=touch, scenes=("flood",), go="ebb"),
        voice=QUIET,
    )
    scenes = []
    for n in range(4):
        playing.step(n + 0.5, osc("/wall/touch", 1.0))
        playing.step(n + 0.9, osc("/wall/touch", 0.0))
        scenes.append(playing.score.scene)
    assert scenes == ["flood", "ebb", "flood", "ebb"]
