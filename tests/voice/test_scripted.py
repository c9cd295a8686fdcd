import pytest

from installation.errors import VoiceError
from installation.messages import Steering
from installation.voice.scripted import ScriptedVoice, resume_at
from installation.voice.words import pieces

TIDE = "The tide is out.\n\nWait with me."


@pytest.fixture
def voice(tmp_path):
    (tmp_path / "script.txt").write_text(TIDE)

    def make(history="", first=0):
        made = ScriptedVoice({"model": "script:script.txt"}, "voice", tmp_path)
        made.load()
        made.begin(history, first)
        made.steer(Steering("voice", 1, 8))
        return made

    return make


def read(voice, count):
    return "".join(t.text + ("|" if t.end else "") for t in (voice.next() for _ in range(count)))


def test_it_speaks_its_file_for_ever(voice):
    it = voice()
    assert read(it, 18) == TIDE + "| " + TIDE + "| The tide"
    assert it.n == 18


def test_tokens_are_numbered_and_know_their_steering(voice):
    it = voice()
    it.steer(Steering("voice", 7, 8, take=0))
    token = it.next()
    assert (token.n, token.id, token.take, token.steered_by, token.forced) == (0, 0, 0, 7, False)
    assert (token.inner.surprise, token.inner.entropy, token.inner.rivals) == (None, None, None)


def test_a_new_take_goes_back_and_the_same_take_does_not(voice):
    it = voice()
    assert read(it, 4) == "The tide is out."
    it.steer(Steering("voice", 2, 8, take=1, keep=2))
    assert it.n == 2
    assert read(it, 2) == " is out."
    it.steer(Steering("voice", 3, 8, take=1, keep=2))
    assert it.n == 4


def test_a_saying_is_forced_once(voice):
    it = voice()
    read(it, 2)
    say = Steering("voice", 2, 8, take=1, keep=1, say="Someone: river.", say_private=True)
    it.steer(say)
    tokens = [it.next() for _ in range(2)]
    it.steer(say)
    tokens += [it.next() for _ in range(2)]
    assert [(t.n, t.text, t.forced, t.private) for t in tokens] == [
        (1, " Someone:", True, True),
        (2, " river.", True, True),
        (3, " tide", False, False),
        (4, " is", False, False),
    ]


def test_a_saying_that_is_taken_back_is_gone(voice):
    it = voice()
    it.steer(Steering("voice", 2, 8, take=1, say="river"))
    it.next()
    it.steer(Steering("voice", 3, 8, take=2))
    assert read(it, 2) == "The tide"


@pytest.mark.parametrize(
    ("history", "rest"),
    [
        ("The tide is", " out."),
        ("me. The tide is out.", "\n\nWait"),
        ("The tide Someone whispers: river.", " is"),
        ("Wait with me.", "|"),
        ("nothing of it", " The"),
    ],
)
def test_it_finds_its_place_again(voice, history, rest):
    it = voice(history, first=9)
    it.steer(Steering("voice", 1, 20, take=4, keep=3))
    assert it.n == 9
    assert read(it, 1) == rest


def test_a_place_in_a_long_text_is_found_by_its_last_words():
    script = pieces("a b c d. " * 50 + "e f. " + "a b c d. " * 50)
    assert resume_at(script, pieces("b c d. e f. a b")) == 204


def test_a_file_without_words_cannot_be_spoken(tmp_path):
    file = tmp_path / "script.txt"
    file.write_text(" \n")
    with pytest.raises(VoiceError, match="no words"):
        ScriptedVoice({"model": "script:script.txt"}, "v", tmp_path).load()
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(VoiceError, match="cannot be read"):
        ScriptedVoice({"model": "script:script.txt"}, "v", tmp_path).load()
