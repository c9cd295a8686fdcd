"""The second pass: settings and addresses against a catalogue."""

import pytest

from installation.errors import InstallationError, ShowErrors
from installation.show.check import Catalogue, check, read
from installation.show.expression import Expression
from installation.show.load import load


def test_settings_are_what_their_fields_ask_for_in_the_files_order(show_of):
    show = show_of("""
        title: A
        voice: {pace: 1 + tide, seed: 010, temperature: 1/2, bias: {water: 2}, forbidden: [blood, gold]}
        signals: {tide: {from: osc /tide}}
        scenes:
          one:
            voice: {temperature: tide}
            layers:
              - lantern: {glow: 2, flicker: off, ink: sea, size: 18 / 2, rows: 2}
              - lantern: {name: far, ink: slate}
              - ghosts
        """)
    assert show.voices["voice"].settings == {
        "pace": Expression.parse("1 + tide", ["tide"]),
        "seed": "010",
        "temperature": Expression.parse("1/2"),
        "bias": {"water": 2.0},
        "forbidden": ("blood", "gold"),
    }
    assert show.scenes["one"].voice == {"temperature": Expression.parse("tide", ["tide"])}
    lantern, far, ghosts = show.scenes["one"].layers
    assert list(lantern.settings.items()) == [
        ("glow", Expression.parse("2")), ("flicker", False), ("ink", "sea"), ("size", 9.0), ("rows", 2),
    ]  # fmt: skip
    assert lantern.settings["glow"].constant == 2
    assert (far.kind, far.name, dict(far.settings)) == ("lantern", "far", {"ink": "slate"})
    assert (ghosts.kind, ghosts.name, dict(ghosts.settings)) == ("ghosts", "ghosts", {})


def test_addresses_become_action_targets(framed):
    show = framed("""
        cues:
          - {cue: a, set: {ghosts.rise: 1, lantern.ink: sea, voice.pace: tide}}
          - {cue: b, set: {/installation/layer/lantern/flicker: no, /installation/voice/voice/temperature: 1}}
          - {cue: c, set: {layer.lantern.glow: 2}}
        """)
    assert [[target for target, _ in cue.set] for cue in show.cues] == [
        ["layer.ghosts.rise", "layer.lantern.ink", "voice.voice.pace"],
        ["layer.lantern.flicker", "voice.voice.temperature"],
        ["layer.lantern.glow"],
    ]
    assert dict(show.cues[0].set)["layer.lantern.ink"] == "sea"
    assert dict(show.cues[1].set)["layer.lantern.flicker"] is False


def test_a_checked_show_is_another_value(written, small):
    raw = load(written("title: A\nscenes: {one: {layers: [{lantern: {glow: 2}}]}}\n"))
    checked = check(raw, small)
    assert raw.scenes["one"].layers[0].settings == {"glow": "2"}
    assert checked.scenes["one"].layers[0].settings == {"glow": Expression.parse("2")}


def test_a_model_that_does_not_exist_is_told_where_it_stands(written, small):
    def resolve(model, folder):
        if model != "house":
            raise InstallationError(f"{model}: no such voice in this version; there is: house")
        return "spoken", str(folder)

    strict = Catalogue(small.layers, small.voices, resolve)
    assert read(written("title: A\nscenes: {one: {}}\n"), strict).title == "A"
    with pytest.raises(
        ShowErrors, match=r"show\.yaml:2: voice\.model: openai:x: no such voice in this version; there is"
    ):
        read(written("title: A\nvoice: {model: 'openai:x'}\nscenes: {one: {}}\n"), strict)
