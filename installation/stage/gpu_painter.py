"""A frame becomes pixels on the graphics card: light adds up in half floats, beyond white, and is shown once.

Words are instanced quads out of an atlas, lines are instanced strips, fogs instanced Gaussians; what glows
is drawn apart, in half the size, and spread. It looks as the software painter's picture does, but that
what adds up beyond white comes near to it softly, and a glow has no edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from installation.stage import grain
from installation.stage.atlas import Atlas
from installation.stage.emission import emission, fog_rows, stroke_rows
from installation.stage.frame import Frame
from installation.stage.gpu_bloom import Bloom
from installation.stage.ground import ground
from installation.stage.shader import program
from installation.stage.swarm import Swarm
from installation.stage.typesetter import Typesetter

if TYPE_CHECKING:
    import moderngl
STAY = 0.5
"""Seconds after which the part `feedback` of a light is still there."""


class GpuPainter:
    """Paints frames of one size in pixels into framebuffers of a context that it does not own.

    `feedback`: what part of a light is still there after half a second, 0 none to below 1."""

    def __init__(
        self,
        context: moderngl.Context,
        size: tuple[int, int],
        typesetter: Typesetter,
        feedback: float = 0.0,
    ) -> None:
        self.context, self.size, self.unit = context, size, size[1] / 100
        self.feedback = feedback
        self.atlas = Atlas(context, size, typesetter)
        self._bloom = Bloom(context, size)
        self._words = Swarm(context, program(context, "sprite", "sprite"), "4f 4f", "place", "shine")
        self._halos = Swarm(context, self._words.program, "4f 4f", "place", "shine")
        self._lines = Swarm(
            context, program(context, "stroke", "stroke"), "4f 4f 3f", "ends", "first", "last"
        )
        self._fogs = Swarm(context, program(context, "fog", "fog"), "3f 3f", "cloud", "shine")
        for swarm in (self._words, self._lines, self._fogs):
            swarm.program["stage"] = size
        self._wall, self._under = program(context, "quad", "wall"), program(context, "quad", "ground")
        self._past = program(context, "quad", "past")
        self._quads = {each: context.vertex_array(each, []) for each in (self._wall, self._under, self._past)}
        self._wall["stage"] = size
        self._words.program["sides"] = self.atlas.side, self.atlas.colours.width
        self._scenes = [context.texture(size, 4, dtype="f2") for _ in range(2 if feedback else 1)]
        self._targets = [context.framebuffer([scene]) for scene in self._scenes]
        rows = np.ascontiguousarray(ground(*size).swapaxes(0, 1))
        self._ground = context.texture(size, 3, rows.tobytes(), alignment=1)
        self._specks = context.texture((grain.TILE, grain.TILE), 3, grain.tile().tobytes(), alignment=1)
        self._before: float | None = None

    def paint(self, frame: Frame, target: moderngl.Framebuffer, level: int = 0) -> None:
        """Draw `frame` into `target`, which has the painter's size. `level` 1 and above: no glow, no grain."""
        import moderngl

        if frame.dark >= 1:
            target.use()
            target.clear()
            return
        context = self.context
        self.emit(frame, level)
        context.disable(moderngl.DEPTH_TEST | moderngl.CULL_FACE | moderngl.BLEND)
        self._targets[0].use()
        self._ground.use(0)
        self._fill(self._under)
        context.enable(moderngl.BLEND)
        context.blend_func = moderngl.ONE, moderngl.ONE
        context.blend_equation = moderngl.MAX, moderngl.MAX
        self._lines.draw()
        context.blend_equation = moderngl.FUNC_ADD, moderngl.FUNC_ADD
        self._fogs.draw()
        self.atlas.use()
        self._words.draw()
        if len(self._halos):
            self._glow()
        self._remember(frame.now)
        context.disable(moderngl.BLEND)
        target.use()
        self._show(frame, level)

    def emit(self, frame: Frame, level: int = 0) -> None:
        """Write the rows of `frame` into the card's memory: all that costs the processor time for each word."""
        words, halos = emission(frame.table(), self.atlas, self.unit, frame.post.glow if level < 1 else 0.0)
        self._words.write(words)
        self._halos.write(halos)
        self._lines.write(stroke_rows(frame.strokes, self.unit))
        self._fogs.write(fog_rows(frame.fogs, self.unit))

    def _glow(self) -> None:
        """What glows, in half the size, and spread."""
        self._bloom.frames[0].use()
        self._bloom.frames[0].clear()
        self._halos.draw()
        self._bloom.spread()

    def _remember(self, now: float) -> None:
        """Let the light of the picture before shine through where it is brighter, if that is asked for."""
        import moderngl

        if not self.feedback:
            return
        if self._before is not None and now > self._before:
            self._targets[0].use()
            self._scenes[1].use(0)
            self._past["left"] = self.feedback ** ((now - self._before) / STAY)
            self.context.blend_equation = moderngl.MAX, moderngl.MAX
            self._fill(self._past)
            self.context.blend_equation = moderngl.FUNC_ADD, moderngl.FUNC_ADD
        self._before = now

    def _show(self, frame: Frame, level: int) -> None:
        """From light to what the wall shows."""
        strength = grain.strength(frame.post.grain) if level < 1 else 0.0
        wall = self._wall
        self._bloom.light.use(0)
        self._scenes[0].use(1)
        self._specks.use(2)
        wall["glowing"], wall["grain"], wall["lit"] = (
            float(len(self._halos) > 0),
            strength,
            1 - max(0.0, frame.dark),
        )
        wall["shift"] = grain.shift(frame.now)
        self._fill(wall)
        self._scenes.reverse()
        self._targets.reverse()

    def _fill(self, filled: moderngl.Program) -> None:
        import moderngl

        self._quads[filled].render(moderngl.TRIANGLE_STRIP, vertices=4)
