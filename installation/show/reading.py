"""Reads one value of the tree as what its field asks for. A wrong one is noted and a harmless one given."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from installation.errors import ExpressionError
from installation.show.corrections import Corrections
from installation.show.expression import Expression
from installation.show.functions import USAGES
from installation.show.schema import Place
from installation.show.spelling import either
from installation.show.structure import Items, Table, Text, Told, Tree
from installation.show.template import blanks
from installation.show.tokens import OWN_NAMES

RESERVED = OWN_NAMES | frozenset(USAGES) | frozenset(word for word in keyword.kwlist if word.islower())
LONGEST_PROMPT = 100_000

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_UNIT = re.compile(r"([0-9.]+)\s*([A-Za-z%]+)")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):([0-5]\d(?:\.\d+)?)")
_YES = frozenset(("true", "yes", "on"))
_NO = frozenset(("false", "no", "off"))


T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one map. `fields(key, read, otherwise)` reads one, or gives what holds without it."""

    table: Table
    path: str

    def __call__(self, key: str, read: Callable[[Tree, str], T], otherwise: U) -> T | U:
        tree = self.table.entries.get(key)
        return otherwise if tree is None else read(tree, f"{self.path}.{key}".lstrip("."))


class Reader:
    """Notes faults in `corrections`; finds files in `folder` and remembers them in `files`."""

    def __init__(self, corrections: Corrections, folder: Path) -> None:
        self.corrections = corrections
        self.folder = folder
        self.files: list[Path] = []

    def wrong(self, tree: Tree, path: str, what: str, right: str = "") -> None:
        """Note a fault, unless one is noted for this place already."""
        if not isinstance(tree, Told):
            self.corrections.add(tree.place, path, what, right)

    def table(self, tree: Tree | None, path: str, known: Collection[str] | None = None) -> Table:
        """A map whose keys are among `known`; others are noted. Nothing at all is an empty map."""
        if not isinstance(tree, Table):
            if tree is not None and not (isinstance(tree, Text) and tree.empty):
                self.wrong(tree, path, "a map belongs here", "write it as key: value")
            return Table(tree.place) if tree is not None else _NOTHING
        if known is not None:
            for key in tree.entries:
                if key not in known:
                    here = f"{path}.{key}".lstrip(".")
                    self.corrections.unknown(tree.keys[key], here, key, known, "key")
        return tree

    def items(self, tree: Tree, path: str) -> tuple[Tree, ...]:
        """A list."""
        if isinstance(tree, Items):
            return tree.items
        if not (isinstance(tree, Text) and tree.empty):
            self.wrong(tree, path, "a list belongs here", "write [one, another], or a line with - for each")
        return ()

    def one_or_more(self, tree: Tree, path: str) -> tuple[Tree, ...]:
        """A list, or the one thing that would stand in it."""
        return self.items(tree, path) if isinstance(tree, Items) else (tree,)

    def text(self, tree: Tree, path: str) -> str:
        """A text that is not empty."""
        if isinstance(tree, Text):
            if not tree.text.strip():
                self.wrong(tree, path, "nothing stands here", "fill it in, or take the key away")
            return tree.text.strip()
        right = "a text with { } or [ ] needs quotes"
        self.wrong(tree, path, "a text belongs here, not a map or a list", right)
        return ""

    def choice(self, tree: Tree, path: str, options: Collection[str]) -> str:
        """One of some words; the first where it is none of them."""
        text = self.text(tree, path)
        if text and text not in options:
            self.wrong(tree, path, f"'{text}' is not possible here", f"write {either(options)}")
        return text if text in options else next(iter(options))

    def chosen(self, *options: str) -> Callable[[Tree, str], str]:
        """Reads one of these words."""
        return lambda tree, path: self.choice(tree, path, options)

    def between(self, low: float, high: float) -> Callable[[Tree, str], float]:
        """Reads a number of this range."""
        return lambda tree, path: self.number(tree, path, low, high)

    def switch(self, tree: Tree, path: str) -> bool:
        """Yes or no."""
        text = self.text(tree, path).lower()
        if text and text not in _YES | _NO:
            self.wrong(tree, path, f"'{text}' is neither yes nor no", "write true or false")
        return text in _YES

    def number(self, tree: Tree, path: str, low: float = -1e12, high: float = 1e12) -> float:
        """A number that does not move; `1 / 3` is one too."""
        text = self.text(tree, path)
        if not text:
            return max(low, min(high, 0.0))
        try:
            value = Expression.parse(text).constant
        except ExpressionError:
            value = None
        if value is None:
            self.wrong(tree, path, f"'{text}' is not a plain number",
                       without_unit(text, ()) or "this one is set once and takes no expression")  # fmt: skip
        elif not low <= value <= high:
            self.wrong(tree, path, f"{text} is out of range", f"from {low:.10g} to {high:.10g} is possible")
        else:
            return value
        return max(low, min(high, 1.0))

    def seconds(self, tree: Tree, path: str) -> float:
        """A time: seconds, or minutes and seconds as 1:30."""
        if isinstance(tree, Text) and (found := _CLOCK.fullmatch(tree.text.strip())):
            hours, minutes, rest = (float(part or 0) for part in found.groups())
            return hours * 3600 + minutes * 60 + rest
        return self.number(tree, path, 0, 1e6)

    def expression(self, tree: Tree, path: str, kinds: Mapping[str, str]) -> Expression:
        """An expression in which the signals `kinds` are known."""
        text = self.text(tree, path)
        if text:
            try:
                return understood(text, kinds)
            except ExpressionError as error:
                self.wrong(tree, path, str(error))
        return Expression.of(0)

    def template(self, tree: Tree, path: str, names: Collection[str]) -> str:
        """A text to be spoken or sent, whose blanks are among `names`."""
        text = self.text(tree, path)
        try:
            for name in blanks(text):
                if name not in names:
                    self.wrong_name(tree, path, name, names, "signal")
        except ExpressionError as error:
            self.wrong(tree, path, str(error))
        return text

    def wrong_name(self, tree: Tree, path: str, name: str, known: Collection[str], what: str) -> None:
        """Note that nothing is called so."""
        if name and not isinstance(tree, Told):
            self.corrections.unknown(tree.place, path, name, known, what)

    def prompt(self, tree: Tree, path: str) -> str:
        """A text, or the text of the file that it names."""
        text = self.text(tree, path)
        if " " in text or "\n" in text or not text.endswith((".txt", ".md")):
            return text
        file = self.folder / text
        self.files.append(file)
        try:
            if not file.resolve().is_relative_to(self.folder.resolve()):
                self.wrong(
                    tree, path, f"'{text}' lies outside the show's folder", "keep texts beside the show file"
                )
                return ""
            words = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.wrong(tree, path, f"the file {text} is not UTF-8", "save it as UTF-8 in your editor")
        except (OSError, ValueError):
            self.wrong(tree, path, f"there is no file {text} beside the show file", self._beside(file))
        else:
            if not words.strip() or len(words) > LONGEST_PROMPT:
                state = "larger than 100 000 characters" if words.strip() else "empty"
                self.wrong(tree, path, f"the file {text} is {state}", "a prompt is some sentences long")
            return words.strip()[:LONGEST_PROMPT]
        return ""

    def _beside(self, file: Path) -> str:
        others = sorted(p.name for p in file.parent.glob("*") if p.suffix in {".txt", ".md"})[:8]
        return (
            f"{file.parent.name} holds {', '.join(others)}"
            if others
            else "write it, or put the text itself here"
        )


def name_fault(name: str, *, words: bool = False, spoken: bool = True) -> str:
    """Why this cannot be a name, as `what; right`, or ``.

    Scenes and cues may be `words`. What is not `spoken` of in expressions may be called max."""
    if words:
        if re.search(r"[#*,/?\[\]{}\x00-\x1f]", name) or name != name.strip() or not name or len(name) > 64:
            return f"'{name}' cannot be a name; leave out # * , / ? [ ] {{ }} and keep it under 64 letters"
        return ""
    if spoken and name in RESERVED:
        return f"'{name}' is a word of the expressions; choose another name"
    if not _NAME.fullmatch(name):
        fit = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:63]
        like = f"; write it like {fit}" if _NAME.fullmatch(fit) else ""
        return f"'{name}' cannot be a name: a small letter, then small letters, digits and _" + like
    return ""


def understood(text: str, kinds: Mapping[str, str]) -> Expression:
    """The expression, where `kinds` says of each signal: value, event or text. Raises ExpressionError."""
    expression = Expression.parse(text, kinds)
    for name in sorted(expression.signals):
        asked = {
            key.partition("(")[0]
            for key in expression.names
            if key.startswith((f"raw({name})", f"arg({name},"))
        }
        if kinds[name] == "text":
            raise ExpressionError(
                f"{name} is a text and has no number; let a cue wait for it with on: {name}"
            )
        if kinds[name] == "value" and "arg" in asked:
            raise ExpressionError(f"arg asks an event, and {name} is a value; write {name} or raw({name})")
        if kinds[name] == "event" and "raw" in asked:
            raise ExpressionError(f"raw asks a value, and {name} is an event; write arg({name}, 1)")
    return expression


def without_unit(text: str, kinds: Collection[str]) -> str:
    """How `3 s` is written, or `` where no unit stands."""
    found = _UNIT.fullmatch(text.strip())
    unit = found is not None and found[2] not in kinds and found[2] not in RESERVED
    return f"write it without its unit: {found[1]}" if found and unit else ""


_NOTHING = Table(Place("", 1))
