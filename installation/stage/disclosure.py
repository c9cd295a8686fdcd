"""A quiet line that tells visitors that a machine writes."""

from __future__ import annotations

from installation.stage import light
from installation.stage.frame import Sprite

TEXT = "A machine is writing this, one word at a time."
EM = 1.75
BASELINE = 97.1


def disclosure(margin: float, strength: float = 1.0) -> Sprite:
    """The line in the lower left corner, as far in as the page's `margin`."""
    return Sprite(TEXT, "caption", EM, margin, BASELINE, light.times(light.SLATE, 0.36 * strength))
