import numpy as np
import pygame
import pytest

from installation.stage.blur import blurred
from installation.stage.fonts import Fonts
from installation.stage.frame import Frame, Sprite, Stroke
from installation.stage.ground import ground
from installation.stage.light import SURPRISE, surprise_light, tone, word_light
from installation.stage.software_painter import SoftwarePainter
from installation.stage.store import Store
from installation.stage.typesetter import Cover, Typesetter

SIZE = (320, 180)


@pytest.fixture(scope="module")
def painter():
    return SoftwarePainter(SIZE, Typesetter(Fonts(folders=[])))


def painted(painter, *sprites, strokes=(), dark=0.0, level=0):
    surface = pygame.Surface(SIZE, 0, 32)
    painter.paint(Frame(0.0, list(sprites), list(strokes), dark), surface, level)
    return pygame.surfarray.array3d(surface).astype(int)


WORD = Sprite("word", "roman", 30.0, 40.0, 60.0, (0.9, 0.8, 0.7))


def test_the_empty_stage_is_dark_but_never_black(painter):
    pixels = painted(painter)
    assert 0 < pixels.mean() < 16
    assert pixels[150:170, 80:100, 2].mean() > pixels[:10, :10, 2].mean() + 5


def test_light_adds_up(painter):
    once, twice = painted(painter, WORD), painted(painter, WORD, WORD)
    assert (once >= painted(painter)).all()
    assert (twice >= once).all()
    assert twice.sum() > once.sum()


def test_light_passes_the_tone_curve(painter):
    full = Sprite("█", "roman", 60.0, 20.0, 70.0, (1.0, 1.0, 1.0))
    if painter._typesetter.fonts.file("roman", "█") is None:
        full = Sprite("M", "roman", 90.0, 20.0, 90.0, (1.0, 1.0, 1.0))
    brightest = (painted(painter, full) - painted(painter)).max()
    assert brightest == pytest.approx(255 * tone(1.0), abs=3)


def test_blur_spreads_and_keeps_the_light():
    grey = np.zeros((80, 60), np.uint8)
    grey[30:50, 20:40] = 200
    for sigma in (2.0, 5.0, 12.0):
        cover = blurred(Cover(grey, 0, -40), sigma)
        assert cover.grey.max() <= 200
        assert cover.grey.sum(dtype=int) == pytest.approx(grey.sum(dtype=int), rel=0.06)
        left = (np.arange(cover.grey.shape[0])[:, None] * cover.grey).sum() / cover.grey.sum(
            dtype=int
        ) + cover.left
        assert left == pytest.approx(39.5, abs=0.5)


def test_a_glow_lights_what_lies_around_it(painter):
    glowing = WORD._replace(glow=1.0)
    gain = painted(painter, glowing) - painted(painter, WORD)
    assert (gain >= 0).all()
    assert gain.sum() > 0
    assert np.array_equal(painted(painter, glowing, level=1), painted(painter, WORD))


def test_the_dark_is_black(painter):
    assert painted(painter, WORD, dark=1.0).max() == 0
    assert painted(painter, WORD, dark=0.5).sum() < painted(painter, WORD).sum()


def test_sprites_and_strokes_off_the_stage_are_no_trouble(painter):
    away = [WORD._replace(x=x, y=y) for x, y in ((-500.0, 50.0), (900.0, 50.0), (50.0, -300.0), (50.0, 1e6))]
    stroke = Stroke(((-50.0, -50.0), (1e4, 1e4)), ((0.1, 0.1, 0.1),) * 2, 0.2)
    assert painted(painter, *away, strokes=[stroke]).shape == (*SIZE, 3)
    painted(painter, *(s._replace(glow=1.0) for s in away))


def test_unlit_and_empty_things_are_no_trouble(painter):
    nothing = [
        WORD._replace(light=(0.0, 0.0, 0.0), glow=1.0),
        WORD._replace(text=""),
        WORD._replace(blur=9.0),
    ]
    painted(painter, *nothing, strokes=[Stroke((), (), 1.0)])


def test_the_ground_replays_and_has_no_bands():
    one = ground(160, 90)
    assert np.array_equal(one, ground(160, 90))
    assert one[..., 2].std() > 1


def test_surprise_follows_its_table():
    for bits, light in SURPRISE:
        assert surprise_light(bits) == pytest.approx(light)
    assert surprise_light(99.0) == SURPRISE[-1][1]
    assert word_light(9.0, "ivory") == pytest.approx(SURPRISE[4][1])
    assert word_light(9.0, "ivory", colour=0.0) == word_light(0.5, "ivory")


def test_a_store_keeps_within_its_bytes():
    made = []

    def make(key):
        made.append(key)
        return key, 10

    store = Store(100, make)
    for key in range(40):
        assert store[key] == key
        assert store[0] == 0
        assert store.bytes <= 100
    assert made.count(0) == 1
    assert made.count(1) == 1


def test_rows_tell_frames_apart():
    frame = Frame(0.0, [WORD])
    assert frame.crc() == Frame(9.0, [WORD]).crc()
    assert frame.crc() != Frame(0.0, [WORD._replace(x=40.01)]).crc()
    assert frame.crc() != Frame(0.0, [WORD._replace(text="ward")]).crc()
    assert frame.crc() != Frame(0.0, [WORD], dark=0.1).crc()
