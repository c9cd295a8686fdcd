"""The painter on the graphics card, on OpenGL without a window: its pictures beside the software painter's."""

import os
import random

import numpy as np
import pygame
import pytest
from test_looks import PROSE, spoken, stage_of

from installation.messages import Action
from installation.stage.fonts import Fonts
from installation.stage.frame import Fog, Frame, Post, Sprite, Stroke
from installation.stage.ground import ground
from installation.stage.layers.catalogue import LOOKS
from installation.stage.painter import NullPainter
from installation.stage.software_painter import SoftwarePainter
from installation.stage.typesetter import Typesetter

SIZE = (640, 360)
CELL = 4
"""Pixels of the side of a cell that is compared: letters may lie a part of a pixel apart."""
MEAN, MOST = 1.5, 14.0
"""How far, of 255, cells of the two pictures may lie apart in the mean, and 99 of 100 of them."""
WORD = Sprite("word", "roman", 30.0, 40.0, 60.0, (0.9, 0.8, 0.7))


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(Fonts(folders=[]))


@pytest.fixture(scope="module")
def make(egl, typesetter):
    from installation.stage.gpu_painter import GpuPainter

    def make(size=SIZE, typesetter=typesetter, **more):
        return Card(GpuPainter(egl, size, typesetter, **more))

    return make


@pytest.fixture(scope="module")
def card(make):
    return make()


class Card:
    """The painter with a framebuffer to paint into."""

    def __init__(self, painter):
        self.painter, self.size = painter, painter.size
        self._target = painter.context.simple_framebuffer(painter.size, 3)

    def painted(self, *sprites, level=0, frame=None, **more):
        """The picture as (height, width, 3)."""
        self.painter.paint(frame or Frame(0.0, list(sprites), **more), self._target, level)
        assert self.painter.context.error == "GL_NO_ERROR"
        pixels = np.frombuffer(self._target.read(components=3, alignment=1), np.uint8)
        width, height = self.size
        return pixels.reshape(height, width, 3)[::-1].astype(int)


def by_software(frame, typesetter, size=SIZE):
    surface = pygame.Surface(size, 0, 32)
    SoftwarePainter(size, typesetter).paint(frame, surface)
    return pygame.surfarray.array3d(surface).swapaxes(0, 1).astype(int)


def apart(one, other, cell=CELL):
    """How far the cells of two pictures lie apart: in the mean, and 99 of 100."""
    height, width, _ = one.shape
    across, down = width // cell, height // cell
    cells = (one - other)[: down * cell, : across * cell].reshape(down, cell, across, cell, 3)
    far = np.abs(cells.mean(axis=(1, 3)))
    return far.mean(), np.percentile(far, 99)


def frames_of(typesetter, kind, *moments):
    stage = stage_of(typesetter, (kind, {}))
    stage.resize(SIZE)
    queue = sorted(spoken(PROSE.split(), True), key=lambda row: row[0])
    for now in moments:
        while queue and queue[0][0] <= now:
            stage.take(queue.pop(0)[1])
        yield stage.compose(now)


@pytest.mark.parametrize("kind", LOOKS)
def test_both_painters_show_the_same_of_every_look(card, typesetter, kind):
    *_, frame = frames_of(typesetter, kind, 0.6, 1.5, 3.0, 4.0, 4.3)
    mean, most = apart(card.painted(frame=frame), by_software(frame, typesetter))
    assert mean < MEAN
    assert most < MOST
    assert apart(card.painted(), card.painted(frame=frame))[0] > 0.03, "something is there to compare"


def test_a_cross_fade_of_whole_stacks_looks_alike(card, typesetter):
    stage = stage_of(typesetter, ("palimpsest", {"size": 8.0}), ("ghosts", {}))
    stage.resize(SIZE)
    for _, message in spoken(PROSE.split(), True):
        stage.take(message)
    stage.compose(4.0)
    stage.take(Action(4.0, "scene", "ebb", fade=2.0))
    stage.compose(4.0)
    frame = stage.compose(4.9)
    mean, most = apart(card.painted(frame=frame), by_software(frame, typesetter))
    assert mean < MEAN
    assert most < MOST


def test_an_empty_frame_is_the_ground(card):
    shown = ground(*SIZE).swapaxes(0, 1).astype(int)
    assert np.abs(card.painted() - shown).max() <= 1
    assert card.painted(dark=1.0).max() == 0
    assert abs(card.painted(dark=0.5).mean() - shown.mean() / 2) < 0.5


def test_words_stand_to_the_pixel_where_the_software_painter_puts_them(card, typesetter):
    frame = Frame(0.0, [Sprite("harbour", "roman", 8.0, 21.3, 40.0, (0.9, 0.9, 0.9))])
    ours, theirs = card.painted(frame=frame), by_software(frame, typesetter)
    assert np.abs(ours - theirs).max() <= 3


@pytest.mark.parametrize("turn", [30.0, 90.0, 200.0])
@pytest.mark.parametrize("blur", [0.0, 1.4, 3.0])
def test_turned_and_blurred_words_look_alike(card, typesetter, turn, blur):
    frame = Frame(0.0, [Sprite("lamps", "italic", 12.0, 90.0, 50.0, (0.9, 0.8, 0.7), blur, 0.0, turn)])
    mean, most = apart(card.painted(frame=frame), by_software(frame, typesetter))
    assert mean < 0.5
    assert most < 12


def test_glow_lights_what_lies_around_it_as_wide_and_as_strong(card, typesetter):
    word = WORD._replace(size=9.0, glow=1.0)
    bare = word._replace(glow=0.0)
    gains = [
        card.painted(word) - card.painted(bare),
        by_software(Frame(0.0, [word]), typesetter) - by_software(Frame(0.0, [bare]), typesetter),
    ]
    ours, theirs = (gain.sum() for gain in gains)
    assert 0.7 < ours / theirs < 1.5
    below = [gain[round(0.60 * 360) + 12, 160:200].mean() for gain in gains]
    assert 0.4 < below[0] / below[1] < 1.7
    assert (card.painted(word, level=1) == card.painted(word._replace(glow=0.0))).all(), "level 1 has no glow"


def test_light_beyond_white_comes_near_to_it(card):
    twice = card.painted(WORD, WORD, WORD, WORD)
    assert twice.max() <= 255
    assert (card.painted(WORD) <= card.painted(WORD, WORD) + 1).all()
    once = card.painted(WORD._replace(light=(0.1, 0.1, 0.1)))
    assert (card.painted(*[WORD._replace(light=(0.1, 0.1, 0.1))] * 2) >= once).all()


def test_lines_fogs_and_grain_look_alike(card, typesetter):
    lights = ((0.4, 0.3, 0.6), (0.2, 0.5, 0.5), (0.0, 0.0, 0.0))
    lines = [
        Stroke(((20.0, 20.0), (90.0, 75.0), (150.0, 20.0)), lights, 0.2),
        Stroke(((20.0, 50.0), (150.0, 50.0), (150.0, 90.0)), lights, 2.0),
    ]
    frame = Frame(0.3, [], lines, fogs=[Fog(60, 40, 20, (0.1, 0.05, 0.2))], post=Post(grain=0.5))
    mean, most = apart(card.painted(frame=frame), by_software(frame, typesetter), 8)
    assert mean < 1.2
    assert most < 20


def test_a_line_is_as_bright_where_two_pieces_meet(card):
    many = tuple((20.0 + 4 * n, 50.0) for n in range(30))
    whole = Stroke((many[0], many[-1]), ((0.3, 0.3, 0.3),) * 2, 1.2)
    pieces = Stroke(many, ((0.3, 0.3, 0.3),) * 30, 1.2)
    assert np.abs(card.painted(strokes=[whole]) - card.painted(strokes=[pieces])).max() <= 1


def test_what_is_not_there_off_stage_or_unlit_is_no_trouble(card):
    away = [WORD._replace(x=x, y=y, glow=1.0) for x, y in ((-500.0, 50.0), (50.0, -300.0), (50.0, 1e6))]
    nothing = [WORD._replace(light=(0.0, 0.0, 0.0), glow=1.0), WORD._replace(text="")]
    strokes = [Stroke((), (), 1.0), Stroke(((0.0, 0.0),), ((1.0, 1.0, 1.0),), 1.0)]
    strokes.append(Stroke(((5.0, 5.0), (5.0, 5.0)), ((0.0, 0.0, 0.0),) * 2, 1.0))
    assert (card.painted(*away, *nothing, strokes=strokes) == card.painted()).all()
    long = WORD._replace(text="a" * 150, size=99.0, x=0.0)
    assert (card.painted(long, WORD._replace(blur=9.0)) != card.painted()).any()


@pytest.mark.parametrize("size", [(320, 180), (801, 333), (180, 320)])
def test_it_paints_in_any_size(make, typesetter, size):
    frame = Frame(0.0, [WORD._replace(size=9.0, x=9.0, glow=0.5), WORD._replace(size=9.0, x=20.0, y=80.0)])
    mean, _ = apart(make(size).painted(frame=frame), by_software(frame, typesetter, size))
    assert mean < 2 * MEAN


def test_ten_thousand_words_in_one_frame(card):
    chance = random.Random(7)
    words = [
        Sprite(
            f"w{n % 700}", "roman", 2.0, chance.uniform(0, 170), chance.uniform(0, 100), (0.02, 0.02, 0.02)
        )
        for n in range(10_000)
    ]
    shown = card.painted(*words)
    assert shown.mean() > card.painted().mean() + 1
    assert card.painter.atlas.lost == 0


def test_the_atlas_stays_as_large_as_it_was_and_shows_every_word(make):
    card = make((320, 180))
    atlas, before = card.painter.atlas, card.painter.atlas.bytes
    steady = [Sprite(f"steady{n}", "roman", 9.0, 9.0, 9.0 * n, (0.3, 0.3, 0.3)) for n in range(6)]
    first = card.painted(*steady)
    for begin in range(0, 20_000, 250):
        new = [
            Sprite(f"w{n:x}", "roman", 22.0 + n % 4, -400.0, 50.0, (0.3, 0.3, 0.3))
            for n in range(begin, begin + 250)
        ]
        shown = card.painted(*steady, *new)
    assert (shown == first).all(), "what stays on stage stays in the atlas"
    assert atlas.lost == 0
    assert atlas.bytes == before
    assert len(atlas.words) < 20_000
    assert atlas.kept < 10_000


def test_words_that_have_no_room_together_are_counted(make):
    card = make((320, 180))
    huge = [Sprite(f"{n}monument", "roman", 260.0, 0.0, 90.0, (0.2, 0.2, 0.2)) for n in range(40)]
    card.painted(*huge)
    assert card.painter.atlas.lost > 0
    assert (card.painted(WORD) != card.painted()).any()


def test_feedback_leaves_a_trail_that_goes(make):
    card = make((320, 180), feedback=0.5)
    bare = card.painted()
    lit = card.painted(WORD, frame=Frame(1.0, [WORD]))
    assert (card.painted(frame=Frame(1.0, [WORD])) == lit).all(), "what stands is no brighter"
    trail = card.painted(frame=Frame(1.2, []))
    later = card.painted(frame=Frame(3.0, []))
    assert bare.sum() < later.sum() < trail.sum() < lit.sum()


def test_the_null_painter_reads_every_row_and_paints_nothing(typesetter):
    painter, surface = NullPainter(SIZE, typesetter), pygame.Surface(SIZE, 0, 32)
    painter.paint(Frame(0.0, [WORD, WORD], [Stroke((), (), 1.0)]), surface)
    assert (painter.frames, painter.rows) == (1, 3)
    assert not surface.get_buffer().raw.strip(b"\0")


def test_emoji_have_their_colours(make):
    typesetter = Typesetter()
    if not typesetter.colours("🌊", "roman", 40):
        sentence = "no font of this machine has emoji in colours"
        if os.environ.get("INSTALLATION_NO_SKIPS") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    card = make(typesetter=typesetter)
    wave = Sprite("🌊", "roman", 40.0, 60.0, 70.0, (0.9, 0.9, 0.9))
    gain = (card.painted(wave) - card.painted()).max(axis=(0, 1))
    mean = (card.painted(wave) - card.painted()).sum(axis=(0, 1))
    assert gain.min() > 60
    assert mean[2] > 1.3 * mean[0], "the sea is blue"
    for blurred in (wave._replace(blur=1.5), wave._replace(turn=40.0, glow=0.5), wave._replace(text="a🌊b")):
        shown = (card.painted(blurred) - card.painted()).sum(axis=(0, 1))
        assert shown[2] > 1.1 * shown[0]
    grey = (card.painted(wave._replace(text="sea")) - card.painted()).sum(axis=(0, 1))
    assert abs(grey[2] / grey[0] - 1) < 0.1


def test_an_emoji_is_as_wide_as_it_is_measured():
    typesetter = Typesetter()
    if not typesetter.colours("🌊", "roman", 40):
        pytest.skip("no font of this machine has emoji in colours")
    for pixels in (20, 40, 80, 160):
        width = typesetter.cover("🌊", "roman", pixels).grey.shape[0]
        assert 0.7 < width / (typesetter.measure("🌊", "roman") * pixels) < 1.05
        red, green, blue = typesetter.colours("🌊", "roman", pixels)
        assert (
            red.grey.shape
            == green.grey.shape
            == blue.grey.shape
            == typesetter.cover("🌊", "roman", pixels).grey.shape
        )
