import math

import pytest
from playing import CATALOGUE, expression, make_cue, make_scene, make_show, osc, play

from installation.score.mixture import Mixture
from installation.score.score import Score
from installation.show.schema import Share


def mixed(**weights):
    return tuple(Share(text=text, weight=expression(weight)) for text, weight in weights.items())


def scenes(*more):
    ebb = make_scene("ebb", mixed(out="1 - presence", water="presence"))
    return [ebb, make_scene("lamp", "A lamp."), *more]


def prompts(lines):
    """What is told of prompts, without time and reason."""
    bare = [line.split(" ", 1)[1].split(" (")[0] for line in lines]
    return [line for line in bare if line.startswith(("voice.voice.prompt", "voice.voice.weights"))]


def test_prompts_and_their_shares_are_told_and_then_what_moved():
    score = play(scenes=scenes(), begun=False)
    assert prompts(score.begin()) == ["voice.voice.prompt out water", "voice.voice.weights 1 0"]
    assert prompts(score.step(1, osc("/room/presence", 0.01))) == ["voice.voice.weights 0.9975 0.0025"]
    assert prompts(score.step(2, osc("/room/presence", 0.02))) == []
    assert prompts(score.step(3, osc("/room/presence", 1.0))) == ["voice.voice.weights 0.75 0.25"]
    assert prompts(score.step(4, osc("/room/presence", 1.01))) == []
    assert prompts(score.step(5, osc("/room/presence", 4.0))) == ["voice.voice.weights 0 1"]


def test_the_reason_names_the_expressions_and_the_sender():
    score = play(scenes=scenes())
    told = next(line for line in score.step(3, osc("/room/presence", 1.0)) if ".weights" in line)
    assert "(1 - presence, presence, presence 1 from osc /room/presence" in told


def test_an_action_holds_numbers():
    score = Score(make_show(scenes=scenes()), CATALOGUE)
    values = {action.target: action.value for action in score.begin(0.0)}
    assert values["voice.voice.prompt"] == ("out", "water")
    assert values["voice.voice.weights"] == (1.0, 0.0)


def test_a_scene_of_the_same_prompts_changes_weights_only():
    other = make_scene("other", mixed(out=1.0, water=3.0))
    cues = [make_cue(name, go=name) for name in ("other", "lamp", "ebb")]
    score = play(*cues, scenes=scenes(other))
    go = [prompts(score.step(at, osc("/installation/cue", cue.name))) for at, cue in enumerate(cues, 1)]
    assert go[0] == ["voice.voice.weights 0.25 0.75"]
    assert go[1] == ["voice.voice.prompt A lamp."]
    assert go[2] == ["voice.voice.prompt out water", "voice.voice.weights 1 0"]


def look(mixture, **env):
    told = mixture.look(env, set(env))
    return told, mixture.weights


def test_shares_sum_to_one_and_negative_weights_are_none():
    mixture = Mixture(mixed(a="tide", b=3.0, c="0 - tide"))
    assert look(mixture, tide=1.0) == (True, (0.25, 0.75, 0.0))
    assert look(mixture, tide=-3.0) == (True, (0.0, 0.5, 0.5))


def test_where_nothing_counts_the_last_shares_stay():
    mixture = Mixture(mixed(a="tide", b="tide / presence"))
    assert look(mixture, tide=0.0, presence=1.0) == (True, (0.5, 0.5))
    assert mixture.fault == "every weight is 0; they count alike"
    assert look(mixture, tide=1.0, presence=1 / 3) == (True, pytest.approx((0.25, 0.75)))
    assert mixture.fault == ""
    assert look(mixture, tide=1.0, presence=0.0)[0] is False
    assert mixture.fault == "tide / presence has no value now; the last mixture is kept"
    assert math.isclose(sum(mixture.weights), 1)


def test_a_prompt_alone_has_no_weights():
    mixture = Mixture("The tide is out.")
    assert (mixture.value, mixture.weights, mixture.look({}, {"tide"})) == ("The tide is out.", (), False)


def test_a_saved_show_tells_only_what_changed():
    score = Score(make_show(scenes=scenes()), CATALOGUE)
    score.begin(0.0)
    saved = make_show(scenes=[make_scene("ebb", mixed(out="3 * (1 - presence)", water="presence + 1"))])
    told = {action.target: action.value for action in score.adopt(saved, 1.0)}
    assert "voice.voice.prompt" not in told
    assert told["voice.voice.weights"] == (0.75, 0.25)
