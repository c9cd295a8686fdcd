"""The one declaration of a parameter.

A parameter is a field of a layer's, voice's or port's settings model. Its range, unit, description
and whether it may be written from outside stand here once; checks, OSC addresses and docs read it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Settings(BaseModel):
    """What an artist may set on one layer, voice or port. Frozen; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def live(
    default: float | bool | str,
    description: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    needs: str = "",
) -> Any:
    """A parameter that may be written from outside while the show runs.

    Numbers need a range, `ge` to `le`: it is the fader's range and the clamp of expressions.
    `needs`: the setting beside it without which there is no such parameter."""
    extra: dict[str, Any] = {"live": True, "unit": unit} | ({"needs": needs} if needs else {})
    return Field(default, ge=ge, le=le, description=description, json_schema_extra=extra)


def fixed(
    default: Any,
    description: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    by_scene: bool = False,
) -> Any:
    """A parameter that only the show file sets; `by_scene`: each scene may set it otherwise."""
    extra: Any = {"live": False, "unit": unit, "by_scene": by_scene}
    return Field(default, ge=ge, le=le, description=description, json_schema_extra=extra)


def is_live(field: FieldInfo) -> bool:
    """Whether the field was declared with `live`."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("live") is True


def is_by_scene(field: FieldInfo) -> bool:
    """Whether a scene may set the field, which nobody can write from outside."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("by_scene") is True


def needed(field: FieldInfo) -> str:
    """The setting without which there is no such parameter, `` where it stands by itself."""
    extra = field.json_schema_extra
    return str(extra.get("needs", "")) if isinstance(extra, dict) else ""


def span(field: FieldInfo) -> tuple[float, float] | None:
    """The range (lowest, highest) of a number field, or None where it has none."""
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return None if low is None or high is None else (float(low), float(high))
