"""`scenes:` of a show file. Settings stay raw: check reads them with the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from installation.show.prompts import prompts
from installation.show.reading import Fields, Reader, name_fault
from installation.show.schema import DARK, LayerSpec, SceneSpec
from installation.show.structure import Table, Text, Tree
from installation.show.voices import by_name, in_scene, settings

_SCENE = ("prompt", "voice", "voices", "layers", "meanwhile")


def scenes(
    reader: Reader, tree: Tree | None, kinds: Mapping[str, str], names: Sequence[str]
) -> Mapping[str, SceneSpec]:
    """Every scene by its name, in the file's order; `kinds` are the show's signals, `names` its voices."""
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
        found[name] = _scene(reader, name, entry, path, kinds, names)
    return found


def _scene(
    reader: Reader, name: str, tree: Tree, path: str, kinds: Mapping[str, str], names: Sequence[str]
) -> SceneSpec:
    table = reader.table(tree, path, _SCENE)
    of = Fields(table, path)
    for_all, of_each = in_scene(reader, table, path, names)
    return SceneSpec(
        name=name,
        prompts=of("prompt", lambda tree, path: prompts(reader, tree, path, kinds, names), {}),
        voice=for_all,
        voices=of_each,
        layers=of("layers", lambda tree, path: _layers(reader, tree, path), ()),
        meanwhile=of("meanwhile", lambda tree, path: _meanwhile(reader, tree, path, names), {}),
    )


def _meanwhile(reader: Reader, tree: Tree, path: str, names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Each voice's lines. Those for all begin with another one for each, so that voices that are
    lost together do not speak in chorus."""

    def lines(tree: Tree, path: str) -> tuple[str, ...]:
        return tuple(reader.text(line, path) for line in reader.one_or_more(tree, path))

    own = by_name(reader, tree, path, names, lines)
    if own is not None:
        return own
    common = lines(tree, path)
    starts = [n % max(1, len(common)) for n in range(len(names))]
    return {name: common[at:] + common[:at] for name, at in zip(names, starts, strict=True)}


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
    own = dict(settings(reader, inner, path))
    name = kind
    if isinstance(inner, Table) and (given := inner.entries.get("name")):
        own.pop("name", None)
        name = reader.text(given, f"{path}.name") or kind
        if fault := name_fault(name):
            reader.wrong(given, f"{path}.name", fault)
    return LayerSpec(kind=kind, name=name, settings=own, path=path)
