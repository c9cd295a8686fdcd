"""`voice:` and `voices:` of a show file, and what a scene says of each of them. Settings stay raw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from installation.show.reading import Reader, name_fault
from installation.show.schema import VoiceSpec
from installation.show.structure import Table, Text, Told, Tree, plain
from installation.show.vectors import VECTORS, vectors

VOICE = "voice"
"""The name of a sole voice."""

MOST = 32
"""Voices of one show."""

TAKEN = frozenset({"voice", "voices", "layer", "layers", "installation", "meanwhile"})
"""Words of addresses, and the name of who speaks when nobody can."""

T = TypeVar("T")


def voices(reader: Reader, sole: Tree | None, several: Tree | None) -> Mapping[str, VoiceSpec]:
    """Who speaks, by name, in the file's order; at least one."""
    if several is not None and sole is not None:
        right = "write voice: for a single voice, or voices: with a name for each"
        reader.wrong(several, "voices", "voice: and voices: stand in one show", right)
    if several is None or sole is not None:
        return {VOICE: VoiceSpec(name=VOICE, settings=_whole(reader, sole, VOICE))}
    table = reader.table(several, "voices")
    if not table.entries:
        reader.wrong(several, "voices", "nobody speaks here", "write a name and its settings, as in anna: {}")
    if len(table.entries) > MOST:
        reader.wrong(
            several, "voices", f"{len(table.entries)} voices are too many", f"up to {MOST} can speak"
        )
    found: dict[str, VoiceSpec] = {}
    for name, entry in table.entries.items():
        fault = name_fault(name)
        if name in TAKEN:
            fault = f"'{name}' is a word of addresses; choose another name"
        if fault:
            reader.corrections.add(table.keys[name], f"voices.{name}", fault)
        found[name] = VoiceSpec(name=name, settings=_whole(reader, entry, f"voices.{name}"))
    return found or {VOICE: VoiceSpec(name=VOICE, settings={})}


def path_of(voice: str) -> str:
    """Where a voice stands in the file."""
    return VOICE if voice == VOICE else f"voices.{voice}"


def _whole(reader: Reader, tree: Tree | None, path: str) -> Mapping[str, Any]:
    """The settings of a voice, its vectors with the sentences of their files."""
    found = dict(settings(reader, tree, path))
    if isinstance(tree, Table) and VECTORS in found:
        found[VECTORS] = vectors(reader, tree.entries[VECTORS], f"{path}.{VECTORS}")
    return found


def settings(reader: Reader, tree: Tree | None, path: str) -> Mapping[str, Any]:
    """The settings of a voice or a layer as they stand."""
    table = reader.table(tree, path)
    found: dict[str, Any] = {}
    for key, entry in table.entries.items():
        if isinstance(entry, Text) and entry.empty:
            reader.wrong(entry, f"{path}.{key}", "nothing stands here", "fill it in, or take the key away")
        elif not isinstance(entry, Told):
            found[key] = plain(entry)
    return found


def by_name(
    reader: Reader, tree: Tree, path: str, names: Sequence[str], read: Callable[[Tree, str], T]
) -> Mapping[str, T] | None:
    """What stands under each voice's name, where all keys are names of voices; else None, and a fault
    where some are."""
    if not isinstance(tree, Table):
        return None
    others = [key for key in tree.entries if key not in names]
    known = [key for key in tree.entries if key in names]
    if not known or (others and tuple(names) == (VOICE,)):
        return None
    for key in others:
        reader.corrections.unknown(tree.keys[key], f"{path}.{key}", key, names, "voice")
    return {key: read(tree.entries[key], f"{path}.{key}") for key in known}


def in_scene(
    reader: Reader, table: Table, path: str, names: Sequence[str]
) -> tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]]:
    """What a scene sets of all voices (`voice:`), and of each by its name (`voices:`)."""
    common, several = table.entries.get("voice"), table.entries.get("voices")
    here = f"{path}.voice"
    for_all = dict(settings(reader, common, here))
    if tuple(names) == (VOICE,):
        if several is not None:
            what, right = "this show has a single voice", "write voice: with what is otherwise"
            reader.wrong(several, f"{path}.voices", what, right)
        return for_all, {}
    for name in [key for key in for_all if key in names and isinstance(common, Table)]:
        assert isinstance(common, Table), "settings come from a map"
        what = f"{name} is a voice, and voice: is for all of them"
        reader.corrections.add(common.keys[name], f"{here}.{name}", what, f"write voices: {{{name}: …}}")
        del for_all[name]
    found: dict[str, Mapping[str, Any]] = {}
    own = reader.table(several, f"{path}.voices")
    for name, entry in own.entries.items():
        below = f"{path}.voices.{name}"
        if name in names:
            found[name] = settings(reader, entry, below)
        else:
            reader.corrections.unknown(own.keys[name], below, name, names, "voice")
    return for_all, found
