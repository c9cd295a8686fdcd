"""A message as one line of JSON, and back.

A line is `{"at": 12.34, "Signal": {…}}`: the show's time at which the message took effect, its
class, and those fields that differ from their defaults. What a visitor said can be read from some
fields of a private message: `hide` takes them out and gives a number for them, `show` gives them back.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from typing import Any, Union

from installation.errors import RecordingError
from installation.messages import (
    Action,
    Adopt,
    FrameMark,
    Inner,
    Rival,
    Signal,
    Steered,
    Token,
    VoiceNews,
    Word,
)

Logged = Union[Action, Adopt, FrameMark, Signal, Steered, Token, VoiceNews, Word]

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (Action, Adopt, FrameMark, Signal, Steered, Token, VoiceNews, Word, Inner, Rival)
}
HIDDEN: dict[str, dict[str, Any]] = {
    "Signal": {"values": ()},
    "Action": {"value": "", "because": ""},
    "Steered": {"changed": ()},
    "Token": {"text": "", "id": -1, "inner": {}, "heard": ""},
    "Word": {"text": "", "parts": (), "inner": {}},
}
"""The fields of a private message that a visitor's own words can be read from, and what stands there
where nobody knows them any more."""


def to_line(at: float, message: Logged, hide: Callable[[dict[str, Any]], int] | None = None) -> str:
    """One line without its line break. `hide` takes a private message's fields and returns their number."""
    kind = type(message).__name__
    fields = _plain(message)
    if hide is not None and getattr(message, "private", False):
        fields["visitor"] = hide({name: fields.pop(name) for name in HIDDEN[kind] if name in fields})
    return json.dumps({"at": at, kind: fields}, ensure_ascii=False, separators=(",", ":"))


def from_line(line: str, show: Callable[[int], dict[str, Any] | None] | None = None) -> tuple[float, Logged]:
    """The time and the message of one line. RecordingError where it is not one of ours."""
    try:
        record = json.loads(line)
        at = record.pop("at")
        (kind, fields), *rest = record.items()
        assert not rest, "one message a line"
        if "visitor" in fields:
            said = (show(fields.pop("visitor")) if show else None) or {}
            fields |= HIDDEN[kind] | said
        return float(at), _message(KINDS[kind], fields)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise RecordingError(f"not a line of a recording: {line[:80]!r}") from error


def _plain(message: Any) -> dict[str, Any]:
    return {
        field.name: _value(value)
        for field in dataclasses.fields(message)
        if (value := getattr(message, field.name)) != field.default
    }


def _value(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain(value)
    return [_value(item) for item in value] if isinstance(value, tuple) else value


def _message(kind: type, fields: dict[str, Any]) -> Any:
    hints = _hints(kind)
    return kind(**{name: _typed(hints[name], value) for name, value in fields.items()})


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def _typed(hint: Any, value: Any) -> Any:
    """JSON knows no tuples and no classes: the field's type says which."""
    if isinstance(value, list):
        inner = next((arg for part in _parts(hint) for arg in typing.get_args(part)), Any)
        return tuple(_typed(inner, item) for item in value)
    if isinstance(value, dict):
        kind = next(part for part in _parts(hint) if dataclasses.is_dataclass(part))
        return _message(typing.cast("type", kind), value)
    return value


def _parts(hint: Any) -> tuple[Any, ...]:
    union = typing.get_origin(hint) in {Union, types.UnionType}
    return typing.get_args(hint) if union else (hint,)
