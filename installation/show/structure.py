"""YAML for structure only: maps, lists and texts, each with its place; no value has a type yet.

Tags, anchors, aliases and merge keys are refused, so nothing is built that the file does not spell out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, TypeAlias, Union

import yaml

from installation.show.corrections import Corrections
from installation.show.mishaps import bare_colour, comma_in_braces, missing_space, syntax
from installation.show.schema import Place

LARGEST = 1_000_000
"""Bytes of a file."""

DEEPEST = 20
"""Maps and lists inside one another."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as it stands in the file; `empty` where nothing stands, not even quotes."""

    place: Place
    text: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A map. `keys` tells where each key stands."""

    place: Place
    entries: Mapping[str, Tree] = field(default_factory=dict)
    keys: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Something unreadable whose fault is already noted: readers say nothing more about it."""

    place: Place


Tree: TypeAlias = Union[Text, Table, Items, Told]
Pair: TypeAlias = tuple[str, Place, Tree]


def parsed(text: str, file: str, corrections: Corrections) -> Table:
    """The file's map; empty, with the fault noted, where it is none."""
    start = Place(file, 1)
    if len(text.encode()) > LARGEST:
        corrections.add(
            start, "", "the file is larger than a megabyte", "keep long texts in files of their own"
        )
        return Table(start)
    try:
        tree = _Builder(text, file, corrections).whole()
    except yaml.YAMLError as error:
        corrections.add(*syntax(error, text, file))
        return Table(start)
    except _TooDeep as error:
        corrections.add(
            error.place, "", f"maps and lists are nested more than {DEEPEST} deep", "say it flatter"
        )
        return Table(start)
    if isinstance(tree, Table):
        return tree
    if not isinstance(tree, Told):
        corrections.add(tree.place, "", "this is not a show", "it begins with lines like title: Tide")
    return Table(start)


def merged(below: Table, above: Table) -> Table:
    """`below` with everything that `above` says instead; lists are replaced whole."""
    entries, keys = dict(below.entries), {**below.keys, **above.keys}
    for key, tree in above.entries.items():
        under = entries.get(key)
        both = isinstance(under, Table) and isinstance(tree, Table)
        entries[key] = merged(under, tree) if both else tree  # type: ignore[arg-type]
    return Table(below.place, entries, keys)


def plain(tree: Tree) -> Any:
    """Dicts, lists and texts without their places; None where nothing stands."""
    match tree:
        case Text(text=text, empty=empty):
            return None if empty else text
        case Table(entries=entries):
            return {key: plain(value) for key, value in entries.items()}
        case Items(items=items):
            return [plain(item) for item in items]
    return None


def planted(value: Any, place: Place) -> Tree:
    """The tree of what `plain` gave, everything at one place."""
    match value:
        case dict():
            entries = {str(key): planted(item, place) for key, item in value.items()}
            return Table(place, entries, dict.fromkeys(entries, place))
        case list():
            return Items(place, tuple(planted(item, place) for item in value))
    return Text(place, "" if value is None else str(value), empty=value is None)


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class _Builder:
    """Takes the parser's events one by one; recursion is bounded by DEEPEST."""

    def __init__(self, text: str, file: str, corrections: Corrections) -> None:
        self.lines = text.splitlines()
        self.file = file
        self.corrections = corrections
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))

    def whole(self) -> Tree:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return Text(Place(self.file, 1), "", empty=True)
        tree = self.tree(next(self.events), "", 0)
        next(self.events)
        if not isinstance(after := next(self.events), yaml.StreamEndEvent):
            self.fault(self.place(after), "", "a second document begins here", "take the line --- away")
        return tree

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def fault(self, place: Place, path: str, what: str, right: str) -> Told:
        self.corrections.add(place, path, what, right)
        return Told(place)

    def tree(self, event: Any, path: str, depth: int) -> Tree:
        place = self.place(event)
        if isinstance(event, yaml.AliasEvent):
            return self.fault(
                place, path, f"*{event.anchor} is an alias, and aliases are not read here",
                "write it out, or put quotes around a text that begins with *",
            )  # fmt: skip
        for sign, mark, noun in (("&", event.anchor, "anchor"), ("!", event.tag, "tag")):
            if mark is not None:
                shown = f"&{mark}" if sign == "&" else mark.replace("tag:yaml.org,2002:", "!!")
                self.fault(
                    place, path, f"{shown} is a{'n' * (sign == '&')} {noun}, and {noun}s are not read here",
                    f"take it away, or put quotes around a text that begins with {sign}",
                )  # fmt: skip
        if depth >= DEEPEST and not isinstance(event, yaml.ScalarEvent):
            raise _TooDeep(place)
        if isinstance(event, yaml.ScalarEvent):
            return Text(place, event.value, empty=event.value == "" and not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(place, tuple(self.items(path, depth)))
        return self.table(place, path, depth)

    def items(self, path: str, depth: int) -> Iterator[Tree]:
        n = 1
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.tree(event, f"{path}[{n}]", depth + 1)
            n += 1

    def table(self, place: Place, path: str, depth: int) -> Table:
        pairs: list[Pair] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.tree(event, path, depth + 1)
            below = f"{path}.{key.text}".lstrip(".") if isinstance(key, Text) else path
            value = self.tree(next(self.events), below, depth + 1)
            if isinstance(key, Text):
                pairs.append((key.text, key.place, value))
            elif not isinstance(key, Told):
                self.fault(key.place, path, "a map or list stands where a name is expected",
                           "a text with { } or [ ] needs quotes")  # fmt: skip
        entries: dict[str, Tree] = {}
        keys: dict[str, Place] = {}
        for key_text, where, value in self.mended(pairs, path):
            here = f"{path}.{key_text}".lstrip(".")
            if key_text in entries:
                self.fault(where, here, f"'{key_text}' stands here a second time",
                           f"it already stands in line {keys[key_text].line}; keep one")  # fmt: skip
            elif key_text == "<<":
                self.fault(where, path, "<< merges maps, and that is not read here", "write it out")
            else:
                entries[key_text], keys[key_text] = value, where
        return Table(place, entries, keys)

    def mended(self, pairs: list[Pair], path: str) -> Iterator[Pair]:
        """The pairs without those that only a slip has made: their faults are noted."""
        skip = 0
        for i, pair in enumerate(pairs):
            if skip:
                skip -= 1
                continue
            key, where, value = pair
            here = f"{path}.{key}".lstrip(".")
            if isinstance(value, Text) and not value.empty:
                rest = [k for k, _, v in takewhile(_bare, pairs[i + 1 :])]
                skip, sentence = comma_in_braces(key, value.text, rest)
                yield key, where, self.fault(value.place, here, *sentence) if skip else value
            else:
                yield self.completed(key, where, value, path) if _bare(pair) else pair

    def completed(self, key: str, where: Place, value: Tree, path: str) -> Pair:
        """A key after which nothing stands, unless a slip is the reason: then that is noted."""
        here = f"{path}.{key}".lstrip(".")
        if slip := missing_space(key):
            name = key.split(":", maxsplit=1)[0]
            return name, where, self.fault(where, f"{path}.{name}".lstrip("."), *slip)
        line = self.lines[where.line - 1] if where.line <= len(self.lines) else ""
        if slip := bare_colour(line, key):
            return key, where, self.fault(where, here, *slip)
        return key, where, value


def _bare(pair: Pair) -> bool:
    return isinstance(pair[2], Text) and pair[2].empty
