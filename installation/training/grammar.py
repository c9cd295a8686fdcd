"""Hand-written sentence frames, filled with one cast: short texts whose things belong together."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from installation.training.entities import SUBJECTS, TIDE, Cast, Casting
from installation.training.lexicon import CORPUS, Noun, articles

Parts = Mapping[str, Sequence[str]]

MIDDLES = {"calm": (1, 2, 2, 3), "poem": (2, 3, 3), "storm": (2, 3, 3), "label": (1,)}
SIZED = {"short": (1,), "long": (4, 4, 5)}
"""How many sentences stand between the first and the last, by style and, for all but labels, by size."""
TURN = {"calm": 0.6, "storm": 0.6, "poem": 0.5, "describe": 0.3}
ANY = tuple(SUBJECTS)
OFTEN = frozenset(
    ("greeting", "nonsense", "i_am_afraid", "one_word_x", "rude", "joke", "i_am_sad", "what_are_you")
)
"""What visitors say most often, or is hardest to tell."""
THINGS = ("port", "big", "alive")
_OBJECT = re.compile(
    r"\b(beside|over|for|to|in|on|bring|about|of|takes|leave|hold|Hold|keep|kept|feed|buy|see|mind|knows|"
    r"wipes|bought|found|like|from|behind|put|at|with|by|near|reached|left) it\b"
)
_THING = re.compile(r"\b(it|its)\b", re.IGNORECASE)
_START = re.compile(r"(^|[.!?]\s+)([a-z])")


@dataclass(frozen=True)
class Paragraph:
    """A filled text. `prompts` are lines it answers, `cast` what it spoke of."""

    style: str
    text: str
    prompts: tuple[str, ...]
    cast: Cast
    kind: str = ""
    """What a visitor's line is, where this answers one."""


def load(folder: Path = CORPUS) -> tuple[dict[str, dict[str, list[str]]], dict[str, Parts]]:
    """(style -> part -> frames, intent -> part -> frames) from `frames/*.json`."""
    styles: dict[str, dict[str, list[str]]] = {}
    intents: dict[str, Parts] = {}
    for path in sorted((folder / "frames").glob("*.json")):
        for style, parts in json.loads(path.read_text(encoding="utf-8")).items():
            if all(isinstance(part, dict) for part in parts.values()):
                intents.update(parts)
                continue
            for part, frames in parts.items():
                styles.setdefault(style, {}).setdefault(part, []).extend(frames)
    lines = json.loads((folder / "lines.json").read_text(encoding="utf-8"))
    more = {name: {"prompts": [*parts["prompts"], *lines.get(name, ())]} for name, parts in intents.items()}
    return styles, {name: {**parts, **more[name]} for name, parts in intents.items()}


def sentences(folder: Path = CORPUS) -> list[str]:
    """Every frame of every style and intent, unfilled."""
    styles, intents = load(folder)
    parts = [part for group in (*styles.values(), *intents.values()) for part in group.items()]
    return [frame for name, frames in parts if name != "prompts" for frame in frames]


def polish(text: str, cast: Cast) -> str:
    """`text` with articles, capitals and pronouns set right for the cast's subject."""
    if cast.subject.plural is None:
        word = cast.subject.singular
        text = re.sub(rf"\b(A|a)n? (?:\w+ )?(?={word}\b)", "", text)
    if cast.group == "person":
        he, him, his = ("she", "her", "her") if cast.feminine else ("he", "him", "his")
        text = _OBJECT.sub(rf"\1 {him}", text)
        for old, new in (("It", he.capitalize()), ("it", he), ("Its", his.capitalize()), ("its", his)):
            text = re.sub(rf"\b{old}\b", new, text)
    return _START.sub(lambda match: match[1] + match[2].upper(), articles(text))


class Grammar:
    """Writes paragraphs. No frame comes twice in one row: `used` remembers, until the row is `begin`. `spent`
    is whether one had to, since there was no other left."""

    def __init__(
        self, styles: Mapping[str, Parts], intents: Mapping[str, Parts], casting: Casting, rng: random.Random
    ) -> None:
        self._styles = styles
        self._intents = intents
        self._casting = casting
        self._rng = rng
        self._named = [name for name in sorted(intents) for _ in range(2 if name in OFTEN else 1)]
        self.used: set[str] = set()
        self.spent = False

    def begin(self) -> None:
        """A new row: every frame is fresh."""
        self.used.clear()
        self.spent = False

    def about(
        self,
        style: str,
        subject: Noun | None = None,
        group: str = "",
        before: Cast | None = None,
        size: str = "",
    ) -> Paragraph:
        """One paragraph in `style`, about `subject` or a drawn one; the cast `before` half remains. `size` is
        `short`, `long` or neither."""
        if subject is None:
            subject, group = self._casting.subject(ANY if style in ("calm", "poem") else THINGS)
        cast = self._casting.cast(subject, group, before)
        parts = self._styles[style]
        tide = subject.singular in TIDE
        person = group == "person"
        names = ["mid", "mid", f"mid_{group}", f"mid_{group}", *(("mid_tide",) * 6 if tide else ())]
        frames = [self._pick(parts, self._openings(parts, group, tide))]
        usual = MIDDLES.get(style, (1, 2, 2))
        counts = SIZED.get(size, usual) if style != "label" else usual
        frames += self._middles(parts, names, self._rng.choice(counts), person)
        turns = TURN.get(style, 0) if size != "short" else 0
        turn = self._ending(parts, "turn", tide) if self._rng.random() < turns else []
        if turn and not self.used.issuperset(frame for name in turn for frame in parts[name]):
            frames.append(self._pick(parts, turn, person))
        frames.append(self._pick(parts, self._ending(parts, "close", tide), person))
        return Paragraph(style, self._fill(frames, cast, style), (), cast)

    def best(
        self, draw: Callable[[], Paragraph], worth: Callable[[Paragraph], float], tries: int = 12
    ) -> Paragraph:
        """The paragraph of so many drawn that is worth most, at once where it is worth 1 and more; the
        frames of the others stay fresh."""
        fresh, spent = frozenset(self.used), self.spent
        found: list[tuple[float, Paragraph, set[str], bool]] = []
        for _ in range(tries):
            self.used, self.spent = set(fresh), spent
            paragraph = draw()
            found.append((worth(paragraph), paragraph, self.used, self.spent))
            if found[-1][0] >= 1:
                break
        _, paragraph, self.used, self.spent = max(found, key=lambda each: each[0])
        return paragraph

    def continued(self, subject: Noun | None = None, group: str = "") -> Paragraph:
        """A description that goes on with its prompt's sentence: An abstract painting with a lamp / low in …"""
        rng = self._rng
        if subject is None or group not in THINGS:
            subject, group = self._casting.subject(THINGS)
        cast, parts = self._casting.cast(subject, group), self._styles["describe"]
        what = rng.choice(("painting", "sculpture"))
        begin = "An abstract painting with a {x}" if what == "painting" else "A sculpture of a {x}"
        first = self._pick(parts, [f"open_{what}"])
        frames = self._middles(parts, ["mid", f"mid_{what}", f"mid_{what}"], rng.choice((1, 2, 2)))
        frames += [self._pick(parts, ["close"])]
        rest = self._fill(frames, cast, "describe")
        opened = polish(begin.format(**cast.slots), cast)
        body = articles(first.format(**cast.slots)) + " " + rest
        named = re.search(r" (an? [\w-]+)$", opened)
        if named and rng.random() < 0.5:  # as the field's own example has it
            opened, body = opened[: named.start()], f"{named[1]} {body}"
        return Paragraph("describe", body, (opened,), cast)

    def answer(self, intent: str = "", before: Cast | None = None) -> Paragraph:
        """What the wall says to a visitor; `prompts` holds one line that the visitor might have said."""
        rng = self._rng
        name = intent or rng.choice(self._named)
        parts = self._intents[name]
        subject, group = self._casting.subject(_who(name))
        cast = self._casting.cast(subject, group, before)
        frames = [self._pick(parts, ["open"])]
        frames += self._middles(parts, ["mid", "mid", f"mid_{group}"], rng.choice((1, 1, 2)))
        frames.append(self._pick(parts, ["close"]))
        prompt = polish(rng.choice(parts["prompts"]).format(**cast.slots), _neuter(cast))
        prompt = _typed(prompt, rng)
        return Paragraph("answer", self._fill(frames, cast, "answer"), (prompt,), cast, name)

    def subject(self, word: str) -> tuple[Noun, str]:
        """The noun `word` and its class of frames, or, where there are none, a drawn one."""
        return self._casting.named(word) or self._casting.subject(ANY)

    def _openings(self, parts: Parts, group: str, tide: bool) -> list[str]:
        if tide and "open_tide" in parts and self._rng.random() < 0.75:
            return ["open_tide"]
        return [part for part in ("open", f"open_{group}") if part in parts]

    def _ending(self, parts: Parts, part: str, tide: bool) -> list[str]:
        special = f"{part}_tide"
        return [special] if tide and special in parts and self._rng.random() < 0.6 else [part]

    def _middles(self, parts: Parts, names: list[str], count: int, person: bool = False) -> list[str]:
        """`count` frames, each of one of the parts `names` that is not used up."""
        chosen: list[str] = []
        while len(chosen) < count:
            chosen.append(self._pick(parts, [self._rng.choice(self._fresh(parts, names))], person))
        return chosen

    def _fresh(self, parts: Parts, names: list[str]) -> list[str]:
        """Those of the parts `names` that still hold a frame which this row has not used."""
        return [name for name in names if not self.used.issuperset(parts.get(name, ()))] or ["mid"]

    def _pick(self, parts: Parts, names: list[str], person: bool = False) -> str:
        """A frame of one of the parts `names` that this row has not used."""
        frames = [frame for name in names for frame in parts[name]]
        fresh = [frame for frame in frames if frame not in self.used]
        self.spent = self.spent or not fresh
        fresh = fresh or frames
        if person:  # what lies about and is bought is no person
            fresh = [frame for frame in fresh if not _THING.search(frame)] or fresh
        frame = self._rng.choice(fresh)
        self.used.add(frame)
        return frame

    def _fill(self, frames: list[str], cast: Cast, style: str) -> str:
        joined = ("\n" if style == "poem" else " ").join(frames)
        if style == "poem":
            joined = joined.replace("/", "\n")
        return polish(joined.format(**cast.slots), cast)


def _who(intent: str) -> tuple[str, ...]:
    if intent == "i_miss_x_person":
        return ("person",)
    if intent == "i_lost_x_thing":
        return ("port",)
    if intent == "x_died_person_or_animal":
        return ("person", "alive")
    return THINGS


def _typed(line: str, rng: random.Random) -> str:
    """`line` as somebody in a hurry types it."""
    if rng.random() < 0.4:
        line = line[0].lower() + line[1:] if rng.random() < 0.5 else line.lower()
    if rng.random() < 0.25:
        line = line.rstrip("?.!")
    elif line[-1].isalnum() and rng.random() < 0.35:
        line += rng.choice((".", ".", "!", "..."))
    if rng.random() < 0.15:
        line = (
            line.replace("I am ", "I'm ")
            .replace("do not", "don't")
            .replace("cannot", "can't")
            .replace("'", rng.choice("' "))
            .replace("  ", " ")
        )
    return line


def _neuter(cast: Cast) -> Cast:
    """The same cast for a visitor's own line, in which `it` stays `it`."""
    return Cast(cast.subject, "port", cast.feminine, cast.slots)
