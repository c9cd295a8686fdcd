"""How far a long piece of work is: a bar where somebody watches, else a line at each beginning."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

T = TypeVar("T")
WIDE = 2000
"""Items after which a line is written where nobody watches."""


def follow(items: Iterable[T], what: str) -> Iterator[T]:
    """`items`, one after the other; what is going on is told on stderr."""
    if sys.stderr.isatty():
        from tqdm import tqdm  # type: ignore[import-untyped]  # comes with transformers

        yield from tqdm(items, desc=what, leave=False)
        return
    count = len(items) if isinstance(items, Sized) else 0
    sys.stderr.write(f"{what}\n")
    for number, item in enumerate(items):
        if number and number % WIDE == 0:
            sys.stderr.write(f"{what}: {number} of {count or '?'}\n")
        yield item
