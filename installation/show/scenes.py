"""`voice:` and `scenes:` of a show file. Settings stay raw: check reads them with the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from installation.show.prompts import VOICE, prompts
from installation.show.reading import Fields, Reader, name_fault
from installation.show.schema import DARK, LayerSpec, SceneSpec, VoiceSpec
from installation.show.structure import Table, Text, Told, Tree, plain

_NOT_YET = {
    "adapter": "adapters are not built in this version",
    "voices": "this version speaks with one voice",
}
_SCENE = ("prompt", "voice", "layers", "meanwhile")


def voices(reader: Reader, tree: Tree | None, several: Tree | None) -> Mapping[str, VoiceSpec]:
    """The show's one voice. Several are a fault in this version."""
    if several is not None:
        reader.wrong(several, "voices", _NOT_YET["voices"], "write voice: with the settings of one")
    return {VOICE: VoiceSpec(name=VOICE, settings=_settings(reader, tree, "voice"))}


def scenes(reader: Reader, tree: Tree | None, kinds: Mapping[str, str]) -> Mapping[str, SceneSpec]:
    """Every scene by its name, in the file's order; `kinds` are the show's signals."""
    table = reader.table(tree, "scenes")
    found: dict[str, SceneSpec] = {}
    for name, entry in table.entries.items():
        path = f"scenes.{name}"
        if name == DARK:
            reader.corrections.add(
                table.keys[name], path, "dark is built in", "choose another name for this scene"
            )
        elif fault := name_fault(name, words=True):
            reader.corrections.add(table.keys[name], path, fault)
        found[name] = _scene(reader, name, entry, path, kinds)
    return found


def _scene(reader: Reader, name: str, tree: Tree, path: str, kinds: Mapping[str, str]) -> SceneSpec:
    table = reader.table(tree, path, _SCENE)
    of = Fields(table, path)

    def lines(tree: Tree, path: str) -> tuple[str, ...]:
        return tuple(reader.text(line, path) for line in reader.one_or_more(tree, path))

    return SceneSpec(
        name=name,
        prompts=of("prompt", lambda tree, path: prompts(reader, tree, path, kinds), {}),
        voice=_settings(reader, table.entries.get("voice"), f"{path}.voice"),
        layers=of("layers", lambda tree, path: _layers(reader, tree, path), ()),
        meanwhile=of("meanwhile", lines, ()),
    )


def _settings(reader: Reader, tree: Tree | None, path: str) -> Mapping[str, Any]:
    table = reader.table(tree, path)
    found: dict[str, Any] = {}
    for key, entry in table.entries.items():
        if key in _NOT_YET:
            reader.corrections.add(table.keys[key], f"{path}.{key}", _NOT_YET[key], "take it away")
        elif isinstance(entry, Text) and entry.empty:
            reader.wrong(entry, f"{path}.{key}", "nothing stands here", "fill it in, or take the key away")
        elif not isinstance(entry, Told):
            found[key] = plain(entry)
    return found


def _layers(reader: Reader, tree: Tree, path: str) -> tuple[LayerSpec, ...]:
    found: list[LayerSpec] = []
    for n, item in enumerate(reader.items(tree, path), 1):
        layer = _layer(reader, item, f"{path}[{n}]")
        if layer is None:
            continue
        twin = next((other for other in found if other.name == layer.name), None)
        if twin is not None:
            alike = "of the kind" if twin.kind == layer.kind == layer.name else "named"
            what = f"two layers of this scene are {alike} {layer.name}"
            reader.wrong(item, layer.path, what, "give this one a name of its own: name: another")
        found.append(layer)
    return tuple(found)


def _layer(reader: Reader, item: Tree, path: str) -> LayerSpec | None:
    """`confluence`, or `ghosts: {rise: 2}`."""
    if isinstance(item, Text):
        kind = reader.text(item, path)
        return LayerSpec(kind=kind, name=kind, settings={}, path=f"{path}.{kind}") if kind else None
    table = reader.table(item, path)
    if len(table.entries) != 1:
        if table.entries:
            first, *more = table.entries
            what = f"one layer belongs here, and beside {first} stands {', '.join(more)}"
            reader.wrong(item, path, what, f"indent its settings below it, or write - {first}: {{…}}")
        return None
    ((kind, inner),) = table.entries.items()
    path = f"{path}.{kind}"
    settings = dict(_settings(reader, inner, path))
    name = kind
    if isinstance(inner, Table) and (given := inner.entries.get("name")):
        settings.pop("name", None)
        name = reader.text(given, f"{path}.name") or kind
        if fault := name_fault(name):
            reader.wrong(given, f"{path}.name", fault)
    return LayerSpec(kind=kind, name=name, settings=settings, path=path)
