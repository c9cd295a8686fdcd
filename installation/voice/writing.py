"""How a model writes, and what it has written, as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from installation.messages import Steering
from installation.voice.context import Tokens
from installation.voice.detokenise import Detokeniser, Held


class Tongue(Protocol):
    """How a model writes: its tokens as text and text as its tokens."""

    ends: frozenset[int]
    """Tokens that end a text."""

    never: Mapping[int, float]
    """Tokens that are neither text nor an end, each with NEVER."""

    never_again: int
    """How many tokens in a row are not said a second time; 0: that is no rule."""

    detokeniser: Detokeniser

    def under(self, steering: Steering) -> Tongue:
        """As the model writes under `steering`."""

    def prompt(self, text: str, most: int) -> Tokens:
        """The tokens before the text: at most `most`, one at least."""

    def encode(self, text: str, before: str) -> Tokens:
        """The tokens of `text` as it follows `before`."""

    def heard(self, text: str, before: str) -> Tokens:
        """The tokens of what others said, as it stands behind `before`; one at least."""

    def piece(self, token: int) -> str:
        """The token as text within a line; empty for half a character."""

    def stops(self, token: int) -> bool:
        """Whether the token ends a sentence."""

    def clean(self, text: str) -> str:
        """The text without anything that reads as a special token."""

    def placed(self, text: str) -> tuple[Tokens, Sequence[int]]:
        """The tokens of a text, each with the number of the character behind it; -1 is one without a logit."""


@dataclass(frozen=True, slots=True)
class Said:
    """One token of the text: its id, its text, the last character of the whole text so far, and
    what the detokeniser holds after it."""

    id: int
    text: str
    tail: str
    held: Held
    forced: bool = False
