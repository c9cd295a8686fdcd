"""One parameter as the score turns it: its address, its kind, its range, read from its declaration."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args

from pydantic import TypeAdapter, ValidationError

from installation.messages import Value
from installation.score.trigger import number
from installation.show.parameter import Settings, is_by_scene, is_live, needed, span


@dataclass(frozen=True, slots=True)
class Knob:
    """A field of a settings model. `kind`: number, whole, switch, or choice (text and the like).

    `needs`: see show.parameter.live."""

    address: str
    model: type[Settings]
    name: str
    kind: str
    low: float
    high: float
    live: bool
    by_scene: bool = False
    needs: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in {"number", "whole"}

    @property
    def least(self) -> float:
        """The smallest move of an expression worth an Action: half a per cent of the range.

        Where the range reaches far beyond what is usual (a pace of 4 may go to 1000), four times
        the default stands for the range: otherwise the usual would be one step."""
        usual = 4 * abs(self.default) if isinstance(self.default, int | float) else 0.0
        return 0.005 * min(self.high - self.low, usual or math.inf, 1e3)

    @property
    def default(self) -> Any:
        return self.model.model_fields[self.name].get_default(call_default_factory=True)

    def at(self, address: str) -> Knob:
        """The same parameter of something else."""
        return replace(self, address=address)

    def held(self, value: float) -> tuple[float, bool]:
        """A number held to the range (and to whole numbers), and whether the range had to hold it."""
        inside = min(max(value, self.low), self.high)
        clamped = inside != value
        return (round(inside) if self.kind == "whole" else inside), clamped

    def accept(self, value: Value) -> Value:
        """A value from outside as this parameter takes it; ValueError says why it cannot.

        Numbers come through unclamped: the fader holds them, visibly."""
        if self.kind == "choice":
            return self._validated(value)
        given = number(value)
        if given is None or not math.isfinite(given):
            raise ValueError(f"{self.address} takes a number, not {str(value)[:40]!r}")
        return given != 0 if self.kind == "switch" else given

    def _validated(self, value: Value) -> Value:
        field = self.model.model_fields[self.name]
        kind: Any = Annotated[field.annotation, field]
        try:
            found: object = TypeAdapter(kind).validate_python(value)
        except ValidationError as wrong:
            said = wrong.errors(include_url=False, include_input=False)[0]["msg"]
            raise ValueError(f"{self.address}: {said}") from None
        assert isinstance(found, str | float | int | bool), f"{self.address} is not a plain value"
        return found


def knobs(prefix: str, model: type[Settings]) -> Iterator[Knob]:
    """The parameters of a settings model, in its order, under `prefix.`"""
    for name, field in model.model_fields.items():
        low, high = span(field) or (-math.inf, math.inf)
        kind, live = _kind(field.annotation), is_live(field)
        path = f"{prefix}.{name}"
        yield Knob(path, model, name, kind, low, high, live, is_by_scene(field), needed(field))


def _kind(annotation: Any) -> str:
    kinds = set(get_args(annotation)) or {annotation}
    if kinds == {bool}:
        return "switch"
    if float in kinds and str not in kinds:
        return "number"
    return "whole" if int in kinds and str not in kinds else "choice"
