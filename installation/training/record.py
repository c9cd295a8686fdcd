"""A description's record, as a museum keeps it: a small JSON object that is written with eight tokens of its own.

The tokens are the parts of the object that are always the same, so that what is between them is text like any
other, each word with its space before it, and what is written with them in their order is always JSON.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from installation.training import controls, corpus
from installation.training.lexicon import Lexicon

_LETTERS = re.compile(r"[^\W\d_]+")
ORDER = ("title", "kind", "materials", "colours", "mood", "tags", "alt")
LISTS = frozenset(("materials", "colours", "tags"))
NEXT, CLOSE = '","', '"}'
KINDS = {
    "painting": r"\b(?:paint|painted|painting|painter|canvas|oil|brush|tempera|fresco|watercolour)\b",
    "drawing": r"\b(?:drawn|drawing|drawings|drew|pencil|chalk|charcoal|ink)\b",
    "photograph": r"\b(?:photograph|photographs|camera|negative)\b",
    "sculpture": r"\b(?:sculpture|carved|cast|bronze|marble|plinth|modelled|cut out of)\b",
}
"""Kind of work -> how its description is known; what is none of them is an installation."""
OTHERS = ("installation", "textile", "object", "video", "print", "sound")
"""Kinds that hand-written records have too."""
MOODS = (
    ("bleak", "harsh", "cold"),
    ("austere", "solemn", "uneasy"),
    ("quiet", "contemplative", "still"),
    ("gentle", "calm", "friendly"),
    ("tender", "warm", "homely"),
)
"""Words for each warmth, 0 to 4."""
MATERIALS = ("mat_hard", "mat_soft")
WORKED = (
    "acrylic ash bone bread chalk charcoal china clay coal cork earth enamel feather flour foil fur glass "
    "glue gold grass gravel hair ice ink lace light marble metal mirror moss mud neon oak oil paint "
    "pencil pigment pine plastic salt sand sandpaper silver smoke soap soot steam stone straw string "
    "sugar tar thread tin varnish wallpaper water wax wire yarn"
)
"""What else works are made of."""
COLOURS = ("gold", "gray", "magenta", "navy", "teal")
"""Colours that the lexicon does not vary."""
TAGS, SOME = 4, 3
"""How many tags and how many of anything else a record holds at most."""


def tokens() -> tuple[str, ...]:
    """What opens each field, what parts the entries of a list, and the end, as they are written."""
    opened, before = [], ""
    for name in ORDER:
        listed = name in LISTS
        opened.append(f'{before}"{name}":' + ('["' if listed else '"'))
        before = '"],' if listed else '",'
    return ("{" + opened[0], *opened[1:], NEXT, CLOSE)


LIMITS: dict[str, dict[str, Any]] = {
    "title": {"words": 7, "signs": ",'’-"},
    "kind": {"words": 1, "choices": [*KINDS, *OTHERS], "named": True},
    "materials": {"words": 1, "entries": 4, "named": True},
    "colours": {"words": 1, "entries": 4, "named": True},
    "mood": {"words": 1},
    "tags": {"words": 2, "entries": 5, "signs": "'-"},
    "alt": {"words": 24, "signs": ",.;'’-", "ends": "."},
}
"""How much goes into each field where a record is written, and what it may hold: a little more than the
hand-written ones have."""


def blank(lexicon: Lexicon) -> dict[str, object]:
    """What a model's folder says of the records that it writes; see voice/blank.py."""
    *opened, parted, end = tokens()
    stuff = {noun.singular for noun in lexicon.forms.values() if noun.kind in MATERIALS}
    documents = corpus.load(styles=(*corpus.PROSE, "meta"))
    moods = {json.loads(each.text)["mood"] for each in documents if each.style == "meta"}
    said = {word for each in documents for word in _LETTERS.findall(f"{each.prompt} {each.text}".casefold())}
    said |= {word.casefold() for word in lexicon.words()}
    listed = {
        "mood": {"choices": sorted(moods.union(*MOODS))},
        "materials": {"choices": sorted(stuff.union(WORKED.split()))},
        "colours": {"choices": sorted({*lexicon.adjectives["colour"], *COLOURS})},
    }
    fields = [
        {"name": name, "opened": token, **LIMITS[name], **listed.get(name, {})}
        for name, token in zip(ORDER, opened, strict=True)
    ]
    return {"fields": fields, "next": parted, "close": end, "words": " ".join(sorted(said))}


def written(record: Mapping[str, Any]) -> str:
    """`record` with the tokens, each text with a space before it. An empty list is one empty text."""
    *opened, parted, end = tokens()
    parts = []
    for name, token in zip(ORDER, opened, strict=True):
        value = record[name]
        entries = value if isinstance(value, (list, tuple)) else [value]
        parts.append(token + parted.join(f" {str(entry).strip()}" for entry in entries))
    return "".join(parts) + end


def read(text: str) -> dict[str, Any]:
    """The record that `written` text holds, without the spaces and what is empty. Raises ValueError where it
    is no such object."""
    found = json.loads(text)
    if not isinstance(found, dict) or tuple(found) != ORDER:
        raise ValueError(f"not a record: {text[:80]}")
    for name, value in found.items():
        if name in LISTS:
            found[name] = list(dict.fromkeys(entry.strip() for entry in value if entry.strip()))
        else:
            found[name] = value.strip()
    return found


def plain(text: str) -> str:
    """All that a record's JSON says, without its signs."""
    values = json.loads(text).values()
    return "\n".join(" ".join(value) if isinstance(value, list) else value for value in values)


def of(text: str, lexicon: Lexicon, rng: random.Random) -> dict[str, Any] | None:
    """The record of a description, from what stands in it; None where it names too little."""
    words = re.findall(r"[a-z-]+", text.lower())
    nouns = list(
        dict.fromkeys(noun for w in words if (noun := lexicon.forms.get(w)) and w not in lexicon.ambiguous)
    )
    named = lexicon.adjectives["colour"]
    things = [noun for noun in nouns if noun.kind not in MATERIALS and noun.singular not in named]
    stuff = [noun.singular for noun in nouns if noun.kind in MATERIALS][:SOME]
    colours = [word for word in dict.fromkeys(words) if word in named][:SOME]
    if len(things) < 2:
        return None
    kind = next((name for name, known in KINDS.items() if re.search(known, text.lower())), "installation")
    first, second = things[0].singular, things[1].singular
    mood = rng.choice(MOODS[controls.warmth(text)])
    tags = [noun.singular for noun in things[: TAGS - 1]] + ([mood] if rng.random() < 0.3 else [kind])
    return {
        "title": _title(first, second, colours, things, rng),
        "kind": kind,
        "materials": stuff,
        "colours": colours,
        "mood": mood,
        "tags": tags,
        "alt": _alt(kind, first, second, [*colours, *stuff], rng),
    }


def _title(first: str, second: str, colours: Sequence[str], things: Sequence[Any], rng: random.Random) -> str:
    choices = [
        f"The {first.title()} and the {second.title()}",
        f"{first.title()}, {second.title()}",
        f"After the {first.title()}",
        f"What the {second.title()} Knew",
        f"The {first.title()} Next Door",
        f"Study of the {first.title()}",
    ]
    if colours:
        choices += [f"{colours[0].title()} {first.title()}", f"The {first.title()} in {colours[-1].title()}"]
    if len(things) > 2:
        choices.append(f"{first.title()}, {second.title()}, {things[2].singular.title()}")
    return rng.choice(choices)


def _alt(kind: str, first: str, second: str, looks: Sequence[str], rng: random.Random) -> str:
    """One sentence for somebody who does not see the work."""
    article = "An" if kind == "installation" else "A"
    said = rng.choice(
        (f"{article} {kind} with the {first} and the {second}", f"The {first} beside the {second}")
    )
    if looks:
        said += rng.choice((f", in {looks[0]}", f", with {looks[-1]}", f", mostly {looks[0]}"))
    return said + "."
