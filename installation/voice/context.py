"""What the model reads before its next token. Pure; knows token ids, no text.

A context is [beginning of text, if any][prompt][text so far]. The text is seen through a window that is
opened anew when the context limit is reached (the oldest half of the text is dropped), when the prompt
changes (the last few sentences go over into it) and after an end of text (the new document begins from
the last sentence). A window depends only on the text, the prompt and the limit, never on when things
arrived: a voice that forgets tokens closes the windows opened since, and speaks as if they had never been.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

CARRIED = 64
"""Most tokens of text that go over into a new prompt: enough to go on in tone, too few to talk it down."""

SHORTEST = 16
"""Fewest tokens of a document that follows another; without it a model may end for ever."""

Tokens = tuple[int, ...]
Stops = Callable[[int], bool]
"""Whether a token ends a sentence."""


@dataclass(frozen=True, slots=True)
class Window:
    """The text that the model sees from token number `at` on: `head`, then all tokens since `at`.

    `prompt` stands before it. Before token `at + quiet` the text may not end. `numbers` are those of the
    last tokens of `head`, as far as they have any: text from before the voice's beginning has none."""

    at: int
    head: Tokens = ()
    prompt: Tokens | None = None
    quiet: int = 1
    numbers: Tokens = ()

    def ids(self, said: Sequence[int]) -> Tokens:
        """The whole context, `said` being the tokens numbered from `at` on."""
        return (*(self.prompt or ()), *self.head, *said)


def advance(
    window: Window, said: Sequence[int], prompt: Tokens, limit: int, ends: Collection[int], stops: Stops
) -> Window:
    """The window for the token after `said`: the same, or a new one that begins there.

    The context is never longer than `limit` and never empty, if `prompt` is not and is shorter."""
    assert len(prompt) < limit, "a prompt has to leave room for text"
    room = limit - len(prompt)
    here = window.at + len(said)
    if said and said[-1] in ends:
        before = (*window.head, *said[:-1])
        head = last_sentence(before, min(CARRIED, room // 2), stops)
        return Window(here, head, prompt, SHORTEST, _numbers(window, len(said) - 1, head))
    text = (*window.head, *said)
    most, quiet = room // 2, max(0, window.quiet - len(said))
    if window.prompt is None:
        quiet = 0 if text else 1
    elif window.prompt != prompt:
        most, quiet = min(CARRIED, most), max(1, quiet)
    elif len(text) <= room:
        return window
    head = tail(text, most, stops)
    return Window(here, head, prompt, quiet, _numbers(window, len(said), head))


def _numbers(window: Window, count: int, head: Tokens) -> Tokens:
    """The numbers of the tokens of `head`, the end of a window's text of `count` tokens since it opened."""
    numbers = (*window.numbers, *range(window.at, window.at + count))
    return numbers[max(0, len(numbers) - len(head)) :]


def gone_back(windows: Sequence[Window], ids: Sequence[int], at: int, to: int) -> Window:
    """The window for token `at` when the text is to be again what the model saw before token `to`, or as
    near to that as `windows` reach; `ids` are all tokens from the first window on."""
    first = windows[0].at
    to = max(to, first)
    window = next(window for window in reversed(windows) if window.at <= to)
    said = ids[window.at - first : to - first]
    head = (*window.head, *said)
    numbers = _numbers(window, len(said), head)
    return Window(at, head, window.prompt, max(0, window.quiet - len(said)), numbers)


def upcoming(window: Window, said: Sequence[int], prompt: Tokens, limit: int, stops: Stops) -> Tokens:
    """How the context will begin when this window has rolled over, so that it can be read before; empty
    while that is not certain. Holds as long as the text does not end and the prompt does not change."""
    room = limit - len(prompt)
    most = room // 2
    first = room + 1 - most  # where the text's last half will begin
    if len(window.head) + len(said) <= first or window.prompt != prompt:
        return ()
    text = (*window.head, *said)
    sure = first + most // 2  # a sentence that starts up to here is where it will begin instead
    start = next((at + 1 for at in range(first, min(sure, len(text))) if stops(text[at])), 0)
    if start > sure or (not start and len(text) < sure):
        return ()
    return (*prompt, *text[start or first :])


def tail(text: Tokens, most: int, stops: Stops) -> Tokens:
    """The last tokens of `text`, at most `most`: from a sentence's start where one is near enough."""
    if len(text) <= most:
        return text
    kept = text[len(text) - most :]
    start = next((at + 1 for at, token in enumerate(kept) if stops(token)), 0)
    return kept[start:] if start <= most // 2 else kept


def last_sentence(text: Tokens, most: int, stops: Stops) -> Tokens:
    """The last sentence of `text`, with what follows its full stop; its end only, where it is too long."""
    kept = text[max(0, len(text) - most) :]
    found = [at for at, token in enumerate(kept) if stops(token)]
    last = len(found) - 1
    while last > 0 and found[last] - found[last - 1] == 1:
        last -= 1  # three dots, or a stop and a line break, end one sentence
    return kept[found[last - 1] + 1 :] if last > 0 else kept


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many first tokens two sequences share."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    return next(at for at in range(shorter) if one[at] != other[at])
