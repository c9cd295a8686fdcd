"""What the operator sees over the picture: never part of a recorded frame.

The panel (F1) tells the truth of Status: pace, scene, voices, signals, owners, ports, last error.
The line being typed and, in rehearsal, the last error show without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from installation.messages import Status
from installation.stage.fonts import advice
from installation.stage.typesetter import Typesetter

if TYPE_CHECKING:
    import pygame

    from installation.stage.pace import Pace

INK = (214, 219, 232)
VISITOR = (150, 226, 226)
QUIET = (172, 180, 200)
WARM = (255, 170, 96)
GROUND = (8, 9, 18, 248)
REFRESH = 0.2
"""Seconds between two drawings of the panel."""
BINS = 24
"""Bars of the frame histogram, one a millisecond."""

LONGEST = 160
"""Characters of a line of the panel; the log has the rest."""

DRAWN = 150
"""Characters of a line that other fonts help to set: a window shows fewer."""

Line = tuple[str, tuple[int, int, int]]


def lines(status: Status, fps: float, late: float) -> list[Line]:
    """The panel's text, each line with its colour."""
    text: list[Line] = [
        (f"{fps:5.1f} fps   {late:.1%} late", INK if late < 0.02 else WARM),
        (f"{status.title} · {status.scene} · {status.scene_for:.0f} s", INK),
        (f"GO → {status.standby}" if status.standby else "GO → nothing stands by", QUIET),
    ]
    for voice in status.voices:
        colour = INK if voice.state == "speaking" else WARM
        rate = f"{voice.tokens_per_second:.1f} tok/s, {voice.ahead} ahead, {voice.spoken} spoken"
        text.append((f"{voice.name}: {voice.state}, {rate} {voice.detail}", colour))
        if voice.prompts:
            shares = ", ".join(f"{weight:.0%} {beginning}" for beginning, weight in voice.prompts)
            text.append((f"  reads {shares}", QUIET))
        if voice.quoted is not None:
            text.append((f"  quoted {voice.quoted:.0%} of the last words", QUIET))
        if voice.can and voice is next(other for other in status.voices if other.can == voice.can):
            text.append((f"  heard at each {voice.can[0]}: {', '.join(voice.can[1:])}", QUIET))
    for signal in status.signals:
        age = (
            "never heard"
            if signal.age is None
            else f"{signal.age:.1f} s ago, {signal.rate:.0f}/s {signal.sender}"
        )
        text.append((f"{signal.name}  {signal.value:.2f} ({signal.raw:.3g})  {age}", QUIET))
    for parameter in status.parameters:
        if parameter.owner == "rest":
            continue
        value = f"{parameter.value:.3g}" if isinstance(parameter.value, float) else str(parameter.value)
        clamp = "  clamped" if parameter.clamped else ""
        colour = {"hand": WARM, "cue": INK}.get(parameter.owner, QUIET)
        text.append((f"{parameter.address} {value[:40]}  {parameter.owner}{clamp}", colour))
    for port in status.ports:
        lost = f", {port.dropped} dropped" if port.dropped else ""
        words = f"{port.name}: {port.state} {port.detail}, {port.received} received{lost}"
        text.append((words, QUIET if port.state == "open" else WARM))
    text += [(line, WARM) for line in status.last_error.splitlines()]
    return text


class Hud:
    """Draws over a finished frame; sizes follow the window's height. `typesetter`: the stage's own, so
    that the panel knows what it could not show."""

    def __init__(self, *, errors: bool, typesetter: Typesetter | None = None) -> None:
        self.shown = False
        self.typesetter = typesetter or Typesetter()
        self._errors = errors
        self._fonts: dict[tuple[str, int], pygame.font.Font] = {}
        self._panel: pygame.Surface | None = None
        self._drawn = -REFRESH

    def idle(self, status: Status, line: str | None) -> bool:
        """Whether it would draw nothing."""
        return line is None and not self.shown and not (self._errors and status.last_error)

    def draw(self, surface: pygame.Surface, status: Status, pace: Pace, line: str | None, now: float) -> None:
        """The panel if shown, the typed line if any, the last error where errors belong on stage."""
        size = max(11, surface.get_height() // 54)
        margin = size * 2
        if self.shown:
            if self._panel is None or now - self._drawn >= REFRESH:
                text = lines(status, pace.fps, pace.late())
                if absent := advice(self.typesetter.missing):
                    text.append((absent, WARM))
                self._panel = self._render(text, list(pace.busy), size)
                self._drawn = now
            surface.blit(self._panel, (margin, margin))
        elif self._errors and status.last_error:
            panel = self._render([(text, WARM) for text in status.last_error.splitlines()[:6]], [], size)
            surface.blit(panel, (margin, margin))
        if line is not None:
            self._type(surface, f"{_printable(line)}|")

    def _type(self, surface: pygame.Surface, line: str) -> None:
        """The line that a visitor is typing, as the page would set it, on quiet ground below the page."""
        import pygame

        width, height = surface.get_size()
        typed = self._row(line, "italic", max(16, height // 20), VISITOR)
        band = pygame.Surface((width, round(1.5 * typed.get_height())), pygame.SRCALPHA)
        band.fill(GROUND)
        top = height - band.get_height() - height // 60
        surface.blit(band, (0, top))
        left = min(0.08 * width, 0.92 * width - typed.get_width())
        surface.blit(typed, (left, top + (band.get_height() - typed.get_height()) // 2))

    def _render(self, text: Sequence[Line], busy: Sequence[float], size: int) -> pygame.Surface:
        import pygame

        rows = [self._row(_fit(words), "caption", size, colour) for words, colour in text]
        chart = 4 * size if busy else 0
        width = max(*(row.get_width() for row in rows), 30 * size if busy else 0) + 2 * size
        height = sum(row.get_height() for row in rows) + chart + 2 * size
        panel = pygame.Surface((width, height), pygame.SRCALPHA)
        panel.fill(GROUND)
        y = size
        for row in rows:
            panel.blit(row, (size, y))
            y += row.get_height()
        if busy:
            self._histogram(panel, busy, pygame.Rect(size, y + size, 28 * size, chart - size))
        return panel

    def _histogram(self, panel: pygame.Surface, busy: Sequence[float], box: pygame.Rect) -> None:
        """How many of the last frames took how many milliseconds of work; the line stands at 16.7 ms."""
        counts = [0] * BINS
        for seconds in busy:
            counts[min(BINS - 1, int(seconds * 1000))] += 1
        wide = box.width / BINS
        for n, count in enumerate(counts):
            tall = round(box.height * count / max(counts))
            panel.fill(QUIET if n < 17 else WARM, (box.x + n * wide, box.bottom - tall, wide - 1, tall))
        panel.fill(WARM, (box.x + 16.7 * wide, box.y, 1, box.height))

    def _row(self, words: str, face: str, size: int, colour: tuple[int, int, int]) -> pygame.Surface:
        """A line of text; what the face's own font lacks is set as on the page, by another or as a dot."""
        import pygame

        fonts = self.typesetter.fonts
        path = fonts.own(face)
        if (path, size) not in self._fonts:
            self._fonts[path, size] = pygame.font.Font(path, size)
        font = self._fonts[path, size]
        if fonts.covers(path, words):
            return font.render(words, True, colour)
        cover = self.typesetter.cover(words[-DRAWN:], face, size)  # the end of a line is what is being typed
        top = max(0, font.get_ascent() + cover.top)
        width, height = cover.grey.shape
        row = pygame.Surface((cover.left + width, max(font.get_height(), top + height)), pygame.SRCALPHA)
        row.fill((*colour, 0))
        alpha = pygame.surfarray.pixels_alpha(row)
        alpha[cover.left :, top : top + height] = cover.grey
        return row


def _fit(words: str) -> str:
    words = _printable(words.expandtabs())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _printable(words: str) -> str:
    """Without what a font refuses to draw: NUL, halves of surrogate pairs."""
    return "".join(letter if letter.isprintable() else " " for letter in words)
