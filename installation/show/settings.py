"""Reads the settings of a layer or voice as its pydantic model asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from installation.errors import ExpressionError
from installation.show.corrections import Corrections
from installation.show.expression import Expression
from installation.show.parameter import Settings, is_by_scene, is_live, span
from installation.show.reading import understood, without_unit
from installation.show.schema import Place, Setting
from installation.show.spelling import either, suggestion


class SettingsReader:
    """Notes faults in `corrections`, at the `places` of their paths; `kinds` are the show's signals."""

    def __init__(
        self, corrections: Corrections, places: Mapping[str, Place], kinds: Mapping[str, str], start: Place
    ) -> None:
        self.corrections = corrections
        self.places = places
        self.kinds = kinds
        self.start = start

    def place(self, path: str, *, key: bool = False) -> Place:
        """Where `path` stands, or the nearest thing around it; `key`: where its name stands."""
        if key and f"{path}:" in self.places:
            return self.places[f"{path}:"]
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, self.start)

    def wrong(self, path: str, what: str, right: str = "") -> None:
        """Note a fault at this path."""
        self.corrections.add(self.place(path), path, what, right)

    def read(
        self, model: type[Settings], raw: Mapping[str, Any], path: str, owner: str, *, only_live: bool = False
    ) -> dict[str, Setting]:
        """The checked settings, in the file's order. What is wrong is left out. `owner`: whose they are."""
        found: dict[str, Setting] = {}
        literals: dict[str, Any] = {}
        for key, value in raw.items():
            here = f"{path}.{key}"
            field = model.model_fields.get(key)
            if field is None:
                self._unknown(here, key, tuple(model.model_fields), owner)
            elif only_live and not (is_live(field) or is_by_scene(field)):
                self.corrections.add(
                    self.place(here, key=True), here, f"{key} is set once for the whole show",
                    f"here can stand what moves: {', '.join(live_names(model))}",
                )  # fmt: skip
            elif is_number(field):
                number = self._number(field, value, here, key)
                if isinstance(number, Expression):
                    found[key] = number
                elif number is not None:
                    literals[key] = number
            else:
                literals[key] = value
        checked = self._literals(model, literals, set(found), path)
        return {key: found.get(key, checked.get(key)) for key in raw if key in found or key in checked}

    def read_one(self, model: type[Settings], key: str, value: Any, path: str, owner: str) -> Setting | None:
        """One checked setting that a cue writes, at `path`; None where it is wrong."""
        if key not in model.model_fields:
            self._unknown(path, key, live_names(model), owner)
            return None
        if not is_live(model.model_fields[key]):
            where = self.place(path, key=True)
            self.corrections.add(where, path, f"{key} is set once and cannot be written by a cue",
                                 f"what moves: {', '.join(live_names(model))}")  # fmt: skip
            return None
        if is_number(model.model_fields[key]):
            return self._number(model.model_fields[key], value, path, key)
        return self._literals(model, {key: value}, set(), path.removesuffix(f".{key}"), alone=path).get(key)

    def _unknown(self, path: str, key: str, known: Collection[str], owner: str) -> None:
        what = f"{owner} has no setting '{key}'"
        self.corrections.add(self.place(path, key=True), path, what, suggestion(key, known))

    def _number(self, field: FieldInfo, value: Any, path: str, key: str) -> Expression | float | None:
        if not isinstance(value, str):
            self.wrong(path, "a number belongs here", "an expression with { } or [ ] is none")
            return None
        try:
            expression = understood(value, self.kinds)
        except ExpressionError as error:
            right = without_unit(value, self.kinds)
            self.wrong(path, *((f"'{value}' is not a number", right) if right else (str(error),)))
            return None
        limits = span(field)
        if expression.constant is None:
            if is_live(field):
                return expression
            self.wrong(path, f"{key} is set once and takes no signal", "write a plain number")
            return None
        if limits and not limits[0] <= expression.constant <= limits[1]:
            self.wrong(path, f"{value} is out of range", f"{key} goes from {limits[0]:g} to {limits[1]:g}")
            return None
        return expression if is_live(field) else expression.constant

    def _literals(
        self, model: type[Settings], literals: dict[str, Any], given: set[str], path: str, alone: str = ""
    ) -> dict[str, Setting]:
        try:
            whole = model.model_validate(literals)
        except ValidationError as error:
            details = error.errors(include_url=False)
        else:
            return {key: getattr(whole, key) for key in literals}
        told: set[str] = set()
        for detail in details:
            location = detail["loc"]
            key = str(location[0]) if location else ""
            if detail["type"] == "missing" and (alone or key in given or f"{path}.{key}" in self.places):
                continue
            if key not in told:
                here = ".".join((path, *(str(n) for n in location if isinstance(n, str)))) if key else path
                here = alone or here
                self.wrong(here, *_sentence(detail, key))
            told.add(key)
        kept = {key: value for key, value in literals.items() if key not in told}
        return self._literals(model, kept, given, path, alone) if told & set(literals) else {}


def live_names(model: type[Settings]) -> list[str]:
    """The parameters that may move."""
    return [name for name, field in model.model_fields.items() if is_live(field)]


def is_number(field: FieldInfo) -> bool:
    """Whether the field holds a number and nothing else."""
    annotation = field.annotation
    parts = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return {part for part in parts if part is not type(None)} <= {int, float} and annotation is not None


_SENTENCES = {
    "bool_parsing": ("{shown} is neither yes nor no", "write true or false"),
    "bool_type": ("{shown} is neither yes nor no", "write true or false"),
    "missing": ("{key} is missing", "add {key}:"),
    "string_type": ("a text belongs here", "a text with {{ }} or [ ] needs quotes"),
    "tuple_type": ("a list belongs here", "write [one, another]"),
    "list_type": ("a list belongs here", "write [one, another]"),
    "dict_type": ("a map belongs here", "write {{{key}: value}}"),
    "float_parsing": ("{shown} is not a number", "write one, as in 0.5"),
    "float_type": ("{shown} is not a number", "write one, as in 0.5"),
    "int_parsing": ("{shown} is not a whole number", "write one, as in 7"),
    "int_from_float": ("{shown} is not a whole number", "write one, as in 7"),
}


def _sentence(detail: ErrorDetails, key: str) -> tuple[str, str]:
    """What pydantic found, in an artist's words."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    shown = f"'{value}'" if isinstance(value, str | int | float) else "this"
    if kind in _SENTENCES:
        what, right = _SENTENCES[kind]
        return what.format(shown=shown, key=key), right.format(key=key)
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", context["expected"])
        return f"{shown} is not possible here", f"write {either(options)}"
    if kind == "value_error":
        what, _, right = str(context["error"]).partition("; ")
        return (what, right) if right else (f"{shown} is not possible here", what)
    return f"{shown} is not possible here", detail["msg"][:1].lower() + detail["msg"][1:]
