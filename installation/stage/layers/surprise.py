"""How surprise shows in every look: colour from the first bit on, glow only for what nobody expected."""

from __future__ import annotations

from installation.stage.motion import clamp


def heat(bits: float | None) -> float:
    """How much glow so many bits deserve: none up to amber, all of it at magenta."""
    return 0.0 if bits is None else clamp((bits - 2.4) / 6.0, 0, 1.15)
