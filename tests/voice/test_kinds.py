from pathlib import Path

import pytest

from installation.errors import VoiceError
from installation.training import controls, lexicon, pointing
from installation.voice.form import Form
from installation.voice.kinds import Kinds
from installation.voice.pointers import Pointers

TABLE = Pointers.of(pointing.table(lexicon.load()), Path("pointers.json"))
KINDS = Kinds(controls.kinds())


def told(line):
    return KINDS.told(TABLE.mark(line)[0])


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("hello!", "greeting"),
        ("Hello, wall", "greeting"),
        ("I'm so scared", "i_am_afraid"),
        ("please tell me a joke", "joke"),
        ("I have lost my umbrella", "i_lost_x_thing"),
        ("I lost my narwhal", "i_lost_x_thing"),
        ("are you a robot", "what_are_you"),
        ("you idiot", "rude"),
        ("aaaaaaaa", "nonsense"),
        ("sdfghj", "nonsense"),
        ("?!?!", "nonsense"),
    ],
)
def test_a_line_is_of_the_kind_of_the_nearest(line, kind):
    assert told(line) == kind


@pytest.mark.parametrize(
    "prompt",
    [
        "the sea at night",
        "the flood",
        "a door in the dark",
        "a poem about rain",
        "describe the bridge",
        "lamp",
        "",
        "An abstract painting with",
        "the lamp and the gull",
        "low tide",
        "a review of the kettle",
    ],
)
def test_an_artists_prompt_has_no_kind(prompt):
    assert told(prompt) == ""


def test_every_line_that_was_trained_on_is_mostly_known_again():
    lines = [(kind, line) for kind, lines in controls.kinds().items() for line in lines if "{" not in line]
    right = sum(told(line) == kind for kind, line in lines)
    assert right > 0.95 * len(lines)


def test_the_kind_stands_behind_the_prompt_where_no_other_style_is_asked_for():
    form = Form(" {prompt}\n", frozenset(["<storm>", "<answer>"]), 0, TABLE, KINDS)
    assert form.whole("Hello") == " Hello<to:greeting>\n"
    assert form.whole("[answer] Hello") == "<answer> Hello<to:greeting>\n"
    assert form.whole("[storm] Hello") == "<storm> Hello\n"
    assert form.whole("the sea") == " the <P1><is:place>\n"


def test_a_wrong_table_of_lines_is_told():
    with pytest.raises(VoiceError, match=r"kinds\.json"):
        Kinds.of({"greeting": "Hello"}, Path("kinds.json"))
