from html.parser import HTMLParser

import pytest

from installation.judging import drawing, levels
from installation.judging.confusion import Confusion
from installation.judging.ear import Heard
from installation.judging.page import page
from installation.judging.records import read
from installation.judging.verdict import Verdict

VOID = {"meta", "br"}


class Tags(HTMLParser):
    """Raises where a tag is closed that was not the last one opened."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        assert not {"src", "onload"} & dict(attrs).keys()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def verdict():
    found = Verdict("models/<mine>", "abc", 3)
    found.figures = {"topic_obedience": 0.97, "repeats_20k": 2, "style_obedience": None, "held_loss": 3.2}
    found.missing = {"style_obedience": "the model has no tokens for styles"}
    found.heard_as = Confusion({"calm": {"calm": 3, "poem": 1}, "poem": {"poem": 4}})
    found.levels = [levels.measured("energy 0", ["It rests here. It sleeps."])]
    found.samples = {"poem": [Heard("[poem] the <sea>", " The sea,\n & again.", "poem")]}
    found.records = [read("A red sea.", "no record")]
    found.losses = [{"step": 20, "loss": 5.0}, {"step": 40, "loss": 4.0}, {"step": 40, "held": 4.4}]
    found.stream = " One word after another."
    return found


def test_the_page_stands_alone_and_is_well_formed(verdict):
    told = page(verdict, [verdict])
    tags = Tags()
    tags.feed(told)
    assert not tags.open
    assert {"svg", "table", "style"} <= tags.seen
    assert not {"script", "link", "img"} & tags.seen
    assert "http" not in told
    assert "models/<mine>" not in told
    assert "&lt;sea&gt;" in told
    assert "prefers-color-scheme" in told


def test_a_page_of_hardly_anything():
    told = page(Verdict("m", "h", 0, quick=True))
    assert "A quick look" in told
    assert "heat" not in told.partition("</style>")[2]


def test_plain_lines_and_an_object_name_every_figure(verdict):
    assert "figure topic_obedience 0.97" in verdict.lines()
    assert "style_obedience does not apply: the model has no tokens for styles" in verdict.lines()
    told = verdict.told()
    assert told["repeats_20k"] == 2
    assert told["meta_valid"] is None
    assert told["reached"]["repeats_20k"] is False


def test_ticks_are_round():
    assert drawing.ticks(0, 10) == [0, 5, 10]
    assert drawing.ticks(0, 0.37) == [0, 0.1, 0.2, 0.3]
    assert drawing.ticks(2, 2) == [2]
