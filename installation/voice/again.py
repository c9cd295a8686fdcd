"""What was said lately is not said again word for word: a rule on runs of tokens. Pure."""

from __future__ import annotations

from collections.abc import Sequence

BACK = 384
"""Tokens that are remembered: some three hundred words."""


def said_before(ids: Sequence[int], run: int) -> list[int]:
    """The tokens that would complete a run of `run` tokens which stands among the last BACK of `ids` already;
    none where `run` is 0."""
    if run < 2 or len(ids) < run:
        return []
    late = list(ids[-BACK:])
    begun = late[len(late) - run + 1 :]
    last = begun[-1]
    ends = (at for at in range(run - 2, len(late) - 1) if late[at] == last)
    return [late[at + 1] for at in ends if late[at - run + 2 : at + 1] == begun]
