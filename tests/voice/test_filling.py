"""Whatever is chosen of what may come, a record comes out."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_records import BLANK, is_record

from installation.errors import VoiceError
from installation.voice.blank import Blank
from installation.voice.filling import Filling
from installation.voice.signs import Described, Signs

NAMED = {name: 1000 + number for number, name in enumerate(BLANK.tokens)}
PIECES = [
    " red",
    " Red",
    " blue",
    " sea",
    "s",
    "ed",
    " r",
    "7",
    " 7",
    ",",
    ".",
    "-",
    "'s",
    ";",
    "!",
    '"',
    "\\",
    "\n",
]
PIECES += [
    " ",
    " {",
    "}",
    "]",
    " ,",
    "\x00",
    "é",
    " über",
    " –",
    "“",
    "...",
    " a b",
    "",
    "\u2028",
    " \t",
    ' "x',
    " lilac",
    " be",
    "ige",
    " a",
    " installation",
    " lil",
    "ies",
    " xyl",
    " zw",
    "ieback",
]
DESCRIBED = Described(frozenset(("red", "blue", "linen", "zwieback")), {"narwhals": "narwhal"})
POINTED = {
    900: " narwhal",
    901: " a narwhal",
    902: " Narwhal",
    903: " self-portrait",
    904: " painting",
    905: " Linen",
}


def encode(text):
    """A choice as letters, so that several begin alike."""
    return [2000 + ord(letter) for letter in text]


def signs(pieces=PIECES, whole=POINTED, described=DESCRIBED):
    return Signs.of(BLANK, dict(enumerate(pieces)), NAMED, whole, encode, described)


def write(filling, *names):
    spelled = {piece: token for token, piece in {**dict(enumerate(PIECES)), **POINTED}.items()} | NAMED
    for name in names:
        filling = filling.then(spelled[name])
    return filling


def spell(filling, text):
    """A choice, as it is encoded, or a text that is one token."""
    for token in encode(f" {text}"):
        filling = filling.then(token)
    return filling


def opened(field):
    """A blank whose fields before `field` are filled in shortly."""
    filling = Filling(signs()).then(NAMED[BLANK.fields[0].opened])
    short = {"title": " sea", "kind": "print", "materials": "linen", "colours": "blue", "mood": "quiet"}
    for one, after in zip(BLANK.fields, BLANK.fields[1:], strict=False):
        if one.name == field:
            break
        said = short.get(one.name)
        filling = spell(filling, said) if one.choices else write(filling, said) if said else filling
        filling = filling.then(NAMED[after.opened])
    return filling


def walk(filling, choose):
    """Fill it in, whatever is chosen; how many tokens that took."""
    every = sorted({*NAMED.values(), *filling.signs.begins, *filling.signs.goes_on, *filling.signs.marks})
    every += sorted({token for ways in filling.signs.choices.values() for way, _ in ways for token in way})
    count = 0
    while not filling.full:
        able = [token for token in dict.fromkeys(every) if filling.takes(token)]
        assert able, "something may come, until it is full"
        filling, count = filling.then(choose(able)), count + 1
    assert not any(filling.takes(token) for token in every)
    return filling, count


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_chosen_it_is_a_record(data):
    drawn = random.Random(data.draw(st.integers(0, 2**32)))
    letters = st.text(min_size=1, max_size=4)
    pieces = [" sea", *data.draw(st.lists(letters | letters.map(lambda t: f" {t}"), max_size=30))]
    filling, count = walk(Filling(signs(pieces)), drawn.choice)
    is_record(json.loads(filling.json()))
    assert count <= BLANK.size


def test_with_a_single_word_there_is_still_something_to_say():
    for seed in range(20):
        filling, _ = walk(Filling(signs([" sea"], {})), random.Random(seed).choice)
        is_record(filling.record())


def test_who_always_says_more_comes_to_an_end():
    for whole in ({}, POINTED):
        filling, count = walk(Filling(signs(whole=whole)), min)
        is_record(filling.record())
        assert count <= BLANK.size


def test_fields_come_in_their_order():
    filling = Filling(signs())
    assert filling.may.exactly == {NAMED[BLANK.fields[0].opened]}
    assert not opened("title").takes(NAMED[BLANK.fields[2].opened])
    assert not opened("title").takes(NAMED[BLANK.end])
    assert not opened("title").takes(NAMED[BLANK.fields[1].opened]), "no title is empty"


def test_a_kind_is_one_that_there_is():
    kind = opened("kind")
    assert {chr(token - 2000) for token in kind.may.exactly if token >= 2000} == {" "}
    assert kind.takes(904), "the description's own word for it"
    assert not kind.takes(900)
    assert write(kind, " painting", BLANK.fields[2].opened).record()["kind"] == "painting"


def test_a_list_may_be_empty_but_no_entry_is_and_none_comes_twice():
    tags = opened("tags")
    after = BLANK.fields[6].opened
    assert tags.takes(NAMED[after])
    assert not tags.takes(NAMED[BLANK.parted])
    second = write(tags, " red", BLANK.parted)
    assert not second.takes(NAMED[after])
    assert not second.takes(0)
    assert not second.takes(1), "in capitals it is the same"
    assert not write(second, " r").takes(PIECES.index("ed")), "nor in parts"
    assert write(second, " blue", after).record()["tags"] == ["red", "blue"]


def test_colours_are_those_that_were_described():
    colours = opened("colours")
    first = frozenset(encode(" red")[:1])
    assert colours.may.exactly == first
    second = spell(write(spell(colours, "red"), BLANK.parted), "blue")
    assert not second.takes(NAMED[BLANK.parted]), "there are no more"
    assert write(second, BLANK.fields[4].opened).record()["colours"] == ["red", "blue"]
    assert not opened("alt").takes(PIECES.index(" lilac")), "nor are others spoken of"
    assert not write(opened("alt"), " r", "ed", " be").takes(PIECES.index("ige")), "nor in parts"
    none = write(Filling(signs(described=Described())), *(field.opened for field in BLANK.fields[:1]), " sea")
    none = spell(write(none, BLANK.fields[1].opened), "print")
    assert write(none, *(field.opened for field in BLANK.fields[2:5])).record()["colours"] == []


def test_a_pointer_may_be_what_was_described():
    materials = opened("materials")
    assert materials.takes(905)
    assert not materials.takes(900)
    assert write(materials, " Linen", BLANK.fields[3].opened).record()["materials"] == ["linen"]


def test_a_kind_that_was_described_is_the_kind():
    filling = signs(described=Described(frozenset(("drawing", "lamp"))))
    assert {name for _, name in filling.choices["kind"]} == {"drawing"}


def test_a_word_of_weight_comes_once_in_a_text():
    assert not write(opened("alt"), " narwhal").takes(900)
    assert not write(opened("alt"), " narwhal").takes(902)
    assert not write(opened("alt"), " r", "ed", " r").takes(PIECES.index("ed"))


def test_an_article_is_as_it_is_spoken():
    kind = opened("kind")
    for one, after in (("installation", 2), ("linen", 3), ("red", 4), ("quiet", 5)):
        kind = spell(kind, one).then(NAMED[BLANK.fields[after].opened])
    alt = write(kind, BLANK.fields[6].opened, " a")
    assert not alt.takes(PIECES.index(" a")), "not twice on end"
    assert write(alt, " installation", BLANK.end).record()["alt"] == "an installation."
    assert write(alt, " blue", BLANK.end).record()["alt"] == "a blue."


def test_another_kind_is_not_spoken_of():
    assert not opened("tags").takes(904), "it is a print"
    kind = write(opened("kind"), " painting", BLANK.fields[2].opened)
    for one, after in (("linen", 3), ("red", 4), ("quiet", 5)):
        kind = spell(kind, one).then(NAMED[BLANK.fields[after].opened])
    assert write(kind, BLANK.fields[6].opened).takes(904)


def test_no_more_than_so_many_entries_and_words():
    tags = write(
        opened("tags"), " red", BLANK.parted, " blue", BLANK.parted, " sea", BLANK.parted, " narwhal"
    )
    full = write(tags, BLANK.parted, " 7")
    assert not full.takes(NAMED[BLANK.parted])
    two = write(opened("tags"), " red", " blue")
    assert not two.may.begins
    assert not write(opened("tags"), " red").takes(901), "an article is a word too"


def test_a_word_that_there_is_not_is_not_written():
    part = write(opened("alt"), " lil")
    assert not part.may.marks | part.may.begins
    assert not part.takes(NAMED[BLANK.end])
    assert not part.takes(PIECES.index("s"))
    assert not part.takes(PIECES.index("7"))
    assert write(part, "ies", BLANK.end).record()["alt"] == "lilies."
    assert not opened("alt").takes(PIECES.index(" xyl")), "nothing begins so"
    assert write(opened("title"), " zw").takes(PIECES.index("ieback")), "it was described"


def test_nothing_goes_on_with_a_word_that_was_put_back():
    title = write(opened("title"), " narwhal")
    assert not title.takes(PIECES.index("s"))
    assert title.takes(PIECES.index("'s"))


def test_a_sentence_ends_with_its_stop_and_a_title_with_no_comma():
    alt = write(opened("alt"), " sea", ".")
    assert [alt.takes(NAMED[BLANK.end]), alt.may.begins] == [True, False]
    assert write(opened("alt"), " sea", BLANK.end).record()["alt"] == "sea."
    assert write(opened("title"), " Red", ",", BLANK.fields[1].opened).record()["title"] == "Red"


def test_what_may_not_come_is_not_filled_in():
    with pytest.raises(AssertionError, match="only what may come"):
        Filling(signs()).then(3)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([], "has to be an object"),
        ({}, "fields"),
        ({"fields": 3, "next": "a", "close": "b"}, "int"),
        ({"fields": [], "next": "a", "close": "b"}, "needs fields"),
        ({"fields": [{"name": "a", "opened": "b", "words": 1}], "next": "b", "close": "c"}, "another one"),
        ({"fields": [{"name": "a", "opened": "b", "words": 0}], "next": "d", "close": "c"}, "at least one word"),
        ({"fields": [{"name": "a", "opened": "b", "words": "x"}], "next": "d", "close": "c"}, "invalid literal"),
        ({"fields": [{"name": "a", "opened": "b", "words": 1, "signs": '"'}], "next": "d", "close": "c"}, "may not"),
    ],
)  # fmt: skip
def test_a_wrong_blank_is_told(wrong, told):
    with pytest.raises(VoiceError, match=told):
        Blank.of(wrong, Path("installation.json"))
