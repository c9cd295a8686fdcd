"""Writes the tables of parameters.md from the declarations in the code: `python docs/generate.py`.

A test compares the file with what this would write, so that the tables cannot tell of a range that
is no longer so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from installation.catalogue import CATALOGUE
from installation.show.parameter import Settings, is_live, span

FILE = Path(__file__).with_name("parameters.md")
BEGIN, END = "<!-- written by docs/generate.py: begin -->", "<!-- end -->"
HEAD = ("name", "range", "unit", "default", "", "what it does")


def tables() -> str:
    """A heading and a table for the voice and for each layer."""
    voices = {id(model): model for model in CATALOGUE.voices.values()}
    parts = [_table("voice", model) for model in voices.values()]
    parts += [_table(kind, model) for kind, model in CATALOGUE.layers.items()]
    return "\n\n".join(parts)


def renewed(text: str) -> str:
    """The text of parameters.md with its tables written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _table(name: str, model: type[Settings]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *_rows(model)]
    return f"## {name}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _rows(model: type[Settings]) -> Iterator[tuple[str, ...]]:
    fields = model.model_fields.items()
    for name, field in sorted(fields, key=lambda item: not is_live(item[1])):
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        unit = str(extra.get("unit", ""))
        live = "live" if is_live(field) else "fixed"
        yield f"`{name}`", _range(field), unit, _default(field), live, field.description or ""


def _range(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(get_args(field.annotation))
    if limits := span(field):
        return f"{limits[0]:g} to {limits[1]:g}"
    if field.annotation is bool:
        return "true, false"
    return {dict: "a map", tuple: "a list"}.get(get_origin(field.annotation) or str, "a text")


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value) if value else "none"


if __name__ == "__main__":
    FILE.write_text(renewed(FILE.read_text(encoding="utf-8")), encoding="utf-8")
