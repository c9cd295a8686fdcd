"""What a provider's interface must tell so that a hosted voice can speak through it. Pure but for keys."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Union
from urllib.parse import urlsplit

from installation.errors import VoiceError
from installation.messages import Inner, Steering
from installation.voice.event_stream import Event, Question
from installation.voice.near import is_near

NOTHING = Inner()

GO_ON = (
    "Below, between the marks, stands a text that you are writing, as far as it has come. Write what comes "
    "next: begin with the very next word, repeat nothing, explain nothing, use no markup and no title.\n"
    "<text>\n{text}\n</text>"
)
BEGIN = "Write the text now. Begin with its first word: no title, no markup, no explanation."

ECHO = 3
"""So many words in a row are taken for an echo."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer; `end`: the model ended its text here."""

    text: str
    inner: Inner = NOTHING
    end: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens that a question has cost so far, as its server counts them; None: not told."""

    prompt: int | None = None
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """The answer is whole. `because`: `end` of the text, `length` (it would go on), `declined`."""

    because: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """The server tells of an error in the midst of an answer."""

    text: str


Told = Union[Piece, Cost, Over, Failure]


class Dialect(Protocol):
    """What a provider's interface wants to be asked, and how it answers. Knows no socket and no time."""

    place: str
    """The server's address."""
    goes_on: bool
    """Whether the model goes on behind any character; if not, only between words."""
    heeds: Sequence[str]
    """The fields of Steering that change what is asked."""

    @property
    def can(self) -> tuple[str, ...]:
        """See VoiceNews.can."""

    def question(self, steering: Steering, text: str, n: int, most: int) -> Question:
        """What to ask for at most `most` tokens behind `text`, the first of them numbered `n`."""

    def told(self, event: Event) -> Sequence[Told]:
        """What an event says; unknown ones say nothing. Raises ValueError, KeyError, TypeError,
        AttributeError or IndexError for what is none of its own."""

    def give_up(self, complaint: str) -> list[str]:
        """Ask for less from now on, since the server complains of it; gives what was given up, if anything."""


def spoken_to(steering: Steering, text: str) -> tuple[str, str]:
    """How a model that answers is asked to go on behind `text`: the system's part and the question."""
    system = steering.prompt.strip()
    if steering.forbidden:
        system += f"\n\nNever use these words: {', '.join(steering.forbidden)}."
    return system.strip(), GO_ON.format(text=text.rstrip()) if text.strip() else BEGIN


def complaint_of(text: str) -> str:
    """The sentence in a refusal, however its server wraps it; at most 200 characters."""
    try:
        said = json.loads(text)
        while not isinstance(said, str):
            if isinstance(said, dict):
                said = next(said[name] for name in ("error", "message", "detail", "msg") if said.get(name))
            else:
                said = said[0]
    except (ValueError, StopIteration, LookupError, TypeError):
        said = re.sub(r"<[^>]*>", " ", text)
    return " ".join(said.split())[:200] or "without a word"


def withheld(said: str, sent: str) -> str:
    """What a server says, with … where it repeats ECHO words or more of what it was sent: visitors' own may
    stand there, and what is told of a voice is recorded. The word beside them goes too: it may be cut off."""
    known = re.findall(r"\w+", sent.casefold())
    echoes = {tuple(known[at : at + ECHO]) for at in range(len(known) - ECHO + 1)}
    found = list(re.finditer(r"\w+", said))
    words = [word.group().casefold() for word in found]
    hidden: set[int] = set()
    for at in range(len(words) - ECHO + 1):
        if tuple(words[at : at + ECHO]) in echoes:
            hidden.update(range(max(0, at - 1), min(len(words), at + ECHO + 1)))
    kept, end = "", 0
    for at, word in enumerate(found):
        if at in hidden:
            kept += "" if at - 1 in hidden else said[end : word.start()] + "…"
            end = word.end()
    return kept + said[end:]


def address_of(settings: Mapping[str, Any], own: str) -> str:
    """The server that the settings name, or the provider's own. Raises VoiceError."""
    url = str(settings.get("url", "")).strip().rstrip("/") or own
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise VoiceError(f"{url}: not the address of a server; for example http://127.0.0.1:8000/v1")
    return url


def key_for(url: str, own: str, variable: str) -> str:
    """The key for a server, from the environment; `` where a near one needs none.

    A provider's key goes to that provider only: a show file that names another server gets the key
    that was set for that server, INSTALLATION_KEY_ and its name, and no other. Raises VoiceError."""
    host = urlsplit(url).hostname or ""
    if (urlsplit(url).scheme, host) != (urlsplit(own).scheme, urlsplit(own).hostname):
        variable = "INSTALLATION_KEY_" + re.sub(r"[^A-Z0-9]+", "_", host.upper())
    key = os.environ.get(variable, "").strip()
    if not key and not is_near(url):
        raise VoiceError(f"{host} wants a key: set {variable} in the environment, never in the show file")
    return key
