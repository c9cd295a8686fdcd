"""How much a voice repeats: the measure, and the signal that cues and expressions see."""

import pytest

from installation.messages import Word
from installation.score.repetition import LAST, Repetition
from installation.score.score import Score
from installation.show.check import Catalogue, check
from installation.show.load import load
from installation.stage.layers.catalogue import LAYERS
from installation.voice.settings import VoiceSettings

CATALOGUE = Catalogue(LAYERS, {"scripted": VoiceSettings})


def words(text, voice="voice", first=0, **more):
    return [
        Word(voice, n, part, " ", (part.casefold(),), n, n, **more)
        for n, part in enumerate(text.split(), first)
    ]


def share(*said):
    heard = Repetition()
    for word in said:
        heard.hear(word)
    return heard.most()


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("", 0),
        ("one two three", 0),
        ("one two three four five six", 0),
        ("one two three four one two three four", 1 / 5),
        ("sea " * 10, 6 / 7),
        ("The sea and the night the SEA and the night", 2 / 7),
    ],
)
def test_runs_of_four_words_that_stood_there_before(text, repeats):
    assert share(*words(text)) == pytest.approx(repeats)


def test_only_the_last_words_count_and_only_the_voice_s_own():
    assert share(*words("sea " * 50), *words(" ".join(map(str, range(LAST))), first=50)) == 0
    assert share(*words("sea " * 50, forced=True)) == 0


def test_what_is_taken_back_counts_no_more():
    heard = Repetition()
    for word in [*words("a b c d e f a b c d e f"), *words("sea " * 20, "ben")]:
        heard.hear(word)
    assert heard.share("ben") > heard.share("voice") > 0
    heard.withdraw("voice", 6)
    assert heard.share("voice") == 0
    assert heard.most() == heard.share("ben")
    heard.withdraw("nobody", 0)


SHOW = """\
title: A
format: 1
voices:
  anna: {temperature: 0.2 + repeating_anna}
  ben: {}
scenes:
  a: {layers: [palimpsest: {glow: repeating}]}
  b: {layers: [palimpsest]}
cues:
  - {cue: turn, when: repeating > 0.4, for: 1, go: b}
"""


def score(folder, *changes):
    text = SHOW
    for old, new in changes:
        text = text.replace(old, new)
    (folder / "show.yaml").write_text(text)
    return Score(check(load(folder / "show.yaml"), CATALOGUE), CATALOGUE)


def test_expressions_and_cues_see_it(tmp_path):
    played = score(tmp_path)
    played.begin(0.0)
    actions = played.step(1.0, words=words("the sea is here " * 4, "anna"))
    told = {action.target: action.value for action in actions}
    repeats = 1 - 4 / 13
    assert told["layer.palimpsest.glow"] == pytest.approx(repeats)
    assert told["voice.anna.temperature"] == pytest.approx(0.2 + repeats)
    (turned,) = [action for action in played.step(2.1) if action.target == "scene"]
    assert turned.because.startswith("repeating 0.692 > 0.4 for 1 s")
    (state,) = [signal for signal in played.status(2.1).signals if signal.name == "repeating"]
    assert state.value == pytest.approx(repeats)


def test_a_show_may_give_the_name_to_another_signal(tmp_path):
    played = score(tmp_path, ("scenes:", "signals: {repeating: {from: osc /x}}\nscenes:"))
    played.begin(0.0)
    actions = played.step(1.0, words=words("the sea is here " * 4, "anna"))
    assert "layer.palimpsest.glow" not in {action.target for action in actions}
