"""How long after a gesture the wall shows a word that was sampled under it.

What runs is a performance: window, control thread, voice process and recorder as the app puts them
together, the default show at 1280x720 with its layers. Two lines of the show file differ: a signal
`gesture` drives the temperature, unsmoothed, and the pace is off (1000 words a second: every word is
spoken when it is there). A sender in a process of its own sends OSC datagrams at random moments, each
of which moves the temperature by a twentieth of its range at least.

Timed, by the monotonic clock that the processes of a machine share:
  sent      just before the sender's `sendto`
  heard     the datagram is a Signal and about to be conducted
  token     the first token arrives in the show process whose `steered_by` is the Steering that the
            gesture caused, or a later one; the model heard it before it sampled this token
  frame     the first frame is begun on which that token's letters can be seen
  glyph     this frame's `display.flip` has returned
A token without ink (white space, half a character) lets the next one stand for it. Seen are letters
whose sprite has light and in whose place, where the word did not reach before, the shown surface
differs from the frame before by CHANGE of 255 at least. So a word that stands outside the picture, or that
is still wholly dark, is waited for. One that never comes counts as infinite.

Not measured: sensor, network beyond loopback, and what a display does after `flip` has returned, which
is up to two frames and the panel's or projector's own delay. Under Xvfb `flip` returns when the server
has copied the picture into its frame buffer, and nothing waits for a vertical blank.

With the pace off nothing waits unspoken, so the look-ahead costs nothing: it is only how many tokens
the voice may be ahead of the show process. At the show's own pace the look-ahead stands between
sampling and speaking, and is most of what is printed beside.
"""

from __future__ import annotations

import math
import multiprocessing
import random
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from pythonosc.osc_message_builder import build_msg
from rig import performance
from rig.model import model
from rig.screen import screen

from installation.conductor import Conductor, Output
from installation.messages import Signal, StageMessage, Steering, Token
from installation.show.schema import Show
from installation.stage.composition import Placed
from installation.stage.stage import Stage
from installation.stage.window import Window

SIZE = (1280, 720)
ADDRESS = "/benchmark/gesture"
FREE = (300, 0.06, 0.14)
"""How many gestures with the pace off, and the least and most seconds between two."""
OWN = (40, 0.2, 0.5)
"""The same at the show's own pace."""
WARM = 4.0
"""Seconds of speech before the first gesture: the page is full and most words have been drawn once."""
LATEST = 5.0
"""Seconds after the last gesture after which a word will not come any more."""
CHANGE = 3
"""A pixel has changed when a colour of it differs by so much, of 255."""

LEGS: dict[str, Callable[[Gesture], float]] = {
    "sent to heard": lambda one: one.heard - one.sent,
    "heard to token": lambda one: one.token - one.heard,
    "token to frame": lambda one: one.frame - one.token,
    "frame to glyph": lambda one: one.glyph - one.frame,
}


@dataclass(slots=True)
class Gesture:
    """One gesture's way; times by `time.monotonic`, infinite where it has not come so far.

    `n` is the number of its token; `word` the key of the word on the page in which this stands,
    `before` what was there of the word before it."""

    sent: float = math.inf
    heard: float = math.inf
    token: float = math.inf
    frame: float = math.inf
    glyph: float = math.inf
    serial: int = -1
    n: int = -1
    word: int = -1
    before: str = ""


class Journal:
    """Where each gesture has come to. Control thread and main thread both write it, each its own fields."""

    def __init__(self) -> None:
        self.gestures: dict[int, Gesture] = {}
        self.waiting: list[Gesture] = []
        self.tokens = 0

    def heard(self, number: int) -> None:
        gesture = self.gestures[number] = Gesture(heard=time.monotonic())
        self.waiting.append(gesture)

    def steered(self, serial: int) -> None:
        for gesture in self.waiting:
            if gesture.serial < 0:
                gesture.serial = serial

    def sampled(self, token: Token) -> None:
        now = time.monotonic()
        self.tokens += 1
        for gesture in self.waiting:
            if gesture.n < 0 <= gesture.serial <= token.steered_by:
                gesture.token, gesture.n = now, token.n


class Overheard(Conductor):
    """A conductor that notes gestures, Steerings and tokens as they pass."""

    def __init__(self, journal: Journal, *parts: Any) -> None:
        super().__init__(*parts)
        self._journal = journal

    def signals(self, at: float, signals: Sequence[Signal]) -> None:
        for signal in signals:
            if signal.address == ADDRESS:
                self._journal.heard(int(signal.values[1]))
        super().signals(at, signals)

    def take(self) -> list[Output]:
        out = super().take()
        for message in out:
            if isinstance(message, Steering):
                self._journal.steered(message.serial)
        return out

    def token(self, at: float, token: Token) -> None:
        self._journal.sampled(token)
        super().token(at, token)


class Watched(Stage):
    """A stage that notes in which word a token's letters come to stand."""

    def __init__(self, journal: Journal, *parts: Any) -> None:
        super().__init__(*parts)
        self._journal = journal

    def place(self, key: int) -> Placed | None:
        """Where that word stands in the last frame, where this shows it."""
        words = self._sheets[-1].columns[0].composition.placed(self._frame.now)
        word = next((word for word in reversed(words) if word.item.key == key), None)
        lit = word is not None and any(
            sprite.text == word.item.text and sprite.x == word.x and max(sprite.light) > 0
            for sprite in self._frame.sprites
        )
        return word if lit else None

    def _follow(self, message: StageMessage | Show, now: float) -> None:
        old = self._page.last
        super()._follow(message, now)
        new = self._page.last
        if not isinstance(message, Token) or new is None:
            return
        if old is not None and (old.key, old.text) == (new.key, new.text):
            return
        for gesture in self._journal.waiting:
            if gesture.word < 0 <= gesture.n <= message.n:
                gesture.word = new.key
                gesture.before = old.text if old is not None and old.key == new.key else ""


class Watching(Window):
    """A window that looks after each flip which of the awaited letters are there."""

    stage: Watched

    def __init__(self, journal: Journal, *parts: Any) -> None:
        super().__init__(*parts)
        self._journal = journal
        self._last = self.surface.copy()

    def frame(self) -> bool:
        begun = time.monotonic()
        lit = super().frame()
        shown = time.monotonic()
        for gesture in [one for one in self._journal.waiting if one.word >= 0]:
            if self._shows(gesture):
                gesture.frame, gesture.glyph = begun, shown
                self._journal.waiting.remove(gesture)
        self._last.blit(self.surface, (0, 0))
        return lit

    def _shows(self, gesture: Gesture) -> bool:
        """Whether the pixels under the gesture's letters differ from the frame before."""
        import pygame

        word = self.stage.place(gesture.word)
        if word is None:
            return False
        reached = self.stage.typesetter.measure(gesture.before, "roman") * word.size
        corners = (word.x + reached, word.y - 0.75 * word.size, word.width - reached, word.size)
        unit = self.size[1] / 100
        box = pygame.Rect([math.ceil(unit * length) for length in corners]).clip(self.surface.get_rect())
        if not box:
            return False
        old, new = (
            pygame.surfarray.array3d(surface.subsurface(box)).astype(int)
            for surface in (self._last, self.surface)
        )
        return bool(np.abs(new - old).max() >= CHANGE)


def send(orders: Connection) -> None:
    """The sender's process: on (port, count, least, most) sends so many gestures, and tells when."""
    rng = random.Random(performance.SEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        while (order := orders.recv()) is not None:
            port, count, least, most = order
            sent = []
            for number in range(count):
                time.sleep(rng.uniform(least, most))
                datagram = build_msg(ADDRESS, [0.6 * (number % 2) + rng.uniform(0, 0.4), number]).dgram
                sent.append(time.monotonic())
                opened.sendto(datagram, ("127.0.0.1", port))
            orders.send(sent)


def measure(show: Show, plan: tuple[int, float, float], orders: Connection) -> list[Gesture]:
    """Perform the show under so many gestures; what became of each, in order."""
    journal = Journal()
    with performance.performed(
        show,
        SIZE,
        window=partial(Watching, journal),
        stage=partial(Watched, journal),
        conductor=partial(Overheard, journal),
    ) as (window, control):
        performance.draw(window, control, partial(performance.speaking, control))
        performance.draw_for(window, control, WARM)
        began, tokens = time.monotonic(), journal.tokens
        orders.send((performance.port_of(show), *plan))
        performance.draw(window, control, orders.poll)
        rate = (journal.tokens - tokens) / (time.monotonic() - began)
        sent: list[float] = orders.recv()
        end = time.monotonic() + LATEST
        performance.draw(
            window, control, lambda: time.monotonic() > end or seen(journal.gestures) == len(sent)
        )
        print(f"  {rate:.0f} tokens/s, {window.pace.fps:.0f} frames/s")
    for number, at in enumerate(sent):
        journal.gestures.setdefault(number, Gesture()).sent = at
    return [journal.gestures[number] for number in range(len(sent))]


def seen(gestures: dict[int, Gesture]) -> int:
    return sum(gesture.glyph < math.inf for gesture in gestures.values())


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` of all do not exceed, in ms."""
    return 1000 * sorted(values)[math.ceil(part * len(values)) - 1]


def told(gestures: list[Gesture]) -> dict[str, float]:
    """The figures, printed with the legs of the way, for those that were seen."""
    found = [gesture for gesture in gestures if gesture.glyph < math.inf]
    print(f"  {len(found)} of {len(gestures)} gestures were seen; ms:")
    for leg, length in LEGS.items() if found else ():
        p50, p90, p99 = (share([length(one) for one in found], part) for part in (0.5, 0.9, 0.99))
        print(f"    {leg:16} p50 {p50:7.1f}   p90 {p90:7.1f}   p99 {p99:7.1f}")
    glyphs = [one.glyph - one.sent for one in gestures]
    tokens = [one.token - one.sent for one in gestures]
    return {
        "gesture_glyph_p50_ms": share(glyphs, 0.5),
        "gesture_glyph_p99_ms": share(glyphs, 0.99),
        "gesture_token_p99_ms": share(tokens, 0.99),
    }


def main() -> None:
    context = multiprocessing.get_context("spawn")
    orders, theirs = context.Pipe()
    sender = context.Process(target=send, args=(theirs,), daemon=True)
    sender.start()
    theirs.close()
    with tempfile.TemporaryDirectory() as temporary, screen(SIZE) as display:
        folder = Path(temporary)
        name, which = model(folder / "model")
        print(f"{performance.machine()}; {display}; {which}")
        lines = {
            "  model:": f"  model: {name}",
            "  temperature:": "  temperature: 0.55 + 0.35 * gesture",
            "signals:": f"signals:\n  gesture: {{from: osc {ADDRESS}, range: [0, 1], smooth: 0}}",
        }
        print("at the show's own pace:")
        for figure, value in told(measure(performance.adapted(folder / "own", lines), OWN, orders)).items():
            print(f"  {figure} {value:.1f}")
        print("pace off:")
        free = performance.adapted(folder / "free", lines | {"  pace:": "  pace: 1000"})
        figures = told(measure(free, FREE, orders))
    orders.send(None)
    sender.join()
    for figure, value in figures.items():
        print(f"figure {figure} {value:.1f}")


if __name__ == "__main__":
    main()
