"""The second pass over a show: settings and addresses, against what exists. Imports nothing heavy."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation.errors import InstallationError
from installation.show import texts
from installation.show.adapters import lora
from installation.show.corrections import Corrections
from installation.show.load import draft
from installation.show.parameter import Settings, needed
from installation.show.schema import CueSpec, LayerSpec, Place, SceneSpec, Show, VoiceSpec
from installation.show.settings import SettingsReader
from installation.show.spelling import listed, suggestion
from installation.show.vectors import VECTORS, leaning, names
from installation.show.voices import VOICE, path_of


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists: the settings of each kind of layer and of each kind of voice.

    `resolve` tells of a show's `model`, and its folder, which kind of voice it means; it raises an
    InstallationError for what does not exist. None: every model is of the first kind. `fault` tells what
    is wrong with a voice's settings as a whole: of which, what, and what would be right. `adapting`: the
    kinds that an adapter can be merged into, None: all."""

    layers: Mapping[str, type[Settings]]
    voices: Mapping[str, type[Settings]]
    resolve: Callable[[str, Path], tuple[str, str]] | None = None
    fault: Callable[[Mapping[str, Any]], tuple[str, str, str] | None] | None = None
    adapting: frozenset[str] | None = None


def read(path: Path, catalogue: Catalogue, venue: Path | None = None) -> Show:
    """Load and check in one: raises ShowErrors with the faults of both passes."""
    show, corrections = draft(path, venue)
    checked = _Check(show, catalogue)
    whole = checked.show()
    corrections.include(checked.corrections)
    corrections.settle(str(show.file))
    return whole


def check(show: Show, catalogue: Catalogue) -> Show:
    """The show with every setting read as its field asks, and each `set` as an Action target.

    Live numbers are Expressions in which every name is known. Raises ShowErrors."""
    checked = _Check(show, catalogue)
    whole = checked.show()
    checked.corrections.settle(str(show.file))
    return whole


class _Check:
    def __init__(self, show: Show, catalogue: Catalogue) -> None:
        self.given = show
        self.catalogue = catalogue
        self.corrections = Corrections()
        kinds = {name: signal.kind for name, signal in show.signals.items()}
        self.reader = SettingsReader(self.corrections, show.places, kinds, Place(str(show.file), 1))
        self.named: dict[str, LayerSpec] = {}
        self.models: dict[str, type[Settings]] = {}
        self.rigid: dict[str, str] = {}

    def show(self) -> Show:
        voices = {name: self.voice(voice) for name, voice in self.given.voices.items()}
        scenes = {name: self.scene(scene) for name, scene in self.given.scenes.items()}
        cues = tuple(self.cue(cue) for cue in self.given.cues)
        return self.given.model_copy(update={"voices": voices, "scenes": scenes, "cues": cues})

    def voice(self, voice: VoiceSpec) -> VoiceSpec:
        path = path_of(voice.name)
        model = next(iter(self.catalogue.voices.values()))
        named = voice.settings.get(
            "model", model.model_fields["model"].default if "model" in model.model_fields else ""
        )
        if self.catalogue.resolve is not None and isinstance(named, str):
            try:
                kind, _ = self.catalogue.resolve(named, self.given.folder)
                model = self.catalogue.voices[kind]
                if self.catalogue.adapting is not None and kind not in self.catalogue.adapting:
                    self.rigid[voice.name] = named
            except InstallationError as error:
                self.reader.wrong(f"{path}.model", str(error))
            self.memory(voice.settings.get("memory"), f"{path}.memory")
        given, weights = self.vectors(model, voice, path)
        self.models[voice.name] = model = leaning(model, names(given))
        settings = self.reader.read(model, given, path, "a voice")
        for name, weight in weights.items():
            below = f"{path}.{VECTORS}.{name}.weight"
            if (read := self.reader.read_one(model, name, weight, below, "a voice")) is not None:
                settings[name] = read
        self.company(voice.name, settings, path)
        self.whole(settings, path)
        self.adapter(voice.name, settings, path)
        self.needs(settings, [voice.name], path)
        return voice.model_copy(update={"settings": settings})

    def vectors(
        self, model: type[Settings], voice: VoiceSpec, path: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A voice's raw settings without its vectors' weights, and those."""
        settings, kept = dict(voice.settings), {}
        weights: dict[str, Any] = {}
        for name, vector in (settings.get(VECTORS) or {}).items():
            if name in model.model_fields or name in settings:
                below = f"{path}.{VECTORS}.{name}"
                what = f"a voice has a setting called {name} already"
                self.corrections.add(self.reader.place(below, key=True), below, what, "choose another name")
                continue
            kept[name] = {key: value for key, value in vector.items() if key != "weight"}
            weights |= {name: vector["weight"]} if "weight" in vector else {}
        return settings | ({VECTORS: kept} if VECTORS in settings else {}), weights

    def adapter(self, voice: str, settings: Mapping[str, Any], path: str) -> None:
        """Adapters that are named are there, and can be merged, into this voice's model too; where no model has
        to be here, as for a recording, no adapter has."""
        named = {"adapter": [settings.get("adapter")], "adapters": settings.get("adapters", ())}
        for key, folders in named.items():
            for folder in filter(None, folders):
                if voice in self.rigid:
                    what = f"{self.rigid[voice]} takes no adapter"
                    right = "only a model whose weights are safetensors does, on torch"
                    self.reader.wrong(f"{path}.{key}", what, right)
                    continue
                if self.catalogue.resolve is None:
                    continue
                try:
                    lora(self.given.folder / folder)
                except InstallationError as error:
                    self.reader.wrong(f"{path}.{key}", str(error))

    def whole(self, settings: Mapping[str, Any], path: str) -> None:
        """Who attends it is a signal; and what concerns several settings is right."""
        by, below = settings.get("attended_by"), f"{path}.attended_by"
        if by and by not in self.given.signals:
            known = tuple(self.given.signals)
            self.corrections.unknown(self.reader.place(below), below, str(by), known, "signal")
        if self.catalogue.fault and (found := self.catalogue.fault(settings)):
            key, what, right = found
            self.reader.wrong(f"{path}.{key}", what, right)

    def company(self, voice: str, settings: Mapping[str, Any], path: str) -> None:
        """Whom a voice hears: others of this show."""
        others = tuple(name for name in self.given.voices if name != voice)
        for name in settings.get("hears", ()):
            if name == voice:
                self.reader.wrong(f"{path}.hears", f"{voice} hears itself anyway", "name another voice")
            elif name not in others:
                where = self.reader.place(f"{path}.hears")
                self.corrections.unknown(where, f"{path}.hears", name, others, "voice")

    def memory(self, named: object, path: str) -> None:
        """The texts that a voice remembers are there and are texts."""
        if isinstance(named, str) and (fault := texts.fault(named, self.given.folder)):
            self.reader.wrong(path, *fault)

    def needs(self, settings: Iterable[str], voices: Collection[str], path: str) -> None:
        """What is set for these voices has what it needs in one of them."""
        for key in settings:
            known = (self.models[name].model_fields for name in voices)
            need = needed(next(fields[key] for fields in known if key in fields))
            if need and not any(self.given.voices[name].settings.get(need) for name in voices):
                where = f"{path}.{key}" if path else key
                self.reader.wrong(where, f"{key} does nothing without {need}", f"give the voice {need}:")

    def scene(self, scene: SceneSpec) -> SceneSpec:
        path = f"scenes.{scene.name}"
        # A vector may be one voice's own: the one that knows most of what is set for all reads it.
        model = max(self.models.values(), key=lambda own: len(own.model_fields.keys() & scene.voice.keys()))
        voice = self.reader.read(model, scene.voice, f"{path}.voice", "a voice", only_live=True)
        voices = {
            name: self.reader.read(self.models[name], own, f"{path}.voices.{name}", "a voice", only_live=True)
            for name, own in scene.voices.items()
        }
        for name in self.given.voices:
            self.adapter(name, voice, f"{path}.voice")
        self.needs(voice, self.given.voices, f"{path}.voice")
        for name, own in voices.items():
            self.adapter(name, own, f"{path}.voices.{name}")
            self.needs(own, [name], f"{path}.voices.{name}")
        layers = tuple(self.layer(layer) for layer in scene.layers)
        return scene.model_copy(update={"voice": voice, "voices": voices, "layers": layers})

    def layer(self, layer: LayerSpec) -> LayerSpec:
        model = self.catalogue.layers.get(layer.kind)
        if model is None:
            where = self.reader.place(layer.path, key=True)
            right = suggestion(layer.kind, tuple(self.catalogue.layers))
            if right.startswith("did"):
                right += f" There {listed(self.catalogue.layers)}"
            self.corrections.add(
                where, layer.path, f"there is no layer '{layer.kind}' in this version", right
            )
            return layer
        if layer.name in self.given.voices:
            self.reader.wrong(layer.path, f"a voice is called {layer.name} already", "add name: another")
        twin = self.named.setdefault(layer.name, layer)
        if twin.kind != layer.kind:
            line = self.reader.place(twin.path).line
            what = f"in line {line} {layer.name} is of the kind {twin.kind}, here {layer.kind}"
            self.reader.wrong(layer.path, what, "one name means one kind in the whole show")
        settings = self.reader.read(model, layer.settings, layer.path, layer.kind)
        for name in settings.get("voice", ()):
            if name not in self.given.voices:
                where = self.reader.place(f"{layer.path}.voice")
                self.corrections.unknown(
                    where, f"{layer.path}.voice", name, tuple(self.given.voices), "voice"
                )
        return layer.model_copy(update={"settings": settings})

    def cue(self, cue: CueSpec) -> CueSpec:
        found: dict[str, Any] = {}
        for address, value in cue.set:
            path = f"{cue.path}.set.{address}"
            target = self.target(address, path)
            if target is None:
                continue
            model, owner, name = target
            key = name.rpartition(".")[2]
            if name in found:
                self.reader.wrong(path, f"{name} is set twice in this cue", "keep one")
                continue
            self.present(cue, name, path)
            read = self.reader.read_one(model, key, value, path, owner)
            if read is not None:
                found[name] = read
                if name.startswith("voice."):
                    self.needs([key], [name.split(".")[1]], path.removesuffix(f".{key}"))
        return cue.model_copy(update={"set": tuple(found.items())})

    def target(self, address: str, path: str) -> tuple[type[Settings], str, str] | None:
        """The model, whose it is, and the Action target that a cue's address means."""
        parts = [part for part in re.split(r"[./]", address) if part]
        if parts[:1] == ["installation"]:
            parts = parts[1:]
        if len(parts) == 1:
            leant = [name for name, voice in self.given.voices.items() if parts[0] in names(voice.settings)]
            parts = [*leant, *parts]
        given = parts
        if len(parts) == 2:
            parts = ["voice" if parts[0] in self.given.voices else "layer", *parts]
        if len(parts) != 3 or parts[0] not in {"layer", "voice"}:
            self.reader.wrong(path, f"'{address}' is no address", "write layer.setting, as in ghosts.rise")
            return None
        sort, name, _ = parts
        kinds = {layer.name: layer.kind for scene in self.given.scenes.values() for layer in scene.layers}
        known = kinds if sort == "layer" else self.given.voices
        if name not in known and VOICE in {sort, name} and len(self.given.voices) > 1 and len(given) == 2:
            meant = next(iter(self.given.voices))
            self.reader.wrong(path, "this show has several voices", f"name one, as in {meant}.{parts[2]}")
            return None
        if name not in known:
            self.corrections.unknown(self.reader.place(path, key=True), path, name, tuple(known), sort)
            return None
        if sort == "voice":
            return self.models[name], "a voice", ".".join(parts)
        model = self.catalogue.layers.get(kinds[name])
        return (model, kinds[name], ".".join(parts)) if model else None

    def present(self, cue: CueSpec, target: str, path: str) -> None:
        """A layer that a cue sets stands in some scene where the cue acts."""
        sort, name, _ = target.split(".")
        scenes = [self.given.scenes[scene] for scene in cue.scenes if scene in self.given.scenes]
        if sort == "layer" and scenes and not any(layer.name == name for s in scenes for layer in s.layers):
            where = ", ".join(scene.name for scene in scenes)
            self.reader.wrong(path, f"there is no layer {name} in {where}, and only there this cue acts",
                              "add the layer to the scene, or the scene to in:")  # fmt: skip
