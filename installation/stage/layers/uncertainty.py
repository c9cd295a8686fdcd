"""Uncertainty: the entropy of each token as one thin line below the page, and what it means in numbers."""

from __future__ import annotations

import functools

from installation.stage import light
from installation.stage.composition import LOW, Format
from installation.stage.frame import Sprite, Stroke
from installation.stage.layers.view import Drawing, View
from installation.stage.light import Light
from installation.stage.motion import arrive, mix

BASE = 93.2
"""Where the line lies when the voice is certain."""
HEIGHT = 3.4
"""How high eight bits lift it."""
CAPTION = 97.1
"""Baseline of the captions."""
EM = 1.75
ROOM = 68.0
"""Width that captions and the line that tells visitors that a machine writes need beside each other."""
STEPS = 40
"""Tokens from the left margin to the right."""
BETWEEN = 7
"""Straight pieces from token to token."""
FLOW = 0.6
"""Seconds in which the line moves on by a token."""


def add(drawing: Drawing, view: View, tint: Light, opacity: float, now: float) -> None:
    """Draw the line and its captions, where the voice can tell. `tint`: the light of the last word."""
    foot = view.form.height - 100
    if view.form.height < LOW:
        return
    trace = list(view.page.trace)[-STEPS - 3 :]
    if trace:
        come = arrive((now - trace[-1].at) / FLOW)
        # Before its first token the voice was silent: the line lies flat there.
        values = [0.0] * (STEPS + 3 - len(trace)) + [point.entropy for point in trace]
        drawing.strokes.append(_line(view.form, tuple(values), come, opacity))
    item = view.page.last
    if item is None or item.inner.surprise is None:
        return
    bits = item.inner.surprise
    parts = [f"p {probability(bits)}", f"{bits:.1f} bits"]
    if trace:
        parts.insert(0, f"entropy {trace[-1].entropy:.1f}")
    text = "   ·   ".join(parts)
    x = view.form.width - view.form.margin - view.measure(text, "caption") * EM
    if view.form.measure < ROOM:
        return
    glim = light.times(light.blend(light.SLATE, tint, 0.55), 0.38 * opacity)
    drawing.sprites.append(Sprite(text, "caption", EM, x, CAPTION + foot, glim))


def probability(bits: float) -> str:
    """The probability of so many bits, to two figures, behind its sign."""
    p = 2.0 ** -max(0.0, bits)
    if p < 1e-4:
        return "< 0.0001"
    return f"= {p:.2f}" if p >= 0.1 else f"= {p:.3f}" if p >= 0.01 else f"= {p:.2g}"


@functools.lru_cache(maxsize=64)
def _line(form: Format, values: tuple[float, ...], come: float, opacity: float) -> Stroke:
    """A smooth curve (Catmull-Rom) through the values, the newest at the right margin."""
    import numpy as np

    # The newest value grows out of the one before it, so that the line never leaps.
    bits = np.array([*values[:-1], mix(values[-2], values[-1], come)])
    last = len(bits) - 1
    along = np.arange(last * BETWEEN + 1) / BETWEEN
    k = np.minimum(along.astype(int), last - 1)
    t = along - k
    padded = np.concatenate((bits[:1], bits, bits[-1:]))
    a, b, c, d = (padded[k + shift] for shift in range(4))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    x = form.width - form.margin - (last - along - 1 + come) * form.measure / STEPS
    inside = (x >= form.margin) & (x <= form.width - form.margin + 0.01)
    x, curve = x[inside], curve[inside]
    far = (x - form.margin) / form.measure
    strength = opacity * (0.05 + 0.33 * far * far) * np.minimum(1, 8 * far)
    stops = [stop for stop, _ in light.SURPRISE]
    channels = [
        strength * np.interp(curve + 0.4, stops, [glim[channel] for _, glim in light.SURPRISE])
        for channel in range(3)
    ]
    y = BASE + (form.height - 100) - HEIGHT / 8 * np.clip(curve, 0, 9)
    points = tuple(zip(x.tolist(), y.tolist(), strict=True))
    return Stroke(points, tuple(zip(*(channel.tolist() for channel in channels), strict=True)), 0.14)
