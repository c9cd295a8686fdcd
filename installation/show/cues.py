"""`cues:` of a show file: when something, then something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from installation.errors import ExpressionError
from installation.show.reading import Reader, name_fault, understood
from installation.show.schema import (
    DARK,
    After,
    At,
    CueSpec,
    Curve,
    Go,
    On,
    SceneSpec,
    SignalSpec,
    Trigger,
    When,
    WordIs,
)
from installation.show.sources import CURVES
from installation.show.structure import Table, Text, Told, Tree, plain

_TRIGGERS = ("at", "after", "when", "on", "word")
_ACTIONS = ("go", "set", "say", "send", "mark", "follow")
_KEYS = (
    "cue", "in", *_TRIGGERS, "for", "said", *_ACTIONS, "fade", "page", "again", "curve", "hold", "take",
)  # fmt: skip
_MOST_ARGUMENTS = 64


class _Known:
    """What a cue may speak of."""

    def __init__(
        self, signals: Mapping[str, SignalSpec], scenes: Mapping[str, SceneSpec], targets: tuple[str, ...]
    ) -> None:
        self.kinds: Mapping[str, str] = {name: signal.kind for name, signal in signals.items()}
        self.scenes = tuple(scenes)
        self.targets = targets


def cues(
    reader: Reader,
    tree: Tree | None,
    signals: Mapping[str, SignalSpec],
    scenes: Mapping[str, SceneSpec],
    targets: tuple[str, ...] = (),
) -> tuple[CueSpec, ...]:
    """Every cue, in the file's order. `targets`: whom the venue can send OSC to."""
    known = _Known(signals, scenes, targets)
    found: dict[str, CueSpec] = {}
    places: dict[str, Tree] = {}
    for n, item in enumerate(reader.items(tree, "cues") if tree else (), 1):
        table = reader.table(item, f"cues[{n}]")
        name = _name(reader, item, table, f"cues[{n}]")
        if name in found:
            line = found[name].line
            reader.wrong(
                item, f"cues[{n}]", f"a cue named '{name}' stands in line {line} already", "rename this one"
            )
            name = f"{name} ({n})"
        found[name] = _cue(reader, name, table, known)
        places[name] = item
    for name, cue in found.items():
        if cue.follow:
            _check_follow(reader, places[name], found, cue)
    return tuple(found.values())


_BELONGS = {
    "for": ("when",),
    "said": ("word",),
    "page": ("go",),
    "again": ("go",),
    "fade": ("go", "set"),
    "curve": ("set",),
    "hold": ("set",),
    "take": ("set",),
}


def _check_company(reader: Reader, table: Table, path: str) -> None:
    """Some keys say something only beside another."""
    for key, others in _BELONGS.items():
        if key in table.entries and not any(other in table.entries for other in others):
            other = "' or '".join(others)
            what = f"'{key}' says nothing without '{other}'"
            reader.corrections.add(table.keys[key], f"{path}.{key}", what, "take it away, or add the other")


def _name(reader: Reader, item: Tree, table: Table, path: str) -> str:
    if (given := table.entries.get("cue")) is None:
        if isinstance(item, Table):
            reader.wrong(item, path, "this cue has no name", "begin it with cue: and a name")
        return path
    name = reader.text(given, f"{path}.cue")
    if name and (fault := name_fault(name, words=True)):
        reader.wrong(given, f"{path}.cue", fault)
    return name or path


def _cue(reader: Reader, name: str, table: Table, known: _Known) -> CueSpec:
    path = name if name.startswith("cues[") else f"cues.{name}"
    reader.table(table, path, _KEYS)
    get = table.entries.get
    listed = reader.one_or_more(tree, f"{path}.in") if (tree := get("in")) else ()
    within = tuple(_scene(reader, item, f"{path}.in", known) for item in listed)
    trigger = _trigger(reader, table, path, known, within)
    _check_company(reader, table, path)
    if not any(action in table.entries for action in _ACTIONS):
        reader.wrong(table, path, "this cue does nothing", f"add one of {', '.join(_ACTIONS)}")
    mark = reader.choice(tree, f"{path}.mark", ("keep", "skip")) if (tree := get("mark")) else ""
    page = reader.choice(tree, f"{path}.page", ("keep", "clear")) if (tree := get("page")) else "keep"
    curve = reader.choice(tree, f"{path}.curve", CURVES) if (tree := get("curve")) else "linear"
    return CueSpec(
        name=name,
        scenes=tuple(scene for scene in within if scene),
        trigger=trigger,
        go=_scene(reader, tree, f"{path}.go", known) if (tree := get("go")) else "",
        fade=reader.seconds(tree, f"{path}.fade") if (tree := get("fade")) else 0.0,
        page=cast(Literal["keep", "clear"], page),
        again=reader.switch(tree, f"{path}.again") if (tree := get("again")) else False,
        set=_set(reader, tree, f"{path}.set") if (tree := get("set")) else (),
        curve=cast(Curve, curve),
        hold=reader.seconds(tree, f"{path}.hold") if (tree := get("hold")) else None,
        take=reader.switch(tree, f"{path}.take") if (tree := get("take")) else False,
        say=reader.template(tree, f"{path}.say", known.kinds) if (tree := get("say")) else "",
        send=_send(reader, tree, f"{path}.send", known) if (tree := get("send")) else (),
        mark=cast(Literal["", "keep", "skip"], mark),
        follow=reader.text(tree, f"{path}.follow") if (tree := get("follow")) else "",
        line=table.place.line,
        path=path,
    )


def _scene(reader: Reader, tree: Tree, path: str, known: _Known) -> str:
    name = reader.text(tree, path)
    options = (*known.scenes, DARK)
    if name and name not in options:
        reader.wrong_name(tree, path, name, options, "scene")
        return ""
    return name


def _trigger(reader: Reader, table: Table, path: str, known: _Known, within: tuple[str, ...]) -> Trigger:
    present = [key for key in _TRIGGERS if key in table.entries]
    if not present:
        return Go()
    if len(present) > 1:
        where = table.keys[present[1]]
        what = f"one cue waits for one thing, and this has {' and '.join(present)}"
        reader.corrections.add(where, path, what, "make two cues of it")
    key = present[0]
    tree, here = table.entries[key], f"{path}.{key}"
    if key == "at" and len(within) != 1:
        reader.corrections.add(table.keys[key], here, "'at' counts from the beginning of one scene",
                               "add in: [scene], or write after:, from the show's beginning")  # fmt: skip
    if key in {"at", "after"}:
        seconds = reader.seconds(tree, here)
        return At(seconds=seconds) if key == "at" else After(seconds=seconds)
    if key == "when":
        hold = table.entries.get("for")
        expression = reader.expression(tree, here, known.kinds)
        if expression.constant is not None and isinstance(tree, Text) and tree.text.strip():
            reader.wrong(tree, here, f"'{tree.text.strip()}' never changes, so it never begins to be true",
                         "compare a signal with a number: tide > 0.8")  # fmt: skip
        return When(expression=expression, hold_for=reader.seconds(hold, f"{path}.for") if hold else 0.0)
    return _on(reader, tree, here, known) if key == "on" else _word(reader, table, tree, path)


def _on(reader: Reader, tree: Tree, path: str, known: _Known) -> On:
    name = reader.text(tree, path)
    if name and name not in known.kinds:
        reader.wrong_name(tree, path, name, tuple(known.kinds), "signal")
    elif known.kinds.get(name) == "value":
        reader.wrong(tree, path, f"{name} is a value, and a value never happens once",
                     f"write when: {name} > 0.5, or give the signal kind: event")  # fmt: skip
    return On(signal=name)


def _word(reader: Reader, table: Table, tree: Tree, path: str) -> WordIs:
    voice: str | None = None
    said = table.entries.get("said")
    here = f"{path}.word"
    if isinstance(tree, Table):
        inner = reader.table(tree, here, ("voice", "word", "said"))
        said = inner.entries.get("said", said)
        if given := inner.entries.get("voice"):
            voice = reader.text(given, f"{here}.voice")
            if voice and voice != "voice":
                reader.wrong_name(given, f"{here}.voice", voice, ("voice",), "voice")
        if (found := inner.entries.get("word")) is None:
            reader.wrong(tree, here, "the word is missing", "write {voice: voice, word: water}")
            return WordIs(word="")
        tree = found
    word = reader.text(tree, here).casefold()
    if re.search(r"\s", word):
        reader.wrong(tree, here, f"'{word}' is more than one word", "a cue waits for one word")
    return WordIs(word=word, voice=voice, said=reader.switch(said, f"{path}.said") if said else False)


def _set(reader: Reader, tree: Tree, path: str) -> tuple[tuple[str, Any], ...]:
    """Addresses and values as they stand; check resolves and reads them."""
    table = reader.table(tree, path)
    if not table.entries:
        reader.wrong(tree, path, "nothing is set", "write {ghosts.rise: 3}")
    return tuple((address, plain(value)) for address, value in table.entries.items()
                 if not isinstance(value, Told))  # fmt: skip


def _send(reader: Reader, tree: Tree, path: str, known: _Known) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    table = reader.table(tree, path)
    found = []
    for target, value in table.entries.items():
        here = f"{path}.{target}"
        resolved = _target(target)
        if resolved is None:
            reader.corrections.add(
                table.keys[target], here, f"'{target}' is neither an OSC address nor an MQTT topic",
                "write /address, name:/address or some/topic",
            )  # fmt: skip
            continue
        if (
            target[0] != "/"
            and resolved.startswith("osc:")
            and (name := target.partition(":")[0]) not in known.targets
        ):
            reader.corrections.unknown(
                table.keys[target], here, name, known.targets, "target in the venue's send:"
            )
        empty = isinstance(value, Text) and value.empty
        items = () if empty else reader.one_or_more(value, here)
        if len(items) > _MOST_ARGUMENTS:
            reader.wrong(
                value, here, f"these are {len(items)} arguments", f"at most {_MOST_ARGUMENTS} can be sent"
            )
        found.append((resolved, tuple(_argument(reader, item, here, known) for item in items)))
    return tuple(found)


def _target(text: str) -> str | None:
    if re.fullmatch(r"(/[^\s#*,?\[\]{}/]+)+", text):
        return f"osc:{text}"
    if re.fullmatch(r"[a-z][a-z0-9_]*:(/[^\s#*,?\[\]{}/]+)+", text):
        return f"osc:{text}"
    if re.fullmatch(r"[^\s#+:\x00/][^\s#+:\x00]*", text):
        return f"mqtt:{text}"
    return None


def _argument(reader: Reader, tree: Tree, path: str, known: _Known) -> Any:
    """A bare number is a float, `{expression}` alone is a number, everything else is a text."""
    if not isinstance(tree, Text):
        reader.wrong(tree, path, "a number or a text can be sent", "a text with { } needs quotes")
        return ""
    text = tree.text.strip()
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text, re.ASCII):
        return reader.number(tree, path)
    alone = re.fullmatch(r"\{([^{}]*)\}", text)
    if alone and known.kinds.get(alone[1].strip()) != "text":
        try:
            return understood(alone[1].strip(), known.kinds)
        except ExpressionError as error:
            reader.wrong(tree, path, str(error))
            return ""
    return reader.template(tree, path, known.kinds) if text else text


def _check_follow(reader: Reader, tree: Tree, found: Mapping[str, CueSpec], cue: CueSpec) -> None:
    """The next cue exists, and none follows itself in the end."""
    if cue.follow not in found:
        reader.wrong_name(tree, f"{cue.path}.follow", cue.follow, tuple(found), "cue")
        return
    seen, name = {cue.name}, cue.follow
    while name in found and name not in seen:
        seen.add(name)
        name = found[name].follow
    if name == cue.name:
        reader.wrong(tree, f"{cue.path}.follow", "in the end this cue follows itself",
                     "break the circle; what repeats begins with when: or on:")  # fmt: skip
