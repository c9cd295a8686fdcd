"""What the operator is told, once; and an Action as one readable line."""

from __future__ import annotations

from installation.messages import Action

MOST = 256
"""Things remembered as told; beyond it the oldest is forgotten and may be told again."""


class Telling:
    """Remembers what has been told. `last` is the last sentence."""

    def __init__(self) -> None:
        self.last = ""
        self._at: dict[str, float] = {}

    def worth(self, key: str, sentence: str, now: float, after: float) -> bool:
        """Whether a thing is to be told at `now`: of one key once, and again `after` seconds."""
        if key in self._at and now - self._at[key] < after:
            return False
        self._at.pop(key, None)
        self._at[key] = now
        if len(self._at) > MOST:
            del self._at[next(iter(self._at))]
        self.last = sentence
        return True


def line(action: Action) -> str:
    """An Action as an operator reads it: `1.20 scene flood over 8 s (cue rising: tide 0.83 > 0.8 for 3 s)`.

    A visitor's own words are left out."""
    values = action.value if isinstance(action.value, tuple) else (action.value,)
    shown = " ".join("…" if action.private and isinstance(v, str) else _shown(v) for v in values)
    fade = f" over {action.fade:g} s" if action.fade else ""
    why = f"cue {action.cue}: {action.because}" if action.cue else action.because
    return f"{action.at:.2f} {action.target} {shown}{fade}" + (f" ({why})" if why else "")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if isinstance(value, float) else " ".join(str(value).split())
