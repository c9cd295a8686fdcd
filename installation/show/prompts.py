"""A scene's `prompt:`: one text, or several that are mixed by weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from installation.show.expression import Expression
from installation.show.reading import Fields, Reader
from installation.show.schema import Place, Prompt, Share
from installation.show.structure import Items, Table, Text, Tree
from installation.show.voices import by_name

MOST = 8
"""Prompts of one mixture: each is read and held for itself."""


def prompts(
    reader: Reader, tree: Tree, path: str, kinds: Mapping[str, str], names: Sequence[str]
) -> Mapping[str, Prompt]:
    """What each of the voices `names` reads: `{anna: prompt, …}`, or one prompt for all of them.

    A map is by name where its keys are names of voices. `kinds` are the signals that a weight may ask."""

    def read(tree: Tree, path: str) -> Prompt:
        return _prompt(reader, tree, path, kinds)

    own = by_name(reader, tree, path, names, read)
    return dict.fromkeys(names, read(tree, path)) if own is None else own


def _prompt(reader: Reader, tree: Tree, path: str, kinds: Mapping[str, str]) -> Prompt:
    """`text`, `{text: weight, …}` or `[{prompt: text, weight: weight}, …]`."""
    if not isinstance(tree, Table | Items):
        return reader.prompt(tree, path)
    rows = list(_listed(reader, tree, path) if isinstance(tree, Items) else _mapped(reader, tree, path))
    mixed: dict[str, Share] = {}
    for text, place, weight, below in rows:
        if text in mixed:
            reader.corrections.add(place, below, "this text is mixed with itself", "keep one of the two")
        elif text:
            mixed[text] = Share(text=text, weight=_weight(reader, weight, below, kinds))
    shares = tuple(mixed.values())
    if fault := _fault(shares, len(rows)):
        reader.wrong(tree, path, *fault)
    return shares if len(shares) > 1 and not fault else shares[0].text if shares else ""


def written(given: Mapping[str, Prompt]) -> dict[str, Any]:
    """Prompts as `prompts` reads them again, texts in full."""
    return {
        voice: prompt
        if isinstance(prompt, str)
        else [{"prompt": share.text, "weight": share.weight.text} for share in prompt]
        for voice, prompt in given.items()
    }


Row = tuple[str, Place, "Tree | None", str]
"""A prompt's text, where it stands, its weight and the weight's path."""


def _mapped(reader: Reader, table: Table, path: str) -> Iterator[Row]:
    for key, weight in table.entries.items():
        place, below = table.keys[key], f"{path}.{key}"
        yield reader.prompt(Text(place, key), below), place, weight, below


def _listed(reader: Reader, items: Items, path: str) -> Iterator[Row]:
    for n, item in enumerate(items.items, 1):
        below = f"{path}[{n}]"
        table = reader.table(item, below, ("prompt", "weight"))
        text = Fields(table, below)("prompt", reader.prompt, "")
        if table.entries and "prompt" not in table.entries:
            reader.wrong(item, below, "the prompt is missing", "write prompt: and its text")
        yield text, item.place, table.entries.get("weight"), f"{below}.weight"


def _weight(reader: Reader, tree: Tree | None, path: str, kinds: Mapping[str, str]) -> Expression:
    """How much a prompt counts; 1 where nothing is said."""
    if tree is None:
        return Expression.of(1)
    weight = reader.expression(tree, path, kinds)
    if weight.constant is not None and not weight.constant >= 0:
        reader.wrong(tree, path, f"{weight.text} is out of range", "a weight is 0 or more")
    wrong = not isinstance(tree, Text) or weight.text != tree.text.strip()  # noted already
    return Expression.of(1) if wrong else weight


def _fault(shares: tuple[Share, ...], count: int) -> tuple[str, str] | None:
    """What is wrong with a mixture as a whole, and what would be right."""
    if count > MOST:
        return f"{count} prompts are too many", f"mix up to {MOST}"
    if shares and all(share.weight.constant == 0 for share in shares):
        return "every weight is 0, so there is nothing to read", "give one of them a weight above 0"
    if not count:
        return "no prompt stands here", "name a text, or several with their weights"
    return None
