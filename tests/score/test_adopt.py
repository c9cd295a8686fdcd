"""An edited show while it plays, and going on after a restart."""

import json

from playing import CATALOGUE, Playing, key, make_cue, make_scene, make_show, mqtt, osc, play, when

from installation.score.score import Score
from installation.score.telling import line
from installation.show import schema

RISE = "layer.ghosts.rise"
TOUCH = schema.On(signal="touch")


def adopt(playing, show, now):
    return [line(action) for action in playing.score.adopt(show, now)]


def test_the_same_show_again_changes_nothing_but_tells_all_values_again():
    playing = play()
    assert adopt(playing, make_show(), 1) == [
        "1.00 layer.page.ink ivory (the show file was saved)",
        f"1.00 {RISE} 0.9 (the show file was saved; 0.4 + tide, tide 2 at rest)",
        "1.00 voice.voice.temperature 0.7 (the show file was saved; 0.5 + 0.4 * tide, tide 2 at rest)",
        "1.00 voice.voice.pace 4 (the show file was saved)",
    ]
    assert playing.until(2, 1.02) == []


def test_a_new_value_and_a_new_prompt_are_told():
    playing = play()
    scenes = [make_scene("ebb", "The tide is far out.", ghosts={"rise": 2.0}), make_scene("flood")]
    lines = adopt(playing, make_show(scenes=scenes), 1)
    assert [text for text in lines if "temperature" not in text and "pace" not in text] == [
        f"1.00 {RISE} 2 (the show file was saved)",
        "1.00 voice.voice.prompt The tide is far out. (the show file was saved)",
    ]


def test_scene_time_signals_hands_and_stand_by_stay():
    cues = [make_cue("one", go="flood"), make_cue("two", mark="keep"), make_cue("three", mark="skip")]
    playing = play(*cues)
    playing.step(1, key("space"), mqtt("harbour/tide", 3))
    playing.step(2, osc("/installation/layer/ghosts/rise", 0.5))
    adopt(playing, make_show(make_cue("new", mark="keep"), *cues), 3)
    status = playing.score.status(3)
    assert (status.scene, status.scene_for, status.standby) == ("flood", 2, "two")
    assert (playing.value(RISE).value, playing.value(RISE).owner) == (0.5, "hand")
    assert next(s for s in status.signals if s.name == "tide").raw == 3


def test_a_journey_goes_on_and_a_condition_does_not_fire_twice():
    cues = [
        make_cue("touched", TOUCH, set={RISE: 3.0}, fade=1),
        make_cue("wet", when("tide > 0.4"), mark="keep"),
    ]
    playing = play(*cues)
    playing.step(1, osc("/wall/touch", 1))
    playing.until(1.48, 1.02)
    assert f"1.50 {RISE} 1.95" in [t.split(" (")[0] for t in adopt(playing, make_show(*cues), 1.5)]
    lines = playing.until(2.5, 1.52)
    assert lines[-1].startswith(f"2.00 {RISE} 3 ")
    assert not [text for text in lines if " mark " in text]


def test_a_scene_that_is_gone_means_the_shows_start():
    playing = play(make_cue("next", go="flood"))
    playing.step(1, key("space"))
    lines = adopt(playing, make_show(scenes=[make_scene("dry", "Dust.", ghosts={"rise": 1.5})]), 2)
    assert lines[:2] == [
        "2.00 scene dry (the show file was saved without flood)",
        f"2.00 {RISE} 1.5 (the show file was saved without flood)",
    ]


def test_a_panic_survives_an_edit():
    playing = play()
    playing.step(1, key("escape"))
    adopt(playing, make_show(), 2)
    assert playing.value("voice.voice.pace").value == 0
    assert "3.00 voice.voice.pace 4" in [t.split(" (")[0] for t in playing.step(3, key("space"))]


def test_a_restart_goes_on_where_it_was():
    cues = [make_cue("one", go="flood"), make_cue("two", mark="keep")]
    playing = play(*cues)
    playing.step(1, key("space"), osc("/installation/layer/ghosts/rise", 0.5), osc("/installation/panic"))
    kept = json.loads(json.dumps(playing.score.snapshot()))
    again = Playing(Score(make_show(*cues), CATALOGUE, 7))
    again.score.restore(kept)
    lines = [text.split(" (")[0] for text in again.begin()]
    assert lines[:2] == ["0.00 scene flood", "0.00 dark 1"]
    assert f"0.00 {RISE} 0.5" in lines
    assert "0.00 voice.voice.pace 0" in lines
    assert again.score.status(0).standby == "two"
    assert again.score.snapshot() == playing.score.snapshot()


def test_a_snapshot_that_no_longer_fits_is_passed_over():
    playing = play(begun=False)
    playing.score.restore(
        {
            "scene": "gone",
            "passed": 3,
            "hands": {"layer.x.y": 1, RISE: "high", "layer.page.ink": ["a"]},
            "panicked": 1,
        }
    )
    assert playing.begin()[0] == "0.00 scene ebb (the show begins)"
    assert playing.score.snapshot()["hands"] == {}
