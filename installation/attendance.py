"""Whether somebody is there, for the voices that speak only then. Pure.

A signal that the show names says so; without one, anything that comes in from outside does. A value is
somebody while it lies above a trace of its range, an event or a text is somebody for some minutes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from installation.score.signals import NamedSignal
from installation.voice.catalogue import is_hosted
from installation.voice.settings import VoiceSettings

STAYS = 300.0
"""Seconds for which somebody is taken to be there after a sign."""
TRACE = 0.02
"""Part of a value's range below which nobody is there: what is smoothed never quite comes to rest."""


class Attendance:
    """`always`: somebody is known to watch."""

    def __init__(self, *, always: bool = False) -> None:
        self._always = always
        self._sign_at = -math.inf

    def sign(self, now: float) -> None:
        """Something came in from outside."""
        self._sign_at = now

    def there(self, voice: VoiceSettings, signals: Mapping[str, NamedSignal], now: float) -> bool:
        """Whether this voice may speak."""
        if self._always:
            return True
        named = signals.get(voice.attended_by)
        if named is None:
            hosted = is_hosted(voice.model, voice.url)
            return not hosted or now - self._sign_at < STAYS
        if named.spec.kind == "value":
            return named.value > TRACE
        return named.at is not None and now - named.at < STAYS
