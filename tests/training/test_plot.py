from xml.etree import ElementTree as ET

from installation.training.plot import HIGH, WIDE, Series, lines


def drawn(series):
    return ET.fromstring(lines(series, "A & B", "step", "nats"))  # noqa: S314 - our own


def points(picture):
    return [
        [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
        for line in picture.iter()
        if line.tag.endswith("polyline")
    ]


def test_every_point_is_inside_and_more_is_higher():
    picture = drawn([Series("one", ((0, 2.0), (50, 7.5), (100, 3.0)))])
    (line,) = points(picture)
    assert all(0 < x < WIDE and 0 < y < HIGH for x, y in line)
    assert line[1][1] < line[2][1] < line[0][1]
    assert [x for x, _ in line] == sorted(x for x, _ in line)


def test_names_keep_apart():
    picture = drawn([Series("one", ((0, 1), (9, 1.0))), Series("two", ((0, 1), (9, 1.001)))])
    ends = [float(t.attrib["y"]) for t in picture.iter() if t.text in {"one", "two"}]
    assert abs(ends[0] - ends[1]) >= 15 - 0.1


def test_nothing_one_point_and_what_is_no_number():
    assert not points(drawn([]))
    picture = drawn([Series("one", ((1, 2),)), Series("two", ((0, 1), (1, float("nan")), (2, 3)))])
    assert sum(each.tag.endswith("circle") for each in picture.iter()) == 1
    assert len(points(picture)[0]) == 2
