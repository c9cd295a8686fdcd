"""What the word filter changes in a voice's text is an Action, is recorded, and comes out the same again."""

from test_conductor import Hall, osc, read

from installation.archive.recording import Recorder
from installation.messages import Action, Steered, Token, Word
from installation.replay import replay
from installation.voice.scripted import ScriptedVoice

BAD = "The shit sea is out. Sh it waits, you bitch. Nobody comes down to ask for it all night."


class Rough(Hall):
    """A voice that speaks BAD."""

    def load(self, at):
        folder = self.conductor.show.folder
        (folder / "texts" / "a.txt").write_text(BAD)
        self.voice, self.turn = ScriptedVoice({"model": "script:texts/a.txt"}, "voice", folder), -1
        self.conductor.news(at, self.voice.load())


def spoken(hall):
    return "".join(message.text for message in hall.out if isinstance(message, Token))


def moderated(hall):
    return [m for m in hall.out if isinstance(m, Action) and m.target == "moderated"]


def test_each_refusal_is_told_with_its_reason(tmp_path):
    hall = Rough(read(tmp_path))
    hall.until(2.0)
    assert spoken(hall).startswith("The sea is out.")
    first, second, third = moderated(hall)[:3]
    assert first.value.endswith("in the list en")
    assert first.because == "voice voice, token 1: another word is sampled"
    assert second.at <= third.at
    assert "bitch" not in spoken(hall)
    assert not any(m.target == "told" for m in hall.out if isinstance(m, Action))


def test_with_moderate_off_it_says_what_it_says(tmp_path):
    hall = Rough(read(tmp_path, ("pace: 12,", "pace: 12, moderate: off,")))
    hall.until(1.0)
    assert spoken(hall).startswith("The shit sea")
    assert moderated(hall) == []


def test_what_a_template_becomes_is_read_too(tmp_path):
    hall = Hall(read(tmp_path, ("Someone says {say}.", "Someone says sh{say}.")))
    hall.until(0.5)
    hall.hear(osc(0.51, "/say", "it"))
    hall.hear(osc(0.52, "/say", "ells"))
    hall.until(4.0)
    assert "shells." in spoken(hall)
    assert "shit" not in spoken(hall)
    (action,) = moderated(hall)
    assert action.cue == "whisper"
    assert action.because.startswith("not said: ")


def test_a_recorded_evening_comes_out_the_same(tmp_path):
    hall = Rough(read(tmp_path))
    hall.hear(osc(1.0, "/x", 0.7))
    hall.hear(osc(1.3, "/say", "hello"))
    hall.until(6.0)
    assert moderated(hall)
    recorder = Recorder(tmp_path / "tape", {})
    for at, message in hall.log:
        recorder.write(at, message)
    recorder.close()
    report = replay(tmp_path / "tape")
    assert report.wrong == 0, report
    assert report.decisions == sum(isinstance(m, Action | Steered | Word) for _, m in hall.log)
