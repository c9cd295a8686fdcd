import pygame

from installation.messages import Signal
from installation.stage.keyboard import Keyboard

SIZE = (101, 51)


def key(code, **fields):
    return pygame.Event(pygame.KEYDOWN, key=code, mod=0, unicode="", **fields)


def typed(keyboard, text):
    signals = keyboard.take(key(pygame.K_RETURN), 1.0, SIZE)
    for character in text:
        signals += keyboard.take(pygame.Event(pygame.TEXTINPUT, text=character), 1.0, SIZE)
    return signals + keyboard.take(key(pygame.K_RETURN), 2.0, SIZE)


def test_a_line_is_a_visitors_and_private():
    keyboard = Keyboard(clean=str.strip)
    assert typed(keyboard, " I am Ada ") == [Signal(2.0, "keys", "", ("I am Ada",), "keyboard", private=True)]
    assert keyboard.line is None


def test_what_the_filter_refuses_is_not_sent():
    keyboard = Keyboard(clean=lambda _: None)
    assert typed(keyboard, "rude") == []
    assert keyboard.refused


def test_inside_a_line_keys_are_letters_and_escape_gives_it_up():
    keyboard = Keyboard(clean=str)
    keyboard.take(key(pygame.K_RETURN), 1.0, SIZE)
    assert keyboard.take(key(pygame.K_SPACE), 1.0, SIZE) == []
    keyboard.take(pygame.Event(pygame.TEXTINPUT, text="ab"), 1.0, SIZE)
    keyboard.take(key(pygame.K_BACKSPACE), 1.0, SIZE)
    assert keyboard.line == "a"
    assert keyboard.take(key(pygame.K_ESCAPE), 1.0, SIZE) == []
    assert keyboard.line is None


def test_outside_a_line_every_key_is_a_signal():
    keyboard = Keyboard(clean=str)
    assert [
        keyboard.take(key(code), 1.0, SIZE)[0].address
        for code in (pygame.K_SPACE, pygame.K_ESCAPE, pygame.K_a)
    ] == [
        "space",
        "escape",
        "a",
    ]


def test_the_mouse_is_heard_once_a_frame_upwards():
    keyboard = Keyboard(clean=str)
    for y in (50, 25, 0):
        keyboard.take(
            pygame.Event(pygame.MOUSEMOTION, pos=(100, y), rel=(0, 1), buttons=(0, 0, 0)), 1.0, SIZE
        )
    assert [(signal.address, signal.values) for signal in keyboard.moved(1.0)] == [
        ("x", (1.0,)),
        ("y", (1.0,)),
    ]
    assert keyboard.moved(1.1) == []


def test_a_mouse_that_nobody_moved_says_nothing():
    keyboard = Keyboard(clean=str)
    keyboard.take(pygame.Event(pygame.MOUSEMOTION, pos=(1, 1), rel=(0, 0), buttons=(0, 0, 0)), 1.0, SIZE)
    assert keyboard.moved(1.0) == []


def test_a_click_is_an_event():
    keyboard = Keyboard(clean=str)
    click = pygame.Event(pygame.MOUSEBUTTONDOWN, pos=(1, 1), button=1)
    assert keyboard.take(click, 1.0, SIZE) == [Signal(1.0, "mouse", "click", sender="mouse")]


def test_an_empty_line_says_nothing():
    assert typed(Keyboard(clean=str), "   ") == []
