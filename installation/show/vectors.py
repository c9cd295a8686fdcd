"""A voice's `vectors:`: a name, two sets of sentences, and how far the one is leant towards.

Each name is a live parameter of its voice, like temperature: it stands in what `leaning` gives, with
the range that every weight has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from pydantic import create_model

from installation.show.parameter import Settings, live
from installation.show.reading import Fields, Reader, name_fault
from installation.show.structure import Text, Tree

VECTORS = "vectors"
"""The setting of a voice under which they stand."""

STRONGEST = 4.0
"""How far a weight goes, either way."""

MOST = 8
"""Vectors of one voice."""

MOST_SENTENCES = 200
"""Sentences of one set: each is read when the voice begins."""

_KEYS = ("towards", "away", "layer", "weight")
_TAKEN = frozenset({"prompt", "weights", "say"})
"""Addresses that a voice has beside its parameters."""


def vectors(reader: Reader, tree: Tree, path: str) -> dict[str, dict[str, Any]]:
    """The vectors by name, raw but for their sentences: `towards` and `away` are lists of them, the words
    of files among them. What is wrong is noted, and left out."""
    table = reader.table(tree, path)
    if len(table.entries) > MOST:
        reader.wrong(tree, path, f"{len(table.entries)} vectors are too many", f"a voice has up to {MOST}")
    found: dict[str, dict[str, Any]] = {}
    for name, entry in table.entries.items():
        here = f"{path}.{name}"
        if fault := name_fault(name, spoken=False) or _taken(name):
            reader.corrections.add(table.keys[name], here, fault)
            continue
        of = Fields(reader.table(entry, here, _KEYS), here)
        if lacking := [key for key in ("towards", "away") if key not in of.table.entries]:
            right = "a direction leads from one set of sentences (away) to another (towards)"
            reader.wrong(entry, here, f"{' and '.join(lacking)} missing", right)
        found[name] = {
            "towards": of("towards", lambda tree, path: _sentences(reader, tree, path), []),
            "away": of("away", lambda tree, path: _sentences(reader, tree, path), []),
            "layer": of("layer", lambda tree, path: _layer(reader, tree, path), "auto"),
        }
        if "weight" in of.table.entries:
            found[name]["weight"] = of("weight", reader.text, "")
    return found


@cache
def leaning(model: type[Settings], names: tuple[str, ...]) -> type[Settings]:
    """The settings of a voice that has these vectors: each is one more live number."""
    if not names:
        return model
    says = "how far it leans towards the one set of sentences (above 0) or the other (below)"
    fields: dict[str, Any] = {name: (float, live(0.0, says, ge=-STRONGEST, le=STRONGEST)) for name in names}
    return create_model(model.__name__, __base__=model, **fields)


def names(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The vectors of a voice with these settings."""
    return tuple(settings.get(VECTORS) or ())


def _taken(name: str) -> str:
    if name in _TAKEN or name.startswith("model_") or hasattr(Settings, name):
        return f"'{name}' means something else already; choose another name"
    return ""


def _sentences(reader: Reader, tree: Tree, path: str) -> list[str]:
    """A list of sentences, or the file that holds them, one a line."""
    if isinstance(tree, Text):
        lines: Collection[str] = reader.prompt(tree, path).splitlines()
        if not lines:  # what is wrong with the file is noted already
            return []
    else:
        lines = [reader.text(item, f"{path}[{n}]") for n, item in enumerate(reader.items(tree, path), 1)]
    found = [line.strip() for line in lines if line.strip()]
    if len(found) > MOST_SENTENCES:
        what = f"{len(found)} sentences are too many"
        reader.wrong(tree, path, what, f"up to {MOST_SENTENCES} are read when the voice begins")
    elif not found:
        reader.wrong(tree, path, "there are no sentences here", "write some, one a line, or name their file")
    return found[:MOST_SENTENCES]


def _layer(reader: Reader, tree: Tree, path: str) -> str:
    """`auto`, or the number of a layer, the first being 1."""
    text = reader.text(tree, path)
    if text in {"auto", ""} or (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 1000):
        return text or "auto"
    reader.wrong(tree, path, f"'{text[:40]}' is no layer", "write auto, or a number; the first layer is 1")
    return "auto"
