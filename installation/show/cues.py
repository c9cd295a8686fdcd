"""`cues:` of a show file: when something, then something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

from installation.show.breaks import BREAKS, breaks
from installation.show.reading import Fields, Reader, name_fault
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
from installation.show.sends import sends
from installation.show.sources import CURVES
from installation.show.spelling import either
from installation.show.structure import Table, Text, Told, Tree, plain
from installation.show.voices import VOICE, by_name

_TRIGGERS = ("at", "after", "when", "on", "word")
_ACTIONS = ("go", "set", *BREAKS, "say", "send", "mark", "follow")
_KEYS = (
    "cue", "in", *_TRIGGERS, "for", "said", *_ACTIONS, "fade", "page", "again", "curve", "hold", "take",
)  # fmt: skip


class _Known:
    """What a cue may speak of."""

    def __init__(
        self,
        signals: Mapping[str, SignalSpec],
        scenes: Mapping[str, SceneSpec],
        targets: tuple[str, ...],
        voices: tuple[str, ...],
    ) -> None:
        self.kinds: Mapping[str, str] = {name: signal.kind for name, signal in signals.items()}
        self.scenes = tuple(scenes)
        self.targets = targets
        self.voices = voices


def cues(
    reader: Reader,
    tree: Tree | None,
    signals: Mapping[str, SignalSpec],
    scenes: Mapping[str, SceneSpec],
    targets: tuple[str, ...] = (),
    voices: tuple[str, ...] = (VOICE,),
) -> tuple[CueSpec, ...]:
    """Every cue, in the file's order. `targets`: whom the venue can send OSC to."""
    known = _Known(signals, scenes, targets, voices)
    found: dict[str, CueSpec] = {}
    follows: dict[str, Tree] = {}
    for n, item in enumerate(reader.items(tree, "cues") if tree else (), 1):
        table = reader.table(item, f"cues[{n}]")
        name = _name(reader, item, table, f"cues[{n}]")
        if name in found:
            line = found[name].line
            reader.wrong(
                item, f"cues[{n}]", f"a cue named '{name}' stands in line {line} already", "rename this one"
            )
            name = f"cues[{n}]"
        found[name] = _cue(reader, name, table, known)
        if follow := table.entries.get("follow"):
            follows[name] = follow
    for name, cue in found.items():
        if cue.follow:
            _check_follow(reader, follows[name], found, cue)
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
    of = Fields(table, path)

    def scene(tree: Tree, path: str) -> str:
        return _scene(reader, tree, path, known)

    within = of(
        "in", lambda tree, path: tuple(scene(item, path) for item in reader.one_or_more(tree, path)), ()
    )
    trigger = _trigger(reader, table, path, known, within)
    _check_company(reader, table, path)
    if not any(action in table.entries for action in _ACTIONS):
        reader.wrong(table, path, "this cue does nothing", f"add {either(_ACTIONS)}")
    return CueSpec(
        name=name,
        scenes=tuple(filter(None, within)),
        trigger=trigger,
        go=of("go", scene, ""),
        fade=of("fade", reader.seconds, 0.0),
        page=cast(Literal["keep", "clear"], of("page", reader.chosen("keep", "clear"), "keep")),
        again=of("again", reader.switch, False),
        set=of("set", lambda tree, path: _set(reader, tree, path), ()),
        curve=cast(Curve, of("curve", reader.chosen(*CURVES), "linear")),
        hold=of("hold", reader.seconds, None),
        take=of("take", reader.switch, False),
        breaks=breaks(reader, table, path, known.voices),
        say=of("say", lambda tree, path: _say(reader, tree, path, known), ()),
        send=of("send", lambda tree, path: sends(reader, tree, path, known.kinds, known.targets), ()),
        mark=cast(Literal["", "keep", "skip"], of("mark", reader.chosen("keep", "skip"), "")),
        follow=of("follow", reader.text, ""),
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
        given = tree.text.strip() if isinstance(tree, Text) else ""
        if given and expression.constant is not None and expression.text == given:
            reader.wrong(tree, here, f"'{given}' never changes, so it never begins to be true",
                         "compare a signal with a number: tide > 0.8")  # fmt: skip
        return When(expression=expression, hold_for=reader.seconds(hold, f"{path}.for") if hold else 0.0)
    return _on(reader, tree, here, known) if key == "on" else _word(reader, table, tree, path, known)


def _on(reader: Reader, tree: Tree, path: str, known: _Known) -> On:
    name = reader.text(tree, path)
    if name and name not in known.kinds:
        reader.wrong_name(tree, path, name, tuple(known.kinds), "signal")
    elif known.kinds.get(name) == "value":
        reader.wrong(tree, path, f"{name} is a value, and a value never happens once",
                     f"write when: {name} > 0.5, or give the signal kind: event")  # fmt: skip
    return On(signal=name)


def _word(reader: Reader, table: Table, tree: Tree, path: str, known: _Known) -> WordIs:
    voice: str | None = None
    said = table.entries.get("said")
    here = f"{path}.word"
    if isinstance(tree, Table):
        inner = reader.table(tree, here, ("voice", "word", "said"))
        said = inner.entries.get("said", said)
        if given := inner.entries.get("voice"):
            voice = reader.text(given, f"{here}.voice")
            if voice and voice not in known.voices:
                reader.wrong_name(given, f"{here}.voice", voice, known.voices, "voice")
        if (found := inner.entries.get("word")) is None:
            reader.wrong(
                tree, here, "the word is missing", f"write {{voice: {known.voices[0]}, word: water}}"
            )
            return WordIs(word="")
        tree = found
    word = reader.text(tree, here).casefold()
    if re.search(r"\s", word):
        reader.wrong(tree, here, f"'{word}' is more than one word", "a cue waits for one word")
    return WordIs(word=word, voice=voice, said=reader.switch(said, f"{path}.said") if said else False)


def _say(reader: Reader, tree: Tree, path: str, known: _Known) -> tuple[tuple[str, str], ...]:
    """A text for the first voice, or `{anna: text, …}`."""

    def template(tree: Tree, path: str) -> str:
        return reader.template(tree, path, known.kinds)

    own = by_name(reader, tree, path, known.voices, template)
    return tuple(own.items()) if own else ((known.voices[0], template(tree, path)),)


def _set(reader: Reader, tree: Tree, path: str) -> tuple[tuple[str, Any], ...]:
    """Addresses and values as they stand; check resolves and reads them."""
    table = reader.table(tree, path)
    if not table.entries:
        reader.wrong(tree, path, "nothing is set", "write {ghosts.rise: 3}")
    return tuple((address, plain(value)) for address, value in table.entries.items()
                 if not isinstance(value, Told))  # fmt: skip


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
