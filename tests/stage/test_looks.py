"""Every look with every voice: one that tells nothing, one word, none, hundreds, any script."""

import random
from pathlib import Path

import pytest

from installation.clock import HandClock
from installation.messages import Action, Candidates, Inner, Rival, Token, Word
from installation.show.schema import LayerSpec, SceneSpec, Show, Venue
from installation.stage.fonts import Fonts
from installation.stage.layers.catalogue import LOOKS
from installation.stage.stage import Stage
from installation.stage.typesetter import Typesetter

SIZE, WIDTH = (320, 180), 100 * 320 / 180
SPRITES = 1500
PROSE = "the sea was asleep and a lamp said to the other lamp that it is late , so"
TEXTS = {
    "none": [],
    "one": ["Sea"],
    "twenty": PROSE.split(),
    "four hundred": [f"w{n % 61}" for n in range(400)],
    "sixty letters": ["a", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgese", "b"],
    "chinese": ["大海", "在", "夜里", "记得", "机器"],
    "arabic": ["البحر", "في", "الليل", "يتذكر"],
    "devanagari": ["समुद्र", "रात", "में", "सपना"],
    "emoji": ["the", "🌊", "and", "👩‍👩‍👧", "!?", "…"],
}


@pytest.fixture(scope="module")
def typesetter():
    return Typesetter(Fonts(folders=[]))


def spoken(words, inner, pace=5.0):
    """Timed messages of a voice, or of one that knows nothing of itself."""
    chance = random.Random(7)
    messages = []
    for n, text in enumerate(words):
        at, before = 0.5 + n / pace, " " if n else ""
        rivals = tuple(Rival(" " + t, 0.5 ** (k + 1)) for k, t in enumerate([text, *chance.sample(VERBS, 5)]))
        known = Inner(
            chance.expovariate(0.3),
            chance.uniform(0, 6),
            rivals,
            tuple((n - back, 0.4 / back) for back in range(1, min(n, 6) + 1)),
            tuple(tuple(chance.random() for _ in range(4)) for _ in rivals),
            (chance.uniform(-1, 1), chance.uniform(-1, 1)),
        )
        told = known if inner else Inner()
        if inner:
            messages.append((at - 0.15, Candidates("voice", n, rivals, known.entropy)))
        messages.append((at, Token("voice", n, n, before + text, inner=told)))
        messages.append((at + 0.05, Word("voice", n, text, before, (text,), n, n, False, told)))
    return messages


VERBS = ["was", "remembers", "is", "dreams", "of", "said", "lay", "knows"]


def stage_of(typesetter, *layers):
    specs = tuple(LayerSpec(kind=kind, name=f"{kind}{n}", settings=s) for n, (kind, s) in enumerate(layers))
    scene = SceneSpec(name="ebb", prompts={"voice": "the sea"}, voice={}, layers=specs)
    told = {"title": "Test", "format": 1, "start": "ebb", "disclosure": "off", "voices": {}, "signals": {}}
    rest = {
        "scenes": {"ebb": scene},
        "cues": (),
        "venue": Venue(),
        "folder": Path(),
        "file": Path("show.yaml"),
    }
    stage = Stage(Show(**told, **rest, text="", hash="0" * 12), SIZE, HandClock(), typesetter)
    stage.take(Action(0.0, "scene", "ebb"))
    return stage


def played(stage, messages, moments):
    """The frame at each of these moments, not painted."""
    queue = sorted(messages, key=lambda row: row[0])
    for now in moments:
        while queue and queue[0][0] <= now:
            stage.take(queue.pop(0)[1])
        while stage._inbox:
            stage._follow(stage._inbox.popleft(), now)
        yield stage._compose(now)


@pytest.mark.parametrize("inner", [True, False], ids=["inner", "no inner"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", LOOKS)
def test_a_look_draws_every_voice(typesetter, kind, text, inner):
    messages = spoken(TEXTS[text], inner, 50.0 if len(TEXTS[text]) > 99 else 5.0)
    last = max((at for at, _ in messages), default=1.0)
    moments = [0.4, 0.55, 0.8, last - 0.05, last + 0.1, last + 0.9, last + 4.0]
    marks = []
    for _ in range(2):
        stage = stage_of(typesetter, (kind, {}))
        marks.append([])
        for frame in played(stage, messages, sorted(moments)):
            marks[-1].append(frame.crc())
            assert not stage.told
            assert len(frame.sprites) <= SPRITES
            for s in frame.sprites:
                room = typesetter.measure(s.text, s.face) * s.size + 7
                assert -room <= s.x <= WIDTH + room, s
                assert -room <= s.y <= 100 + room, s
                assert 0 <= min(s.light) <= max(s.light) < 9, s
            for stroke in frame.strokes:
                assert len(stroke.points) == len(stroke.lights) > 1
    assert marks[0] == marks[1]
    stage._painter.paint(frame, stage.surface)


@pytest.mark.parametrize("kind", LOOKS)
def test_an_invisible_look_draws_nothing(typesetter, kind):
    stage = stage_of(typesetter, (kind, {"opacity": 0.0}))
    *_, frame = played(stage, spoken(TEXTS["twenty"], True), [3.0])
    assert (frame.sprites, frame.strokes, frame.fogs) == ([], [], [])


@pytest.mark.parametrize("kind", LOOKS)
def test_a_look_shows_the_voice_it_is_told_to(typesetter, kind):
    stage = stage_of(typesetter, (kind, {"voice": ("other",)}))
    *_, frame = played(stage, spoken(["Secret", "words"], True), [0.4, 1.0])
    assert not {"Secret", "words"} & {s.text for s in frame.sprites}


def test_a_turned_word_is_its_own_row_and_its_own_picture(typesetter):
    from installation.stage.frame import Frame, Sprite

    flat, turned = (
        Sprite("sea", "roman", 9, 50, 50, (1, 1, 1)),
        Sprite("sea", "roman", 9, 50, 50, (1, 1, 1), turn=90),
    )
    assert Frame(0, [flat]).crc() != Frame(0, [turned]).crc()
    stage = stage_of(typesetter)
    boxes = []
    for sprite in (flat, turned):
        stage._painter.paint(Frame(0, [sprite]), stage.surface)
        lit = (stage.pixels().max(axis=2) > 60).nonzero()
        boxes.append([int(f(axis)) for axis in lit for f in (min, max)])
    wide, tall = boxes
    assert wide[3] - wide[2] > wide[1] - wide[0], "lying"
    assert tall[1] - tall[0] > tall[3] - tall[2], "standing"
    assert abs(tall[0] - 90) <= 3, "it hangs down from the left end of its baseline"
