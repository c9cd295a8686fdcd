import math
import random
from pathlib import Path

import pytest

from installation.clock import HandClock
from installation.messages import Action, Candidates, Inner, Rival, Status, Token, Word
from installation.show.schema import LayerSpec, SceneSpec, Show, Venue
from installation.stage.fonts import Fonts
from installation.stage.stage import Stage
from installation.stage.typesetter import Typesetter

SMALL = (320, 180)
VOCABULARY = [
    "the",
    "a",
    "of",
    "sea",
    "light",
    "harbour",
    "evening",
    "lamps",
    "machine",
    "dream",
    "remember",
    "water",
]


def scene(name, *layers):
    specs = tuple(LayerSpec(kind=kind, name=kind, settings=settings) for kind, settings in layers)
    return SceneSpec(name=name, prompts={}, voice={}, layers=specs)


def show(disclosure="corner", **more):
    scenes = {
        "ebb": scene("ebb", ("palimpsest", {"size": 9.0}), ("ghosts", {})),
        "flood": scene("flood", ("palimpsest", {"size": 12.0, "ink": "ivory"}), ("ghosts", {"rise": 2.0})),
        "bare": scene("bare", ("palimpsest", {"size": 5.0, "candidates": False, "entropy_line": False})),
        **more,
    }
    return Show(
        title="Test",
        format=1,
        start="ebb",
        disclosure=disclosure,
        voices={},
        signals={},
        scenes=scenes,
        cues=(),
        venue=Venue(),
        folder=Path(),
        file=Path("show.yaml"),
        text="",
        hash="0" * 12,
    )


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(Fonts(folders=[]))


@pytest.fixture
def make(typesetter):
    def make(size=SMALL, **more):
        return Stage(show(**more), size, HandClock(), typesetter)

    return make


def speech(words, seed=1, pace=4.0, start=0.5, forced=()):
    """Timed messages of a voice that says these words, surprises and rivals by chance."""
    chance = random.Random(seed)
    messages = []
    for n, text in enumerate(words):
        at = start + n / pace
        texts = [" " + t for t in chance.sample(VOCABULARY, 6)]
        rivals = tuple(Rival(t, 0.5 ** (k + 1)) for k, t in enumerate(texts))
        inner = Inner(chance.expovariate(0.3), chance.uniform(0, 6), rivals)
        before = " " if n else ""
        messages.append((at - 0.2, Candidates("voice", n, rivals, inner.entropy)))
        messages.append((at, Token("voice", n, n, before + text, inner=inner, forced=n in forced)))
        messages.append((at + 0.05, Word("voice", n, text, before, (text,), n, n, n in forced, inner)))
    return messages


def prose(count, seed=1):
    chance = random.Random(seed)
    return [chance.choice(VOCABULARY) for _ in range(count)]


def play(stage, messages, until, fps=10):
    """Every frame's mark, as a show would leave them."""
    queue = sorted([(0.0, Action(0.0, "scene", "ebb")), *messages], key=lambda row: row[0])
    marks = []
    for frame in range(math.ceil(until * fps) + 1):
        now = frame / fps
        while queue and queue[0][0] <= now:
            stage.take(queue.pop(0)[1])
        stage.frame(now)
        marks.append(stage.mark(pixels=True))
    return marks


def sprites(stage, face="roman"):
    return [s for s in stage._frame.sprites if s.face == face]


def said(stage):
    """The words on the wall, without the glow under them."""
    return [s.text for s in sprites(stage) if not s.glow]


def test_the_same_messages_before_the_same_frames_give_the_same_frames(make):
    actions = [
        (3.0, Action(3.0, "layer.ghosts.rise", 2.5)),
        (5.0, Action(5.0, "scene", "flood", fade=2.0)),
        (8.0, Action(8.0, "dark", 0.5, fade=1.0)),
    ]
    messages = [*speech(prose(40)), *actions]
    one, two = play(make(), messages, 11.0), play(make(), messages, 11.0)
    assert one == two
    assert len({mark.rows for mark in one}) > 80
    assert one[-1].upto == len(messages) + 1


def test_rows_are_the_same_at_every_resolution(make):
    messages = speech(prose(30))
    rows = [[mark.rows for mark in play(make(size), messages, 6.0, 4)] for size in ((320, 180), (480, 270))]
    assert rows[0] == rows[1]


def test_before_any_scene_there_is_only_the_ground(make):
    stage = make()
    stage.frame(0.0)
    assert stage._frame.sprites == []
    assert stage.pixels().shape == (180, 320, 3)
    assert stage.pixels().max() < 32


def test_a_word_is_on_the_wall_in_the_frame_that_took_it_in(make):
    stage = make()
    stage.take(Action(0.0, "scene", "ebb"))
    stage.frame(1.0)
    before = stage.pixels().astype(int)
    stage.take(Token("voice", 0, 1, "machine", inner=Inner(8.0, 3.0)))
    stage.frame(1.02)
    assert (stage.pixels().astype(int) - before).max() > 3


def test_the_machine_is_disclosed_unless_the_show_says_no(make):
    for disclosure, shown in (("corner", True), ("off", False)):
        stage = make(disclosure=disclosure)
        play(stage, [], 0.2)
        assert any("machine" in s.text for s in sprites(stage, "caption")) is shown


def test_without_inner_life_there_are_words_and_nothing_else(make):
    stage = make(disclosure="off")
    messages = [(n / 4, Word("voice", n, text, " ", (text,), n, n)) for n, text in enumerate(prose(12))]
    play(stage, messages, 5.0)
    assert len(said(stage)) == 12
    assert all(s.face == "roman" and not s.glow for s in stage._frame.sprites)
    assert stage._frame.strokes == []


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["one"],
        ["x" * 60, "a" * 400],
        ["你好", "世界", "。"],
        ["مرحبا", "بالعالم", "שלום"],
        ["😀", "👩\u200d👩\u200d👧", "\u200b", "e\u0301"],
        prose(400),
    ],
    ids=["none", "one", "long", "chinese", "leftward", "emoji", "many"],
)
def test_any_text_can_stand_there(make, words):
    stage = make()
    play(stage, speech(words, pace=40.0), max(1.0, len(words) / 40 + 1), 5)
    assert stage.told == type(stage.told)(maxlen=16)
    assert len(stage._frame.sprites) < 1500


def test_leftward_text_starts_at_the_right(make):
    stage = make()
    play(stage, speech(["שלום", "עולם"]), 3.0)
    first, second = (s for s in sprites(stage) if not s.glow)
    assert first.x > second.x > 80


def test_a_visitors_words_have_their_own_light_and_a_line(make):
    stage = make()
    play(stage, speech(["are", "you", "there"], forced=(1,)), 3.0)
    lights = {s.text: s.light for s in sprites(stage) if not s.glow}
    red, _, blue = lights["you"]
    assert blue > 2 * red
    assert len([s for s in stage._frame.strokes if len(s.points) == 2]) == 1


def test_ghosts_stay_below_the_line_above_them_or_hide(make):
    stage = make()
    play(stage, speech(prose(24)), 9.0)
    form = stage._sheets[-1].columns[0].place.form
    lines = sorted({s.y for s in sprites(stage) if not s.glow})
    assert len(lines) >= 2
    ghosts = [s for s in sprites(stage, "italic") if s.size == pytest.approx(3.2)]
    assert ghosts
    for ghost in ghosts:
        above = [y for y in lines if y < ghost.y]
        if above and ghost.y - above[-1] < 0.1 * form.size:
            assert max(ghost.light) < 0.12


def test_rise_moves_the_ghosts(make):
    heights = []
    for rise in (0.5, 1.0, 3.0):
        stage = make()
        play(stage, [*speech(prose(5)), (0.1, Action(0.1, "layer.ghosts.rise", rise))], 5.0)
        heights.append(min(s.y for s in sprites(stage, "italic") if s.size == pytest.approx(3.2)))
    assert heights[0] > heights[1] > heights[2]


def test_a_scene_change_crossfades_whole_stacks(make):
    stage = make()
    play(stage, speech(prose(6)), 3.0)
    stage.take(Action(3.1, "scene", "bare", fade=2.0))
    sizes = []
    for tenth in range(31, 55):
        stage.frame(tenth / 10)
        sizes.append({s.size for s in sprites(stage)})
    assert sizes[0] == {9.0}
    assert {5.0, 9.0} in sizes
    assert sizes[-1] == {5.0}
    assert len(stage._sheets) == 1


def test_a_change_of_settings_alone_keeps_every_word_as_bright_as_it_was(make):
    stage = make(calm=scene("calm", ("palimpsest", {"size": 9.0}), ("ghosts", {"rise": 0.2})))
    play(stage, speech(prose(4)), 6.0)
    lit = sum(sum(s.light) for s in sprites(stage))
    stage.take(Action(6.1, "scene", "calm", fade=2.0))
    for tenth in range(61, 85, 4):
        stage.frame(tenth / 10)
        assert sum(sum(s.light) for s in sprites(stage)) == pytest.approx(lit, rel=0.01)


def test_the_dark_and_back(make):
    stage = make()
    play(stage, speech(prose(6)), 3.0)
    stage.take(Action(3.1, "scene", "dark", fade=1.0))
    for now in (3.1, 3.6, 4.2):
        stage.frame(now)
    assert stage.pixels().max() == 0
    stage.take(Action(4.3, "scene", "flood", fade=0.5))
    for now in (4.3, 4.5, 5.0):
        stage.frame(now)
    assert {s.size for s in sprites(stage)} == {12.0}
    stage.take(Action(5.1, "dark", 1.0))
    stage.frame(5.1)
    assert stage.pixels().max() == 0


def test_a_cleared_page_leaves_softly_and_a_new_one_begins(make):
    stage = make()
    play(stage, speech(prose(6)), 3.0)
    stage.take(Action(3.1, "page", "clear"))
    stage.take(Word("voice", 9, "anew", "", ("anew",), 9, 9))
    stage.frame(3.2)
    assert len(said(stage)) == 6
    stage.frame(6.0)
    assert said(stage) == ["anew"]
    (word,) = (s for s in sprites(stage) if not s.glow)
    assert (word.x, word.y) == (
        stage._sheets[-1].columns[0].place.form.margin,
        stage._sheets[-1].columns[0].place.form.first,
    )


def test_a_saved_show_is_taken_over(make):
    stage = make()
    play(stage, speech(prose(6)), 3.0)
    stage.take(show(ebb=scene("ebb", ("palimpsest", {"size": 7.0}))))
    for now in (3.1, 3.5, 4.5):
        stage.frame(now)
    assert {s.size for s in sprites(stage)} == {7.0}
    assert len(said(stage)) == 6


def test_what_cannot_be_set_is_told_and_changes_nothing(make):
    stage = make()
    play(stage, [], 0.1)
    for target, value in (
        ("layer.ghosts.rise", "high"),
        ("layer.fog.depth", 1.0),
        ("layer.ghosts.nothing", 1.0),
    ):
        stage.take(Action(0.2, target, value))
    stage.frame(0.2)
    assert len(stage.told) == 3
    assert stage._sheets[-1].layers[1].settings.rise == 1.0


def test_a_layer_that_fails_three_times_is_off_and_the_others_go_on(make, monkeypatch):
    from installation.stage.layers import catalogue

    def broken(_view, _settings, _now):
        raise ZeroDivisionError("a mistake in a look")

    monkeypatch.setitem(catalogue.LOOKS, "ghosts", catalogue.LOOKS["ghosts"]._replace(draw=broken))
    stage = make()
    play(stage, speech(prose(6)), 3.0)
    assert len(stage.told) == 3
    assert stage.told[-1].endswith("it is off now")
    assert len(said(stage)) == 6


def test_status_is_not_for_the_stage(make):
    stage = make()
    stage.take(Status(0.0))
    stage.frame(0.0)
    assert stage.mark().upto == 0


def test_another_size_keeps_the_text(make):
    stage = make()
    play(stage, speech(prose(6)), 3.0)
    words = said(stage)
    stage.resize((400, 400))
    stage.frame(3.2)
    assert stage.pixels().shape == (400, 400, 3)
    assert said(stage) == words


def test_many_words_leave_a_bounded_stage(make):
    stage = make()
    play(stage, speech(prose(1800), pace=60.0), 31.0, 8)
    assert len(stage._page.items) <= 1500
    assert len(stage._sheets[-1].columns[0].composition._lines) < 20
