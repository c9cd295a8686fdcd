import pytest

from installation.catalogue import CATALOGUE
from installation.errors import ShowErrors
from installation.part import settings_of
from installation.show.check import check, read
from installation.show.load import loads
from installation.switchboard import osc_addresses

STORM = "storm: {towards: texts/storm.txt, away: [The sea is calm., Still.], weight: 2 * tide - 1}"


@pytest.fixture
def written(tmp_path):
    """A show whose voice has these vectors."""

    def write(vectors, scene="{prompt: the sea}", cue="{cue: up, set: {storm: 1}}"):
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / "storm.txt").write_text("The storm breaks.\n\nWind and thunder.\n")
        (tmp_path / "texts" / "none.txt").write_text("\n\n")
        signals = "signals: {tide: {from: osc /tide}}"
        text = f"title: T\n{signals}\nvoice:\n  vectors:\n    {vectors}\nscenes:\n  a: {scene}\ncues:\n  - {cue}\n"
        (tmp_path / "show.yaml").write_text(text)
        return read(tmp_path, CATALOGUE)

    return write


def test_sentences_come_from_a_file_or_the_show_and_the_weight_is_live(written):
    show = written(STORM)
    storm = settings_of(show, "voice").vectors["storm"]
    assert storm.towards == ("The storm breaks.", "Wind and thunder.")
    assert (storm.away, storm.layer) == (("The sea is calm.", "Still."), "auto")
    assert show.voices["voice"].settings["storm"].text == "2 * tide - 1"
    assert "storm.txt" in {file.name for file in show.files}


def test_scenes_cues_and_the_room_move_it(written):
    show = written(STORM, scene="{prompt: x, voice: {storm: tide}}", cue="{cue: up, set: {voice.storm: -1}}")
    assert show.scenes["a"].voice["storm"].text == "tide"
    assert show.cues[0].set[0][0] == "voice.voice.storm"
    assert written(STORM).cues[0].set[0][0] == "voice.voice.storm"
    assert "/installation/voice/voice/storm" in osc_addresses(show)


def test_the_text_of_the_show_holds_the_sentences(written, tmp_path):
    show = written(STORM.replace("weight", "layer: 3, weight"))
    again = check(loads(show.text, tmp_path / "elsewhere"), CATALOGUE)
    assert settings_of(again, "voice").vectors == settings_of(show, "voice").vectors
    assert settings_of(again, "voice").vectors["storm"].layer == 3
    assert again.text == show.text


def test_each_of_several_voices_has_its_own(tmp_path):
    (tmp_path / "show.yaml").write_text(
        "title: T\nvoices:\n  anna: {vectors: {warm: {towards: [Sun.], away: [Snow.]}}}\n"
        "  berta: {}\nscenes:\n  a: {prompt: x, voices: {anna: {warm: 2}}}\n"
        "cues:\n  - {cue: up, set: {warm: 1}}\n"
    )
    show = read(tmp_path, CATALOGUE)
    assert list(settings_of(show, "anna").vectors) == ["warm"]
    assert not settings_of(show, "berta").vectors
    assert show.scenes["a"].voices["anna"]["warm"].constant == 2
    assert show.cues[0].set[0][0] == "voice.anna.warm"
    assert loads(show.text, tmp_path).text == show.text


@pytest.mark.parametrize(
    ("vectors", "told"),
    [
        ("storm: {towards: [a]}", "5: voice.vectors.storm: away missing; a direction leads from"),
        ("storm: {towards: texts/no.txt, away: [b]}", "there is no file texts/no.txt beside the show file"),
        ("storm: {towards: texts/none.txt, away: [b]}", "the file texts/none.txt is empty"),
        ("storm: {towards: [], away: [b]}", "storm.towards: there are no sentences here"),
        ("storm: {towards: [a], away: [b], weight: 9}", "9 is out of range; storm goes from -4 to 4"),
        ("storm: {towards: [a], away: [b], weight: tid}", "nothing is called tid; did you mean tide?"),
        ("storm: {towards: [a], away: [b], layer: low}", "'low' is no layer; write auto, or a number"),
        ("storm: {towards: [a], away: [b], wait: 1}", "there is no key 'wait'; did you mean 'weight'?"),
        ("Storm: {towards: [a], away: [b]}", "'Storm' cannot be a name"),
        ("copy: {towards: [a], away: [b]}", "'copy' means something else already; choose another name"),
        ("pace: {towards: [a], away: [b]}", "a voice has a setting called pace already; choose another name"),
        (f"storm: {{towards: [{', '.join('abcde' * 41)}], away: [b]}}", "205 sentences are too many"),
        ("storm", "voice.vectors: a map belongs here"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(written, vectors, told):
    with pytest.raises(ShowErrors, match=r"show\.yaml:5|show\.yaml:9") as wrong:
        written(vectors, cue="{cue: up}")
    assert told in str(wrong.value)


def test_what_is_not_a_scene_s_to_say(written):
    with pytest.raises(ShowErrors) as wrong:
        written(STORM, scene="{prompt: x, voice: {vectors: {}}}")
    assert "vectors is set once for the whole show" in str(wrong.value)
    with pytest.raises(ShowErrors) as wrong:
        written(STORM, cue="{cue: up, set: {stom: 1}}")
    assert "stom" in str(wrong.value)


def test_a_file_that_is_not_there_is_one_mistake(written):
    with pytest.raises(ShowErrors) as wrong:
        written("storm: {towards: texts/no.txt, away: [b]}")
    assert len(wrong.value.faults) == 1
