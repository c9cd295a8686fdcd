"""Several voices on one stage: each in its own column, or all on one page."""

import pytest
from test_stage import play, prose, show, speech, sprites

from installation.clock import HandClock
from installation.messages import Token, Word
from installation.show.schema import LayerSpec, SceneSpec
from installation.stage.column import WHOLE, Area, places, shared
from installation.stage.fonts import Fonts
from installation.stage.layers.ghosts import Ghosts
from installation.stage.layers.palimpsest import Palimpsest
from installation.stage.page import Page
from installation.stage.pages import Pages
from installation.stage.stage import Stage
from installation.stage.typesetter import Typesetter

WIDTH = 177.8
TWO = (("left", {"voice": ("anna",), "ink": "amber"}), ("right", {"voice": ("ben",), "ink": "sea"}))


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(Fonts(folders=[]))


def stage_of(typesetter, *layers):
    specs = tuple(LayerSpec(kind=kind, name=name, settings=settings) for kind, name, settings in layers)
    ebb = SceneSpec(name="ebb", prompts={}, voice={}, layers=specs)
    return Stage(show(ebb=ebb, disclosure="off"), (320, 180), HandClock(), typesetter)


def said(voice, words, **more):
    rows = speech(words, **more)
    return [(at, type(m)(voice, *(getattr(m, name) for name in m.__slots__[1:]))) for at, m in rows]


def spread(typesetter, drawn):
    """From the leftmost to the rightmost end of these."""
    ends = [s.x + typesetter.measure(s.text, s.face) * s.size for s in drawn]
    return min(s.x for s in drawn), max(ends)


@pytest.mark.parametrize("size", [4.0, 9.0, 14.0])
def test_two_columns_never_meet(typesetter, size):
    pages = [("palimpsest", name, {**settings, "size": size}) for name, settings in TWO]
    stage = stage_of(typesetter, *pages, ("ghosts", "ghosts", {}))
    play(
        stage, said("anna", prose(60, 1), seed=1) + said("ben", prose(60, 2), seed=2, start=0.6), 16.0, fps=3
    )
    left, right = stage._sheets[-1].columns
    middle = WIDTH / 2
    frame = stage._frame
    for side, low, high in ((left, 0.0, middle), (right, middle, WIDTH)):
        own = [s for s in frame.sprites if low <= s.x < high]
        assert len(own) > 5
        assert spread(typesetter, own)[1] < high, side.place
        assert low < spread(typesetter, own)[0]
    for stroke in frame.strokes:
        sides = {x < middle for x, _ in stroke.points}
        assert len(sides) == 1, "no line runs from one column into the other"


def test_each_column_holds_its_own_voice_in_its_own_ink(typesetter):
    stage = stage_of(typesetter, *(("palimpsest", name, settings) for name, settings in TWO))
    play(stage, said("anna", ["One", "two"]) + said("ben", ["Three", "four"]), 3.0)
    texts = {s.text: s for s in sprites(stage) if s.glow == 0}
    assert {text: s.x < WIDTH / 2 for text, s in texts.items()} == {
        "One": True, "two": True, "Three": False, "four": False,
    }  # fmt: skip
    assert texts["two"].light != texts["four"].light


def test_captions_stand_where_there_is_room_for_them(typesetter):
    for names, captions in (("ab", 2), ("abc", 0)):
        stage = stage_of(
            typesetter, *(("palimpsest", name, {"voice": (name,), "size": 5.0}) for name in names)
        )
        play(stage, [row for name in names for row in said(name, prose(5))], 2.0, fps=5)
        assert len(sprites(stage, "caption")) == captions


def test_ghosts_may_follow_one_voice_only(typesetter):
    stage = stage_of(
        typesetter,
        *(("palimpsest", name, {**settings, "candidates": False}) for name, settings in TWO),
        ("ghosts", "ghosts", {"voice": ("ben",)}),
    )
    play(stage, said("anna", prose(9)) + said("ben", prose(9, 3), seed=3), 5.0)
    ghosts = sprites(stage, "italic")
    assert ghosts
    assert all(s.x > WIDTH / 2 for s in ghosts)


def test_on_one_page_who_speaks_after_another_begins_a_line(typesetter):
    stage = stage_of(typesetter, ("palimpsest", "palimpsest", {"size": 5.0}))
    rows = [
        ("anna", "Sea."),
        ("anna", "Near."),
        ("ben", "No,"),
        ("anna", "oh"),
        ("ben", "no."),
        ("anna", "Yes."),
    ]
    messages = []
    for n, (voice, text) in enumerate(rows):
        messages.append((n / 2, Token(voice, n, n, " " * (n == 1) + text)))
        messages.append((n / 2 + 0.1, Word(voice, n, text, " " if n == 1 else "", (text,), n, n)))
    play(stage, messages, 4.0)
    items = list(stage._page.items.values())
    assert [(item.before, item.text) for item in items] == [
        ("", "Sea."), (" ", "Near."), ("\n", "No,"), ("", "no."), ("\n", "oh"), ("", "Yes."),
    ]  # fmt: skip


def test_a_page_of_some_is_as_if_it_had_been_kept_from_the_beginning():
    messages = sorted(
        said("anna", prose(20)) + said("ben", prose(20, 2)) + said("carl", prose(9, 3)),
        key=lambda row: row[0],
    )
    early, late = Pages(), Pages()
    early.of(("anna", "carl"))
    for at, message in messages:
        early.take(message, at)
        late.take(message, at)
    one, other = (pages.of(("anna", "carl")) for pages in (early, late))
    for now in (20.0, 30.0, 40.0):  # nobody ends a sentence here
        early.settle(now)
        late.settle(now)
    assert [i.text for i in one.items.values()] == [i.text for i in other.items.values()]
    assert {i.voice for i in one.items.values()} == {"anna", "carl"}
    for pages in (early, late):
        pages.take(Token("anna", 20, 20, " more"), 44.0)
    assert one.last.text == other.last.text == "more"
    assert other.last.key > max(list(other.items)[:-1])


def test_what_is_taken_back_is_struck_through_in_its_own_column():
    early, late = Pages(), Pages()
    early.of(("anna",))
    for at, message in said("anna", prose(6)) + said("ben", prose(6)):
        early.take(message, at)
        late.take(message, at)
    for pages in (early, late):
        pages.withdraw("anna", 3, 6, 9.0)
    assert len(early.of(("anna",)).withdrawn) == len(late.of(("anna",)).withdrawn) == 3
    assert not late.of(("ben",)).withdrawn


def test_who_stands_in_speaks_in_the_column_of_whom_it_stands_in_for():
    page = Page()
    pages = Pages()
    own = pages.of(("anna",))
    for taker in (page, pages):
        taker.take(Token("anna/meanwhile", 0, -1, "Wait", forced=True), 0.0)
        taker.take(Word("anna/meanwhile", 0, "Wait", "", ("wait",), 0, 0, forced=True), 0.1)
    assert [item.text for item in own.items.values()] == ["Wait"]


def test_a_stage_is_shared_in_rows_and_grids():
    assert shared(1, 8) == [WHOLE]
    assert shared(2, 8) == [Area(4, 0, 46, 100), Area(50, 0, 46, 100)]
    for count in range(2, 33):
        areas = shared(count, 8)
        assert len(set(areas)) == count
        assert all(a.left >= 0 and a.top >= 0 for a in areas)
        assert all(a.left + a.width <= 100.001 and a.top + a.height <= 100.001 for a in areas)
        for n, one in enumerate(areas):
            for other in areas[n + 1 :]:
                beside = (
                    one.left + one.width <= other.left + 1e-9 or other.left + other.width <= one.left + 1e-9
                )
                above = one.top + one.height <= other.top + 1e-9 or other.top + other.height <= one.top + 1e-9
                assert beside or above


@pytest.mark.parametrize("count", [2, 5, 32])
def test_lines_stay_in_their_area(typesetter, count):
    names = [f"v{n}" for n in range(count)]
    size = 4.0 if count < 9 else 2.5
    stage = stage_of(
        typesetter,
        *(("palimpsest", name, {"voice": (name,), "size": size, "candidates": False}) for name in names),
    )
    messages = [row for n, name in enumerate(names) for row in said(name, prose(30, n), seed=n)]
    for marks in range(1, 5):
        play(stage, messages, 2.0 * marks, fps=4)
        messages = []
        for column in stage._sheets[-1].columns:
            top, height = column.place.area.top, column.place.area.height
            for word in column.composition.placed(stage._frame.now):
                assert 0.3 * word.size < word.y <= height - 0.2 * word.size, (top, height)


def test_places_follow_the_palimpsests():
    alone = places([Palimpsest(size=9), Ghosts()], WIDTH)
    assert [(p.voices, p.area) for p in alone] == [((), WHOLE)]
    twice = places([Palimpsest(size=9), Palimpsest(size=5)], WIDTH)
    assert len(twice) == 1, "one page, two looks"
    mixed = places([Palimpsest(voice="a", area=(0, 0, 30, 100)), Palimpsest(voice="b")], WIDTH)
    assert [(p.voices, p.area) for p in mixed] == [(("a",), Area(0, 0, 30, 100)), (("b",), WHOLE)]
    assert places([Ghosts()], WIDTH)[0].area == WHOLE


@pytest.mark.parametrize(
    ("area", "fault"),
    [([1, 2], "four numbers"), ([50, 0, 60, 100], "beyond the stage"), ([0, 0, 1, 100], "too small")],
)
def test_an_area_that_is_none_is_explained(area, fault):
    with pytest.raises(ValueError, match=fault):
        Palimpsest(area=area)
