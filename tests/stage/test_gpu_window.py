"""A real OpenGL window on a screen in memory: what it shows, what it refuses, and a card that is lost."""

import contextlib
import ctypes
import logging
from collections import deque
from pathlib import Path

import numpy as np
import pygame
import pytest
from evening import screen, write_show
from test_stage import prose, speech

from installation.catalogue import CATALOGUE
from installation.clock import HandClock
from installation.messages import Action, FrameMark, Status
from installation.show import check
from installation.stage import graphics
from installation.stage.stage import Stage
from installation.stage.window import Display, Window

pytest.importorskip("moderngl")


@pytest.fixture(autouse=True)
def on_screen(program, monkeypatch):
    with screen(program("Xvfb")) as name:
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
        monkeypatch.setenv("LIBGL_ALWAYS_SOFTWARE", "1")
        yield
        pygame.display.quit()


class Hall:
    """A window whose card is none, some words on its stage."""

    def __init__(self, folder, **display):
        write_show(folder)
        show = check.read(folder, CATALOGUE)
        self.clock, self.inbox, self.outbox = HandClock(), deque(), deque()
        self.window = Window(
            Display((320, 180), painter="gpu", **display),
            self.inbox,
            self.outbox,
            self.clock,
            str.strip,
            lambda size: Stage(show, size, self.clock),
        )
        self.inbox.append(Action(0.0, "scene", "a"))
        self.inbox.extend(message for _, message in speech(prose(8)))

    def frame(self, seconds=0.0):
        self.clock.set(self.clock.now() + seconds)
        return self.window.frame()

    def picture(self):
        """What the window shows, (height, width, 3)."""
        if self.window.gpu is None:
            return pygame.surfarray.array3d(self.window.surface).swapaxes(0, 1).astype(int)
        width, height = self.window.size
        pixels = self.window.gpu.context.screen.read(components=3, alignment=1)
        # Reading a window's own pixels leaves an error behind that is not the painter's.
        assert self.window.gpu.context.error in {"GL_NO_ERROR", "GL_INVALID_OPERATION"}
        return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)[::-1].astype(int)

    def marks(self):
        return [message for message in self.outbox if isinstance(message, FrameMark)]

    def told(self):
        return [message for message in self.outbox if isinstance(message, str)]


def test_a_card_that_is_none_is_refused_and_the_processor_paints(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "installation"):
        hall = Hall(tmp_path)
    assert hall.window.gpu is None
    assert [row for row in caplog.messages if "no graphics card" in row and "the processor paints" in row]
    assert "painted by the processor" in str(hall.window)
    hall.frame(2.0)
    assert hall.marks()[0].pixels is not None


def test_the_doctor_refuses_it_too():
    with pytest.raises(graphics.StageError, match="no graphics card"):
        graphics.tried()


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("llvmpipe (LLVM 15.0.6, 256 bits)", False),
        ("SwiftShader Device (LLVM 10.0.0)", False),
        ("softpipe", False),
        ("Software Rasterizer", False),
        ("GDI Generic", False),
        ("Microsoft Basic Render Driver", False),
        ("NVIDIA GeForce RTX 3060/PCIe/SSE2", True),
        ("Mesa Intel(R) Iris(R) Xe Graphics (TGL GT2)", True),
        ("AMD Radeon RX 6600 (radeonsi, navi23, LLVM 15.0.7, DRM 3.54)", True),
        ("Apple M2", True),
        ("V3D 4.2", True),
    ],
)
def test_cards_are_told_by_their_names(name, right):
    assert (graphics.SOFTWARE.search(name) is None) == right


def test_the_window_shows_frame_panel_and_fade(tmp_path):
    hall = Hall(tmp_path, software_gl=True)
    assert hall.window.gpu.name in str(hall.window)
    hall.frame(3.0)
    hall.frame(1.0)
    bare = hall.picture()
    assert bare.max() > 100
    assert hall.marks()[-1].pixels is None
    assert hall.marks()[-1].rows
    hall.inbox.append(Status(0.0, last_error="show.yaml:3: it is wrong"))
    hall.frame()
    over = hall.picture()
    assert (over[:60] != bare[:60]).any()
    assert (over[150:] == bare[150:]).all()
    hall.window.end()
    hall.frame(0.5)
    assert 0.3 < hall.picture()[:60].mean() / over[:60].mean() < 0.7
    assert not hall.frame(0.6)


def test_another_size_and_full_screen(tmp_path):
    hall = Hall(tmp_path, software_gl=True)
    hall.frame(3.0)
    pygame.event.clear()
    pygame.event.post(pygame.Event(pygame.KEYDOWN, key=pygame.K_F11, mod=0, unicode=""))
    hall.frame(0.1)
    assert hall.window.size == (640, 480)
    assert hall.picture().shape == (480, 640, 3)
    assert hall.picture().max() > 100
    assert not hall.told()


def released(window):
    window.gpu.context.release()


def torn_away(_):
    """The driver's own context is deleted under us, as when a card is pulled out: no command fails, none draws."""
    package = Path(pygame.__file__).parent
    library = next(iter(package.parent.glob("pygame_ce.libs/libSDL2-2*.so*")))
    sdl = ctypes.CDLL(str(library))
    sdl.SDL_GL_GetCurrentContext.restype = ctypes.c_void_p
    sdl.SDL_GL_DeleteContext.argtypes = [ctypes.c_void_p]
    sdl.SDL_GL_DeleteContext(sdl.SDL_GL_GetCurrentContext())


def wrong(window):
    """The driver is asked for what is not there, and says so at the end of the frame."""
    window.gpu.context.texture((1, 1), 4).release()
    with contextlib.suppress(Exception):
        window.gpu.context.buffer(reserve=1 << 62)


@pytest.mark.parametrize("lose", [released, torn_away, wrong])
def test_a_card_that_is_lost_leaves_the_show_going_on(tmp_path, lose):
    hall = Hall(tmp_path, software_gl=True)
    hall.frame(3.0)
    hall.frame(1.0)
    before = hall.picture()
    lose(hall.window)
    for _ in range(61):
        assert hall.frame(1 / 60)
    assert hall.window.gpu is None
    assert len(hall.told()) == 1
    assert "the graphics card failed, the processor paints from now on" in hall.told()[0]
    assert np.abs(hall.picture().mean() - before.mean()) < 3
    assert len(hall.marks()) == 63
    assert [mark.n for mark in hall.marks()] == list(range(63))
    assert "painted by the processor" in str(hall.window)
