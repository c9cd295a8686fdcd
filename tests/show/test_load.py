"""A show file becomes a show: what is written, and what holds where nothing is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.errors import ShowErrors
from installation.show.check import check
from installation.show.corrections import Corrections
from installation.show.expression import Expression
from installation.show.load import load, loads
from installation.show.schema import After, At, AttackRelease, Go, On, OneEuro, Source, Venue, When, WordIs
from installation.show.structure import parsed, plain


def test_the_smallest_show(show_of):
    show = show_of("title: Small\nscenes: {one: {}}\n")
    assert (show.title, show.start, show.disclosure, show.format) == ("Small", "one", "corner", 1)
    assert list(show.voices) == ["voice"]
    assert list(show.signals) == ["applause", "repeating"]
    assert show.cues == ()
    assert show.venue == Venue()


def test_yaml_gives_structure_only(show_of):
    show = show_of("title: 1.10\nscenes: {no: {prompt: 010}, 10:00: {prompt: 2026-03-21}}\nstart: no\n")
    assert show.title == "1.10"
    assert [scene.prompts["voice"] for scene in show.scenes.values()] == ["010", "2026-03-21"]
    assert list(show.scenes) == ["no", "10:00"]


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("osc /room/presence", Source(protocol="osc", address="/room/presence")),
        ("osc /room/presence 2", Source(protocol="osc", address="/room/presence", argument=2)),
        ("mqtt harbour/tide", Source(protocol="mqtt", address="harbour/tide")),
        ("mqtt harbour/tide level.now",
         Source(protocol="mqtt", address="harbour/tide level.now", path="level.now")),
        ("key x", Source(protocol="key", address="x")),
        ("mouse y", Source(protocol="mouse", address="y")),
    ],
)  # fmt: skip
def test_sources(show_of, line, source):
    kind = "event" if line.startswith("key") else "value"
    show = show_of(f"title: A\nsignals: {{a: {{from: {line}, kind: {kind}}}}}\nscenes: {{one: {{}}}}\n")
    assert show.signals["a"].sources == (source,)
    assert source.topic == source.address.split()[0]


def test_signals(show_of):
    signals = show_of("""
        title: A
        signals:
          calm: {from: [osc /a, mouse y], range: [4, 0], smooth: 1:30, rest: 1, ttl: 10, dead: 0.02, curve: ease}
          euro: {from: osc /b, smooth: {one_euro: {min_cutoff: 2, beta: 0.1}}}
          bow:  {from: osc /c, smooth: {attack: 0.1, release: 2}}
          said: {from: keys, kind: text}
        scenes: {one: {}}
        """).signals
    calm = signals["calm"]
    assert (calm.range, calm.smooth, calm.rest, calm.ttl, calm.dead, calm.curve) == (
        (4, 0),
        90,
        1,
        10,
        0.02,
        "ease",
    )
    assert signals["euro"].smooth == OneEuro(min_cutoff=2, beta=0.1)
    assert signals["bow"].smooth == AttackRelease(attack=0.1, release=2)
    assert signals["said"].kind == "text"
    assert (signals["bow"].range, signals["bow"].rest, signals["bow"].ttl) == ((0, 1), 0, None)
    assert signals["applause"].kind == "event"


def test_cues(framed):
    cues = {cue.name: cue for cue in framed("""
        cues:
          - {cue: at, in: [ebb], at: 90, go: flood, fade: 1:00, page: clear}
          - {cue: after, after: 1:00:00, go: dark}
          - {cue: when, when: tide > 0.5, for: 3, go: flood, again: yes}
          - {cue: on, on: touch, set: {ghosts.rise: 2 * tide}, hold: 2, curve: out, take: on}
          - {cue: word, word: Wasser, said: true, say: 'You {{said}} {whisper}'}
          - {cue: of, word: {voice: voice, word: STRASSE}, mark: keep}
          - {cue: last of all, go: dark}
        """).cues}  # fmt: skip
    assert cues["at"].trigger == At(seconds=90)
    assert (cues["at"].scenes, cues["at"].fade, cues["at"].page) == (("ebb",), 60, "clear")
    assert cues["after"].trigger == After(seconds=3600)
    assert cues["when"].trigger == When(expression=Expression.parse("tide > 0.5", ["tide"]), hold_for=3)
    assert cues["when"].again
    assert cues["on"].trigger == On(signal="touch")
    assert (cues["on"].hold, cues["on"].curve, cues["on"].take) == (2, "out", True)
    assert cues["on"].set == (("layer.ghosts.rise", Expression.parse("2 * tide", ["tide"])),)
    assert cues["word"].trigger == WordIs(word="wasser", said=True)
    assert cues["of"].trigger == WordIs(word="strasse", voice="voice")
    assert cues["last of all"].trigger == Go()
    assert [cue.line for cue in cues.values()] == list(range(11, 18))


def test_sends(framed):
    (cue,) = framed(
        """
        cues:
          - cue: lights
            send:
              /all: 1
              max:/fader: [0.5, hello, "{tide * 2}", "{whisper}", 'to {whisper}', ""]
              wall/light: "{raw(tide)}"
              /bang:
        """,
        "send: {max: 127.0.0.1:7400}",
    ).cues
    sent = dict(cue.send)
    assert list(sent) == ["osc:/all", "osc:max:/fader", "mqtt:wall/light", "osc:/bang"]
    assert sent["osc:/all"] == (1.0,)
    doubled = Expression.parse("tide * 2", ["tide"])
    assert sent["osc:max:/fader"] == (0.5, "hello", doubled, "{whisper}", "to {whisper}", "")
    assert sent["mqtt:wall/light"] == (Expression.parse("raw(tide)", ["tide"]),)
    assert sent["osc:/bang"] == ()


def test_a_prompt_is_a_text_or_a_file(show_of, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "ebb.txt").write_bytes("\ufeffdas Meer bei Nacht — 海\n".encode())
    show = show_of("title: A\nscenes: {a: {prompt: texts/ebb.txt}, b: {prompt: read ebb.txt}}\n")
    assert show.scenes["a"].prompts == {"voice": "das Meer bei Nacht — 海"}
    assert show.scenes["b"].prompts == {"voice": "read ebb.txt"}
    assert [file.name for file in show.files] == ["show.yaml", "ebb.txt"]


def test_the_venue_is_merged_over_the_show(framed):
    show = framed(
        "listen: 57251\nsend: {max: localhost:7400}\nallow: [10.0.0.1]\ndisclosure: corner\n",
        """
        wall: north
        send: {pd: 10.0.0.2:8000}
        allow: [10.0.0.0/24, "::1"]
        broker: mqtts://broker.example:8883
        size: [1920, 1080]
        fullscreen: yes
        painter: gpu
        feedback: 0.3
        signals: {tide: {range: [0, 9]}}
        """,
    )
    assert show.venue == Venue(
        wall="north", listen="127.0.0.1:57251", send={"max": "localhost:7400", "pd": "10.0.0.2:8000"},
        allow=("10.0.0.0/24", "::1"), broker="mqtts://broker.example:8883", size=(1920, 1080), fullscreen=True,
        painter="gpu", feedback=0.3,
    )  # fmt: skip
    assert show.signals["tide"].range == (0, 9)
    assert show.signals["tide"].sources[0].address == "/tide"


@pytest.mark.parametrize(
    ("line", "right"), [("painter: hardware", "auto, software or gpu"), ("feedback: 2", "0.95")]
)
def test_a_painter_that_there_is_not_is_told(framed, line, right):
    with pytest.raises(ShowErrors, match=rf"venue.yaml:\d: .*{right}"):
        framed("disclosure: corner\n", line)


def test_another_venue_by_name(written, tmp_path):
    path = written("title: A\nscenes: {one: {}}\n", "wall: home")
    (tmp_path / "tour.yaml").write_text("wall: tour\n")
    assert load(path).venue.wall == "home"
    assert load(tmp_path, tmp_path / "tour.yaml").venue.wall == "tour"
    with pytest.raises(ShowErrors, match=r"none\.yaml:1: there is no such file"):
        load(path, tmp_path / "none.yaml")


def test_the_text_of_a_show_is_the_show(framed, small, tmp_path):
    show = framed("cues: [{cue: a, on: touch, set: {ghosts.rise: tide}, send: {/a: }}]\nvoice: {pace: 2}\n")
    again = check(loads(show.text, tmp_path), small)
    assert (again.text, again.hash) == (show.text, show.hash)
    assert again.scenes["flood"].prompts == show.scenes["flood"].prompts
    assert again.cues[0].set == show.cues[0].set
    assert again.voices == show.voices
    assert len(show.hash) == 12
    with pytest.raises(ShowErrors):
        loads("{", tmp_path)


def test_the_hash_is_of_what_is_said_not_of_how(written):
    first = load(written("title: A\nscenes: {one: {prompt: sea}}   # a remark\n")).hash
    assert load(written("title: 'A'\n\nscenes:\n  one:\n    prompt: sea\n")).hash == first
    assert load(written("title: A\nscenes: {one: {prompt: lake}}\n")).hash != first


@given(st.binary(max_size=300) | st.text(alphabet="{}[]:,-#&*!|>'\"%@` \n\ta1(", max_size=80).map(str.encode))
def test_any_bytes_are_a_show_or_faults(tmp_path_factory, noise):
    file = tmp_path_factory.getbasetemp() / "noise.yaml"
    file.write_bytes(noise)
    with pytest.raises(ShowErrors) as wrong:
        load(file)
    assert all(fault.file == str(file) and fault.line >= 1 and fault.what for fault in wrong.value.faults)


TREES = st.recursive(
    st.text(alphabet="ab0 {}:#(,)é海'\"", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "voice", "signals", "scenes", "cues", "send", "listen", "size"]), TREES
    )
)
def test_any_structure_is_a_show_or_faults(tree):
    try:
        show = loads(json.dumps(tree), Path("nowhere"))
    except ShowErrors as wrong:
        assert all(fault.what for fault in wrong.faults)  # noqa: PT017
    else:
        assert show.title


def test_structure_keeps_every_text_as_it_stands():
    corrections = Corrections()
    tree = parsed(
        "a: [on, 'no', 1.10, 0x1F, ~, null, 12:30, =]\nb: |\n  two\n  lines\nc:\n", "f", corrections
    )
    assert plain(tree) == {
        "a": ["on", "no", "1.10", "0x1F", "~", "null", "12:30", "="],
        "b": "two\nlines\n",
        "c": None,
    }
    assert not corrections
