"""Breath: how uncertain the voice is, as light on the ground, bloom and grain.

A voice that knows what comes next is still: a small, cool light, fine dark. The less it knows, the wider
and warmer the light, the stronger every glow, the coarser the grain. It draws no word and goes under
other looks. A voice that cannot tell breathes slowly by itself.
"""

from __future__ import annotations

import math

from installation.show.parameter import Settings, live
from installation.stage import light
from installation.stage.frame import Fog, Post
from installation.stage.layers.spoken import Spoken
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import clamp, mix


class Breath(Spoken):
    """What an artist may set on the breath."""

    light: float = live(1.0, "Light on the ground", ge=0, le=4)
    glow: float = live(1.0, "How far uncertainty strengthens every glow on stage", ge=0, le=3)
    grain: float = live(0.6, "How far uncertainty brings out coarse grain", ge=0, le=2)
    calm: float = live(
        2.5, "Over how long it takes the mean of what the voice was uncertain of", ge=0.2, le=30, unit="s"
    )
    width: float = live(
        46.0,
        "How far the light reaches when the voice knows nothing",
        ge=10,
        le=120,
        unit="stage height / 100",
    )
    opacity: float = live(1.0, "The whole layer, from invisible to full", ge=0, le=1)


COOL: Light = (0.16, 0.24, 0.62)
WARM: Light = (0.85, 0.30, 0.34)
WHOLE = 6.0
"""Bits at which the voice knows nothing any more."""
PERIOD = 7.0
"""Seconds of a breath."""


def draw(view: View, settings: Settings, now: float) -> Drawing:
    """The ground, and what is done to the whole picture, at `now`."""
    assert isinstance(settings, Breath), "a breath is drawn with its own settings"
    if settings.opacity <= 0:
        return Drawing([], [])
    lost = uncertainty(view, settings, now)
    breath = math.sin(math.tau * now / PERIOD)
    reach = settings.width * view.form.height / 100 * (0.42 + 0.58 * lost) * (1 + 0.05 * breath)
    tint = light.blend(COOL, WARM, lost)
    strength = settings.opacity * settings.light * mix(0.055, 0.14, lost) * (1 + 0.12 * breath)
    x, y = 0.5 * view.form.width, 0.52 * view.form.height
    fogs = (
        Fog(x, y, reach, light.times(tint, 0.55 * strength)),
        Fog(x - 0.5 * reach, y + 0.16 * reach * breath, 0.7 * reach, light.times(COOL, 0.45 * strength)),
        Fog(
            x + 0.5 * reach, y - 0.16 * reach * breath, 0.7 * reach, light.times(WARM, 0.45 * strength * lost)
        ),
    )
    glow = mix(1.0, mix(0.7, 2.2, lost), settings.opacity * min(1.0, settings.glow)) ** max(
        1.0, settings.glow
    )
    grain = clamp(settings.opacity * settings.grain * lost)
    return Drawing([], [], fogs, Post(glow, grain))


def uncertainty(view: View, settings: Breath, now: float) -> float:
    """How little the voice knew in the last seconds: 0 all, 1 nothing. Newer tokens count more, and each
    comes in softly; it sinks to rest when nobody speaks."""
    trace = [point for point in view.page.trace if now - point.at < 6 * settings.calm]
    if not view.page.trace:
        return 0.35
    rest = 0.5
    weigh, bits = rest, rest * 0.35 * WHOLE
    for point in trace:
        age = max(0.0, now - point.at)
        weight = math.exp(-age / settings.calm) * clamp(age / 0.5)
        weigh += weight
        bits += weight * point.entropy
    return clamp(bits / weigh / WHOLE)
