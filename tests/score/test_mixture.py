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
    told = mixture.look(env, set(env), 0.0)
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
    assert (mixture.value, mixture.weights, mixture.look({}, {"tide"}, 0.0)) == (
        "The tide is out.",
        (),
        False,
    )


def test_a_saved_show_tells_only_what_changed():
    score = Score(make_show(scenes=scenes()), CATALOGUE)
    score.begin(0.0)
    saved = make_show(scenes=[make_scene("ebb", mixed(out="3 * (1 - presence)", water="presence + 1"))])
    told = {action.target: action.value for action in score.adopt(saved, 1.0)}
    assert "voice.voice.prompt" not in told
    assert told["voice.voice.weights"] == (0.75, 0.25)


def crossing(*more, fade=4.0):
    """From the scene ebb, whose prompts are mixed, on at second 1."""
    cues = [make_cue(name, go=name, fade=fade) for name in ("lamp", "ebb", "dark", "other")]
    return play(*cues, scenes=scenes(*more))


def go(score, at, cue):
    return prompts(score.step(at, osc("/installation/cue", cue)))


def test_with_a_fade_prompts_cross_and_the_old_ones_leave():
    score = crossing()
    assert go(score, 1.0, "lamp") == [
        "voice.voice.prompt A lamp. out",
        "voice.voice.weights 0 1",
    ]
    assert prompts(score.step(2.0)) == ["voice.voice.weights 0.25 0.75"]
    assert prompts(score.step(2.01)) == []
    assert prompts(score.step(4.98)) == ["voice.voice.weights 0.995 0.005"]
    assert prompts(score.step(5.0)) == ["voice.voice.prompt A lamp."]
    assert prompts(score.step(6.0)) == []


def test_prompts_cross_to_a_mixture_that_moves_meanwhile():
    score = crossing()
    go(score, 1.0, "lamp")
    score.step(6.0)
    assert go(score, 7.0, "ebb") == [
        "voice.voice.prompt out water A lamp.",
        "voice.voice.weights 0 0 1",
    ]
    assert prompts(score.step(9.0, osc("/room/presence", 2.0))) == ["voice.voice.weights 0.25 0.25 0.5"]
    assert prompts(score.step(11.0)) == ["voice.voice.prompt out water", "voice.voice.weights 0.5 0.5"]


def test_a_crossing_may_turn_back_half_way():
    score = crossing()
    go(score, 1.0, "lamp")
    score.step(3.0)
    assert go(score, 3.0, "ebb") == [
        "voice.voice.prompt out water A lamp.",
        "voice.voice.weights 0.5 0 0.5",
    ]
    assert prompts(score.step(5.0)) == ["voice.voice.weights 0.75 0 0.25"]


def test_the_same_prompts_glide_to_other_weights():
    score = crossing(make_scene("other", mixed(out=1.0, water=3.0)))
    assert go(score, 1.0, "other") == []
    assert prompts(score.step(3.0)) == ["voice.voice.weights 0.625 0.375"]
    assert prompts(score.step(5.0)) == ["voice.voice.weights 0.25 0.75"]


def test_a_short_fade_is_a_cut_and_so_is_one_from_or_to_the_dark():
    assert go(crossing(fade=0.9), 1.0, "lamp") == ["voice.voice.prompt A lamp."]
    score = crossing()
    assert go(score, 1.0, "dark") == []
    assert go(score, 6.0, "lamp") == ["voice.voice.prompt A lamp."]


def test_of_too_many_prompts_the_heaviest_cross():
    many = make_scene("other", mixed(**{f"p{n}": float(n) for n in range(1, 9)}))
    score = crossing(many)
    assert go(score, 1.0, "other") == [
        "voice.voice.prompt p1 p2 p3 p4 p5 p6 p7 p8",
        "voice.voice.weights " + " ".join(f"{n / 36:.4g}" for n in range(1, 9)),
    ]
    assert go(score, 2.0, "ebb")[0] == "voice.voice.prompt out water p8 p7 p6 p5 p4 p3"


def test_weights_of_a_crossing_sum_to_one_and_a_saved_show_lets_it_go_on():
    score = Score(make_show(make_cue("lamp", go="lamp", fade=2.0), scenes=scenes()), CATALOGUE)
    score.begin(0.0)
    told = score.step(1.0, [osc("/installation/cue", "lamp")])
    saved = make_show(make_cue("lamp", go="lamp", fade=3.0), scenes=scenes())
    told += score.step(1.3)
    assert [a for a in score.adopt(saved, 1.4) if a.target == "voice.voice.prompt"] == []
    told += [action for tick in range(1, 90) for action in score.step(1.4 + tick / 50)]
    weights = [action.value for action in told if action.target == "voice.voice.weights"]
    assert len(weights) > 50
    assert all(math.isclose(sum(each), 1) for each in weights)
    assert [each[0] for each in weights] == sorted(each[0] for each in weights)
    assert [action.value for action in told if action.target == "voice.voice.prompt"][-1] == "A lamp."
