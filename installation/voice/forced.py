"""What comes into a voice's text from outside: what it shall say, and what it hears of others. Pure."""

from __future__ import annotations

from installation.messages import Token
from installation.voice.hearing import Hearing
from installation.voice.sayings import Sayings
from installation.voice.unspoken import Unspoken


class Forced:
    """`stale`: a revocation waits until what is under way is there."""

    def __init__(self) -> None:
        self.sayings, self.hearing = Sayings(), Hearing()
        self.stale = False

    @property
    def busy(self) -> bool:
        """Whether a part of what is forced has arrived and the rest has not."""
        return self.sayings.under_way or self.hearing.under_way

    @property
    def in_force(self) -> bool:
        """Whether the take began with something that is forced and not over."""
        return self.sayings.in_force or self.hearing.now.text != ""

    def hear(self, token: Token) -> bool:
        """A token of the take arrived; True when what was in force is over with it, and it is time to
        take back what waited for that."""
        over = self.hearing.hear(token) or self.sayings.hear(token)
        due = over and (self.stale or self.sayings.waiting)
        self.stale = self.stale and not due
        return due

    def begin(self, *, sentence: bool) -> None:
        """A new take, at the beginning of a `sentence` or not: what waits is in force."""
        self.sayings.begin()
        self.hearing.begin(may=not self.sayings.in_force and sentence)

    def cut_off(self, held: Unspoken) -> None:
        """Another will speak: a saying is said again from its first word that nobody heard."""
        while self.sayings.under_way and held.tokens and held.tokens[-1].forced:
            self.sayings.unhear(held.drop())
        self.sayings.cut_off()
        while self.hearing.under_way and held.tokens and held.tokens[-1].heard:
            held.drop()
        self.stale = False

    def give_up(self) -> None:
        """What is under way is not said to its end."""
        self.sayings.give_up()
        self.stale = False
