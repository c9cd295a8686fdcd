import pytest

from installation.messages import Candidates, Inner, Rival, Token, Word
from installation.stage.composition import RISE, Composition, plan
from installation.stage.layers.view import View
from installation.stage.page import Page


def rivals(*texts):
    return tuple(Rival(text, 0.4 / (k + 1)) for k, text in enumerate(texts))


def token(n, text, **more):
    return Token("voice", n, 0, text, **more)


def word(n, text, before=" ", first=0, last=0, **more):
    return Word("voice", n, text, before, (text.lower(),), first, last, **more)


def texts(page):
    return [item.text for item in page.items.values()]


def test_an_unfinished_word_grows_and_is_finished_in_its_place():
    page = Page()
    page.take(token(0, "gar", inner=Inner(4.0, 5.0)), 1.0)
    page.take(token(1, "den", inner=Inner(0.5, 0.2)), 1.2)
    (item,) = page.items.values()
    assert (item.text, item.prior, item.at, item.grown, item.done) == ("garden", "gar", 1.0, 1.2, False)
    assert item.inner.surprise == 4.5
    assert item.inner.entropy == 5.0
    page.take(token(2, " of"), 1.4)
    page.take(word(0, "garden", "", 0, 1, inner=Inner(4.5, 5.0)), 1.4)
    assert texts(page) == ["garden", "of"]
    assert [i.done for i in page.items.values()] == [True, False]
    assert next(iter(page.items)) == item.key


def test_words_without_tokens_are_enough():
    page = Page()
    for n, text in enumerate(["wait", "with", "me"]):
        page.take(word(n, text), float(n))
    assert texts(page) == ["wait", "with", "me"]
    assert page.words == 3


def test_a_token_may_hold_several_words():
    page = Page()
    page.take(token(0, "你好"), 0.0)
    page.take(word(0, "你", "", 0, 0), 0.1)
    assert texts(page) == ["你", "好"]
    page.take(word(1, "好", "", 0, 0), 0.2)
    assert texts(page) == ["你", "好"]
    assert all(item.done for item in page.items.values())


def test_tokens_that_no_word_matches_do_not_stay_for_ever():
    page = Page()
    page.take(token(0, "abc"), 0.0)
    page.take(token(1, " de"), 0.1)
    page.take(word(0, "xyz", "", 0, 0), 0.2)
    assert texts(page) == ["xyz", "de"]


def test_the_end_of_a_text_is_a_paragraph():
    page = Page()
    page.take(token(0, "end"), 0.0)
    page.take(token(1, "", end=True), 0.1)
    page.take(word(0, "end.", "", 0, 0), 0.1)
    page.take(token(2, "Again"), 0.2)
    assert [(i.text, i.before) for i in page.items.values()] == [("end.", ""), ("Again", "\n\n")]


def test_candidates_fall_when_their_token_is_spoken():
    page = Page()
    page.take(Candidates("voice", 0, rivals("sea", "see"), 3.0), 1.0)
    assert page.ahead is not None
    page.take(token(0, "sea"), 2.0)
    assert page.ahead is None
    assert page.fallen is not None
    assert (page.fallen.chosen, page.fallen.at, page.fallen.ahead.at) == ("sea", 2.0, 1.0)


def test_unsaid_are_the_rivals_that_could_stand_there():
    page = Page()
    inner = Inner(2.0, 3.0, rivals(" silent", " asleep", "ness", " ,", " Silent", " q", " a", " quiet"))
    page.take(token(0, " silent", inner=inner), 0.0)
    page.take(word(0, "silent,", " ", 0, 0, inner=inner), 0.1)
    (item,) = page.items.values()
    assert [r.text for r in item.unsaid] == [" asleep", " a", " quiet"]


def test_the_page_keeps_no_more_than_it_was_told():
    page = Page(kept=50)
    for n in range(400):
        page.take(word(n, f"w{n}"), n / 10)
    assert texts(page) == [f"w{n}" for n in range(350, 400)]


def test_what_was_withdrawn_stays_and_is_known():
    page = Page(kept=4)
    for n, text in enumerate(("The", " tide", " is", " ou")):
        page.take(token(n, text), n)
    for n, text in enumerate(("The", "tide", "is")):
        page.take(word(n, text, first=n, last=n), 3.5)
    page.withdraw("voice", 2, 4, 4.0)
    page.withdraw("another", 0, 4, 4.5)
    page.take(word(3, "ou", first=3, last=3), 5.0)
    page.take(token(4, " comes"), 5.0)
    keys = {item.text: key for key, item in page.items.items()}
    assert page.withdrawn == {keys["is"]: 4.0, keys["ou"]: 4.0}
    assert texts(page)[-3:] == ["is", "ou", "comes"]
    page.withdraw("voice", 0, 5, 6.0)
    assert page.withdrawn[keys["is"]] == 4.0
    for n in range(5, 12):
        page.take(word(n, f"w{n}", first=n, last=n), 7.0)
    assert not page.withdrawn


def looked(page):
    return {
        item.text: [(o.text, share) for o, share in page.looked_back(item)] for item in page.items.values()
    }


def test_what_was_looked_at_is_told_by_word():
    page = Page()
    page.take(token(0, "The"), 0.0)
    page.take(token(1, " har"), 0.1)
    page.take(word(0, "The", "", 0, 0), 0.1)
    page.take(token(2, "bour", inner=Inner(attention=((1, 0.9),))), 0.2)
    inner = Inner(attention=((2, 0.25), (0, 0.3), (1, 0.125), (77, 0.2)))
    page.take(token(3, " waits", inner=inner), 0.3)
    page.take(word(1, "harbour", " ", 1, 2), 0.3)
    assert looked(page) == {"The": [], "harbour": [], "waits": [("harbour", 0.375), ("The", 0.3)]}
    page.take(word(2, "waits", " ", 3, 3, inner=inner), 0.4)
    assert looked(page)["waits"] == [("harbour", 0.375), ("The", 0.3)]


def test_what_another_voice_said_is_not_looked_at():
    page = Page()
    page.take(Word("other", 0, "sea", "", ("sea",), 0, 0), 0.0)
    page.take(word(0, "door", "", 1, 1, inner=Inner(attention=((0, 0.5),))), 0.1)
    assert looked(page)["door"] == []


def test_words_that_left_the_page_are_not_looked_at_and_their_tokens_are_let_go():
    page = Page(kept=20)
    for n in range(300):
        seen = tuple((n - back, 0.01 * back) for back in range(1, 30) if n >= back)
        page.take(word(n, f"w{n}", " ", 2 * n, 2 * n + 1, inner=Inner(attention=seen)), n / 10)
    assert len(page._made) == 40
    far = (*((2 * back, 0.5) for back in range(290, 300)), (100, 0.1))
    page.take(word(300, "far", " ", 600, 600, inner=Inner(attention=far)), 40.0)
    assert [text for text, _ in looked(page)["far"]] == [f"w{n}" for n in range(299, 289, -1)]


def test_a_guess_is_told_with_its_rivals():
    page = Page()
    two = rivals("sea", "see")
    page.take(word(0, "sea", "", 0, 0, inner=Inner(rivals=two, lens=((0.2, 0.7), (0.8, 0.3)))), 0.0)
    page.take(word(1, "door", " ", 1, 1, inner=Inner(rivals=two)), 0.1)
    first, second = page.items.values()
    assert first.formed == ((two[0], (0.2, 0.7)), (two[1], (0.8, 0.3)))
    assert second.formed == ()
    assert second.inner.place is None


def test_layers_are_told_where_the_words_stand_that_were_looked_at():
    page = Page()
    for n in range(3):
        seen = tuple((k, 0.1 + k / 10) for k in range(n))
        page.take(word(n, f"word{n}", " ", n, n, inner=Inner(attention=seen)), 0.0)
    placed = compose(page, 10.0).placed(10.0)
    view = View(page, plan(177.8, 9.0, 14.2, 21.0, 9.0), tuple(placed[1:]), placed[-1], width)
    assert view.looked_back(placed[2]) == ((placed[1], 0.2),)
    assert view.looked_back(placed[0]) == ()


def width(text, _face):
    return 0.5 * len(text)


def compose(page, now, form=None):
    form = form or plan(177.8, 9.0, 14.2, 21.0, 9.0)
    composition = Composition(form, width, lambda _text: None)
    composition.update(page, now)
    return composition


def test_lines_break_where_they_are_full():
    page = Page()
    for n in range(12):
        page.take(word(n, "seven77"), 0.0)
    rows = [w.row for w in compose(page, 10.0).placed(10.0)]
    assert rows == [0] * 4 + [1] * 4 + [2] * 4


def test_a_word_that_has_its_place_keeps_it_however_the_page_rises():
    page = Page()
    composition = compose(page, 0.0)
    places = {}
    last = {}
    for frame in range(60 * 40):
        now = frame / 60
        if frame % 15 == 0:
            page.take(word(frame // 15, "abcdefgh"[: 2 + frame // 15 % 7]), now)
        composition.update(page, now)
        for placed in composition.placed(now):
            assert places.setdefault(placed.item.key, (placed.x, placed.row)) == (placed.x, placed.row)
            if placed.item.key in last:
                # It rises, never falls, and never faster than a calm step allows.
                assert -1e-9 <= last[placed.item.key] - placed.y < 1.2
            last[placed.item.key] = placed.y
    assert len(composition._lines) < 10


def test_a_growing_word_that_outgrows_its_line_moves_on_as_a_whole():
    page = Page()
    composition = compose(page, 0.0)
    for n in range(3):
        page.take(word(n, "seven77"), 0.0)
    for n, piece in enumerate((" be", "gin", "ning", "lessness")):
        page.take(token(n, piece), 1.0 + n)
        composition.update(page, 1.0 + n)
    (*_, last) = composition.placed(20.0)
    assert last.item.text == "beginninglessness"
    assert (last.row, last.at) == (1, 4.0)


def test_a_word_longer_than_a_line_is_drawn_smaller():
    page = Page()
    page.take(word(0, "a" * 60), 0.0)
    (placed,) = compose(page, 5.0).placed(5.0)
    assert placed.width <= 177.8 - 2 * 14.2 + 1e-6
    assert placed.size < 9.0


def test_full_pages_rise_and_their_oldest_line_leaves():
    page = Page()
    for n in range(30):
        page.take(word(n, "seven77"), n * 1.0)
    composition = compose(page, 29.0)
    lit = {placed.row: placed for placed in composition.placed(29.0 + 2 * RISE)}
    assert max(lit) == 7
    assert min(lit) >= 5
    assert lit[7].y == pytest.approx(composition.form.rest)


def test_a_line_that_comes_sooner_than_the_page_rises_is_in_the_picture():
    page = Page()
    composition = compose(page, 0.0)
    for frame in range(600):
        now = frame / 60
        for n in range(2 * frame, 2 * frame + 2):  # 120 words a second, a line in two frames
            page.take(word(n, "seven77"), now)
        composition.update(page, now)
        newest = composition.placed(now)[-1]
        assert newest.item.key == 2 * frame + 2
        assert newest.y <= composition.form.rest + composition.form.below + 0.1 * composition.form.pitch
    assert len(composition._lines) < 12


def test_an_empty_page_knows_where_it_will_begin():
    composition = compose(Page(), 0.0)
    assert composition.placed(1.0) == []
    assert composition.tip(1.0) == (composition.form.margin, composition.form.first)


@pytest.mark.parametrize("size", [2.0, 4.5, 9.0, 14.0, 24.0, 40.0])
def test_every_size_has_a_page(size):
    form = plan(177.8, size, 14.2, 1.28 * size, 5.0)
    assert form.first <= form.rest < 100
    assert form.first > 0.5 * size
