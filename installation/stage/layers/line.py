"""The sentence that is being spoken as one line across the stage, for looks that have no page."""

from __future__ import annotations

from collections.abc import Sequence

from installation.stage import light
from installation.stage.frame import Sprite
from installation.stage.layers.surprise import heat
from installation.stage.layers.view import View
from installation.stage.motion import arrive, clamp, ramp
from installation.stage.page import Item, ends_sentence

SPACE = 0.24
"""Between two words, in sizes."""


def line(
    view: View, items: Sequence[Item], now: float, size: float, y: float, opacity: float, ink: str = "ivory"
) -> list[Sprite]:
    """The last sentence in `items`, its middle in the stage's; it glides on as it grows, and goes at the
    left where it is too long."""
    width, margin = view.form.width, 0.06 * view.form.width
    sentence = _last(items)
    widths = [view.measure(item.text, "display") * size for item in sentence]
    comes = [arrive((now - item.at) / 0.6) for item in sentence]
    whole = sum((wide + SPACE * size) * come for wide, come in zip(widths, comes, strict=True))
    x = min((width - whole) / 2, width - margin - whole)
    found = []
    for item, wide, come in zip(sentence, widths, comes, strict=True):
        fit = min(1.0, (width - 2 * margin) / max(wide, 1e-9))
        # A word wider than the stage has no left end that could be seen.
        begins = x if fit == 1 else x + wide
        strength = opacity * come * ramp(0.2 * margin, 1.2 * margin, begins)
        if strength > 0.01:
            colour = light.times(light.word_light(item.inner.surprise, ink), strength)
            place = x if fit == 1 else clamp(x, margin, width)
            found.append(Sprite(item.text, "display", size * fit, place, y, colour, 1 - come))
            if (hot := heat(item.inner.surprise)) > 0.05 and not item.forced:
                dim = light.times(colour, 0.3)
                found.append(Sprite(item.text, "display", size * fit, place, y, dim, 2.0, 0.9 * hot))
        x += (wide + SPACE * size) * come
    return found


def _last(items: Sequence[Item]) -> list[Item]:
    """The sentence that the newest word belongs to."""
    sentence: list[Item] = []
    for item in reversed(items):
        if sentence and (ends_sentence(item.text) or sentence[-1].before.count("\n") > 1):
            break
        sentence.append(item)
    return sentence[::-1]
