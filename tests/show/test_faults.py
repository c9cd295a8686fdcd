"""A wrong show file fails like a good editor: everything at once, in the file's order."""

from pathlib import Path

import pytest

from installation.errors import ShowErrors
from installation.show.check import read
from installation.show.load import load

WRONG = Path(__file__).parent / "wrong"


def test_every_fault_of_a_wrong_show_is_told_at_once(small, monkeypatch):
    monkeypatch.chdir(WRONG)
    with pytest.raises(ShowErrors) as wrong:
        read(Path("show.yaml"), small)
    assert str(wrong.value).splitlines() == (WRONG / "faults.txt").read_text("utf-8").splitlines()


def test_the_first_pass_alone_tells_what_it_can(monkeypatch):
    monkeypatch.chdir(WRONG)
    with pytest.raises(ShowErrors) as wrong:
        load(Path("show.yaml"))
    told = (WRONG / "faults.txt").read_text("utf-8").splitlines()
    first = str(wrong.value).splitlines()
    assert [fault for fault in told if fault in first] == first
    assert 0 < len(first) < len(told)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "show.yaml:1: this is not a show; it begins with lines like title: Tide"),
        ("- a\n- b\n", "show.yaml:1: this is not a show; it begins with lines like title: Tide"),
        ("title: A\nvoice: {ink: #fff, x: 1}\n", "show.yaml:2: a colour that begins with # needs quotes; "
                                                 "write ink: '#fff'"),
        ("voice:\n  model:house\n  pace: 3\n", "show.yaml:2: a space is missing after the colon; write model: house"),
        ("voice:\n\tpace: 3\n", "show.yaml:2: a tab stands here; indent with spaces"),
        ("title: A: B\n", "show.yaml:1: a second ': ' stands in this line; "
                          "a text that holds ': ' needs quotes; also look at the indentation"),
        ("title: 'A\nstart: x\n", "show.yaml:3: a quotation mark is never closed (it began in line 1); "
                                  "add it where the text ends"),
        ("voice: {pace: 1\nstart: ebb\n", "show.yaml:2: a map in brackets goes wrong here (it began in line 1); "
                                          "look for a missing comma or a missing }"),
        ("voice: [\n", "show.yaml:2: a value is missing before this place; "
                       "look for a [ or { above that is never closed"),
        ("title: @home\n", "show.yaml:1: a text cannot begin with this character; put quotes around it"),
        ("title: a\x07b\n", "show.yaml:1: a character stands here that no text editor writes; take it away"),
        ("scenes:\n  - a\n b: c\n", "show.yaml:3: this line does not fit the lines around it (it began in line 1); "
                                    "look at its indentation and its colon"),
        ("[" * 100_000, "show.yaml:1: maps and lists are nested more than 20 deep; say it flatter"),
        ("a: " * 3 + "\n", "show.yaml:1: a second ': ' stands in this line; "
                           "a text that holds ': ' needs quotes; also look at the indentation"),
        ("title: " + "x" * 1_000_001, "show.yaml:1: the file is larger than a megabyte; "
                                      "keep long texts in files of their own"),
    ],
    ids=lambda text: ascii(text[:24]),
)  # fmt: skip
def test_what_is_no_yaml_is_told_once(faults_of, text, fault):
    assert faults_of(text) == [fault]


def test_an_unreadable_file_is_told(small, tmp_path):
    with pytest.raises(ShowErrors, match="no such file"):
        read(tmp_path / "none.yaml", small)
    (tmp_path / "show.yaml").write_bytes(b"title: A\nstart: \xff\xfe\n")
    with pytest.raises(ShowErrors, match=r"show\.yaml:2: this line is not UTF-8; save the file as UTF-8"):
        read(tmp_path, small)


def test_no_bomb_is_unpacked(faults_of):
    bomb = "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(30))
    faults = faults_of(bomb)
    assert "show.yaml:1: a: &a is an anchor, and anchors are not read here; " \
        "take it away, or put quotes around a text that begins with &" in faults  # fmt: skip
    assert any("*a is an alias" in fault for fault in faults)


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system ['true']", "!!binary aGk=", "!mine x"])
def test_no_tag_is_obeyed(faults_of, tag):
    faults = faults_of(f"title: {tag}\nscenes: {{a: {{}}}}\n")
    assert "is a tag, and tags are not read here" in faults[0]


def test_venue_faults_name_the_venue(faults_below):
    assert faults_below("", "size: [1, 2, 3]\nlisten: 99999\n<<: {rate: 1}\n") == [
        "size: a size is a width and a height; write [1920, 1080]",
        "listen: '99999' is no address; write host:port, as in 127.0.0.1:57250",
        "<< merges maps, and that is not read here; write it out",
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{cue: a, go: ebb, fade: 3 s}", "cues.a.fade: '3 s' is not a plain number; write it without its unit: 3"),
        ("{cue: a, go: ebb, fade: -1}", "cues.a.fade: -1 is out of range; from 0 to 1000000 is possible"),
        ("{cue: a, go:ebb}", "cues.a.go: a space is missing after the colon; write go: ebb"),
        ("{cue: a, in: [], at: 3, go: ebb}", "cues.a.at: 'at' counts from the beginning of one scene; "
                                             "add in: [scene], or write after:, from the show's beginning"),
        ("{cue: a, go: flodo}", "cues.a.go: there is no scene 'flodo'; did you mean 'flood'?"),
        ("{cue: a, when: whisper > 1, go: ebb}", "cues.a.when: whisper is a text and has no number; "
                                                 "let a cue wait for it with on: whisper"),
        ("{cue: a, when: raw(touch) > 1, go: ebb}", "cues.a.when: raw asks a value, and touch is an event; "
                                                    "write arg(touch, 1)"),
        ("{cue: a, when: max(tide, 2) > 1, go: ebb}",
         'cues.a.when: an expression with a comma needs quotes inside { }; write when: "max(tide, 2) > 1"'),
        ("{cue: a, on: tide, go: ebb}", "cues.a.on: tide is a value, and a value never happens once; "
                                        "write when: tide > 0.5, or give the signal kind: event"),
        ("{cue: a, say: 'Hi {wisper}'}", "cues.a.say: there is no signal 'wisper'; did you mean 'whisper'?"),
        ("{cue: a, say: }", "cues.a.say: nothing stands here; fill it in, or take the key away"),
        ("{cue: a, set: {voice.model: x}}", "cues.a.set.voice.model: model is set once and cannot be written by a cue; "
                                            "what moves: temperature, pace"),
        ("{cue: a, set: {ghosts.rise: 1, /installation/layer/ghosts/rise: 2}}",
         "cues.a.set./installation/layer/ghosts/rise: layer.ghosts.rise is set twice in this cue; keep one"),
        ("{cue: a, in: [flood], set: {ghosts.rise: 1}}",
         "cues.a.set.ghosts.rise: there is no layer ghosts in flood, and only there this cue acts; "
         "add the layer to the scene, or the scene to in:"),
        ("{cue: a, follow: a, go: ebb}", "cues.a.follow: in the end this cue follows itself; "
                                         "break the circle; what repeats begins with when: or on:"),
        ("just words", "cues[1]: a map belongs here; write it as key: value"),
    ],
)  # fmt: skip
def test_a_wrong_cue_is_told(faults_below, line, fault):
    assert fault in faults_below(f"cues:\n  - {line}\n")


@pytest.mark.parametrize(
    ("path", "content", "fault"),
    [
        (
            "texts/a.txt",
            None,
            "there is no file texts/a.txt beside the show file; write it, or put the text itself here",
        ),
        ("texts/a.txt", b"\xff\xfe", "the file texts/a.txt is not UTF-8; save it as UTF-8 in your editor"),
        ("texts/a.md", b" \n", "the file texts/a.md is empty; a prompt is some sentences long"),
        ("../a.txt", b"x", "'../a.txt' lies outside the show's folder; keep texts beside the show file"),
    ],
)
def test_a_prompt_that_is_no_text_is_told(faults_of, tmp_path, path, content, fault):
    if content is not None and ".." not in path:
        (tmp_path / "texts").mkdir()
        (tmp_path / path).write_bytes(content)
    faults = faults_of(f"title: A\nscenes:\n  ebb: {{prompt: {path}}}\n")
    assert faults == [f"show.yaml:3: scenes.ebb.prompt: {fault}"]
