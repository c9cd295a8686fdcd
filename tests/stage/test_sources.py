from test_looks import stage_of

from installation.conductor import is_shown
from installation.messages import Action
from installation.stage.fonts import Fonts
from installation.stage.sources import Sources
from installation.stage.typesetter import Typesetter


def test_shares_follow_what_the_score_tells():
    sources = Sources()
    sources.enter({"anna": "the sea", "ben": "the road"})
    assert sources.of(()) == (("the sea", 0.5), ("the road", 0.5))
    assert sources.of(("ben",)) == (("the road", 1.0),)
    sources.tell("ben", "prompt", ("the road", "the fire"))
    assert sources.of(("ben",)) == (("the road", 0.5), ("the fire", 0.5)), "not told yet"
    sources.tell("ben", "weights", (0.25, 0.75))
    assert sources.of(("ben",)) == (("the road", 0.25), ("the fire", 0.75))
    sources.enter({"ben": "the fire"})
    assert sources.of(("ben",)) == (("the fire", 1.0),)
    assert sources.of(("nobody",)) == ()


def test_the_stage_is_told_of_mixed_prompts_only():
    shown = [
        Action(0, "voice.anna.prompt", ("the sea", "the fire")),
        Action(0, "voice.anna.weights", (0.5, 0.5)),
        Action(0, "scene", "ebb"),
    ]
    hidden = [
        Action(0, "voice.anna.prompt", "the sea"),
        Action(0, "voice.anna.pace", 3.0),
        Action(0, "mark", "keep"),
    ]
    assert all(map(is_shown, shown))
    assert not any(map(is_shown, hidden))


def test_a_current_reaches_as_far_as_its_prompt_counts():
    stage = stage_of(Typesetter(Fonts(folders=[])), ("confluence", {"waves": 0.0, "speed": 0.0}))
    stage.take(Action(0.0, "voice.voice.prompt", ("aa " * 9, "bb " * 9)))
    for share in (0.3, 0.7):
        stage.take(Action(0.0, "voice.voice.weights", (share, 1 - share)))
        stage.frame(1.0)
        ends = {word: [s.x for s in stage._frame.sprites if s.text == word] for word in ("aa", "bb")}
        assert abs(max(ends["aa"]) / 177.8 - share) < 0.2
        assert abs(min(ends["bb"]) / 177.8 - share) < 0.2
    stage.take(Action(1.0, "page", "clear"))
    stage.frame(3.0)
    assert {s.text for s in stage._frame.sprites} == {"aa", "bb"}, "a clear page keeps what is read"
