"""The same picture the plain way: every word rendered, tinted, scaled, blurred and added anew each frame."""

from __future__ import annotations

import functools

import pygame

from installation.stage.blur import LADDER
from installation.stage.fonts import face_path
from installation.stage.frame import Frame, Sprite
from installation.stage.ground import ground
from installation.stage.light import Light, tone

RENDERED = 96
"""Pixels of the em at which a word is rendered before it is scaled."""
GLOW = 2.1
"""Radius of the bloom's box, in hundredths of stage height; twice, at full size."""


class PlainPainter:
    """Paints a frame without keeping anything but the opened fonts and the ground."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.surface, self._ground = pygame.Surface(size, 0, 32), pygame.Surface(size, 0, 32)
        pygame.surfarray.blit_array(self._ground, ground(*size))
        self._unit = size[1] / 100
        self._font = functools.cache(lambda face: pygame.font.Font(face_path(face), RENDERED))

    def paint(self, frame: Frame) -> None:
        """Draw `frame` on `surface`."""
        surface, unit = self.surface, self._unit
        surface.blit(self._ground, (0, 0))
        for stroke in frame.strokes:
            points = [(x * unit, y * unit) for x, y in stroke.points]
            for start, end, glim in zip(points, points[1:], stroke.lights, strict=False):
                pygame.draw.aaline(surface, _colour(glim), start, end, max(1, round(stroke.width * unit)))
        for sprite in frame.sprites:
            self._add(surface, sprite, sprite.light)
        bloom = pygame.Surface(surface.get_size(), 0, 32)
        for sprite in frame.sprites:
            if sprite.glow:
                red, green, blue = sprite.light
                self._add(bloom, sprite, (red * sprite.glow, green * sprite.glow, blue * sprite.glow))
        for _ in range(2):
            bloom = pygame.transform.box_blur(bloom, round(GLOW * unit))
        surface.blit(bloom, (0, 0), special_flags=pygame.BLEND_RGB_ADD)

    def _add(self, surface: pygame.Surface, sprite: Sprite, light: Light) -> None:
        font, em = self._font(sprite.face), sprite.size * self._unit
        if not sprite.text or max(light) < 1e-4:
            return
        word = font.render(sprite.text, True, (255, 255, 255), (0, 0, 0)).convert(surface)
        word.fill(_colour(light), special_flags=pygame.BLEND_RGB_MULT)
        scale = em / RENDERED
        word = pygame.transform.smoothscale_by(word, scale)
        left, top = sprite.x * self._unit, sprite.y * self._unit - font.get_ascent() * scale
        low = min(int(sprite.blur), 2)
        spread = LADDER[low] + (LADDER[low + 1] - LADDER[low]) * (min(sprite.blur, 3.0) - low)
        if (radius := round(1.22 * spread * em)) > 0:
            padded = pygame.Surface((word.get_width() + 4 * radius, word.get_height() + 4 * radius), 0, 32)
            padded.blit(word, (2 * radius, 2 * radius))
            for _ in range(2):
                padded = pygame.transform.box_blur(padded, radius)
            word, left, top = padded, left - 2 * radius, top - 2 * radius
        surface.blit(word, (round(left), round(top)), special_flags=pygame.BLEND_RGB_ADD)


def _colour(light: Light) -> tuple[int, int, int]:
    return round(255 * tone(light[0])), round(255 * tone(light[1])), round(255 * tone(light[2]))
