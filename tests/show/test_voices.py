"""Several voices in one show file: who they are, and what scenes and cues say of each."""

import pytest

from installation.catalogue import CATALOGUE
from installation.errors import ShowErrors
from installation.show.check import read
from installation.show.load import load, loads

HEAD = """\
title: Two
signals: {tide: {from: osc /tide}, whisper: {from: keys, kind: text}}
"""
TWO = "voices: {anna: {temperature: 0.5 + tide}, ben: {hears: anna, pace: 3}}\n"
SCENE = "scenes: {ebb: {prompt: the sea, layers: [palimpsest]}}\n"


@pytest.fixture
def show_of(tmp_path):
    """The checked show of some lines below a head with two signals."""

    def show(text):
        (tmp_path / "a.txt").write_text("Anna's sea.\n")
        (tmp_path / "b.txt").write_text("Ben's sea.\n")
        (tmp_path / "show.yaml").write_text(HEAD + text)
        return read(tmp_path, CATALOGUE)

    return show


@pytest.fixture
def faults_of(show_of):
    def faults(text):
        with pytest.raises(ShowErrors) as wrong:
            show_of(text)
        return [str(fault).split(": ", 1)[1] for fault in wrong.value.faults]

    return faults


def test_each_voice_has_its_name_and_its_own_settings(show_of):
    show = show_of(TWO + SCENE)
    assert list(show.voices) == ["anna", "ben"]
    assert show.voices["anna"].settings["temperature"].text == "0.5 + tide"
    assert show.voices["ben"].settings["hears"] == ("anna",)
    assert show.scenes["ebb"].prompts == {"anna": "the sea", "ben": "the sea"}


def test_a_scene_gives_prompts_settings_and_lines_by_name(show_of, tmp_path):
    show = show_of(
        TWO + "scenes:\n  ebb:\n    prompt: {anna: a.txt, ben: {a.txt: tide, b.txt: 1 - tide}}\n"
        "    voice: {pace: 2}\n    voices: {ben: {pace: 1 + tide}}\n    meanwhile: {ben: [Wait., Yes.]}\n"
        "    layers: [palimpsest]\n"
    )
    ebb = show.scenes["ebb"]
    assert ebb.prompts["anna"] == "Anna's sea."
    assert [(share.text, share.weight.text) for share in ebb.prompts["ben"]] == [
        ("Anna's sea.", "tide"),
        ("Ben's sea.", "1 - tide"),
    ]
    assert ebb.voice["pace"].text == "2"
    assert ebb.voices["ben"]["pace"].text == "1 + tide"
    assert ebb.meanwhile == {"ben": ("Wait.", "Yes.")}
    again = loads(show.text, tmp_path / "elsewhere")
    assert (again.hash, again.scenes["ebb"].prompts) == (show.hash, ebb.prompts)


def test_what_is_not_by_name_is_for_all(show_of):
    show = show_of(
        TWO + "scenes:\n  ebb: {prompt: {a.txt: 1 - tide, b.txt: tide}, meanwhile: [One., Two., Three.]}\n"
    )
    ebb = show.scenes["ebb"]
    assert ebb.prompts["anna"] == ebb.prompts["ben"]
    assert [share.text for share in ebb.prompts["ben"]] == ["Anna's sea.", "Ben's sea."]
    assert ebb.meanwhile == {"anna": ("One.", "Two.", "Three."), "ben": ("Two.", "Three.", "One.")}


def test_cues_name_a_voice_in_say_word_and_set(show_of):
    show = show_of(
        TWO + SCENE + "cues:\n"
        "  - {cue: a, on: whisper, say: 'Somebody: {whisper}.'}\n"
        "  - {cue: b, on: whisper, say: {ben: 'To me: {whisper}.', anna: 'Hush.'}}\n"
        "  - {cue: c, word: {voice: ben, word: sea}, set: {anna.temperature: 1, voice.ben.pace: 2}}\n"
    )
    a, b, c = show.cues
    assert a.say == (("anna", "Somebody: {whisper}."),)
    assert b.say == (("ben", "To me: {whisper}."), ("anna", "Hush."))
    assert (c.trigger.voice, c.trigger.word) == ("ben", "sea")
    assert [target for target, _ in c.set] == ["voice.anna.temperature", "voice.ben.pace"]


def test_what_only_one_voice_has_may_stand_among_what_is_for_all(show_of):
    vectors = "vectors: {dread: {towards: [It is dark. I fear it.], away: [It is light. I like it.]}}"
    show = show_of(
        f"voices: {{anna: {{}}, ben: {{{vectors}}}}}\n"
        "scenes: {ebb: {prompt: the sea, voice: {dread: 0.5 * tide, pace: 2}, layers: [palimpsest]}}\n"
    )
    assert set(show.scenes["ebb"].voice) == {"dread", "pace"}


def test_a_sole_voice_keeps_its_name(show_of, tmp_path):
    show = show_of("voice: {pace: 2}\n" + SCENE)
    assert list(show.voices) == ["voice"]
    assert load(tmp_path).scenes["ebb"].prompts == {"voice": "the sea"}
    assert list(show_of("voices: {anna: {}}\n" + SCENE).voices) == ["anna"]


def test_thirty_two_voices_may_speak(show_of):
    names = ", ".join(f"v{n}: {{model: house}}" for n in range(32))
    assert len(show_of(f"voices: {{{names}}}\n{SCENE}").voices) == 32


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("voice: {}\n" + TWO + SCENE, "voices: voice: and voices: stand in one show; "
         "write voice: for a single voice, or voices: with a name for each"),
        ("voices: {}\n" + SCENE, "voices: nobody speaks here; write a name and its settings, as in anna: {}"),
        (f"voices: {{{', '.join(f'v{n}: {{}}' for n in range(33))}}}\n" + SCENE,
         "voices: 33 voices are too many; up to 32 can speak"),
        ("voices: {Anna: {}}\n" + SCENE, "voices.Anna: 'Anna' cannot be a name: a small letter, then small letters, "
         "digits and _; write it like anna"),
        ("voices: {sin: {}}\n" + SCENE, "voices.sin: 'sin' is a word of the expressions; choose another name"),
        ("voices: {layer: {}}\n" + SCENE, "voices.layer: 'layer' is a word of addresses; choose another name"),
        ("voices: {anna: {heat: 1}}\n" + SCENE, "voices.anna.heat: a voice has no setting 'heat'; "),
        ("voices: {anna: {pace: fast}, ben: {}}\n" + SCENE, "voices.anna.pace: nothing is called fast"),
        ("voices: {anna: {hears: ben}, bob: {}}\n" + SCENE, "voices.anna.hears: there is no voice 'ben'; "),
        ("voices: {anna: {hears: anna}}\n" + SCENE, "voices.anna.hears: anna hears itself anyway; name another voice"),
        ("voice: {hears: anna}\n" + SCENE, "voice.hears: there is no voice 'anna'; there is none yet"),
        (TWO + "scenes: {ebb: {prompt: {anna: a.txt, bne: b.txt}}}\n",
         "scenes.ebb.prompt.bne: there is no voice 'bne'; did you mean 'ben'?"),
        (TWO + "scenes: {ebb: {voice: {ben: {pace: 1}}}}\n",
         "scenes.ebb.voice.ben: ben is a voice, and voice: is for all of them; write voices: {ben: …}"),
        (TWO + "scenes: {ebb: {voices: {bne: {pace: 1}}}}\n",
         "scenes.ebb.voices.bne: there is no voice 'bne'; did you mean 'ben'?"),
        (TWO + "scenes: {ebb: {voices: {ben: {model: house}}}}\n",
         "scenes.ebb.voices.ben.model: model is set once for the whole show; "),
        ("scenes: {ebb: {voices: {ben: {}}}}\n",
         "scenes.ebb.voices: this show has a single voice; write voice: with what is otherwise"),
        (TWO + SCENE + "cues: [{cue: a, set: {voice.pace: 1}}]\n",
         "cues.a.set.voice.pace: this show has several voices; name one, as in anna.pace"),
        (TWO + SCENE + "cues: [{cue: a, word: {voice: bob, word: sea}, go: dark}]\n",
         "cues.a.word.voice: there is no voice 'bob'; there are anna and ben"),
        (TWO + SCENE + "cues: [{cue: a, say: {ben: Yes., carl: No.}}]\n",
         "cues.a.say.carl: there is no voice 'carl'; there are anna and ben"),
    ],
    ids=lambda text: ascii(text[-40:]),
)  # fmt: skip
def test_faults_say_what_would_be_right(faults_of, text, fault):
    assert any(told.startswith(fault) for told in faults_of(text)), faults_of(text)
