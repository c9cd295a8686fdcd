"""A working show to start from."""

from __future__ import annotations

import re
from pathlib import Path

from installation.errors import InstallationError

SHOW = """\
title: {title}
format: 1
start: calm
disclosure: corner                    # a quiet line tells visitors that a machine writes
voice:
  model: house                        # or a Hugging Face id, a folder, script:texts/mine.txt
  temperature: 0.55 + 0.5 * wind      # a number, or an expression of what the room tells
  pace: 4                             # words a second
  seed: day                           # another evening, another text
signals:                              # what the room tells; each name may stand in an expression
  wind: {{from: [osc /{name}/wind, mouse y], range: [0, 20], smooth: 1, rest: 4}}
  say:  {{from: [osc /{name}/say, keys], kind: text}}
scenes:
  calm:
    prompt: texts/calm.txt
    layers:
      - palimpsest: {{size: 9}}
      - ghosts: {{rise: 0.4 + wind}}
    meanwhile: ["Wait with me."]
  storm:
    prompt: texts/storm.txt
    layers:
      - palimpsest: {{size: 11}}
      - ghosts: {{rise: 1 + 2 * wind}}
cues:
  - {{cue: rising,  in: [calm], when: wind > 0.7, for: 2, go: storm, fade: 3}}
  - {{cue: falling, in: [storm], when: wind < 0.4, for: 4, go: calm, fade: 6}}
  - {{cue: whisper, on: say, say: '— someone says: {{say}} —'}}
  - {{cue: close,   go: dark, fade: 10}}  # no trigger: these wait for GO (space), in this order
  - {{cue: open,    go: calm, fade: 6}}
"""
TEXTS = {"calm": "the harbour at night\n", "storm": "the wind in the harbour\n"}


def write(name: str, into: Path) -> Path:
    """A show named `name` in the folder `into`/`name`, which must not exist; its show.yaml."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise InstallationError(
            f"{name!r} cannot name a show: use small letters, digits, - and _, a letter first"
        )
    folder = into / name
    try:
        folder.mkdir(parents=True)
        (folder / "texts").mkdir()
        for text, words in TEXTS.items():
            (folder / "texts" / f"{text}.txt").write_text(words, encoding="utf-8")
        show = folder / "show.yaml"
        title = name.replace("_", " ").replace("-", " ").capitalize()
        show.write_text(SHOW.format(name=name, title=title), encoding="utf-8")
    except FileExistsError as error:
        raise InstallationError(f"{folder} exists already; nothing was written") from error
    except OSError as error:
        raise InstallationError(f"cannot write {folder}: {error.strerror}") from error
    return show
