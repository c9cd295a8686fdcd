"""The operator's panel: the truth of Status, and nothing that a stray text could break."""

import pygame
import pytest

from installation.messages import Parameter, PortState, SignalState, Status, VoiceState
from installation.stage.fonts import Fonts
from installation.stage.hud import LONGEST, QUIET, WARM, Hud, lines
from installation.stage.pace import Pace
from installation.stage.typesetter import Typesetter

STATUS = Status(
    1.0,
    title="Tide",
    scene="ebb",
    scene_for=12.4,
    standby="close",
    parameters=(
        Parameter("layer.ghosts.rise", 2.5, "hand"),
        Parameter("layer.ghosts.size", 4.0, "rest"),
        Parameter("voice.voice.prompt", "the sea " * 20, "cue"),
        Parameter("voice.voice.pace", 60.0, "expression", clamped=True),
    ),
    signals=(
        SignalState("tide", 0.5, 2.1, None, 0.0),
        SignalState("x", 1.0, 4.0, 0.24, 10.0, "10.0.0.7:9000"),
    ),
    voices=(
        VoiceState("voice", "speaking", "house", 12.34, 8, 99),
        VoiceState(
            "alto", "lost", detail="shot", quoted=0.12, prompts=(("the sea", 0.62), ("the flood, at…", 0.38))
        ),
    ),
    ports=(PortState("osc", "open", "127.0.0.1:57250", 7, 2), PortState("mqtt", "lost", "no broker", 0)),
    last_error="one\ntwo",
)


def test_every_line_tells_what_is_true():
    text = lines(STATUS, 59.94, 0.001)
    assert [line for line, _ in text] == [
        " 59.9 fps   0.1% late",
        "Tide · ebb · 12 s",
        "GO → close",
        "voice: speaking, 12.3 tok/s, 8 ahead, 99 spoken ",
        "alto: lost, 0.0 tok/s, 0 ahead, 0 spoken shot",
        "  reads 62% the sea, 38% the flood, at…",
        "  quoted 12% of the last words",
        "tide  0.50 (2.1)  never heard",
        "x  1.00 (4)  0.2 s ago, 10/s 10.0.0.7:9000",
        "layer.ghosts.rise 2.5  hand",
        "voice.voice.prompt the sea the sea the sea the sea the sea   cue",
        "voice.voice.pace 60  expression  clamped",
        "osc: open 127.0.0.1:57250, 7 received, 2 dropped",
        "mqtt: lost no broker, 0 received",
        "one",
        "two",
    ]
    warm = [line.partition(" ")[0] for line, colour in text if colour == WARM]
    assert warm == ["alto:", "layer.ghosts.rise", "mqtt:", "one", "two"]


def test_late_frames_and_nothing_to_go_are_seen():
    text = lines(Status(0.0), 40.0, 0.5)
    assert text[0] == (" 40.0 fps   50.0% late", WARM)
    assert text[2] == ("GO → nothing stands by", QUIET)


def drawn(status, shown=False, errors=True, line=None):
    pygame.font.init()
    surface = pygame.Surface((640, 360), 0, 32)
    hud = Hud(errors=errors)
    hud.shown = shown
    pace = Pace()
    pace.wait()
    hud.draw(surface, status, pace, line, 0.0)
    return pygame.surfarray.array3d(surface).any()


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({}, True),
        ({"errors": False}, False),
        ({"errors": False, "shown": True}, True),
        ({"errors": False, "line": ""}, True),
    ],
)
def test_what_is_drawn_when(asked, seen):
    assert drawn(STATUS, **asked) == seen


@pytest.mark.parametrize(
    "text", ["a\0b", "\ud800", "x" * 20_000, "海\u202e\u0301" * 300, "\t\r\n", "\n" * 500, " "]
)
def test_no_text_breaks_it(text):
    drawn(Status(0.0, title=text, last_error=text), shown=True)
    drawn(Status(0.0, last_error=text))
    drawn(Status(0.0), line=text)


def test_a_long_line_is_cut():
    pygame.font.init()
    hud = Hud(errors=True)
    long, cut = (hud._render([("i" * n, WARM)], [], 12) for n in (LONGEST, 9000))
    assert cut.get_width() <= long.get_width() + 12


@pytest.mark.parametrize("face", ["caption", "italic"])
def test_what_its_font_lacks_is_set_by_another_or_as_a_dot_and_never_as_a_box(face):
    pygame.font.init()
    hud = Hud(errors=True, typesetter=Typesetter(Fonts(folders=[])))
    unknown, dots = (hud._row(text, face, 40, WARM) for text in ("a\U000f0000\U000f0000", "a··"))
    ink = [pygame.surfarray.array_alpha(row).astype(int) for row in (unknown, dots)]
    assert abs(ink[0].sum() - ink[1].sum()) < 0.05 * ink[1].sum()
    assert hud.typesetter.missing["\U000f0000"] == 2
    assert unknown.get_height() == dots.get_height()


def test_the_panel_names_the_font_to_install(monkeypatch):
    pygame.font.init()
    hud = Hud(errors=True, typesetter=Typesetter(Fonts(folders=[])))
    hud.typesetter.cover("海の", "roman", 40)
    hud.shown = True
    told = []
    monkeypatch.setattr(hud, "_render", lambda text, *_: told.extend(text) or pygame.Surface((9, 9)))
    hud.draw(pygame.Surface((640, 360), 0, 32), STATUS, Pace(), None, 0.0)
    assert "no font shows 2 characters (U+6D77 U+306E)" in told[-1][0]
    assert told[-1][0].endswith("install fonts-noto-cjk")
