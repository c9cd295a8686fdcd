import json
import re
from pathlib import Path

import pytest

from installation.errors import VoiceError
from installation.training import controls, lexicon, pointing
from installation.voice.form import Form
from installation.voice.kinds import Kinds
from installation.voice.pointers import Pointers

TABLE = Pointers.of(pointing.table(lexicon.load()), Path("pointers.json"))
KINDS = Kinds(controls.kinds())
FORM = Form(" {prompt}\n", frozenset(["<storm>", "<answer>"]), 0, TABLE, KINDS)
VISITORS = json.loads((Path(__file__).parent / "lines_of_visitors.json").read_text(encoding="utf-8"))
RIGHT, TAKEN = 0.95, 0.02
"""The share of visitors' lines that has to have a right kind, and of prompts that may be taken for one."""


def told(line):
    found = re.search(r"<to:(\w+)>", FORM.whole(line))
    return found[1] if found else ""


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
        ("Tell me a storry", "tell_me_something"),
        ("whats ur name", "what_are_you"),
        ("thx!!!", "thanks"),
        ("I am sad and I do not know why", "i_am_sad"),
        ("hey wall, my dog died", "x_died_person_or_animal"),
        ("i dont feel good", "i_am_sad"),
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
        "the storm and the sea",
        "where the road ends",
        "yes, the river said",
        "the cat is tired",
    ],
)
def test_an_artists_prompt_has_no_kind(prompt):
    assert told(prompt) == ""


def test_every_line_that_was_trained_on_is_mostly_known_again():
    lines = [(kind, line) for kind, lines in controls.kinds().items() for line in lines if "{" not in line]
    right = sum(told(line) == kind for kind, line in lines)
    assert right > 0.95 * len(lines)


def test_lines_that_visitors_type_are_heard_and_prompts_are_not():
    lines, prompts = VISITORS["lines"], VISITORS["prompts"]
    right = [line for line, kinds in lines if (told(line) or "none") in kinds.split()]
    assert len(right) >= RIGHT * len(lines)
    assert len([prompt for prompt in prompts if told(prompt)]) <= TAKEN * len(prompts)


def test_a_mistyped_word_has_no_pointer_where_it_is_known_what_was_meant():
    assert FORM.whole("helo") == " helo<to:greeting>\n"
    assert FORM.nouns("helo") == ()
    assert [noun.typed for noun in FORM.nouns("the yurt")] == ["yurt"]


def test_the_kind_stands_behind_the_prompt_where_no_other_style_is_asked_for():
    assert FORM.whole("Hello") == " Hello<to:greeting>\n"
    assert FORM.whole("[answer] Hello") == "<answer> Hello<to:greeting>\n"
    assert FORM.whole("[storm] Hello") == "<storm> Hello\n"
    assert FORM.whole("the sea") == " the <P1><is:place>\n"


def test_a_wrong_table_of_lines_is_told():
    with pytest.raises(VoiceError, match=r"kinds\.json"):
        Kinds.of({"greeting": "Hello"}, Path("kinds.json"))
