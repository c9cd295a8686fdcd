"""A show file is read: YAML, then one faultless Show or every fault at once. No settings are checked yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

from installation.show.corrections import Corrections
from installation.show.cues import cues
from installation.show.prompts import written
from installation.show.reading import Fields, Reader
from installation.show.scenes import scenes
from installation.show.schema import DARK, Place, SceneSpec, Show, Venue, VoiceSpec
from installation.show.sources import signals
from installation.show.structure import Items, Table, Text, Told, Tree, merged, parsed, plain, planted
from installation.show.vectors import VECTORS
from installation.show.venue import KEYS as VENUE_KEYS
from installation.show.venue import venue as read_venue
from installation.show.voices import VOICE, voices

FORMAT = 1
_SHOW_KEYS = (
    "title",
    "format",
    "start",
    "disclosure",
    "visitors",
    "voice",
    "voices",
    "signals",
    "scenes",
    "cues",
)


def load(path: Path, venue: Path | None = None) -> Show:
    """The show of this file, or of `show.yaml` in this folder, with the venue's file merged over it.

    `venue` None: `venue.yaml` beside the show, where there is one. Raises ShowErrors."""
    show, corrections = draft(path, venue)
    corrections.settle(str(show.file))
    return show


def loads(text: str, folder: Path) -> Show:
    """The show whose `text` this is, as a recording keeps it. Raises ShowErrors."""
    file = folder / "show.yaml"
    place = Place(str(file), 1)
    corrections = Corrections()
    try:
        tree = planted(json.loads(text), place)
    except (ValueError, RecursionError):
        tree = Text(place, "")
        corrections.add(
            place, "", "the text of this show cannot be read", "it is no longer as it was written"
        )
    show = _compose(tree if isinstance(tree, Table) else Table(place), file, (file,), corrections)
    corrections.settle(str(file))
    return show


def venue_alone(file: Path) -> Venue | None:
    """What a venue's file says by itself, None where the file is a show's. Raises ShowErrors."""
    corrections = Corrections()
    tree = _parsed_file(file, corrections, venue=True)
    if tree.entries.keys() & set(_SHOW_KEYS):
        return None
    reader = Reader(corrections, file.parent)
    found = read_venue(reader, reader.table(tree, "", VENUE_KEYS))
    corrections.settle(str(file))
    return found


def draft(path: Path, venue: Path | None = None) -> tuple[Show, Corrections]:
    """The show as far as it can be read, and what is wrong with it.

    What is wrong is replaced by something harmless, so that a second pass finds no echoes of it."""
    file = path / "show.yaml" if path.is_dir() else path
    corrections = Corrections()
    tree = _parsed_file(file, corrections)
    if corrections and not tree.entries:
        keys = ("title", "scenes")
        tree = Table(tree.place, dict.fromkeys(keys, Told(tree.place)), dict.fromkeys(keys, tree.place))
    beside = file.parent / "venue.yaml"
    if venue is None and beside.exists():
        venue = beside
    files = (file,) if venue is None else (file, venue)
    if venue is not None:
        tree = merged(tree, _parsed_file(venue, corrections, venue=True))
    return _compose(tree, file, files, corrections), corrections


def _parsed_file(file: Path, corrections: Corrections, *, venue: bool = False) -> Table:
    start = Place(str(file), 1)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        corrections.add(Place(str(file), line), "", "this line is not UTF-8", "save the file as UTF-8")
        return Table(start)
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else "the file cannot be read"
        corrections.add(start, "", what, "look at its name and folder")
        return Table(start)
    if venue and not text.strip():
        return Table(start)
    tree = parsed(text, str(file), corrections)
    for position, name in _cue_names(tree.entries.get("cues")):
        corrections.rename(str(file), position, name)
    return tree


def _compose(tree: Table, file: Path, files: tuple[Path, ...], corrections: Corrections) -> Show:
    reader = Reader(corrections, file.parent)
    table = reader.table(tree, "", (*_SHOW_KEYS, *VENUE_KEYS))
    of = Fields(table, "")
    place = read_venue(reader, table)
    every_voice = voices(reader, table.entries.get("voice"), table.entries.get("voices"))
    names = tuple(every_voice)
    every_signal = signals(reader, table.entries.get("signals"), names)
    kinds = {name: signal.kind for name, signal in every_signal.items()}
    every_scene = scenes(reader, table.entries.get("scenes"), kinds, names)
    if not every_scene:
        where = table.entries.get("scenes", table)
        reader.wrong(where, "scenes", "a show needs at least one scene", "write scenes: with a name below")
    disclosure = of("disclosure", reader.chosen("corner", "off"), "corner")
    text = _canonical(table, every_scene, every_voice)
    return Show(
        title=_title(reader, table),
        format=of("format", lambda tree, _: _format(reader, tree), FORMAT),
        start=_start(reader, table.entries.get("start"), tuple(every_scene)),
        disclosure=cast(Literal["corner", "off"], disclosure),
        visitors=of("visitors", reader.between(0, 8760), 24.0),
        voices=every_voice,
        signals=every_signal,
        scenes=every_scene,
        cues=cues(reader, table.entries.get("cues"), every_signal, every_scene, tuple(place.send), names),
        venue=place,
        folder=file.parent,
        file=file,
        text=text,
        hash=hashlib.sha256(text.encode()).hexdigest()[:12],
        files=tuple(dict.fromkeys((*files, *reader.files))),
        places=_places(table),
    )


def _title(reader: Reader, table: Table) -> str:
    if title := table.entries.get("title"):
        return reader.text(title, "title")
    reader.wrong(table, "title", "the show has no title", "begin with title: and a name")
    return ""


def _format(reader: Reader, tree: Tree) -> int:
    if reader.text(tree, "format") not in {str(FORMAT), ""}:
        reader.wrong(tree, "format", f"this version reads format {FORMAT}", f"write format: {FORMAT}")
    return FORMAT


def _start(reader: Reader, tree: Tree | None, names: tuple[str, ...]) -> str:
    if tree is None:
        return names[0] if names else DARK
    name = reader.text(tree, "start")
    if name not in (*names, DARK):
        reader.wrong_name(tree, "start", name, (*names, DARK), "scene")
    return name


def _canonical(table: Table, read: Mapping[str, SceneSpec], voices: Mapping[str, VoiceSpec]) -> str:
    """The merged file as JSON, with prompts and sentences in full."""
    whole = plain(table)
    for name, scene in read.items():
        if scene.prompts:
            whole["scenes"][name]["prompt"] = written(scene.prompts)
    for name, voice in voices.items():
        if VECTORS in voice.settings:
            place = whole["voice"] if name == VOICE else whole["voices"][name]
            place[VECTORS] = voice.settings[VECTORS]
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _cue_names(tree: Tree | None) -> list[tuple[str, str]]:
    """Paths of cues by their number, and by the name that they give themselves."""
    found: dict[str, str] = {}
    for n, item in enumerate(tree.items if isinstance(tree, Items) else (), 1):
        name = item.entries.get("cue") if isinstance(item, Table) else None
        if isinstance(name, Text) and name.text and f"cues.{name.text}" not in found.values():
            found[f"cues[{n}]"] = f"cues.{name.text}"
    return list(found.items())


def _places(table: Table) -> dict[str, Place]:
    """Where every path stands; a cue is called by its name."""
    found: dict[str, Place] = {"": table.place}
    names = dict(_cue_names(table.entries.get("cues")))

    def walk(tree: Tree, path: str) -> None:
        path = names.get(path, path)
        found.setdefault(path, tree.place)
        if isinstance(tree, Table):
            for key, entry in tree.entries.items():
                below = f"{path}.{key}".lstrip(".")
                walk(entry, below)
                found.setdefault(f"{below}:", tree.keys[key])
        elif isinstance(tree, Items):
            for n, item in enumerate(tree.items, 1):
                walk(item, f"{path}[{n}]")

    walk(table, "")
    return found
