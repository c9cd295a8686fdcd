"""The text of a voice by token number, and the windows through which the model sees it: going on opens
windows, forgetting closes them. Knows token ids; what they say stands beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from installation.voice.context import Stops, Tokens, Window, advance, gone_back, upcoming
from installation.voice.detokenise import Held
from installation.voice.writing import Said

DEPTH = 512
"""How many tokens can be forgotten; older windows are let go, so that memory does not grow."""


class Scroll:
    """A text that goes on behind `history`, whose tokens are `head`, with token `first`; `held` is what
    the detokeniser holds there. `n` is the token that comes next."""

    def __init__(
        self, first: int = 0, history: str = "", head: Tokens = (), held: Held | None = None
    ) -> None:
        self.n = self._first = first
        self.windows = [Window(first, head)]
        self.text: list[Said] = []  # those numbered from self.windows[0].at on
        self.ids: list[int] = []  # theirs
        self._before = Said(-1, history, history[-1:], held or Held())
        self._behind: Said | None = None  # what token `n` follows, where the text went back

    @property
    def window(self) -> Window:
        """The newest window."""
        return self.windows[-1]

    @property
    def last(self) -> Said:
        """What token `n` follows."""
        return self._behind or (self.text[-1] if self.text else self._before)

    @property
    def returned(self) -> bool:
        """Whether the text went back before token `n`: the last token stands elsewhere."""
        return self._behind is not None

    @property
    def seen(self) -> Tokens:
        """The text through the newest window."""
        return (*self.windows[-1].head, *self._since())

    @property
    def quiet(self) -> bool:
        """Whether the text may not end with token `n`."""
        return self.n - self.windows[-1].at < self.windows[-1].quiet

    def write(self, said: Said) -> None:
        """Token `n`; the text is one longer."""
        self.ids.append(said.id)
        self.text.append(said)
        self.n += 1
        self._behind = None

    def advance(
        self, prompt: Tokens, limit: int, ends: Collection[int], stops: Stops, to: int | None = None
    ) -> Tokens:
        """What is seen before token `n`, which follows what token `to` followed, if that is given. Opens a
        window behind `prompt` where it is time, see context.advance, and lets old ones go."""
        window, said = self.windows[-1], self._since()
        if to is not None and window.at != self.n:
            window, said = self._gone_back(to), ()
        newer = advance(window, said, prompt, limit, ends, stops)
        if newer is self.windows[-1]:
            return (*window.head, *said)
        self.windows.append(newer)
        while len(self.windows) > 1 and self.windows[1].at <= self.n - DEPTH:
            self._let_go()
        return newer.head

    def coming(self, prompt: Tokens, limit: int, stops: Stops) -> Tokens:
        """How the context will begin behind the next window; see context.upcoming."""
        return upcoming(self.windows[-1], self._since(), prompt, limit, stops)

    def retitle(self, old: Tokens, new: Tokens) -> None:
        """Stand behind another prompt as if it had always been this one."""
        self.windows = [
            replace(window, prompt=new) if window.prompt == old else window for window in self.windows
        ]

    def forget(self, keep: int) -> None:
        """Go back to before token `keep`, as if it had never been sampled."""
        self.n = max(self._first, min(keep, self.n))
        while len(self.windows) > 1 and self.windows[-1].at >= self.n:
            self.windows.pop()
        if self.windows[0].at > self.n:  # deeper than we remember: go on from what is left
            self.windows[0] = replace(self.windows[0], at=self.n, prompt=None, numbers=())
        kept = self.n - self.windows[0].at
        del self.text[kept:], self.ids[kept:]
        self._behind = None

    def _since(self) -> Tokens:
        """The ids from the newest window's first token on."""
        return tuple(self.ids[self.windows[-1].at - self.windows[0].at :])

    def _gone_back(self, to: int) -> Window:
        """The window through which token `n` follows what token `to` followed."""
        last = to - 1 - self.windows[0].at
        self._behind = self.text[last] if last >= 0 else self._before
        return gone_back(self.windows, self.ids, self.n, to)

    def _let_go(self) -> None:
        """Give up the oldest window, and the text that only it shows."""
        gone = self.windows[1].at - self.windows[0].at
        self._before = self.text[gone - 1]
        del self.text[:gone], self.ids[:gone]
        del self.windows[0]
