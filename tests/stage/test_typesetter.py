import numpy as np
import pytest

from installation.errors import StageError
from installation.stage import fonts
from installation.stage.fonts import FACES, Fonts
from installation.stage.typesetter import Typesetter, leftward


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(Fonts(folders=[]))


@pytest.mark.parametrize("face", FACES)
def test_every_face_of_ours_draws(typesetter, face):
    cover = typesetter.cover("planted.", face, 80)
    assert cover.grey.max() > 200
    assert cover.top < 0 < cover.top + cover.grey.shape[1]


def test_widths_are_in_ems_and_do_not_know_pixels(typesetter):
    wide = typesetter.measure("machine", "roman")
    assert 2.5 < wide < 4.0
    for pixels in (40, 65, 97):
        assert typesetter.cover("machine", "roman", pixels).grey.shape[0] == pytest.approx(
            wide * pixels, rel=0.06
        )


@pytest.mark.parametrize("pixels", [9, 14, 18, 22, 24, 27, 33, 39])
def test_small_letters_are_as_wide_as_measured_so_that_words_keep_apart(typesetter, pixels):
    for text in ("beginsagain", "littleheavier", "goesback"):
        for face in ("roman", "italic", "display"):
            drawn = typesetter.cover(text, face, pixels).grey.shape[0]
            wanted = pixels * typesetter.measure(text, face)
            assert abs(drawn - wanted) < 0.02 * wanted + 1.5


def test_small_letters_stand_on_the_same_baseline(typesetter):
    for pixels in (11, 17, 23, 31):
        flat = [typesetter.cover(letter, "roman", pixels) for letter in "xzmn"]
        assert {cover.top + cover.grey.shape[1] for cover in flat} <= {0, 1}


def test_what_no_font_shows_is_a_middle_dot_and_is_counted(typesetter):
    typesetter.missing.clear()
    cover = typesetter.cover("\U000f0000", "roman", 60)
    dot = typesetter.cover("·", "roman", 60)
    assert np.array_equal(cover.grey, dot.grey)
    assert typesetter.missing["\U000f0000"] == 1


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "\ud800", "\u200d", "e\u0301\u0323", "a" * 5000, "Z" + "\u0301" * 400]
)
def test_odd_text_is_no_trouble(typesetter, text):
    assert typesetter.measure(text, "roman") >= 0
    assert typesetter.cover(text, "italic", 40).grey.size >= 1


def test_letters_shape_together(typesetter):
    apart = typesetter.measure("A", "roman") + typesetter.measure("V", "roman")
    assert typesetter.measure("AV", "roman") < apart - 0.05


def test_direction_is_that_of_the_first_letter():
    assert leftward("«שלום») ") is True
    assert leftward("(hello)") is False
    assert leftward("12 …") is None


def test_arabic_is_joined_where_the_system_can_show_it():
    setter = Typesetter()
    path = setter.fonts.file("roman", "ب")
    if path is None:
        pytest.skip("no font of this system shows Arabic")
    joined = setter.measure("ببب", "roman")
    assert joined < 3 * setter.measure("ب", "roman")
    assert not setter.missing


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(fonts.FACES, "roman", ("font_that_is_not", "Nothing.ttf"))
    with pytest.raises(StageError, match="pip install font-that-is-not"):
        Fonts()


def test_a_broken_system_font_is_passed_over(tmp_path):
    (tmp_path / "NotoNaskhArabic-Regular.ttf").write_bytes(b"no font")
    assert Fonts(folders=[tmp_path]).file("roman", "ب") is None


@pytest.mark.parametrize("invisible", ["\u202e", "\u2066", "\u00ad", "\U000e0101", "\u180b", "\u200d"])
def test_what_shapes_its_neighbours_is_no_letter_that_is_missing(typesetter, invisible):
    typesetter.missing.clear()
    plain, shaped = (typesetter.cover(text, "roman", 60).grey.shape[0] for text in ("ab", f"a{invisible}b"))
    assert abs(plain - shaped) <= 2
    assert not typesetter.missing


def test_advice_names_packages_and_none_for_what_nobody_has():
    assert fonts.advice([]) == ""
    assert fonts.advice("한").endswith("install fonts-noto-cjk")
    assert fonts.advice("ሀ\U0001f30a").endswith("install fonts-noto-core fonts-noto-color-emoji")
    assert fonts.advice("\U000f0000\u0378").endswith("no package is known that has them")
