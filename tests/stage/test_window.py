"""The window on a real screen in memory: what is laid over the picture, and what the keys of its own do."""

from collections import deque

import numpy as np
import pygame
import pytest
from evening import screen, write_show

from installation.catalogue import CATALOGUE
from installation.clock import HandClock
from installation.errors import StageError
from installation.messages import Action, FrameMark, Signal, Status, Token
from installation.show import check
from installation.stage.stage import Stage
from installation.stage.window import FADE_OUT, Display, Window

WRONG = Status(0.0, last_error="show.yaml:3: it is wrong")


@pytest.fixture(autouse=True)
def on_screen(program, monkeypatch):
    with screen(program("Xvfb")) as name:
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
        yield
        pygame.display.quit()


@pytest.fixture
def show(tmp_path):
    write_show(tmp_path)
    return check.read(tmp_path, CATALOGUE)


class Hall:
    """A window, its clock, and what goes in and out; some words stand on the stage."""

    def __init__(self, show, **display):
        self.clock, self.inbox, self.outbox = HandClock(), deque(), deque()
        self.stage = Stage(show, (320, 180), HandClock())
        stages = []

        def stage(size):
            stages.append(Stage(show, size, self.clock))
            return stages[-1]

        self.window = Window(
            Display((320, 180), **display), self.inbox, self.outbox, self.clock, str.strip, stage
        )
        pygame.event.clear()
        self.drawn = stages[0]
        words = [Action(0.0, "scene", "a"), *(Token("voice", n, n, f" sea{n}") for n in range(4))]
        self.inbox.extend(words)
        for word in words:
            self.stage.take(word)

    def frame(self, seconds=0.0, *events):
        """One frame, `events` before it; the window's pixels and the stage's, told apart."""
        self.clock.set(self.clock.now() + seconds)
        for event in events:
            pygame.event.post(event)
        going = self.window.frame()
        self.stage.frame(self.clock.now())
        return going, pixels(self.window.surface), pixels(self.stage.surface)

    def marks(self):
        return [message for message in self.outbox if isinstance(message, FrameMark)]


def pixels(surface):
    return pygame.surfarray.array3d(surface)


def key(code, mod=0, up=False):
    return pygame.Event(pygame.KEYUP if up else pygame.KEYDOWN, key=code, mod=mod, unicode="")


def typed(text):
    return [pygame.Event(pygame.TEXTINPUT, text=letter) for letter in text]


def test_what_is_drawn_on_the_window_itself_is_marked_as_any_frame(show):
    hall = Hall(show, errors=True)
    hall.inbox.append(Status(0.0, last_error="a mistake"))
    hall.frame(0.5)
    assert hall.drawn.surface is hall.window.surface
    assert hall.marks()[0].pixels is not None
    assert hall.marks()[0] == hall.stage.mark(pixels=True)


def test_the_panel_lies_over_the_picture_and_is_no_part_of_the_frame(show):
    hall = Hall(show)
    _, bare, picture = hall.frame(1.0)
    assert (bare == picture).all()
    _, covered, picture = hall.frame(1.0, key(pygame.K_F1))
    assert (covered != picture).any()
    assert hall.drawn.mark() == hall.stage.mark()
    assert [mark.rows for mark in hall.marks()][-1] == hall.stage.mark().rows
    _, bare, picture = hall.frame(1.0, key(pygame.K_F1, up=True), key(pygame.K_F1))
    assert (bare == picture).all()


def test_a_line_that_is_typed_is_seen_and_comes_out_as_a_visitors(show):
    hall = Hall(show)
    _, seen, picture = hall.frame(1.0, key(pygame.K_RETURN), *typed("ada"))
    changed = np.argwhere((seen != picture).any(axis=2))
    assert len(changed)
    assert changed[:, 1].min() > 90  # at the foot of the picture
    _, bare, picture = hall.frame(0.1, key(pygame.K_RETURN, up=True), key(pygame.K_RETURN))
    assert (bare == picture).all()
    assert Signal(1.1, "keys", "", ("ada",), "keyboard", private=True) in hall.outbox


def test_errors_are_on_stage_in_rehearsal_and_not_in_performance(show):
    for errors in (True, False):
        hall = Hall(show, errors=errors)
        hall.inbox.append(WRONG)
        _, seen, picture = hall.frame(1.0)
        assert (seen != picture).any() == errors
        hall.inbox.append(Status(1.0))
        _, seen, picture = hall.frame(0.1)
        assert (seen == picture).all()


@pytest.mark.filterwarnings("ignore:Requested window")  # nobody manages windows here: sizes are as they come
def test_f11_fills_the_screen_and_comes_back(show):
    hall = Hall(show)
    hall.frame(0.1)
    assert str(hall.window).startswith("320×180 window on ")
    hall.frame(0.1, key(pygame.K_F11))
    hall.frame(0.1, key(pygame.K_F11))  # still held: that is no second time
    assert hall.window.full
    assert str(hall.window).startswith("640×480 full screen on ")
    assert hall.drawn.size == (640, 480)
    assert hall.marks()[-1].width == 640
    hall.frame(0.1, key(pygame.K_F11, up=True), key(pygame.K_F11))
    assert not hall.window.full
    hall.frame(0.1)
    assert hall.marks()[-1].width == hall.window.size[0] == hall.drawn.size[0]


def test_a_key_that_is_held_is_one_go(show):
    hall = Hall(show)
    hall.frame(0.1, *[key(pygame.K_SPACE)] * 5)
    hall.frame(0.1, key(pygame.K_SPACE))
    hall.frame(0.1, key(pygame.K_SPACE, up=True), key(pygame.K_SPACE))
    pressed = [m for m in hall.outbox if isinstance(m, Signal) and m.source == "key"]
    assert [(signal.address, signal.at) for signal in pressed] == [
        ("space", 0.1),
        ("space", pytest.approx(0.3)),
    ]


def test_a_held_backspace_goes_on_rubbing_out(show):
    hall = Hall(show)
    hall.frame(0.1, key(pygame.K_RETURN), *typed("abcd"), *[key(pygame.K_BACKSPACE)] * 3)
    assert hall.window.keyboard.line == "a"


@pytest.mark.parametrize(
    "event", [pygame.Event(pygame.QUIT), key(pygame.K_q, pygame.KMOD_LCTRL)], ids=["closed", "Ctrl+Q"]
)
def test_it_fades_out_before_it_closes(show, event):
    hall = Hall(show)
    assert hall.frame(0.5)[0]
    assert hall.frame(0.5, event)[0]
    going, half, picture = hall.frame(FADE_OUT / 2)
    assert going
    assert 0 < half.sum() < picture.sum()
    hall.window.end()  # once more changes nothing
    going, dark, _ = hall.frame(FADE_OUT / 2)
    assert not going
    assert dark.sum() == 0
    assert hall.drawn.mark() == hall.stage.mark()


def test_what_the_stage_has_to_tell_goes_out(show):
    hall = Hall(show)
    hall.inbox.append(Action(0.0, "layer.ghosts.colour", "blue"))
    hall.frame(0.1)
    assert [m for m in hall.outbox if isinstance(m, str)] == ["layer.ghosts.colour cannot be set to 'blue'"]


def test_a_display_is_taken_by_part_of_its_name_or_by_its_number(show):
    Hall(show, name="0")
    with pytest.raises(StageError, match=r"no display is named 'north'; there are: 0 \("):
        Hall(show, name="north")


def test_without_a_screen_there_is_no_window(show, monkeypatch):
    pygame.display.quit()
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(StageError, match=r"screen|no window can be opened"):
        Hall(show)
