"""Where words lie in the atlas: never over one another, never beyond it."""

import random

import pytest

from installation.stage.shelves import Shelves, step
from installation.stage.vocabulary import MANY, Vocabulary


def test_things_lie_apart_and_on_the_layer():
    chance, shelves, boxes = random.Random(7), Shelves(256, 2), []
    while True:
        width, height = chance.randint(1, 90), chance.randint(1, 60)
        spot = shelves.place(width, height)
        if spot is None:
            break
        assert 0 <= spot.x <= 256 - width
        assert 0 <= spot.y <= 256 - height
        for layer, x, y, w, h in boxes:
            assert (
                layer != spot.layer
                or spot.x >= x + w
                or x >= spot.x + width
                or spot.y >= y + h
                or y >= spot.y + height
            )
        boxes.append((spot.layer, spot.x, spot.y, width, height))
    assert sum(w * h for *_, w, h in boxes) > 0.4 * 2 * 256**2, "not much is wasted"


@pytest.mark.parametrize("height", [1, 4, 5, 33, 100, 129, 256, 257, 700])
def test_a_shelf_is_little_higher_than_what_stands_on_it(height):
    assert height <= step(height) <= max(4, 1.25 * height + 3)
    assert step(step(height)) == step(height)


def test_what_left_makes_room():
    shelves = Shelves(64, 1)
    spots = [shelves.place(64, 16) for _ in range(4)]
    assert shelves.place(1, 16) is None
    spots[1].shelf.slots.append(5)
    assert shelves.clear(spots[1].shelf) == [5]
    assert shelves.place(64, 16).y == spots[1].y
    assert shelves.place(64, 32) is None
    shelves.wipe(0)
    assert shelves.place(64, 32).y == 0


def test_a_vocabulary_tells_words_apart_and_forgets():
    words = Vocabulary()
    one = words.numbers(("sea", "sea", "sand"), ("roman", "italic", "roman"))
    assert len(set(one.tolist())) == 3
    assert [words.word(number) for number in one.tolist()] == [
        ("sea", "roman"),
        ("sea", "italic"),
        ("sand", "roman"),
    ]
    for n in range(0, 3 * MANY, 100):
        words.numbers([str(m) for m in range(n, n + 100)], ["roman"] * 100)
        words.spare(one[:1].tolist())
    assert len(words) <= MANY
    assert words.numbers(["sea"], ["roman"]).tolist() == one[:1].tolist()
    assert words.word(int(words.numbers(["sand"], ["roman"])[0])) == ("sand", "roman")
