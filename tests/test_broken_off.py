"""Interrupt, rewind and fork from a cue, an address and a key: what is decided, said and withdrawn."""

import pytest
from test_conductor import Hall, osc, read

from installation.messages import Action, Inner, Rival, Signal, Steering, Token, VoiceNews, Word

CUES = "  - {cue: back, go: a}\n"


def hall(folder, *cues):
    return Hall(read(folder, (CUES, CUES + "".join(f"  - {cue}\n" for cue in cues))))


def acts(made):
    return [
        text
        for text in made.lines(Action)
        if not text.split()[1].startswith(("layer", "voice.voice.p", "scene"))
    ]


def words(made):
    return [message.text for message in made.out if isinstance(message, Word)]


def test_a_cue_takes_words_back_and_the_script_says_them_again(tmp_path):
    made = hall(tmp_path, "{cue: again, word: puts, rewind: 3}")
    made.until(1.0)
    assert " ".join(words(made)).startswith("The sea at night puts at night puts at night puts")
    took = [text for text in acts(made) if "(cue again" in text]
    assert took[0].endswith('voice.voice.rewind 3 (cue again: voice said "puts", word 4)')
    assert took[1].endswith('withdrawn voice 2 5 (cue again: rewind: voice said "puts", word 4)')
    tokens = [message.n for message in made.out if isinstance(message, Token)]
    assert tokens == list(range(len(tokens)))


def test_an_interruption_makes_room_for_what_is_to_be_said(tmp_path):
    made = hall(tmp_path, "{cue: stop, on: say, interrupt: true, say: Hush now.}")
    made.until(0.5)
    made.hear(osc(0.5, "/say", "ada"))
    made.until(3.0)
    said = " ".join(words(made))
    before, _, after = said.partition("— ")
    assert before.startswith("The sea at night")
    assert after.startswith("Someone says ada. Hush now. The sea at night")


@pytest.mark.parametrize(
    ("signal", "asked"),
    [
        (osc(0.5, "/installation/voice/voice/interrupt"), "interrupt on"),
        (osc(0.5, "/installation/voice/voice/rewind", 2), "rewind 2"),
        (osc(0.5, "/installation/voice/voice/rewind"), "rewind 0"),
        (osc(0.5, "/installation/voice/voice/rewind", 1e9), "rewind 100"),
        (osc(0.5, "/installation/voice/voice/fork", 1), "fork on"),
        (Signal(0.5, "mqtt", "/installation/voice/voice/rewind", (2.0,)), "rewind 2"),
        (Signal(0.5, "key", "delete", sender="keyboard"), "interrupt on"),
        (Signal(0.5, "key", "backspace", sender="keyboard"), "rewind 0"),
        (Signal(0.5, "key", "tab", sender="keyboard"), "fork on"),
    ],
)
def test_it_is_asked_for_from_outside(tmp_path, signal, asked):
    made = hall(tmp_path)
    made.until(0.4)
    made.lines()
    made.hear(signal)
    assert acts(made)[0].startswith(f"0.50 voice.voice.{asked} ({signal.source} {signal.address}")


@pytest.mark.parametrize(
    "signal",
    [
        osc(0.5, "/installation/voice/voice/interrupt", 0),
        osc(0.5, "/installation/voice/voice/rewind", 0),
        Signal(0.5, "mqtt", "/installation/voice/voice/fork", (), retained=True),
    ],
)
def test_the_release_of_a_button_and_what_a_broker_kept_ask_nothing(tmp_path, signal):
    made = hall(tmp_path)
    made.until(0.4)
    made.lines()
    made.hear(signal)
    assert acts(made) == []


@pytest.mark.parametrize(
    ("signal", "told"),
    [
        (osc(0.5, "/installation/voice/ann/fork"), "there is no voice ann; there are: voice"),
        (osc(0.5, "/installation/voice/voice/rewind", "far"), "rewind takes a number of words, or none"),
        (
            osc(0.5, "/installation/voice/voice/fork"),
            "voice does not fork: of what it said lately there is nothing left that it nearly said otherwise",
        ),
    ],
)
def test_what_cannot_be_is_told(tmp_path, signal, told):
    made = hall(tmp_path)
    made.until(0.4)
    made.lines()
    made.hear(signal)
    assert told in " ".join(acts(made))


def test_a_key_that_the_show_listens_to_is_the_show_s(tmp_path):
    change = ("  say: {from", "  tabbed: {from: key tab, kind: event}\n  say: {from")
    made = Hall(read(tmp_path, change))
    made.until(0.4)
    made.lines()
    made.hear(Signal(0.5, "key", "tab", sender="keyboard"))
    assert acts(made) == []


def test_a_fork_forces_the_model_s_own_rival(tmp_path):
    made = hall(tmp_path)
    conductor = made.conductor
    conductor.news(0.0, VoiceNews("voice", "loading"))
    made.voice = None
    conductor.news(0.0, VoiceNews("voice", "ready"))
    (steering,) = [m for m in conductor.take() if isinstance(m, Steering)][-1:]
    for n, text in enumerate((" one", " two", " three", " four")):
        inner = Inner(rivals=(Rival(text, 0.5, n), Rival(" else", 0.1 * n, 70 + n)))
        conductor.token(0.0, Token("voice", steering.first + n, n, text, steering.take, inner=inner))
    conductor.until(1.2)
    conductor.signals(1.21, [osc(1.21, "/installation/voice/voice/fork")])
    out = conductor.take()
    (after,) = [m for m in out if isinstance(m, Steering)][-1:]
    ((at, to, token),) = after.back
    assert (at, token) == (after.keep, 70 + to - steering.first)
    assert any(m.target == "withdrawn" and m.value == ("voice", to, at) for m in out if isinstance(m, Action))
