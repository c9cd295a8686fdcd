"""Light that spreads: six sizes, each half as large, made small by 13 taps and put together by tents.

The method is Jimenez's (shaders/down.frag.glsl names it). How much each size counts is chosen so that the
whole is about as wide as the glow of the software painter, at every resolution.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from installation.stage.shader import program

if TYPE_CHECKING:
    import moderngl

LEVELS = 6
WIDE = 0.018
"""Standard deviation of the glow in parts of the stage's height."""
STRENGTH = 0.8
"""What all sizes count together: as bright as the glow of the software painter."""
REACH = 0.5
"""How far around that, in doublings, the sizes beside it count."""
DOWN, UP = 1.75, 0.5 + 1 / 6
"""What the 13 taps add to the variance, in texels of the larger, and the tent, in texels of the smaller."""


class Bloom:
    """`frames[0]`, half the stage, takes what glows; after `spread` `light` is what that lights."""

    def __init__(self, context: moderngl.Context, size: tuple[int, int]) -> None:
        sizes = [_halved(size, level) for level in range(1, LEVELS + 1)]
        self._context = context
        self._lights = [context.texture(each, 4, dtype="f2") for each in sizes]
        for light in self._lights:
            light.repeat_x = light.repeat_y = False
        self.frames = [context.framebuffer([light]) for light in self._lights]
        self._down, self._up = program(context, "quad", "down"), program(context, "quad", "up")
        self._shrink = context.vertex_array(self._down, [])
        self._grow = context.vertex_array(self._up, [])
        self._shares = shares(size[1])

    @property
    def light(self) -> moderngl.Texture:
        """What `spread` left, half the stage."""
        return self._lights[0]

    def spread(self) -> None:
        """Spread what was drawn into `frames[0]`."""
        import moderngl

        context, down, up = self._context, self._down, self._up
        context.disable(moderngl.BLEND)
        for larger, frame in zip(self._lights, self.frames[1:], strict=False):
            frame.use()
            larger.use(0)
            down["texel"] = 1 / larger.width, 1 / larger.height
            self._shrink.render(moderngl.TRIANGLE_STRIP, vertices=4)
        context.enable(moderngl.BLEND)
        # The larger keeps its share, which comes as alpha, and takes what comes up from the smaller.
        context.blend_func = moderngl.ONE, moderngl.SRC_ALPHA
        for level in range(LEVELS - 2, -1, -1):
            smaller = self._lights[level + 1]
            self.frames[level].use()
            smaller.use(0)
            up["texel"] = 1 / smaller.width, 1 / smaller.height
            up["share"] = self._shares[-1] if level == LEVELS - 2 else 1.0
            up["kept"] = self._shares[level]
            self._grow.render(moderngl.TRIANGLE_STRIP, vertices=4)
        context.blend_func = moderngl.ONE, moderngl.ONE


def _halved(size: tuple[int, int], times: int) -> tuple[int, int]:
    width, height = (max(1, -(-length >> times)) for length in size)
    return width, height


def shares(height: int) -> list[float]:
    """How much each size counts on a stage so many pixels high."""
    variance, wides = 4 / 6, []
    for level in range(LEVELS):
        wides.append(math.sqrt(variance))
        texel = 2.0 ** (level + 1)
        variance += DOWN * texel**2 + UP * (2 * texel) ** 2
    weights = [math.exp(-0.5 * (math.log2(wide / (WIDE * height)) / REACH) ** 2) for wide in wides]
    return [STRENGTH * weight / sum(weights) for weight in weights]
