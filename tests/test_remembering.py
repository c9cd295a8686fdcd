"""A show with texts of its own: what it steers, what it records, what its panel says."""

import pytest
from evening import write_show

from installation.catalogue import CATALOGUE
from installation.conductor import Conductor
from installation.errors import ShowErrors
from installation.messages import Adopt, Signal, Steered, Steering, Token, VoiceNews, Word
from installation.part import ALWAYS
from installation.show import check
from installation.voice.catalogue import SWIFT, understudy

PACE = "pace: 12"


def begun(folder, settings, log=None):
    write_show(folder, (PACE, f"{PACE}, {settings}" if settings else PACE))
    show = check.read(folder, CATALOGUE)
    conductor = Conductor(show, CATALOGUE, 7, (log if log is not None else lambda *_: None))
    conductor.begin(Adopt(show.hash, show.text, str(show.folder), 7))
    conductor.news(0.0, VoiceNews("voice", "ready"))
    return conductor


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("The tide comes in.")
    return tmp_path


def steerings(conductor):
    return [message for message in conductor.take() if isinstance(message, Steering)]


def test_a_weight_that_moves_is_steered_and_recorded(mine):
    log = []
    conductor = begun(mine, "memory: mine, remember: 0.5 * x", lambda _at, message: log.append(message))
    before = steerings(conductor)[-1]
    assert before.remember == 0.0
    conductor.signals(0.5, [Signal(0.5, "osc", "/x", (0.4,), "somebody")])
    conductor.until(3.0)
    last = steerings(conductor)[-1]
    assert last.remember == pytest.approx(0.2, abs=0.01)
    assert last.take == before.take
    told = [dict(message.changed) for message in log if isinstance(message, Steered)]
    assert "remember" in told[-1]


def test_without_texts_nothing_is_remembered_and_a_recording_is_as_it_always_was(tmp_path):
    log = []
    conductor = begun(tmp_path, "", lambda _at, message: log.append(message))
    assert {steering.remember for steering in steerings(conductor)} == {0.0}
    first = next(message for message in log if isinstance(message, Steered))
    assert {name for name, _ in first.changed} == ALWAYS
    assert conductor.status().voices[0].quoted is None


def test_the_panel_counts_the_words_that_were_taken(mine):
    conductor = begun(mine, "memory: mine")
    assert conductor.status().voices[0].quoted == 0.0
    for n in range(8):
        source = "mine/a.txt:1" if n < 3 else ""
        conductor.token(
            0.1, Token("voice", n, 5, f" word{n}", source=source, take=conductor.parts["voice"].speech.take)
        )
    conductor.until(4.0)
    words = [message for message in conductor.take() if isinstance(message, Word)]
    assert [word.source for word in words[:4]] == ["mine/a.txt:1"] * 3 + [""]
    assert conductor.status().voices[0].quoted == 3 / len(words)


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("nowhere", "there is no folder or file nowhere; look at its name"),
        ("mine/notes.pdf", "mine/notes.pdf is no text; save it as .txt or .md"),
    ],
)
def test_texts_that_are_not_there_are_told_with_their_line(mine, named, sentence):
    (mine / "mine" / "notes.pdf").write_bytes(b"%PDF")
    with pytest.raises(ShowErrors, match=f"show.yaml:[0-9]+: voice.memory: {sentence}"):
        begun(mine, f"memory: {named}")


def test_a_weight_of_nothing_is_told(tmp_path):
    right = "remember does nothing without memory; give the voice memory:"
    with pytest.raises(ShowErrors, match=f"voice.remember: {right}"):
        begun(tmp_path, "remember: 0.3")


def test_an_understudy_remembers_too_where_that_takes_no_time(mine):
    assert understudy("gpt2", memory="mine", folder=mine)["memory"] == "mine"
    (mine / "mine" / "b.txt").write_text("tide " * (SWIFT // 5))
    assert "memory" not in understudy("gpt2", memory="mine", folder=mine)
    assert "memory" not in understudy("gpt2")
