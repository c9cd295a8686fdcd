"""What every look that draws words has in common: whose words they are."""

from __future__ import annotations

from pydantic import field_validator

from installation.show.parameter import Settings, fixed


class Spoken(Settings):
    """A look that draws what was said."""

    voice: tuple[str, ...] = fixed(
        (), "whose words it shows: one voice or a list; none: all, sentence by sentence"
    )

    @field_validator("voice", mode="before")
    @classmethod
    def _one(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value
