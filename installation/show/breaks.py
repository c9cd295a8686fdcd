"""`interrupt:`, `rewind:` and `fork:` of a cue: the voices that break off or go back, and how far."""

from __future__ import annotations

from installation.show.reading import Reader
from installation.show.structure import Table, Text, Tree

MOST_WORDS = 100
"""Words that a voice can go back over at once."""
BREAKS = ("interrupt", "rewind", "fork")


def breaks(
    reader: Reader, table: Table, path: str, voices: tuple[str, ...]
) -> tuple[tuple[str, str, int], ...]:
    """What a cue says of them, in the order in which it is done: what, by which voice, and over how many
    words; 0: to the sentence's beginning. Without a name all voices are meant."""
    found: list[tuple[str, str, int]] = []
    for key in BREAKS:

        def words(tree: Tree, path: str, key: str = key) -> int:
            return _words(reader, tree, path) if key == "rewind" else int(reader.switch(tree, path)) - 1

        if (tree := table.entries.get(key)) is not None:
            here = f"{path}.{key}"
            if not isinstance(tree, Table):
                each = dict.fromkeys(voices, words(tree, here))
            else:
                for name in (name for name in tree.entries if name not in voices):
                    reader.corrections.unknown(tree.keys[name], f"{here}.{name}", name, voices, "voice")
                each = {
                    name: words(of, f"{here}.{name}") for name, of in tree.entries.items() if name in voices
                }
            found += [(key, voice, count) for voice, count in each.items() if count >= 0]
    return tuple(found)


def _words(reader: Reader, tree: Tree, path: str) -> int:
    """How many words; `true`: 0, to the sentence's beginning; `false`: -1."""
    text = tree.text.strip().lower() if isinstance(tree, Text) else ""
    if text in {"true", "yes", "on"}:
        return 0
    if text in {"false", "no", "off"}:
        return -1
    words = reader.number(tree, path, 1, MOST_WORDS)
    if words != int(words):
        reader.wrong(
            tree,
            path,
            f"'{text}' is no number of words",
            "write a whole one, or true: to the sentence's beginning",
        )
    return int(words)
