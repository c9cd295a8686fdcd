"""The programs of the graphics card, from the files in shaders/."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import moderngl

FOLDER = Path(__file__).with_name("shaders")


@functools.cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def program(context: moderngl.Context, vertex: str, fragment: str) -> moderngl.Program:
    """VERTEX.vert.glsl and FRAGMENT.frag.glsl as one program. Samplers are bound to the units 0, 1, 2 in the
    alphabet's order of their names."""
    made = context.program(_text(f"{vertex}.vert.glsl"), fragment_shader=_text(f"{fragment}.frag.glsl"))
    samplers = sorted(name for name in made if _samples(made[name]))
    for unit, name in enumerate(samplers):
        made[name] = unit
    return made


def _samples(member: object) -> bool:
    """Whether this is a uniform that samples a texture."""
    return getattr(member, "gl_type", 0) in {0x8B5E, 0x8DC1}  # GL_SAMPLER_2D, GL_SAMPLER_2D_ARRAY
